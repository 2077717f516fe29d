// A look at the tables from outside of the program, and a hand on them, as whoever has the database has.

import { type Kysely, sql } from "kysely";
import { openDatabase } from "../../src/db/open.ts";
import type { Schema } from "../../src/db/schema.ts";
import type { Dialect, World } from "./world.ts";

/** A connection of its own to the database of an installation; `await using` closes it. */
export async function openTables({ databaseUrl }: Pick<World, "databaseUrl">): Promise<Kysely<Schema>> {
  return (await openDatabase(databaseUrl)).db;
}

export type Row = Record<string, unknown>;

/** Every row of every table, sorted, so that equal contents are equal values. */
export async function readTables(db: Kysely<Schema>): Promise<Record<string, Row[]>> {
  const tables: Record<string, Row[]> = {};
  for (const name of await tableNames(db)) {
    const { rows } = await sql<Row>`select * from ${sql.table(name)}`.execute(db);
    tables[name] = rows.map((row) => ({ ...row })).sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b)));
  }
  return tables;
}

/** What whoever owns the database can do: take the guards off the record of events. */
export async function dropGuards(db: Kysely<Schema>, dialect: Dialect): Promise<void> {
  for (const table of ["events", "event_checkpoint"]) {
    const { rows } =
      dialect === "postgres"
        ? await sql<{ name: string }>`select tgname as name from pg_trigger where tgrelid = ${table}::regclass`.execute(
            db,
          )
        : await sql<{
            name: string;
          }>`select name from sqlite_master where type = 'trigger' and tbl_name = ${table}`.execute(db);
    if (rows.length === 0) throw new Error(`There are no guards on ${table}`);
    for (const { name } of rows) {
      const on = dialect === "postgres" ? sql` on ${sql.table(table)}` : sql``;
      await sql`drop trigger ${sql.ref(name)}${on}`.execute(db);
    }
  }
}

async function tableNames(db: Kysely<Schema>): Promise<string[]> {
  const tables = await db.introspection.getTables();
  return tables.map(({ name }) => name).sort();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
