// A connection over loopback that asks one thing after the other. It reads no more of HTTP than it must (status,
// where an answer ends), so that one core of it can keep one core of a server busy.

import { connect } from "node:net";

/** No measurement waits longer for an answer. */
const PATIENCE = 60_000;

export type Connection = {
  /** Sends a complete request, once the answer to the one before is there; `answered` gets the head of the answer. */
  ask(request: Buffer, answered: (head: string) => void): void;
  end(): void;
};

export type Target = {
  port: number;
  /** The status that every answer must have; any other ends the run. */
  status: number;
};

/** Opens a connection. What goes wrong on it is told to `failed`, once. */
export function openConnection({ port, status }: Target, failed: (error: Error) => void): Connection {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let received: Buffer = Buffer.alloc(0);
  let waiting: ((head: string) => void) | undefined;
  socket.setTimeout(PATIENCE, () => waiting && socket.destroy(new Error(`No answer on port ${port}`)));
  socket.on("error", failed);
  socket.on("close", () => waiting && failed(new Error(`The server on port ${port} closed the connection`)));
  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const head = headOfComplete(received);
    if (head === undefined) return;
    if (head.slice(9, 12) !== String(status)) {
      socket.destroy(new Error(`Expected ${status} but was answered: ${received.toString().slice(0, 600)}`));
      return;
    }
    received = Buffer.alloc(0);
    const answered = waiting;
    waiting = undefined;
    answered?.(head);
  });
  return {
    ask: (request, answered) => {
      waiting = answered;
      socket.write(request);
    },
    end: () => socket.destroySoon(),
  };
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
