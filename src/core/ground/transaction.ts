// The one way to change anything: a transaction that also carries the record of the change.
//
// Only the database works inside: no hashing, no mailing, no network, because on SQLite everybody else waits.
// A refusal rolls back, so a function may spend a ticket first and find out afterwards that the rest is impossible. One
// whose traces must stay says so: `return tx.settled(refused(…))`.

import type { Client, Context } from "../../context.ts";
import type { Refused, TooMany } from "../../outcomes.ts";
import { append, type NewEvent } from "./events.ts";

/** A context inside a transaction. Functions that write ask for this type, so they cannot be called outside of one. */
export type Tx = Context & {
  client: Client;
  /** Remembers an event; it is written when the transaction commits. */
  record(event: NewEvent): void;
  /**
   * Takes a statement whose answer nobody needs; it has taken effect when the transaction commits, or nothing has. It is
   * one statement that is on its way already: whatever followed it would go out behind the lock of the events, which is
   * the last (docs/decisions/0003-locks-in-one-order.md).
   */
  send(statement: Promise<unknown>): void;
  /** Gives the refusal back, with which the transaction commits all the same. */
  settled<R extends Refused | TooMany>(refusal: R): R;
  readonly inTransaction: true;
};

/** Runs `work` in a transaction and commits it with its events, unless it throws or returns a refusal. */
export async function transact<T>(context: Context, client: Client, work: (tx: Tx) => Promise<T>): Promise<T> {
  let mailed = false;
  const outcome = await context.transaction(async (place) => {
    const events: NewEvent[] = [];
    const sent: Promise<unknown>[] = [];
    let isSettled = false;
    const tx: Tx = {
      ...context,
      connection: place.connection,
      get db() {
        return place.db;
      },
      transaction: () => Promise.reject(new Error("A transaction holds no other")),
      client,
      record: (event) => void events.push(event),
      send: (statement) => {
        // It is looked at below; should the work throw before that, its failure is not news.
        statement.catch(() => {});
        sent.push(statement);
      },
      settled: (refusal) => {
        isSettled = true;
        return refusal;
      },
      mailQueued: () => {
        mailed = true;
      },
      inTransaction: true,
    };
    const value = await work(tx);
    if (isRefusal(value) && !isSettled) {
      mailed = false;
      return { value, commit: false };
    }
    sent.push(...(await append(place, { now: context.now(), node: context.node, client }, events)));
    const last = Promise.all(sent);
    // The end of the transaction looks at it; where something else ended that before, its failure is not news.
    last.catch(() => {});
    return { value, commit: true, last };
  });
  if (mailed) context.mailQueued();
  return outcome;
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
