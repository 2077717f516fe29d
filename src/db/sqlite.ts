// SQLite by node:sqlite. Everything is durable before it is answered: WAL with synchronous=FULL.
//
// One connection writes, and transactions that arrive together share its commit, because a commit waits for the disk
// and nothing else does: each is a savepoint in an outer transaction, which ends with the turn of the event loop, and
// none is answered before the outer one is durable. Each keeps its own undoing. Another connection reads. It waits for
// no writer, and it sees what is committed, which is all that anybody was told of (docs/decisions/0014-shared-commits.md).

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { DatabaseError } from "./database-error.ts";
import { type Answer, type Connection, type Driver, type Ended, guard, type Text } from "./driver.ts";
import { threadConnection } from "./sqlite-thread.ts";

const LARGEST_CACHE = 500;
/** Milliseconds of reads after which others have a turn. */
const LONGEST_TURN = 5;

/** A driver of the SQLite file at `path` (`:memory:` for one that dies with the process); it is opened when it is used. */
export function sqliteDriver(path: string): Driver {
  let opened: Opened | undefined;
  let isClosed = false;
  const pause = pauses();
  const open = (): Opened => {
    if (isClosed) throw new Error("The database is closed");
    opened ??= openFile(path);
    return opened;
  };

  const connection: Connection = {
    execute: async (text, values) => {
      const { commits, writer, reader } = open();
      if (text.reads && reader !== undefined) {
        const paused = pause();
        if (paused !== undefined) await paused;
        return reader.execute(text, values);
      }
      return commits.join(() => writer.execute(text, values));
    },
  };

  return {
    dialect: "sqlite",
    connection,
    reports: {
      execute: async (text, values) => (open().thread ?? connection).execute(text, values),
    },
    transaction: async (work) => {
      const { commits, writer } = open();
      return commits.join(() => savepoint(writer, work));
    },
    close: async () => {
      isClosed = true;
      await opened?.commits.settle();
      await opened?.thread?.close();
      opened?.close();
      opened = undefined;
    },
  };
}

/**
 * Reads are answered at once, so one after the other could keep the event loop from everybody else, commits among them.
 * The returned function waits for the next turn of the loop where this one has lasted for long.
 */
function pauses(): () => Promise<void> | undefined {
  let since: number | undefined;
  return () => {
    if (since === undefined) {
      since = performance.now();
      setImmediate(() => {
        since = undefined;
      });
    }
    if (performance.now() - since < LONGEST_TURN) return undefined;
    return new Promise((resolve) => setImmediate(resolve));
  };
}

/** A connection that answers at once. */
type Own = { database: DatabaseSync; execute(text: Text, values: readonly unknown[]): Answer };
type Opened = {
  writer: Own;
  reader: Own | undefined;
  thread: ReturnType<typeof threadConnection> | undefined;
  commits: SharedCommits;
  close(): void;
};

function openFile(path: string): Opened {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: true });
  database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma trusted_schema = off");
  // What a savepoint would have to undo is kept in memory: in a file, every page of a change is written twice.
  database.exec("pragma temp_store = memory");
  const { synchronous } = database.prepare("pragma synchronous").get() ?? {};
  if (synchronous !== 2) throw new DatabaseError("SQLite does not keep synchronous=FULL; a spent code could come back");
  const writer = connect(database);
  // What is in memory belongs to one connection.
  const reader = path === ":memory:" ? undefined : connect(new DatabaseSync(path, { timeout: 5_000, readOnly: true }));
  return {
    writer,
    reader,
    thread: path === ":memory:" ? undefined : threadConnection(path),
    commits: sharedCommits(writer),
    close: () => {
      reader?.database.close();
      database.close();
    },
  };
}

