// A relay between a program and its database, as if there were a way between them. It also counts how often the program
// waits for an answer: the round trips.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export type Distance = {
  /** The URL of the database, by way of the relay. */
  url: string;
  /**
   * How often anything was sent after an answer had come. What is sent together counts once. Count with a delay: without
   * one an early answer may overtake the rest of what is sent together.
   */
  roundTrips(): number;
  close(): Promise<void>;
};

/**
 * Opens a relay to a database. What a program sends arrives so many milliseconds later (at least; a timer may add one),
 * what the database answers arrives at once.
 */
export async function createDistance(databaseUrl: string, milliseconds: number): Promise<Distance> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let roundTrips = 0;
  const keep = (socket: Socket) => {
    sockets.add(socket.setNoDelay());
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    keep(near);
    keep(far);
    const forward = later(milliseconds, (chunk) => void far.write(chunk));
    let isAnswered = true;
    near.on("data", (chunk) => {
      if (isAnswered) roundTrips++;
      isAnswered = false;
      forward(chunk);
    });
    far.on("data", (chunk) => {
      isAnswered = true;
      near.write(chunk);
    });
    near.on("end", () => far.end());
    far.on("end", () => near.end());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: Object.assign(new URL(databaseUrl), { hostname: "127.0.0.1", port: String(port) }).href,
    roundTrips: () => roundTrips,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Passes each chunk on after its own delay, in order, so that what was sent together arrives together. */
function later(milliseconds: number, pass: (chunk: Buffer) => void): (chunk: Buffer) => void {
  if (milliseconds === 0) return pass;
  const underWay: { chunk: Buffer; dueAt: number }[] = [];
  const arrive = () => {
    for (let [first] = underWay; first !== undefined && first.dueAt <= performance.now(); [first] = underWay) {
      underWay.shift();
      pass(first.chunk);
    }
    // The clock of timers is coarser than this one, and fires up to a millisecond early.
    if (underWay.length > 0) setTimeout(arrive, 1);
  };
  return (chunk) => {
    underWay.push({ chunk, dueAt: performance.now() + milliseconds });
    if (underWay.length === 1) setTimeout(arrive, milliseconds);
  };
}
