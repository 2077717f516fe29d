// Requests at a steady pace, whether answers come or not, as from people who do not know of each other. The time of an
// answer counts from when its request was due: a server that stands still for a second is not asked less in it.

import { type Connection, openConnection, type Target } from "./connection.ts";

/** More under way at once than this would measure the load itself; who is due later waits, and its time counts. */
const MOST_CONNECTIONS = 64;

export type Pace = Target & {
  /** Complete requests, sent in this order, again and again. */
  requests: readonly Buffer[];
  perSecond: number;
};

/** Sends requests until `done` settles. Resolves with the milliseconds of each answer. */
export async function pace(given: Pace, done: Promise<unknown>): Promise<number[]> {
  const { requests, perSecond } = given;
  const latencies: number[] = [];
  const idle: Connection[] = [];
  const waiting: number[] = [];
  const failure = Promise.withResolvers<never>();
  let opened = 0;
  let underWay = 0;
  let due = performance.now();
  let sent = 0;

  const send = (connection: Connection, dueAt: number) => {
    underWay++;
    connection.ask(requests[sent++ % requests.length] ?? Buffer.alloc(0), () => {
      underWay--;
      latencies.push(performance.now() - dueAt);
      const next = waiting.shift();
      if (next === undefined) idle.push(connection);
      else send(connection, next);
    });
  };
  const tick = () => {
    for (const now = performance.now(); due <= now; due += 1000 / perSecond) {
      // The one that was idle longest: a server closes those that nobody uses.
      const connection = idle.shift() ?? (opened < MOST_CONNECTIONS ? open() : undefined);
      if (connection === undefined) waiting.push(due);
      else send(connection, due);
    }
  };
  const open = () => {
    opened++;
    return openConnection(given, failure.reject);
  };

  const timer = setInterval(tick, 1);
  try {
    await Promise.race([done, failure.promise]);
    clearInterval(timer);
    while (underWay > 0) await Promise.race([new Promise((resolve) => setTimeout(resolve, 5)), failure.promise]);
  } finally {
    clearInterval(timer);
    for (const connection of idle) connection.end();
  }
  return latencies;
}