/** A connection on which each statement is prepared once. */
function connect(database: DatabaseSync): Own {
  const statements = new Map<string, { statement: StatementSync; hasRows: boolean }>();

  const prepare = (text: string) => {
    const known = statements.get(text);
    if (known !== undefined) return known;
    const statement = database.prepare(text);
    const prepared = { statement, hasRows: statement.columns().length > 0 };
    if (statements.size >= LARGEST_CACHE) statements.clear();
    statements.set(text, prepared);
    return prepared;
  };

  return {
    database,
    execute: ({ sql }, values) => {
      const { statement, hasRows } = prepare(sql);
      const all = values as SQLInputValue[];
      if (!hasRows) return { rows: [], changed: Number(statement.run(...all).changes) };
      const rows = statement.all(...all);
      return { rows, changed: rows.length };
    },
  };
}

/** Runs work that can be undone by itself. */
async function savepoint<T>(
  { database, execute }: Own,
  work: (connection: Connection) => Promise<Ended<T>>,
): Promise<T> {
  const run = (sql: string) => execute({ sql, reads: false }, []);
  const undo = () => {
    // A full disk, for one, ends the whole transaction.
    if (!database.isTransaction) return;
    run("rollback to own");
    run("release own");
  };
  run("savepoint own");
  // What SQLite ended must not go on outside of any transaction.
  const own = guard(
    { execute: (text, values) => Promise.resolve(execute(text, values)) },
    () => database.isTransaction,
  );
  try {
    const { value, commit, last } = await work(own);
    if (commit) {
      await last;
      own.assertWhole();
      run("release own");
    } else undo();
    return value;
  } catch (error) {
    undo();
    throw error;
  } finally {
    own.end();
  }
}

type SharedCommits = {
  /** Runs work, one after the other, and gives what it gave once that is durable. */
  join<T>(work: () => T | Promise<T>): Promise<T>;
  /** Waits for what was joined. */
  settle(): Promise<void>;
};

/** One outer transaction and those who wait for its commit. */
type Group = { committed: Promise<void>; succeed(): void; fail(error: unknown): void };

function sharedCommits({ database }: Own): SharedCommits {
  const turn = turns();
  let group: Group | undefined;
  let failed: { error: unknown } | undefined;

  const begin = (): Group => {
    if (failed !== undefined) throw failed.error;
    try {
      database.exec("begin immediate");
    } catch (error) {
      // Somebody else writes for too long. Those who come in the same turn of the loop must not each wait as long again.
      failed = { error };
      setImmediate(() => {
        failed = undefined;
      });
      throw error;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const own: Group = { committed: promise, succeed: resolve, fail: reject };
    setImmediate(() => void end(own));
    return own;
  };

  const inTurn = async <T>(work: () => T | Promise<T>): Promise<T> => {
    await turn.take();
    try {
      return await work();
    } finally {
      turn.give();
    }
  };

  const end = (own: Group) =>
    inTurn(() => {
      if (group !== own) return;
      group = undefined;
      try {
        database.exec("commit");
        own.succeed();
      } catch (error) {
        if (database.isTransaction) database.exec("rollback");
        own.fail(error);
      }
    });

  return {
    join: async (work) => {
      const { own, outcome } = await inTurn(async () => {
        group ??= begin();
        const own = group;
        const outcome = await Promise.resolve()
          .then(work)
          .then(
            (value) => ({ value }),
            (error: unknown) => ({ error }),
          );
        // A full disk, for one, ends the outer transaction, with everybody who is in it.
        if (!database.isTransaction) {
          group = undefined;
          own.fail("error" in outcome ? outcome.error : new Error("The database ended the transaction"));
        }
        return { own, outcome };
      });
      // Also whoever changed nothing waits: what others of the group did may have decided.
      if ("value" in outcome) {
        await own.committed;
        return outcome.value;
      }
      await own.committed.catch(() => {});
      throw outcome.error;
    },
    settle: async () => {
      await inTurn(() => {});
      await group?.committed.catch(() => {});
    },
  };
}

/** Whoever takes the turn has it alone until it is given back; others queue in order. */
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
