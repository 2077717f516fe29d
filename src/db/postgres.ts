// PostgreSQL by pg. A round trip is what costs, so statements go out without waiting for each other (pipelining): the
// beginning of a transaction with its first statement, the commit with its last, and whatever was sent together. The
// server plans each statement once, under a name.

import { hash } from "node:crypto";
import type { PoolClient, QueryConfig, QueryResult } from "pg";
import { type Answer, type Driver, guard, type Text } from "./driver.ts";

const BIGINT = 20;
/** Connections for what serves people, and for reports, which may take all of theirs for seconds. */
const CONNECTIONS = 10;
const REPORTING = 2;

/** A driver of the PostgreSQL server at `url`. */
export async function postgresDriver(url: string): Promise<Driver> {
  const [serving, reporting] = [await lender(url, CONNECTIONS), await lender(url, REPORTING)];
  return {
    dialect: "postgres",
    connection: { execute: (text, values) => serving.lend((client) => send(client, text, values)) },
    reports: { execute: (text, values) => reporting.lend((client) => send(client, text, values)) },
    transaction: (work) => serving.lend((client) => transaction(client, work)),
    close: async () => {
      await Promise.all([serving.end(), reporting.end()]);
    },
  };
}

/** Connections that are lent to one at a time; none is opened before it is used. */
async function lender(url: string, max: number) {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 5_000,
    idle_in_transaction_session_timeout: 10_000,
    statement_timeout: 10_000,
    // The server's own limit is no help when the server is silent.
    query_timeout: 11_000,
    pipeline: true,
    types: {
      getTypeParser: ((oid: number, format: "text" | "binary") =>
        oid === BIGINT ? Number : pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser,
    },
  });
  // A connection may break while nobody waits for an answer, between two statements of a transaction too. Without a
  // listener that would end the process; the next query reports it.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));

  const lend = async <T>(work: (client: PoolClient) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    try {
      return await work(client);
    } finally {
      client.release(doubtful.has(client) || client.getTransactionStatus() !== "I");
    }
  };

  return { lend, end: () => pool.end() };
}

/** Connections on which an answer may still come that was given up, or a statement is known here and not there. */
const doubtful = new WeakSet<PoolClient>();

/** Runs a query. Unless it was the server that said no, the connection is not used again. */
async function ask(client: PoolClient, query: string | QueryConfig): Promise<QueryResult> {
  try {
    return await client.query(query);
  } catch (error) {
    if (!(error instanceof Error && "severity" in error)) doubtful.add(client);
    throw error;
  }
}

async function transaction<T>(client: PoolClient, work: Parameters<Driver["transaction"]>[0]): Promise<T> {
  // It goes out with the first statement. What follows it on the same connection is answered after it.
  const begun = ask(client, "begin");
  begun.catch(() => {});
  const own = guard({ execute: (text, values) => send(client, text, values) });
  try {
    const { value, commit, last } = await work(own);
    own.end();
    if (commit) {
      // One that could not be sent is no failure that the server would know of.
      own.assertWhole();
      const [{ command }] = await Promise.all([ask(client, "commit"), last, begun]);
      // A statement failed at the server: then it undoes what it is told to commit, and says so here alone.
      if (command !== "COMMIT") throw new Error("The transaction was rolled back");
    } else await ask(client, "rollback");
    return value as T;
  } catch (error) {
    own.end();
    await ask(client, "rollback").catch(() => {});
    // What was sent behind a statement that failed fails because of it, and may be heard of first.
    own.assertWhole();
    throw error;
  }
}

/** The names that each connection knows; one that is on its way must not be taught twice. */
const known = new WeakMap<PoolClient, Map<string, "sent" | "known">>();

async function send(client: PoolClient, { sql }: Text, values: readonly unknown[]): Promise<Answer> {
  // A value that was forgotten must not become null.
  if (values.includes(undefined)) throw new TypeError("A parameter is undefined");
  const all = [...values];
  const name = nameOf(sql);
  const names = known.get(client) ?? new Map();
  known.set(client, names);
  if (name === undefined || names.get(name) === "sent") return answer(await ask(client, { text: sql, values: all }));
  if (!names.has(name)) names.set(name, "sent");
  try {
    const result = await ask(client, { name, text: sql, values: all });
    names.set(name, "known");
    return answer(result);
  } catch (error) {
    if (names.get(name) === "sent") names.delete(name);
    throw error;
  }
}

function answer({ rows, rowCount }: QueryResult): Answer {
  return { rows, changed: rowCount ?? 0 };
}

const names = new Map<string, string>();

/**
 * A statement that selects `*` gets no name: its plan would break on living connections when a newer version of the
 * program adds a column.
 */
function nameOf(text: string): string | undefined {
  if (/(?:^|[\s.,(])\*/.test(text)) return undefined;
  const name = names.get(text) ?? hash("sha1", text, "base64url");
  names.set(text, name);
  return name;
}
