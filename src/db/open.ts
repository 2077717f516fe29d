// Opens the database that a URL names: `file:` for the embedded SQLite, `postgres:` for a server.

import type { Kysely } from "kysely";
import { DatabaseError } from "./database-error.ts";
import type { Connection, Dialect, Driver, Ended } from "./driver.ts";
import { kyselyOf, kyselyOn } from "./kysely.ts";
import type { Schema } from "./schema.ts";
import { sqliteDriver } from "./sqlite.ts";

/** Where queries run: Kysely, and the connection below it for statements that are made once. */
export type Place = { readonly dialect: Dialect; readonly connection: Connection; readonly db: Kysely<Schema> };

export type Database = Place & {
  /** For questions that may take long. They see what is committed and hold nobody up, also not on SQLite. */
  readonly reports: Kysely<Schema>;
  /** Runs work in one transaction, as `Driver` says. */
  transaction<T>(work: (place: Place) => Promise<Ended<T>>): Promise<T>;
  close(): Promise<void>;
};

/** Which database a URL means; `undefined` for one that we do not speak. */
export function dialectOf(url: string): Dialect | undefined {
  if (/^file:./.test(url)) return "sqlite";
  return /^postgres(ql)?:\/\/./.test(url) ? "postgres" : undefined;
}

/** A driver for a URL; nothing is opened before it is used. Throws when the URL is unknown. */
export async function driverOf(url: string): Promise<Driver> {
  const dialect = dialectOf(url);
  if (dialect === undefined) throw new DatabaseError("A database is `file:PATH` or `postgres://…`");
  if (dialect === "sqlite") return sqliteDriver(url.slice("file:".length));
  const { postgresDriver } = await import("./postgres.ts");
  return postgresDriver(url);
}

/** A database on a driver. */
export function databaseOn(driver: Driver): Database {
  const { dialect, connection } = driver;
  return {
    dialect,
    connection,
    db: kyselyOf(driver),
    reports: kyselyOn(dialect, driver.reports),
    transaction: (work) => driver.transaction((own) => work(placeOn(dialect, own))),
    close: () => driver.close(),
  };
}

function placeOn(dialect: Dialect, connection: Connection): Place {
  let db: Kysely<Schema> | undefined;
  return {
    dialect,
    connection,
    get db() {
      db ??= kyselyOn(dialect, connection);
      return db;
    },
  };
}

/** Opens a database without changing it. Throws when the URL is unknown or the database loses commits by setting. */
export async function openDatabase(url: string): Promise<Database> {
  const database = databaseOn(await driverOf(url));
  if (database.dialect === "sqlite") return database;
  const { rows } = await database.connection.execute({ sql: "show synchronous_commit", reads: true }, []);
  // The one column of the one row that PostgreSQL gives.
  const [setting] = rows as { synchronous_commit: string }[];
  if (setting?.synchronous_commit === "off") {
    await database.close();
    throw new DatabaseError("PostgreSQL runs with synchronous_commit=off; a spent code could come back");
  }
  return database;
}
