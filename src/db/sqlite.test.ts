import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { type Kysely, sql } from "kysely";
import { openDatabase } from "./open.ts";
import type { Schema } from "./schema.ts";

describe("SQLite", () => {
  test("is durable before it answers, and checks its references (RP-07)", async () => {
    await using place = await openPlace();
    const pragma = async (name: string) => {
      const { rows } = await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(place.db);
      return Object.values(rows[0] ?? {})[0];
    };
    assert.equal(await pragma("journal_mode"), "wal");
    assert.equal(await pragma("synchronous"), 2);
    assert.equal(await pragma("foreign_keys"), 1);
    assert.equal(await pragma("trusted_schema"), 0);
    assert.equal(await pragma("busy_timeout"), 5_000);
  });

  test("begins each transaction with the right to write, so that reading first cannot end in a refusal (RP-08)", async () => {
    await using place = await openPlace();
    await sql`create table things (id text) strict`.execute(place.db);
    const other = new DatabaseSync(place.path, { timeout: 0 });
    await place.db.transaction().execute(async (tx) => {
      await sql`select * from things`.execute(tx);
      assert.throws(() => other.exec("insert into things values ('b')"), /locked/);
      await sql`insert into things values ('a')`.execute(tx);
    });
    other.exec("insert into things values ('b')");
    other.close();
    const { rows } = await sql`select id from things order by id`.execute(place.db);
    assert.deepEqual(
      rows.map((row) => ({ ...(row as object) })),
      [{ id: "a" }, { id: "b" }],
    );
  });

  test("says that the database is busy when somebody else writes for too long, and goes on afterwards (RP-08)", async () => {
    await using place = await openPlace();
    await sql`create table things (id text) strict`.execute(place.db);
    await sql`pragma busy_timeout = 1`.execute(place.db);
    const other = new DatabaseSync(place.path);
    other.exec("begin immediate");
    const insert = () => sql`insert into things values ('a')`.execute(place.db);
    await assert.rejects(insert(), (error: Error & { errcode?: number }) => error.errcode === 5);
    await assert.rejects(
      place.db.transaction().execute(() => assert.fail("it must not begin")),
      (error: Error & { errcode?: number }) => error.errcode === 5,
    );
    // Readers do not wait for writers.
    await sql`select * from things`.execute(place.db);
    other.exec("rollback");
    other.close();
    await insert();
    await place.db.transaction().execute((tx) => sql`insert into things values ('b')`.execute(tx));
  });

  test("keeps what was committed when its file is opened again", async () => {
    await using place = await openPlace();
    await sql`create table things (id text) strict`.execute(place.db);
    await sql`insert into things values ('a')`.execute(place.db);
    await place.db.destroy();
    const { db } = await openDatabase(`file:${place.path}`);
    const { rows } = await sql<{ id: string }>`select id from things`.execute(db);
    assert.equal(rows[0]?.id, "a");
    await db.destroy();
  });

  test("in memory, every database is its own", async () => {
    const [one, two] = [await openDatabase("file::memory:"), await openDatabase("file::memory:")];
    await sql`create table things (id text) strict`.execute(one.db);
    await assert.rejects(sql`select * from things`.execute(two.db), /no such table/);
    await Promise.all([one.db.destroy(), two.db.destroy()]);
  });

  test("refuses to be used after its end", async () => {
    const { db } = await openDatabase("file::memory:");
    await sql`select 1`.execute(db);
    await db.destroy();
    await assert.rejects(sql`select 1`.execute(db), /destroyed|closed/);
  });
});

async function openPlace(): Promise<{ path: string; db: Kysely<Schema> } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-sqlite-"));
  const path = join(folder, "made", "test.sqlite");
  const { db } = await openDatabase(`file:${path}`);
  return {
    path,
    db,
    [Symbol.asyncDispose]: async () => {
      await db.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
