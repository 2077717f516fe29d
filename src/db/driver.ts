// What a database is to everything above it: statements outside of transactions, transactions, and an end. Each dialect
// has one driver of this shape. Kysely runs on it (kysely.ts), and so do the statements that are made once
// (statement.ts).

export type Dialect = "sqlite" | "postgres";

/** A statement as it is sent. One that `reads` changes nothing, so it may go where it waits for no writer. */
export type Text = { readonly sql: string; readonly reads: boolean };

/** Typed by the schema where a query builder made the statement. */
export type Answer = { rows: unknown[]; changed: number };

export type Connection = { execute(text: Text, values: readonly unknown[]): Promise<Answer> };

/**
 * The connection of one transaction. A statement that failed, or could not even be sent, ends the transaction for all
 * that follow, whether anybody looked at it or not: what commits is all of it.
 */
export type Guarded = Connection & {
  /** Throws the first failure. */
  assertWhole(): void;
  /** Lets nothing pass any more. */
  end(): void;
};

/** Guards a transaction on a connection; `isAlive` tells whether the database still has it open. */
export function guard(connection: Connection, isAlive: () => boolean = () => true): Guarded {
  let failure: { error: unknown } | undefined;
  let isOver = false;
  const fail = (error: unknown) => {
    failure ??= { error };
    return Promise.reject(error);
  };
  return {
    execute: (text, values) => {
      if (isOver) return Promise.reject(new Error("The transaction is over"));
      if (failure !== undefined) return Promise.reject(failure.error);
      if (!isAlive()) return fail(new Error("The database ended the transaction"));
      // A value that was forgotten must not become null.
      if (values.includes(undefined)) return fail(new TypeError("A parameter is undefined"));
      try {
        return connection.execute(text, values).catch(fail);
      } catch (error) {
        return fail(error);
      }
    },
    assertWhole: () => {
      if (failure !== undefined) throw failure.error;
    },
    end: () => {
      isOver = true;
    },
  };
}

/** How work in a transaction ended. `last` are statements that were sent and that nobody has waited for. */
export type Ended<T> = { value: T; commit: boolean; last?: Promise<unknown> };

export type Driver = {
  dialect: Dialect;
  /** Outside of transactions: reads see what is committed, and a statement that writes is a transaction of its own. */
  connection: Connection;
  /** For questions that may take long: it reads what is committed, and its answers hold nobody up. */
  reports: Connection;
  /**
   * Runs work in one transaction and answers when it is durable. It is undone if the work throws or says so. Statements
   * that are sent without waiting for each other are run in their order.
   */
  transaction<T>(work: (connection: Connection) => Promise<Ended<T>>): Promise<T>;
  close(): Promise<void>;
};
