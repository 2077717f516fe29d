// What a hot statement costs by way of the product's database layer, in this process, beside the same statement prepared
// by node:sqlite and run directly.

import { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../../src/db/open.ts";
import * as countersign from "../contestants/countersign.ts";
import type { Measurement } from "../support/measurement.ts";
import { ratioGoal, row } from "../support/report.ts";
import { inTurns } from "../support/rounds.ts";

/** Many short rounds: whatever else the machine does spoils few of them. */
const TURNS = 25;
const COUNT = 2_000;
const PEOPLE = 100;

/** Measures the product's way and the raw statement. */
export const statement: Measurement = async ({ folder }) => {
  await countersign.prepare({ folder }, PEOPLE);
  const path = countersign.databasePath({ folder });
  const { db } = await openDatabase(`file:${path}`);
  const ids = (await db.selectFrom("users").select("id").execute()).map(({ id }) => id);
  const raw = new DatabaseSync(path);
  const prepared = raw.prepare(`select "id", "role", "required_from" from "users" where "id" = ?`);

  const ours = (id: string) =>
    db.selectFrom("users").select(["id", "role", "required_from"]).where("id", "=", id).executeTakeFirst();
  const series = await inTurns(
    {
      countersign: () => microseconds(ids, ours),
      "node:sqlite": () => microseconds(ids, (id) => prepared.get(id)),
    },
    TURNS,
  );
  await db.destroy();
  raw.close();

  return {
    title: "One statement by primary key, in process",
    rows: Object.entries(series).map(([name, values]) => row(name, "µs", values)),
    goals: [ratioGoal("countersign / node:sqlite", "at most", 2, [series.countersign, series["node:sqlite"]])],
  };
};

async function microseconds(ids: readonly string[], find: (id: string) => unknown): Promise<number> {
  const started = performance.now();
  for (let count = 0; count < COUNT; count++) {
    if ((await find(ids[count % ids.length] ?? "")) === undefined) throw new Error("A person is not found");
  }
  return ((performance.now() - started) * 1000) / COUNT;
}
