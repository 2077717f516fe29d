// Load over loopback: a fixed number of connections, each of which sends its next request as soon as the answer to the
// one before is complete. It reads no more of HTTP than it must (status, cookies, where an answer ends), so that one core
// of it can keep one core of a server busy.

import { connect } from "node:net";
import { median } from "./numbers.ts";

const CONNECTIONS = 8;
/** No measurement waits longer for an answer. */
const PATIENCE = 20_000;

export type Load = {
  port: number;
  /** Complete requests, sent in this order. */
  requests: readonly Buffer[];
  /** The status that every answer must have; any other ends the run. */
  status: number;
  /** Repeats the requests for so long; without it, each is sent once. */
  milliseconds?: number;
  connections?: number;
};

export type Measured = { perSecond: number; medianMilliseconds: number };

/** Sends the load. Resolves with what was measured and the head of the last answer to each request. */
export async function load(given: Load): Promise<Measured & { heads: string[] }> {
  const { requests, milliseconds, connections = CONNECTIONS } = given;
  const started = performance.now();
  const total = milliseconds === undefined ? requests.length : Infinity;
  const end = started + (milliseconds ?? Infinity);
  const heads: string[] = [];
  const latencies: number[] = [];
  let sent = 0;
  const next = () => (sent < total && performance.now() < end ? sent++ % requests.length : undefined);

  const count = Math.min(connections, total);
  await Promise.all(Array.from({ length: count }, () => converse(given, next, heads, latencies)));
  const seconds = (performance.now() - started) / 1000;
  return { perSecond: latencies.length / seconds, medianMilliseconds: median(latencies), heads };
}

/** One connection, until there is no next request. */
function converse(
  { port, requests, status }: Load,
  next: () => number | undefined,
  heads: string[],
  latencies: number[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let received: Buffer = Buffer.alloc(0);
    let current = 0;
    let sentAt = 0;
    const send = () => {
      const index = next();
      if (index === undefined) {
        socket.end(resolve);
        return;
      }
      current = index;
      sentAt = performance.now();
      socket.write(requests[index] ?? "");
    };
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error(`No answer on port ${port}`)));
    socket.on("connect", send);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`The server on port ${port} closed the connection`)));
    socket.on("data", (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const head = headOfComplete(received);
      if (head === undefined) return;
      if (head.slice(9, 12) !== String(status)) {
        socket.destroy(new Error(`Expected ${status} but was answered: ${received.toString().slice(0, 600)}`));
        return;
      }
      latencies.push(performance.now() - sentAt);
      heads[current] = head;
      received = Buffer.alloc(0);
      send();
    });
  });
}

/** The head of an answer that has arrived completely. There is never more than one under way. */
function headOfComplete(received: Buffer): string | undefined {
  const headLength = received.indexOf("\r\n\r\n") + 4;
  if (headLength < 4) return undefined;
  const head = received.toString("latin1", 0, headLength);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  const complete =
    length === undefined
      ? received.subarray(headLength).toString("latin1").endsWith("0\r\n\r\n")
      : received.length >= headLength + Number(length);
  return complete ? head : undefined;
}
