// Kysely over a driver: for queries that are put together as they are needed, and for those that run too seldom to be
// made once (statement.ts).

import {
  type CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  DummyDriver,
  Kysely,
  type Dialect as KyselyDialect,
  type Driver as KyselyDriver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  Transaction,
} from "kysely";
import type { Connection, Dialect, Driver, Ended, Text } from "./driver.ts";
import type { Schema } from "./schema.ts";

const DIALECTS: Record<Dialect, KyselyDialect> = {
  sqlite: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
  postgres: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
};

/** Kysely on a database, with its transactions. Destroying it closes the database. */
export function kyselyOf(driver: Driver): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: { ...DIALECTS[driver.dialect], createDriver: () => adapt(driver) } });
}

/** Kysely on the connection of a running transaction; it begins and ends none. */
export function kyselyOn(dialect: Dialect, connection: Connection): Kysely<Schema> {
  const { compiler, adapter, ...shared } = SHARED[dialect];
  const own = adaptConnection(() => connection);
  return new Transaction<Schema>({
    ...shared,
    executor: new DefaultQueryExecutor(compiler, adapter, { provideConnection: (consumer) => consumer(own) }),
  });
}

/** What all transactions of a dialect have alike, made once. */
const SHARED = { sqlite: sharedParts("sqlite"), postgres: sharedParts("postgres") };

function sharedParts(name: Dialect) {
  const dialect = DIALECTS[name];
  return {
    dialect,
    config: { dialect },
    driver: dialect.createDriver(),
    compiler: dialect.createQueryCompiler(),
    adapter: dialect.createAdapter(),
  };
}

/** Kysely without a database, to compile with. */
export const COMPILERS: Record<Dialect, Kysely<Schema>> = {
  sqlite: new Kysely<Schema>({ dialect: DIALECTS.sqlite }),
  postgres: new Kysely<Schema>({ dialect: DIALECTS.postgres }),
};

/** The text of a compiled query. No statement that begins with `select` writes, in either database. */
export function textOf({ query, sql }: CompiledQuery): Text {
  return { sql, reads: query.kind === "SelectQueryNode" || (query.kind === "RawNode" && /^\s*select\b/i.test(sql)) };
}

function adaptConnection(current: () => Connection): DatabaseConnection {
  return {
    executeQuery: async <Row>(query: CompiledQuery) => {
      const { rows, changed } = await current().execute(textOf(query), query.parameters);
      // Typed by the schema, like every row that comes out of a query builder.
      return { rows: rows as Row[], numAffectedRows: BigInt(changed) };
    },
    // biome-ignore lint/correctness/useYield: the whole project reads pages, never streams
    streamQuery: async function* () {
      throw new Error("Streaming is not supported");
    },
  };
}

/** A transaction that Kysely began, and that a driver runs. */
type Running = { connection: Connection; end: (ended: Ended<void>) => void; ended: Promise<void> };

/** Our driver as one of Kysely's, which begins and ends transactions in calls of their own. */
function adapt(driver: Driver): KyselyDriver {
  const running = new WeakMap<DatabaseConnection, Running>();

  const end = (connection: DatabaseConnection, commit: boolean) => {
    const transaction = running.get(connection);
    running.delete(connection);
    transaction?.end({ value: undefined, commit });
    return transaction?.ended ?? Promise.resolve();
  };

  return {
    init: async () => {},
    acquireConnection: async () => {
      const own = adaptConnection(() => running.get(own)?.connection ?? driver.connection);
      return own;
    },
    releaseConnection: async () => {},
    beginTransaction: (own) =>
      new Promise((resolve, reject) => {
        const { promise, resolve: finish } = Promise.withResolvers<Ended<void>>();
        const ended = driver.transaction((connection) => {
          running.set(own, { connection, end: finish, ended });
          resolve();
          return promise;
        });
        ended.catch(reject);
      }),
    commitTransaction: (own) => end(own, true),
    rollbackTransaction: (own) => end(own, false),
    destroy: () => driver.close(),
  };
}
