// Checking a password and nothing else: argon2id with the parameters of a hash of Countersign's, one after the other,
// by the same library, without a thread to wait for. No first step can be faster.

import { createServer } from "node:http";
import { verifySync } from "@node-rs/argon2";
import type { Cores } from "../support/cores.ts";
import type { Measured } from "../support/load.ts";
import { type Server, startServer } from "../support/servers.ts";
import { PASSWORD } from "./contestant.ts";

export const HASH = "bare argon2id";

export type Hashing = {
  server: Server;
  /** Checks a password so many times. */
  check(count: number): Promise<Measured>;
};

/** Starts a process that checks the password of a PHC string when it is told to. */
export async function start(phc: string, cores: Cores | undefined): Promise<Hashing> {
  const server = await startServer({ words: [import.meta.filename, phc], ready: "/0" }, cores);
  return {
    server,
    check: async (count) => {
      const answer = await fetch(`http://127.0.0.1:${server.port}/${count}`);
      const medianMilliseconds = Number(await answer.text()) / count;
      return { perSecond: 1000 / medianMilliseconds, medianMilliseconds };
    },
  };
}

function serve(phc: string, port: number): void {
  const server = createServer(({ url = "" }, response) => {
    const started = performance.now();
    for (let left = Number(url.slice(1)); left > 0; left--) {
      if (!verifySync(phc, PASSWORD)) throw new Error("The password is right, and was refused");
    }
    response.end(String(performance.now() - started));
  }).listen(port, "127.0.0.1");
  process.once("SIGTERM", () => server.close(() => process.exit()).closeAllConnections());
}

if (import.meta.main) serve(process.argv[2] ?? "", Number(process.env.PORT));
