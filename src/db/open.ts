// Opens the database that a URL names: `file:` for the embedded SQLite, `postgres:` for a server.

import { Kysely, sql } from "kysely";
import { DatabaseError } from "./database-error.ts";
import { nodeSqliteDialect } from "./node-sqlite.ts";
import type { Schema } from "./schema.ts";

export type Dialect = "sqlite" | "postgres";

export type Database = { db: Kysely<Schema>; dialect: Dialect };

/** Which database a URL means; `undefined` for one that we do not speak. */
export function dialectOf(url: string): Dialect | undefined {
  if (/^file:./.test(url)) return "sqlite";
  return /^postgres(ql)?:\/\/./.test(url) ? "postgres" : undefined;
}

/** Opens a database without changing it. Throws when the URL is unknown or the database loses commits by setting. */
export async function openDatabase(url: string): Promise<Database> {
  const dialect = dialectOf(url);
  if (dialect === undefined) throw new DatabaseError("A database is `file:PATH` or `postgres://…`");
  if (dialect === "sqlite") {
    return { db: new Kysely<Schema>({ dialect: nodeSqliteDialect(url.slice("file:".length)) }), dialect };
  }
  const { postgresDialect } = await import("./postgres.ts");
  const db = new Kysely<Schema>({ dialect: await postgresDialect(url) });
  const { rows } = await sql<{ synchronous_commit: string }>`show synchronous_commit`.execute(db);
  if (rows[0]?.synchronous_commit === "off") {
    await db.destroy();
    throw new DatabaseError("PostgreSQL runs with synchronous_commit=off; a spent code could come back");
  }
  return { db, dialect };
}
