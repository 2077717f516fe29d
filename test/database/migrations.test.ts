// Migrations: all or nothing, once, and forwards only; and what the schema itself keeps people from doing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Kysely, sql } from "kysely";
import { MIGRATIONS, migrate, NewerDatabaseError, pendingMigrations } from "../../src/db/migrate.ts";
import type { Migration } from "../../src/db/migration.ts";
import { openDatabase } from "../../src/db/open.ts";
import type { Schema } from "../../src/db/schema.ts";
import { MIGRATION_NAMES } from "../support/migrations.ts";
import { createInstallation } from "../support/server-process.ts";
import { type Dialect, onBothDatabases } from "../support/world.ts";

const ALL = [...MIGRATION_NAMES];

/** What a later version could add. */
const LATER: readonly Migration[] = [
  ...MIGRATIONS,
  {
    name: "9001-notes",
    statements: ({ table }) => [
      table("notes (id text primary key, text text not null)"),
      "create index notes_by_text on notes (text)",
    ],
  },
  { name: "9002-more-notes", statements: () => ["alter table notes add column more text"] },
];

onBothDatabases("migrations", (dialect) => {
  test("bring an empty database to the newest schema, once (OP-04)", async () => {
    await using place = await openPlace(dialect);
    const { db } = place;
    assert.deepEqual(await pendingMigrations(db), ALL);
    assert.deepEqual(await migrate(db, { dialect, now: 1_000 }), ALL);
    assert.deepEqual(await pendingMigrations(db), []);
    const before = await schemaOf(db);
    assert.deepEqual(await migrate(db, { dialect, now: 2_000 }), []);
    assert.deepEqual(await schemaOf(db), before);
    const { rows } = await sql<object>`select name, applied_at from migrations`.execute(db);
    assert.deepEqual({ ...rows[0] }, { name: "0001-first", applied_at: 1_000 });
    assert.equal(rows.length, ALL.length);
  });

  test("run once when several connections start them at the same moment (OP-04)", async () => {
    await using place = await openPlace(dialect);
    // On SQLite several processes do so, in test/server/nodes.test.ts; within one process there is one connection.
    const others = dialect === "sqlite" ? [] : [await place.connect(), await place.connect()];
    const connections = [place.db, place.db, ...others];
    const done = await Promise.all(connections.map((db) => migrate(db, { dialect, now: 1_000 })));
    assert.deepEqual(done.flat(), ALL);
  });

  test("leave nothing behind when one fails half-way (OP-04)", async () => {
    await using place = await openPlace(dialect);
    const { db } = place;
    // The last table of the migration is in the way: everything before it must go again.
    await sql`create table mails (somebody_elses text)`.execute(db);
    await assert.rejects(migrate(db, { dialect, now: 1_000 }), /mails.*already exists/);
    assert.deepEqual(Object.keys(await schemaOf(db)), ["mails"]);
    assert.deepEqual(await pendingMigrations(db), ALL);
    await sql`drop table mails`.execute(db);
    assert.deepEqual(await migrate(db, { dialect, now: 1_000 }), ALL);
  });

  test("do what a database of an older version is missing, and nothing else (OP-04)", async () => {
    await using place = await openPlace(dialect);
    const { db } = place;
    await migrate(db, { dialect, now: 1_000 });
    await sql`insert into rates (key, used_until) values ('kept', 7)`.execute(db);
    assert.deepEqual(await pendingMigrations(db, LATER), ["9001-notes", "9002-more-notes"]);
    assert.deepEqual(await migrate(db, { dialect, now: 2_000, migrations: LATER }), ["9001-notes", "9002-more-notes"]);
    assert.deepEqual(await pendingMigrations(db, LATER), []);
    const { rows } = await sql<{ name: string; applied_at: number }>`select * from migrations order by name`.execute(
      db,
    );
    assert.deepEqual(
      rows.map((row) => row.applied_at),
      [...ALL.map(() => 1_000), 2_000, 2_000],
    );
    await sql`insert into notes (id, text, more) values ('a', 'b', 'c')`.execute(db);
    const kept = await db.selectFrom("rates").select("used_until").execute();
    assert.deepEqual(
      kept.map(({ used_until }) => used_until),
      [7],
    );
  });

  test("leave a database of an older version as it was when one of several fails (OP-04)", async () => {
    await using place = await openPlace(dialect);
    const { db } = place;
    await migrate(db, { dialect, now: 1_000 });
    const before = await schemaOf(db);
    const broken = [...LATER, { name: "9003-broken", statements: () => ["create table notes (id text)"] }];
    await assert.rejects(migrate(db, { dialect, now: 2_000, migrations: broken }), /notes.*already exists/);
    assert.deepEqual(await schemaOf(db), before);
    assert.deepEqual(await pendingMigrations(db), []);
    assert.equal((await migrate(db, { dialect, now: 3_000, migrations: LATER })).length, 2);
  });

  test("refuse a database that a newer version migrated, and leave it alone (OP-04)", async () => {
    await using place = await openPlace(dialect);
    const { db } = place;
    await migrate(db, { dialect, now: 1_000 });
    await sql`insert into migrations (name, applied_at) values ('9999-later', 1)`.execute(db);
    const before = await schemaOf(db);
    await assert.rejects(migrate(db, { dialect, now: 2_000 }), NewerDatabaseError);
    await assert.rejects(pendingMigrations(db), /newer version of Countersign \(9999-later\)/);
    assert.deepEqual(await schemaOf(db), before);
  });

  test("make a record of events that nobody can change, shorten or empty (AU-04)", async () => {
    await using place = await openPlace(dialect);
    const { db } = place;
    await migrate(db, { dialect, now: 1_000 });
    const event = {
      at: 1,
      kind: "sign_in.succeeded",
      actor_id: null,
      user_id: null,
      session_id: null,
      address: "192.0.2.1",
      user_agent: "",
      request_id: "",
      node: "",
      details: "{}",
      hash: "",
    };
    await db
      .insertInto("events")
      .values([1, 2, 3].map((id) => ({ id, ...event })))
      .execute();
    const attempts = [
      () => db.updateTable("events").set({ address: "198.51.100.1" }).execute(),
      () => db.updateTable("events").set({ hash: "x" }).where("id", "=", 3).execute(),
      () => db.deleteFrom("events").where("id", "=", 3).execute(),
      () => db.deleteFrom("events").execute(),
      ...(dialect === "postgres" ? [() => sql`truncate events`.execute(db)] : []),
      ...(dialect === "sqlite" ? [() => sql`insert or replace into events select * from events`.execute(db)] : []),
    ];
    for (const attempt of attempts) await assert.rejects(attempt(), /append-only/);
    const rows = await db.selectFrom("events").select(["id", "address", "hash"]).orderBy("id").execute();
    assert.deepEqual(
      rows.map(({ id, address, hash }) => [id, address, hash]),
      [1, 2, 3].map((id) => [id, "192.0.2.1", ""]),
    );
    await assert.rejects(
      db
        .insertInto("events")
        .values({ id: 3, ...event })
        .execute(),
      /unique|duplicate|append-only/i,
    );
  });

  test("make tables that refuse what the program never writes", async () => {
    await using place = await openPlace(dialect);
    const { db } = place;
    await migrate(db, { dialect, now: 1_000 });
    const nobody = { name: "ghost", user_id: "nobody", kind: "login" } as const;
    await assert.rejects(db.insertInto("user_names").values(nobody).execute(), /foreign key/i);
    for (const statement of [
      sql`insert into installation values (2, '', null, 0, 0, 0)`,
      sql`insert into event_head values (2, 0, '')`,
      sql`insert into rates (key, used_until) values ('a', 'soon')`,
      sql`insert into rates (key, used_until) values ('a', null)`,
    ]) {
      await assert.rejects(statement.execute(db), /check|constraint|cannot store|syntax for type|null/i);
    }
  });
});

async function openPlace(dialect: Dialect) {
  const installation = await createInstallation(dialect);
  const opened: Kysely<Schema>[] = [];
  const connect = async () => {
    const { db } = await openDatabase(installation.databaseUrl);
    opened.push(db);
    return db;
  };
  return {
    db: await connect(),
    connect,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map((each) => each.destroy()));
      await installation[Symbol.asyncDispose]();
    },
  };
}

/** The tables with their columns. */
async function schemaOf(db: Kysely<Schema>): Promise<Record<string, string[]>> {
  const tables = await db.introspection.getTables();
  const entries = tables.map(({ name, columns }) => [
    name,
    columns.map((column) => `${column.name} ${column.dataType}`),
  ]);
  return Object.fromEntries(entries.sort());
}
