// What SQLite itself rolled back, as on a full disk, does not go on outside of any transaction, and nobody is told what is
// not true of it (RP-07).

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { sql } from "kysely";
import { openDatabase } from "../../src/db/open.ts";

async function openPlace() {
  const folder = await mkdtemp(join(tmpdir(), "countersign-review-"));
  const path = join(folder, "test.sqlite");
  const database = await openDatabase(`file:${path}`);
  const { db } = database;
  await sql`create table small (id text primary key) strict`.execute(db);
  await sql`create table big (body text) strict`.execute(db);
  const fill = async () => {
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db);
    await sql`pragma max_page_count = ${sql.lit(rows[0]?.page_count)}`.execute(db);
  };
  const other = new DatabaseSync(path, { readOnly: true });
  return {
    database,
    db,
    fill,
    ids: () =>
      other
        .prepare("select id from small order by id")
        .all()
        .map((row) => String(row.id)),
    [Symbol.asyncDispose]: async () => {
      other.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
const BIG = "x".repeat(100_000);

describe("a disk that is full in the middle of a transaction", () => {
  test("no other statement of that transaction takes effect", async () => {
    await using place = await openPlace();
    await place.fill();
    const outcome = await place.database
      .transaction(async ({ db }) => {
        await sql`insert into small values ('before')`.execute(db);
        await Promise.all([
          sql`insert into big values (${BIG})`.execute(db),
          sql`insert into small values ('together')`.execute(db),
        ]);
        return { value: "done", commit: true };
      })
      .catch((error: Error) => error.message);
    assert.match(outcome, /full/);
    assert.deepEqual(place.ids(), [], "what was refused is not there");
  });

  test("nor after a refusal that looks at nothing, and the next transaction is told the truth", async () => {
    await using place = await openPlace();
    await place.fill();
    const refused = await place.database
      .transaction(async ({ db }) => {
        sql`insert into big values (${BIG})`.execute(db).catch(() => {});
        await new Promise((resolve) => process.nextTick(resolve));
        return { value: "refused", commit: false };
      })
      .catch((error: Error) => error.message);
    // In the same group
    const next = await place.database
      .transaction(async ({ db }) => {
        await sql`insert into small values ('next')`.execute(db);
        return { value: "written", commit: true };
      })
      .catch((error: Error) => `failed: ${error.message}`);
    assert.deepEqual([refused, next, place.ids()], ["The database ended the transaction", "written", ["next"]]);
  });

  test("the same for three that share a commit", async () => {
    await using place = await openPlace();
    await place.fill();
    const first = place.database
      .transaction(async ({ db }) => {
        sql`insert into big values (${BIG})`.execute(db).catch(() => {});
        return { value: "refused", commit: false };
      })
      .catch((error: Error) => `failed: ${error.message}`);
    const second = place.database
      .transaction(async ({ db }) => {
        await sql`insert into small values ('next')`.execute(db);
        return { value: "written", commit: true };
      })
      .catch((error: Error) => `failed: ${error.message}`);
    const third = sql`insert into small values ('third')`.execute(place.db).then(
      () => "written",
      (error: Error) => `failed: ${error.message}`,
    );
    const told = await Promise.all([first, second, third]);
    const ids = place.ids();
    assert.ok((told[1] === "written") === ids.includes("next"), `told ${told[1]}, there: ${ids}`);
    assert.ok((told[2] === "written") === ids.includes("third"), `told ${told[2]}, there: ${ids}`);
  });
});
