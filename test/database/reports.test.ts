// Questions that may take long are asked of `reports`, and their answers hold nobody up: neither those who read or write
// meanwhile nor, on SQLite, the process.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Kysely, sql } from "kysely";
import { migrate } from "../../src/db/migrate.ts";
import { openDatabase } from "../../src/db/open.ts";
import type { Schema } from "../../src/db/schema.ts";
import { createInstallation } from "../support/server-process.ts";
import { type Dialect, onBothDatabases } from "../support/world.ts";

/** A question that takes a second or so. */
async function askLong(db: Kysely<Schema>): Promise<number> {
  const { rows } = await sql<{ last: number }>`
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 2000000)
    select max(n) as last from numbers`.execute(db);
  return Number(rows[0]?.last);
}

onBothDatabases("reports", (dialect) => {
  test("see what is committed, and nothing else", async () => {
    await using place = await openPlace(dialect);
    const { db, reports, transaction } = place.database;
    const keys = async () => (await reports.selectFrom("rates").select("key").execute()).map(({ key }) => key);
    await db.insertInto("rates").values({ key: "a", used_until: 1 }).execute();
    assert.deepEqual(await keys(), ["a"]);
    await transaction(async (tx) => {
      await tx.db.insertInto("rates").values({ key: "b", used_until: 1 }).execute();
      assert.deepEqual(await keys(), ["a"]);
      return { value: undefined, commit: true };
    });
    assert.deepEqual((await keys()).sort(), ["a", "b"]);
  });

  test("hold up neither readers nor writers", async () => {
    await using place = await openPlace(dialect);
    const { db, reports } = place.database;
    let isLongOver = false;
    const long = askLong(reports).then((last) => {
      isLongOver = true;
      return last;
    });
    for (let n = 0; n < 20; n++) {
      await db
        .insertInto("rates")
        .values({ key: `${n}`, used_until: n })
        .execute();
      await db.selectFrom("rates").selectAll().execute();
    }
    assert.equal(isLongOver, false);
    assert.equal(await long, 2_000_000);
  });

  test("tell what is wrong with a question, and answer the next", async () => {
    await using place = await openPlace(dialect);
    const { reports } = place.database;
    const text = dialect === "postgres" ? { code: "42P01" } : { code: "ERR_SQLITE_ERROR", errcode: 1 };
    await assert.rejects(sql`select * from nothing`.execute(reports), text);
    await assert.rejects(
      reports
        .selectFrom("rates")
        .selectAll()
        .where("key", "=", undefined as never)
        .execute(),
    );
    assert.deepEqual(await reports.selectFrom("rates").selectAll().execute(), []);
  });

  test("end with their database", async () => {
    await using installation = await createInstallation(dialect);
    const { reports, close } = await openDatabase(installation.databaseUrl);
    const asked = sql`select 1 as one`.execute(reports);
    await close();
    assert.equal((await asked).rows.length, 1);
    await assert.rejects(sql`select 1 as one`.execute(reports));
  });
});

describe("reports on SQLite", () => {
  test("change nothing", async () => {
    await using place = await openPlace("sqlite");
    const { reports } = place.database;
    await assert.rejects(reports.insertInto("rates").values({ key: "a", used_until: 1 }).execute(), /readonly/);
  });

  test("are answered from the one connection that there is in memory", async () => {
    const { db, dialect, reports, close } = await openDatabase("file::memory:");
    await migrate(db, { dialect, now: 0 });
    await db.insertInto("rates").values({ key: "a", used_until: 1 }).execute();
    assert.equal((await reports.selectFrom("rates").selectAll().execute()).length, 1);
    await close();
  });
});

async function openPlace(dialect: Dialect) {
  const installation = await createInstallation(dialect);
  const database = await openDatabase(installation.databaseUrl);
  await migrate(database.db, { dialect, now: 0 });
  return {
    database,
    [Symbol.asyncDispose]: async () => {
      await database.close();
      await installation[Symbol.asyncDispose]();
    },
  };
}
