// Statements go to PostgreSQL without waiting for each other, the commit behind the last. Whatever fails on the way, at the
// server or before it, nothing of its transaction stays, and the connection is as good as new (RP-07).

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sql } from "kysely";
import { openDatabase } from "../../src/db/open.ts";
import { createDatabase } from "../support/postgres.ts";

async function openPlace() {
  const { url, drop } = await createDatabase();
  const database = await openDatabase(url);
  await sql`create table small (id text primary key)`.execute(database.db);
  return {
    url,
    database,
    db: database.db,
    ids: async () =>
      (await sql<{ id: string }>`select id from small order by id`.execute(database.db)).rows.map(({ id }) => id),
    [Symbol.asyncDispose]: async () => {
      await database.close();
      await drop();
    },
  };
}

describe("a pipeline to PostgreSQL", () => {
  test("a last statement that never went out fails the transaction, and nothing of it is there", async () => {
    await using place = await openPlace();
    const insert = { sql: "insert into small (id) values ($1)", reads: false };
    const told = await place.database
      .transaction(async ({ connection }) => {
        await connection.execute(insert, ["a"]);
        const last = connection.execute(insert, [undefined]);
        last.catch(() => {});
        return { value: "done", commit: true, last };
      })
      .catch((error: Error) => `failed: ${error.message}`);
    assert.match(told, /^failed/);
    assert.deepEqual(await place.ids(), []);
  });

  test("a value that pg cannot send leaves the statement usable on that connection", async () => {
    await using place = await openPlace();
    const insert = { sql: "insert into small (id) values ($1::text)", reads: false };
    const unsendable = {
      toPostgres: () => {
        throw new Error("unsendable");
      },
    };
    await assert.rejects(place.database.connection.execute(insert, [unsendable]), /unsendable/);
    await place.database.connection.execute(insert, ["ok"]);
    assert.deepEqual(await place.ids(), ["ok"]);
  });

  test("what failed first is the error, whichever answer is looked at", async () => {
    await using place = await openPlace();
    const whole = place.database.transaction(async ({ connection }) => {
      connection.execute({ sql: "select 1 / 0", reads: false }, []).catch(() => {});
      await connection.execute({ sql: "select 1", reads: false }, []);
      return { value: "done", commit: true };
    });
    await assert.rejects(whole, /division by zero/);
  });

  test("failed, refused and thrown transactions give good connections back, in storms", async () => {
    await using place = await openPlace();
    const insert = { sql: "insert into small (id) values ($1)", reads: false };
    const one = (n: number) =>
      place.database
        .transaction(async ({ connection }) => {
          const [a, b] = [
            connection.execute(insert, [`${n}`]),
            connection.execute(insert, [n % 5 === 0 ? `${n}` : `${n}b`]),
          ];
          a.catch(() => {});
          b.catch(() => {});
          if (n % 5 === 1) throw new Error("mind");
          if (n % 5 === 2) return { value: n, commit: false };
          if (n % 5 === 3) return { value: n, commit: true, last: Promise.all([a, b]) };
          await Promise.all([a, b]);
          return { value: n, commit: true };
        })
        .then(
          () => true,
          () => false,
        );
    const told = await Promise.all(Array.from({ length: 200 }, (_, n) => one(n)));
    const ids = new Set(await place.ids());
    for (let n = 0; n < 200; n++) {
      const there = [ids.has(`${n}`), ids.has(`${n}b`)];
      const expected = n % 5 >= 3;
      assert.deepEqual([there, told[n]], [[expected, expected], n % 5 !== 0 && n % 5 !== 1], `${n}`);
    }
    const { rows } = await sql<{
      n: number;
    }>`select count(*)::int as n from pg_stat_activity where datname = current_database() and state like 'idle in%'`.execute(
      place.db,
    );
    assert.equal(rows[0]?.n, 0);
  });

  test("a failure that nobody looked at undoes the transaction and is told", async () => {
    await using place = await openPlace();
    const told = await place.database
      .transaction(async ({ db }) => {
        await sql`insert into small values ('a')`.execute(db);
        sql`insert into small values ('a')`.execute(db).catch(() => {});
        return { value: "done", commit: true };
      })
      .catch((error: Error) => `failed: ${error.message}`);
    assert.match(told, /^failed: .*small_pkey/);
    assert.deepEqual(await place.ids(), []);
  });

  test("the same statement many times in one pipeline, first use, with a failure in the middle", async () => {
    await using place = await openPlace();
    const text = { sql: "insert into small (id) values ($1) returning id", reads: false };
    for (let round = 0; round < 3; round++) {
      const outcome = await place.database.transaction(async ({ connection }) => {
        const all = ["x", "x", "y", "z"].map((id) => connection.execute(text, [id]));
        const settled = await Promise.allSettled(all);
        return { value: settled.map(({ status }) => status), commit: false };
      });
      assert.deepEqual(outcome, ["fulfilled", "rejected", "rejected", "rejected"]);
    }
    await place.database.transaction(async ({ connection }) => {
      await Promise.all(["p", "q", "r"].map((id) => connection.execute(text, [id])));
      return { value: 0, commit: true };
    });
    assert.deepEqual(await place.ids(), ["p", "q", "r"]);
  });

  test("a connection that breaks at the commit is told as a failure, and replaced", async () => {
    await using place = await openPlace();
    const other = await openDatabase(place.url);
    const told = await place.database
      .transaction(async ({ db }) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
        await sql`insert into small values ('a')`.execute(db);
        const pid = rows[0]?.pid;
        await sql`select pg_terminate_backend(${pid})`.execute(other.db);
        while ((await sql`select 1 from pg_stat_activity where pid = ${pid}`.execute(other.db)).rows.length > 0);
        return { value: "done", commit: true };
      })
      .catch((error: Error) => `failed: ${error.message}`);
    assert.match(told, /^failed/);
    assert.deepEqual(await place.ids(), []);
    await other.close();
  });
});
