// Load over loopback: a fixed number of connections, each of which sends its next request as soon as the answer to the
// one before is complete.

import { openConnection, type Target } from "./connection.ts";
import { median } from "./numbers.ts";

const CONNECTIONS = 8;

export type Load = Target & {
  /** Complete requests, sent in this order. */
  requests: readonly Buffer[];
  /** Repeats the requests for so long; without it, each is sent once. */
  milliseconds?: number;
  /** Sends no further request after so long. */
  longest?: number;
  connections?: number;
};

export type Measured = { perSecond: number; medianMilliseconds: number };

/** Sends the load. Resolves with what was measured and the head of the last answer to each request. */
export async function load(given: Load): Promise<Measured & { heads: string[] }> {
  const { requests, milliseconds, longest = Infinity, connections = CONNECTIONS } = given;
  const started = performance.now();
  const total = milliseconds === undefined ? requests.length : Infinity;
  const end = started + (milliseconds ?? longest);
  const heads: string[] = [];
  const latencies: number[] = [];
  let sent = 0;

  const converse = () =>
    new Promise<void>((resolve, reject) => {
      const connection = openConnection(given, reject);
      const next = () => {
        if (sent >= total || performance.now() >= end) {
          connection.end();
          resolve();
          return;
        }
        const index = sent++ % requests.length;
        const sentAt = performance.now();
        connection.ask(requests[index] ?? Buffer.alloc(0), (head) => {
          latencies.push(performance.now() - sentAt);
          heads[index] = head;
          next();
        });
      };
      next();
    });
  await Promise.all(Array.from({ length: Math.min(connections, total) }, converse));
  const seconds = (performance.now() - started) / 1000;
  return { perSecond: latencies.length / seconds, medianMilliseconds: median(latencies), heads };
}
