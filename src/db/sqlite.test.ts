import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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
    // It is tried anew in the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
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

describe("transactions that arrive together", () => {
  const insert = (db: Kysely<Schema>, id: string) => sql`insert into things (id) values (${id})`.execute(db);
  const ids = (db: Kysely<Schema>) => {
    const things = sql<{ id: string }>`select id from things order by id`;
    return things.execute(db).then(({ rows }) => rows.map(({ id }) => id));
  };

  test("share a commit, and each is undone by itself (RP-07)", async () => {
    await using place = await openPlace();
    await sql`create table things (id text primary key) strict`.execute(place.db);
    const writing = Array.from({ length: 8 }, (_, nth) =>
      place.database.transaction(async ({ db }) => {
        await insert(db, `${nth}`);
        if (nth === 3) throw new Error("changed my mind");
        if (nth === 4) await insert(db, "0");
        return { value: nth, commit: nth !== 5 };
      }),
    );
    const outcomes = await Promise.allSettled(writing);
    assert.deepEqual(
      outcomes.map(({ status }) => status === "fulfilled"),
      [true, true, true, false, false, true, true, true],
    );
    assert.deepEqual(await ids(place.db), ["0", "1", "2", "6", "7"]);
    // Nobody else could write between the first and the last of them: there was one outer transaction.
    assert.equal(place.commits(), 2, "the table, and the eight");
  });

  test("are not answered before the commit, whether they changed something or were refused (RP-07)", async () => {
    await using place = await openPlace();
    await sql`create table things (id text primary key) strict`.execute(place.db);
    const other = new DatabaseSync(place.path, { readOnly: true });
    const seen = () => other.prepare("select id from things").all().length;
    const writing = place.database
      .transaction(async ({ db }) => {
        await insert(db, "a");
        return { value: undefined, commit: true };
      })
      .then(seen);
    // It is refused because of what the first did, which is not durable yet.
    const refusing = place.database
      .transaction(async ({ db }) => ({ value: (await ids(db)).length, commit: false }))
      .then((value) => [value, seen()]);
    assert.deepEqual(await Promise.all([writing, refusing]), [1, [1, 1]]);
    other.close();
  });

  test("all fail with a commit that fails, and those after them do not", async () => {
    await using place = await openPlace();
    await sql`create table owners (id text primary key) strict`.execute(place.db);
    const foreign = sql`create table things (id text primary key, owner text references owners (id) deferrable initially deferred) strict`;
    await foreign.execute(place.db);
    const write = (id: string, owner: string | null) =>
      place.database.transaction(async ({ db }) => {
        await sql`insert into things (id, owner) values (${id}, ${owner})`.execute(db);
        return { value: id, commit: true };
      });
    const outcomes = await Promise.allSettled([write("a", null), write("b", "nobody"), write("c", null)]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["rejected", "rejected", "rejected"],
    );
    assert.deepEqual(await ids(place.db), []);
    assert.equal(await write("d", null), "d");
    assert.deepEqual(await ids(place.db), ["d"]);
  });

  test("leave readers alone, who see what is committed and nothing else (RP-08)", async () => {
    await using place = await openPlace();
    await sql`create table things (id text primary key) strict`.execute(place.db);
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const writing = place.database.transaction(async ({ db }) => {
      await insert(db, "a");
      begun.resolve();
      await gate.promise;
      return { value: undefined, commit: true };
    });
    await begun.promise;
    assert.deepEqual(await ids(place.db), [], "answered while the transaction is open");
    gate.resolve();
    await writing;
    assert.deepEqual(await ids(place.db), ["a"], "and once it is answered, seen by the next look");
  });

  test("a statement that comes when its transaction is over is refused", async () => {
    await using place = await openPlace();
    await sql`create table things (id text primary key) strict`.execute(place.db);
    let kept: Kysely<Schema> | undefined;
    await place.database.transaction(async ({ db }) => {
      kept = db;
      return { value: undefined, commit: true };
    });
    assert.ok(kept !== undefined);
    await assert.rejects(insert(kept, "late"), /transaction is over/);
    assert.deepEqual(await ids(place.db), []);
  });

  test("reads that follow each other without end let everybody else have a turn", async () => {
    await using place = await openPlace();
    await sql`create table things (id text primary key) strict`.execute(place.db);
    let isDone = false;
    const writing = insert(place.db, "a").then(() => {
      isDone = true;
    });
    // No timer and no socket could be heard here, if reads were answered without a pause.
    while (!isDone) await ids(place.db);
    await writing;
  });
});

async function openPlace() {
  const folder = await mkdtemp(join(tmpdir(), "countersign-sqlite-"));
  const path = join(folder, "made", "test.sqlite");
  const database = await openDatabase(`file:${path}`);
  const { db } = database;
  return {
    path,
    database,
    db,
    /** How many commits the write-ahead log holds: each ends with a frame that has the size of the database in it. */
    commits: () => {
      const log = readFileSync(`${path}-wal`);
      const frame = 24 + log.readUInt32BE(8);
      const ends = Array.from({ length: Math.floor((log.length - 32) / frame) }, (_, nth) =>
        log.readUInt32BE(32 + nth * frame + 4),
      );
      return ends.filter((pages) => pages > 0).length;
    },
    [Symbol.asyncDispose]: async () => {
      await db.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
