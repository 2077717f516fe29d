// PostgreSQL by pg: Kysely's own dialect, with named statements so that the server plans each query once.

import { hash } from "node:crypto";
import { type Dialect, PostgresDialect, type PostgresPoolClient } from "kysely";
import type { PoolClient } from "pg";

const BIGINT = 20;

/** A Kysely dialect on the PostgreSQL server at `url`. */
export async function postgresDialect(url: string): Promise<Dialect> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5_000,
    idle_in_transaction_session_timeout: 10_000,
    statement_timeout: 10_000,
    // The server's own limit is no help when the server is silent.
    query_timeout: 11_000,
    types: {
      getTypeParser: ((oid: number, format: "text" | "binary") =>
        oid === BIGINT ? Number : pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser,
    },
  });
  // A connection may break while nobody waits for an answer, between two statements of a transaction too. Without a
  // listener that would end the process; the next query reports it.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return new PostgresDialect({
    pool: { options: pool.options, connect: async () => named(await pool.connect()), end: () => pool.end() },
  });
}

const wrapped = new WeakMap<PoolClient, PostgresPoolClient>();
const names = new Map<string, string>();

function named(client: PoolClient): PostgresPoolClient {
  let wrapper = wrapped.get(client);
  if (wrapper === undefined) {
    let silent = false;
    const query = async (text: string, values: readonly unknown[]) => {
      try {
        // A value that was forgotten must not become null.
        if (values.includes(undefined)) throw new TypeError("A parameter is undefined");
        return await client.query({ ...statementName(text), text, values: [...values] });
      } catch (error) {
        // Its answer may still come, and would then be taken for that of the next query.
        silent ||= error instanceof Error && error.message === "Query read timeout";
        throw error;
      }
    };
    // Kysely calls the overload with a cursor for streams alone, and nothing here streams.
    wrapper = {
      query: query as unknown as PostgresPoolClient["query"],
      release: (destroy) => client.release(destroy || silent),
    };
    wrapped.set(client, wrapper);
  }
  return wrapper;
}

/**
 * A statement that selects `*` gets no name: its plan would break on living connections when a newer version of the
 * program adds a column.
 */
function statementName(text: string): { name?: string } {
  if (/(?:^|[\s.,(])\*/.test(text)) return {};
  const name = names.get(text) ?? hash("sha1", text, "base64url");
  names.set(text, name);
  return { name };
}
