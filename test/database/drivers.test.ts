// Both drivers keep the same promises, so that no query has to know which database it runs on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Kysely, sql } from "kysely";
import { openDatabase } from "../../src/db/open.ts";
import { createInstallation } from "../support/server-process.ts";
import { type Dialect, onBothDatabases } from "../support/world.ts";

type Things = { things: { id: string; many: number | null; note: string | null } };

onBothDatabases("a database driver", (dialect) => {
  test("gives values back as they were given", async () => {
    await using place = await openPlace(dialect);
    const { db } = place;
    const texts = [
      "",
      " spaces ",
      "'quotes' \"double\" \\ back ; -- $1 ? :name",
      "line\nfeed\r\n\ttab",
      "Ünïcödé, e\u0301 and é",
      "😀👩‍👩‍👧‍👦 𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
      "שלום مرحبا 漢字",
      "x".repeat(100_000),
    ];
    for (const [index, note] of texts.entries()) {
      await db
        .insertInto("things")
        .values({ id: `t${index}`, many: index, note })
        .execute();
    }
    const rows = await db.selectFrom("things").selectAll().orderBy("many").execute();
    assert.deepEqual(
      rows.map(({ note }) => note),
      texts,
    );
    for (const note of texts) {
      const found = await db.selectFrom("things").select("note").where("note", "=", note).execute();
      assert.equal(found.length, 1);
    }
  });

  test("keeps nothing apart from text that is empty", async () => {
    await using place = await openPlace(dialect);
    const { db } = place;
    await db.insertInto("things").values({ id: "nothing", many: null, note: null }).execute();
    await db.insertInto("things").values({ id: "empty", many: 0, note: "" }).execute();
    assertRows(await db.selectFrom("things").select(["id", "many", "note"]).orderBy("id").execute(), [
      { id: "empty", many: 0, note: "" },
      { id: "nothing", many: null, note: null },
    ]);
    assertRows(await db.selectFrom("things").select("id").where("note", "is", null).execute(), [{ id: "nothing" }]);
    assertRows(await db.selectFrom("things").select("id").where("note", "=", "").execute(), [{ id: "empty" }]);
  });

  test("refuses a value that is undefined, wherever it stands, instead of taking it for nothing", async () => {
    await using place = await openPlace(dialect);
    const { db } = place;
    await db.insertInto("things").values({ id: "a", many: 1, note: null }).execute();
    // Somebody forgot something, and the types could not tell.
    const missing = undefined as unknown as string;
    await assert.rejects(sql`select ${missing} as value`.execute(db), /undefined|bound/);
    await assert.rejects(sql`insert into things (id, note) values ('b', ${missing})`.execute(db), /undefined|bound/);
    await assert.rejects(db.selectFrom("things").selectAll().where("note", "=", missing).execute(), /undefined|bound/);
    await assert.rejects(
      db
        .deleteFrom("things")
        .where("note", "is", missing as never)
        .execute(),
    );
    assertRows(await db.selectFrom("things").select("id").execute(), [{ id: "a" }]);
  });

  test("keeps whole numbers as large as JavaScript can count, and counts with them", async () => {
    await using place = await openPlace(dialect);
    const { db } = place;
    const numbers = [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, Date.now(), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    for (const many of numbers)
      await db
        .insertInto("things")
        .values({ id: `${many}`, many, note: null })
        .execute();
    const rows = await db.selectFrom("things").select(["id", "many"]).execute();
    for (const { id, many } of rows) assert.strictEqual(many, Number(id));
    const { count, largest } = await db
      .selectFrom("things")
      .select((eb) => [eb.fn.countAll<number>().as("count"), eb.fn.max("many").as("largest")])
      .executeTakeFirstOrThrow();
    assert.strictEqual(count, numbers.length);
    assert.strictEqual(largest, Number.MAX_SAFE_INTEGER);
    const later = await db
      .selectFrom("things")
      .select("id")
      .where("many", ">", Date.now() + 1)
      .execute();
    assert.deepEqual(later.map(({ id }) => id).sort(), [`${Number.MAX_SAFE_INTEGER}`]);
  });

  test("tells how many rows a statement changed, and gives them back if asked", async () => {
    await using place = await openPlace(dialect);
    const { db } = place;
    const values = ["a", "b", "c"].map((id) => ({ id, many: 1, note: null }));
    const inserted = await db.insertInto("things").values(values).executeTakeFirst();
    assert.strictEqual(inserted.numInsertedOrUpdatedRows, 3n);
    const again = await db
      .insertInto("things")
      .values(values)
      .onConflict((conflict) => conflict.column("id").doNothing())
      .executeTakeFirst();
    assert.strictEqual(again.numInsertedOrUpdatedRows, 0n);
    const updated = await db.updateTable("things").set({ many: 2 }).where("id", "!=", "c").executeTakeFirst();
    assert.strictEqual(updated.numUpdatedRows, 2n);
    const same = await db.updateTable("things").set({ many: 2 }).where("id", "=", "a").executeTakeFirst();
    assert.strictEqual(same.numUpdatedRows, 1n);
    const none = await db.updateTable("things").set({ many: 3 }).where("id", "=", "z").executeTakeFirst();
    assert.strictEqual(none.numUpdatedRows, 0n);
    const returned = await db
      .updateTable("things")
      .set((eb) => ({ many: eb("many", "+", 1) }))
      .where("id", "=", "a")
      .returning(["id", "many"])
      .execute();
    assertRows(returned, [{ id: "a", many: 3 }]);
    const nobody = await db.updateTable("things").set({ many: 9 }).where("id", "=", "z").returning("id").execute();
    assert.deepEqual(nobody, []);
    const taken = await db.deleteFrom("things").where("many", ">", 1).returning("id").execute();
    assert.deepEqual(taken.map(({ id }) => id).sort(), ["a", "b"]);
    const deleted = await db.deleteFrom("things").executeTakeFirst();
    assert.strictEqual(deleted.numDeletedRows, 1n);
  });

  test("does all of a transaction or nothing of it", async () => {
    await using place = await openPlace(dialect);
    const { db } = place;
    const ids = async () => (await db.selectFrom("things").select("id").orderBy("id").execute()).map(({ id }) => id);
    const insert = (tx: Kysely<Things>, id: string) =>
      tx.insertInto("things").values({ id, many: null, note: null }).execute();

    await assert.rejects(
      db.transaction().execute(async (tx) => {
        await insert(tx, "a");
        throw new Error("changed my mind");
      }),
      /changed my mind/,
    );
    assert.deepEqual(await ids(), []);

    // A statement that fails takes the whole transaction with it, and leaves a connection that works.
    await insert(db, "b");
    await assert.rejects(
      db.transaction().execute(async (tx) => {
        await insert(tx, "c");
        await insert(tx, "b");
      }),
      /unique|duplicate/i,
    );
    assert.deepEqual(await ids(), ["b"]);

    const undone = await db.startTransaction().execute();
    await insert(undone, "d");
    await undone.rollback().execute();
    const done = await db.startTransaction().execute();
    await insert(done, "e");
    await done.commit().execute();
    assert.deepEqual(await ids(), ["b", "e"]);
  });

  test("shows nobody else what is not committed yet", async () => {
    await using place = await openPlace(dialect);
    const other = await place.connect();
    const many = async () => (await other.selectFrom("things").selectAll().execute()).length;
    await place.db.transaction().execute(async (tx) => {
      await tx.insertInto("things").values({ id: "a", many: 1, note: null }).execute();
      assert.equal(await many(), 0);
    });
    assert.equal(await many(), 1);
  });

  test("loses no change when many transactions want the same row", async () => {
    await using place = await openPlace(dialect);
    await place.db.insertInto("things").values({ id: "counter", many: 0, note: null }).execute();
    // Two connections of one process to one SQLite file would wait for each other: it has one, and a queue before it.
    const connections = dialect === "sqlite" ? [place.db] : [place.db, await place.connect(), await place.connect()];
    const increase = (db: Kysely<Things>) =>
      db.transaction().execute(async (tx) => {
        const { many } = await tx
          .updateTable("things")
          .set((eb) => ({ many: eb("many", "+", 1) }))
          .where("id", "=", "counter")
          .returning("many")
          .executeTakeFirstOrThrow();
        await tx
          .insertInto("things")
          .values({ id: `turn ${many}`, many, note: null })
          .execute();
      });
    await Promise.all(
      Array.from({ length: 60 }, (_, turn) => increase(connections[turn % connections.length] ?? place.db)),
    );
    const { many } = await place.db
      .selectFrom("things")
      .select("many")
      .where("id", "=", "counter")
      .executeTakeFirstOrThrow();
    assert.equal(many, 60);
    assert.equal((await place.db.selectFrom("things").selectAll().execute()).length, 61);
  });

  test("lets plain queries wait for their turn beside a transaction of the same connection", async () => {
    await using place = await openPlace(dialect);
    const { db } = place;
    const order: string[] = [];
    const slow = db.transaction().execute(async (tx) => {
      for (let step = 0; step < 20; step++) {
        await tx
          .insertInto("things")
          .values({ id: `${step}`, many: step, note: null })
          .execute();
      }
      order.push("transaction");
      throw new Error("undone");
    });
    const plain = db.insertInto("things").values({ id: "plain", many: 1, note: null }).execute();
    await Promise.all([assert.rejects(slow, /undone/), plain]);
    // What the plain query wrote does not go with the transaction.
    assertRows(await db.selectFrom("things").select("id").execute(), [{ id: "plain" }]);
    assert.deepEqual(order, ["transaction"]);
  });

  test("answers right for more different statements than it remembers", async () => {
    await using place = await openPlace(dialect);
    for (const index of [...Array(600).keys(), ...Array(20).keys()]) {
      const { rows } = await sql<{ value: number }>`select ${sql.lit(index)} + 0 as value`.execute(place.db);
      assertRows(rows, [{ value: index }]);
    }
  });

  test("goes on after a newer version added a column to a table that it reads (OP-04)", async () => {
    await using place = await openPlace(dialect);
    const running = await place.connect();
    await place.db.insertInto("things").values({ id: "a", many: 1, note: null }).execute();
    const read = () => running.selectFrom("things").selectAll().where("id", "=", "a").execute();
    for (let before = 0; before < 3; before++) assertRows(await read(), [{ id: "a", many: 1, note: null }]);
    await sql`alter table things add column colour text`.execute(place.db);
    for (let after = 0; after < 3; after++) {
      const [row] = await read();
      assert.deepEqual({ id: row?.id, many: row?.many, note: row?.note }, { id: "a", many: 1, note: null });
    }
    // In a transaction too, where a statement that failed could not be repeated.
    await running.transaction().execute(async (tx) => {
      assert.equal((await tx.selectFrom("things").selectAll().where("id", "=", "a").execute()).length, 1);
    });
  });
});

/** Compares rows by what they hold; one of the drivers gives them no prototype. */
function assertRows(actual: readonly object[], expected: readonly object[]): void {
  assert.deepEqual(
    actual.map((row) => ({ ...row })),
    expected,
  );
}

/** A database with one table, and as many connections to it as one likes. */
async function openPlace(dialect: Dialect) {
  const installation = await createInstallation(dialect);
  const opened: Kysely<Things>[] = [];
  const connect = async () => {
    const db = (await openDatabase(installation.databaseUrl)).db as unknown as Kysely<Things>;
    opened.push(db);
    return db;
  };
  const db = await connect();
  const definition = "things (id text primary key, many bigint, note text)";
  await sql
    .raw(
      dialect === "postgres"
        ? `create table ${definition}`
        : `create table ${definition.replace("bigint", "integer")} strict`,
    )
    .execute(db);
  return {
    db,
    connect,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map((each) => each.destroy()));
      await installation[Symbol.asyncDispose]();
    },
  };
}
