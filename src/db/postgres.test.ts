import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sql } from "kysely";
import { createDatabase } from "../../test/support/postgres.ts";
import { openDatabase } from "./open.ts";

describe("PostgreSQL", () => {
  test("is durable before it answers (RP-07)", async () => {
    await using place = await openPlace();
    const { rows } = await sql<{ synchronous_commit: string }>`show synchronous_commit`.execute(place.db);
    assert.equal(rows[0]?.synchronous_commit, "on");
  });

  test("is refused when it is set to forget commits (RP-07)", async () => {
    await using place = await openPlace();
    await place.setting("synchronous_commit = off");
    await assert.rejects(openDatabase(place.url), /synchronous_commit=off; a spent code could come back/);
  });

  test("ends statements and transactions that take too long", async () => {
    await using place = await openPlace();
    const show = async (name: string) => {
      const { rows } = await sql<Record<string, string>>`show ${sql.raw(name)}`.execute(place.db);
      return rows[0]?.[name];
    };
    assert.equal(await show("statement_timeout"), "10s");
    assert.equal(await show("idle_in_transaction_session_timeout"), "10s");
  });

  test("plans a statement once for each connection, under a name", async () => {
    await using place = await openPlace();
    await place.db.connection().execute(async (db) => {
      for (let turn = 0; turn < 5; turn++) await sql`select ${turn}::int as turn`.execute(db);
      const { rows } = await sql<{ uses: number }>`
        select (generic_plans + custom_plans)::int as uses from pg_prepared_statements where statement like 'select $1::int%'
      `.execute(db);
      assert.deepEqual(rows, [{ uses: 5 }]);
    });
  });

  test("a connection that broke is replaced by the next", async () => {
    await using place = await openPlace();
    await sql`select 1`.execute(place.db);
    const other = await openDatabase(place.url);
    const strangers = sql`from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
    await sql`select pg_terminate_backend(pid) ${strangers}`.execute(other.db);
    while ((await sql`select 1 ${strangers}`.execute(other.db)).rows.length > 0);
    // One query may notice; the one after it has a new connection.
    await sql`select 1`.execute(place.db).catch(() => {});
    await sql`select 1`.execute(place.db);
    await other.db.destroy();
  });

  test("a connection that breaks between two statements of a transaction fails the second alone (OP-06)", async () => {
    await using place = await openPlace();
    const other = await openDatabase(place.url);
    const transaction = place.db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
      const pid = rows[0]?.pid;
      await sql`select pg_terminate_backend(${pid})`.execute(other.db);
      while ((await sql`select 1 from pg_stat_activity where pid = ${pid}`.execute(other.db)).rows.length > 0);
      await sql`select 1`.execute(tx);
    });
    await assert.rejects(transaction, /terminat|not queryable/i);
    await sql`select 1`.execute(place.db);
    await other.db.destroy();
  });
});

async function openPlace() {
  const { url, drop } = await createDatabase();
  const { db } = await openDatabase(url);
  return {
    url,
    db,
    /** Changes what new connections to this database start with. */
    setting: (assignment: string) =>
      sql`do ${sql.lit(`begin execute format('alter database %I set ${assignment}', current_database()); end`)}`.execute(
        db,
      ),
    [Symbol.asyncDispose]: async () => {
      await db.destroy();
      await drop();
    },
  };
}
