// A real database whose calls fail where a test says: before they take effect, as on a full disk, or after, as when the
// connection breaks before the answer.

import { type DatabaseConnection, type Driver, Kysely, type Dialect as KyselyDialect } from "kysely";
import { nodeSqliteDialect } from "../../src/db/node-sqlite.ts";
import type { Database } from "../../src/db/open.ts";
import { postgresDialect } from "../../src/db/postgres.ts";
import type { Schema } from "../../src/db/schema.ts";
import type { Dialect } from "./world.ts";

/** Which call fails next, counted from now, and how; nothing fails while `in` is undefined. */
export type Fault = { in: number | undefined; when: "before" | "after"; calls: string[]; error?: Error };

/** A database that works. */
export function noFault(): Fault {
  return { in: undefined, when: "before", calls: [] };
}

/** Opens the database of a URL so that it fails where the fault says. */
export async function openFaulty(dialect: Dialect, url: string, fault: Fault): Promise<Database> {
  const real = dialect === "sqlite" ? nodeSqliteDialect(url.slice("file:".length)) : await postgresDialect(url);
  return { db: new Kysely<Schema>({ dialect: faulty(real, fault) }), dialect };
}

function faulty(dialect: KyselyDialect, fault: Fault): KyselyDialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createDriver: () => wrap(dialect.createDriver(), fault),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}

function wrap(driver: Driver, fault: Fault): Driver {
  const wrapped = new WeakMap<DatabaseConnection, DatabaseConnection>();
  const own = (connection: DatabaseConnection) => wrapped.get(connection) ?? connection;

  const call = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    if (fault.in === undefined) return work();
    fault.calls.push(name);
    const strikes = fault.in-- === 0;
    if (strikes) fault.in = undefined;
    if (strikes && fault.when === "before") throw fault.error ?? new Error("the disk is full");
    const result = await work();
    if (strikes) throw new Error("the connection is gone");
    return result;
  };

  return {
    init: (options) => driver.init(options),
    acquireConnection: async (options) => {
      const real = await driver.acquireConnection(options);
      const connection: DatabaseConnection = {
        executeQuery: (query, more) => call(query.sql, () => real.executeQuery(query, more)),
        streamQuery: (...given) => real.streamQuery(...given),
      };
      wrapped.set(connection, real);
      return connection;
    },
    releaseConnection: (connection, options) => driver.releaseConnection(own(connection), options),
    // A begin that took effect and failed none the less would leave a connection that no pool keeps.
    beginTransaction: (connection, settings) =>
      fault.when === "before"
        ? call("begin", () => driver.beginTransaction(own(connection), settings))
        : driver.beginTransaction(own(connection), settings),
    commitTransaction: (connection) => call("commit", () => driver.commitTransaction(own(connection))),
    rollbackTransaction: (connection) => driver.rollbackTransaction(own(connection)),
    destroy: (options) => driver.destroy(options),
  };
}
