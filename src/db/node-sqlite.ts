// SQLite by node:sqlite, as a Kysely dialect: one connection, each statement prepared once. Everything durable before
// it is answered: WAL with synchronous=FULL. Transactions start as `begin immediate`, so that a read-then-write one
// never fails half-way for want of the write lock.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { DatabaseError } from "./database-error.ts";

const LARGEST_CACHE = 500;

/** A Kysely dialect on the SQLite file at `path` (`:memory:` for one that dies with the process). */
export function nodeSqliteDialect(path: string): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => driver(path),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

function driver(path: string): Driver {
  let database: DatabaseSync | undefined;
  let connection: DatabaseConnection | undefined;
  const turn = turns();

  const run = (text: string) => {
    database?.exec(text);
    return Promise.resolve();
  };

  return {
    init: async () => {
      database = open(path);
      connection = connect(database);
    },
    acquireConnection: async () => {
      await turn.take();
      if (connection === undefined) throw new Error("The database is closed");
      return connection;
    },
    releaseConnection: async () => turn.give(),
    beginTransaction: () => run("begin immediate"),
    commitTransaction: () => run("commit"),
    rollbackTransaction: async () => {
      // A failed commit may already have ended the transaction.
      if (database?.isTransaction) database.exec("rollback");
    },
    destroy: async () => {
      database?.close();
      database = connection = undefined;
    },
  };
}

function open(path: string): DatabaseSync {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: true });
  database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma trusted_schema = off");
  const { synchronous } = database.prepare("pragma synchronous").get() ?? {};
  if (synchronous !== 2) throw new DatabaseError("SQLite does not keep synchronous=FULL; a spent code could come back");
  return database;
}

function connect(database: DatabaseSync): DatabaseConnection {
  const statements = new Map<string, { statement: StatementSync; reads: boolean }>();

  const prepare = (text: string) => {
    let prepared = statements.get(text);
    if (prepared === undefined) {
      const statement = database.prepare(text);
      prepared = { statement, reads: statement.columns().length > 0 };
      if (statements.size >= LARGEST_CACHE) statements.clear();
      statements.set(text, prepared);
    }
    return prepared;
  };

  return {
    executeQuery: async <Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> => {
      const { statement, reads } = prepare(sql);
      const values = parameters as SQLInputValue[];
      if (reads) {
        // Typed by the schema, like every row that comes out of a query builder.
        const rows = statement.all(...values) as Row[];
        return { rows, numAffectedRows: BigInt(rows.length) };
      }
      const { changes } = statement.run(...values);
      return { rows: [], numAffectedRows: BigInt(changes) };
    },
    // biome-ignore lint/correctness/useYield: the whole project reads pages, never streams
    streamQuery: async function* () {
      throw new Error("Streaming is not supported");
    },
  };
}

/** Whoever takes the connection has it alone until it is given back; others queue in order. */
function turns() {
  const waiting: (() => void)[] = [];
  let taken = false;
  return {
    take: async () => {
      if (taken) await new Promise<void>((resolve) => waiting.push(resolve));
      taken = true;
    },
    give: () => {
      const next = waiting.shift();
      if (next) next();
      else taken = false;
    },
  };
}
