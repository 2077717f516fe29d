// The one way to change anything: a transaction that also carries the record of the change.
//
// Only the database works inside: no hashing, no mailing, no network, because on SQLite everybody else waits.
// A refusal rolls back, so a function may spend a ticket first and find out afterwards that the rest is impossible.

import type { Client, Context } from "../../context.ts";
import { append, type NewEvent } from "./events.ts";

/** A context inside a transaction. Functions that write ask for this type, so they cannot be called outside of one. */
export type Tx = Context & {
  client: Client;
  /** Remembers an event; it is written when the transaction commits. */
  record(event: NewEvent): void;
  readonly inTransaction: true;
};

/** Runs `work` in a transaction and commits it with its events, unless it throws or returns a refusal. */
export async function transact<T>(context: Context, client: Client, work: (tx: Tx) => Promise<T>): Promise<T> {
  const events: NewEvent[] = [];
  let mailed = false;
  const transaction = await context.db.startTransaction().execute();
  const tx: Tx = {
    ...context,
    db: transaction,
    client,
    record: (event) => void events.push(event),
    mailQueued: () => {
      mailed = true;
    },
    inTransaction: true,
  };
  let outcome: T;
  try {
    outcome = await work(tx);
    if (isRefusal(outcome)) {
      await transaction.rollback().execute();
      return outcome;
    }
    await append(transaction, { now: context.now(), node: context.node, client }, events);
    await transaction.commit().execute();
  } catch (error) {
    if (!transaction.isCommitted && !transaction.isRolledBack) await transaction.rollback().execute();
    throw error;
  }
  if (mailed) context.mailQueued();
  return outcome;
}

/**
 * Takes the lock of a person until the transaction ends. Whatever changes or uses up something of a person's security
 * setup starts with this, so two such transactions queue and never wait for each other in a circle. On SQLite the
 * transaction itself is that lock.
 */
export async function lockUser(tx: Tx, userId: string): Promise<void> {
  if (tx.dialect === "sqlite") return;
  await tx.db.selectFrom("users").select("id").where("id", "=", userId).forUpdate().execute();
}

/** Records events that belong to no change, such as a refused password. */
export function recordOnly(context: Context, client: Client, ...events: NewEvent[]): Promise<void> {
  return transact(context, client, async (tx) => {
    for (const event of events) tx.record(event);
  });
}

function isRefusal(outcome: unknown): boolean {
  return typeof outcome === "object" && outcome !== null && "ok" in outcome && outcome.ok === false;
}
