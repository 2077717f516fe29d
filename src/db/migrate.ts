// Forward-only migrations, one list for both databases. Nodes that start together take turns at a lock; the first
// migrates, the others find nothing to do. Each migration and its mark commit together.

import { type Kysely, sql } from "kysely";
import type { Dialect } from "./driver.ts";
import type { Migration } from "./migration.ts";
import { first } from "./migrations/0001-first.ts";
import type { Schema } from "./schema.ts";
import { SPELLINGS } from "./spelling.ts";

/** Every migration, the oldest first. */
export const MIGRATIONS: readonly Migration[] = [first];

/** Thrown when the database was migrated by a newer version of the program. */
export class NewerDatabaseError extends Error {
  override name = "NewerDatabaseError";
}

/** Names of the migrations that the database still needs; throws a NewerDatabaseError if it knows more than we do. */
export async function pendingMigrations(db: Kysely<Schema>, migrations = MIGRATIONS): Promise<string[]> {
  const tables = await db.introspection.getTables();
  const isNew = !tables.some((table) => table.name === "migrations");
  return missing(migrations, isNew ? [] : await appliedNames(db)).map(({ name }) => name);
}

/** Brings the database to the newest schema and tells which migrations that took. */
export async function migrate(
  db: Kysely<Schema>,
  { dialect, now, migrations = MIGRATIONS }: { dialect: Dialect; now: number; migrations?: readonly Migration[] },
): Promise<string[]> {
  const spelling = SPELLINGS[dialect];
  return db.transaction().execute(async (tx) => {
    if (dialect === "postgres") await sql`select pg_advisory_xact_lock(4180)`.execute(tx);
    const columns = `name text primary key, applied_at ${spelling.time} not null`;
    await sql.raw(`create table if not exists migrations (${columns})`).execute(tx);
    const needed = missing(migrations, await appliedNames(tx));
    for (const { name, statements } of needed) {
      for (const statement of statements(spelling)) await sql.raw(statement).execute(tx);
      await sql`insert into migrations (name, applied_at) values (${name}, ${now})`.execute(tx);
    }
    return needed.map(({ name }) => name);
  });
}

async function appliedNames(db: Kysely<Schema>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from migrations`.execute(db);
  return rows.map((row) => row.name);
}

function missing(migrations: readonly Migration[], applied: readonly string[]): Migration[] {
  const unknown = applied.filter((known) => !migrations.some(({ name }) => name === known));
  if (unknown.length > 0) {
    throw new NewerDatabaseError(`The database was migrated by a newer version of Countersign (${unknown.join(", ")})`);
  }
  return migrations.filter(({ name }) => !applied.includes(name));
}
