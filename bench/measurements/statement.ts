// What a hot statement costs by way of the product's database layer, in this process, beside the same statement prepared
// by node:sqlite and run directly.

import { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../../src/db/open.ts";
import { statement } from "../../src/db/statement.ts";
import * as countersign from "../contestants/countersign.ts";
import type { Measurement } from "../support/measurement.ts";
import { ratioGoal, row } from "../support/report.ts";
import { inTurns } from "../support/rounds.ts";

/** Many short rounds: whatever else the machine does spoils few of them. */
const TURNS = 25;
const COUNT = 2_000;
const PEOPLE = 100;

const find = statement((db, given: { id: string }) =>
  db.selectFrom("users").select(["id", "role", "required_from"]).where("id", "=", given.id),
);

/** Measures the product's way, a query builder on the same driver, and the raw statement. */
export const oneStatement: Measurement = async ({ folder }) => {
  await countersign.prepare({ folder }, PEOPLE);
  const path = countersign.databasePath({ folder });
  const database = await openDatabase(`file:${path}`);
  const { db } = database;
  const ids = (await db.selectFrom("users").select("id").execute()).map(({ id }) => id);
  const raw = new DatabaseSync(path);
  const prepared = raw.prepare(`select "id", "role", "required_from" from "users" where "id" = ?`);

  const built = (id: string) =>
    db.selectFrom("users").select(["id", "role", "required_from"]).where("id", "=", id).executeTakeFirst();
  const series = await inTurns(
    {
      countersign: () => microseconds(ids, (id) => find.first(database, { id })),
      "Kysely, each time": () => microseconds(ids, built),
      "node:sqlite": () => microseconds(ids, (id) => prepared.get(id)),
    },
    TURNS,
  );
  await database.close();
  raw.close();

  return {
    title: "One statement by primary key, in process",
    rows: Object.entries(series).map(([name, values]) => row(name, "µs", values)),
    goals: [ratioGoal("countersign / node:sqlite", "at most", 2, [series.countersign, series["node:sqlite"]])],
  };
};

async function microseconds(ids: readonly string[], ask: (id: string) => unknown): Promise<number> {
  const started = performance.now();
  for (let count = 0; count < COUNT; count++) {
    if ((await ask(ids[count % ids.length] ?? "")) === undefined) throw new Error("A person is not found");
  }
  return ((performance.now() - started) * 1000) / COUNT;
}
