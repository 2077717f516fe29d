// Starts contestants as processes of their own and ends them, each by its own id.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cores } from "./cores.ts";
import { requestBytes } from "./requests.ts";

const LONGEST_START = 20_000;
const LONGEST_STOP = 5_000;

export type Program = {
  /** What follows `node`. */
  words: string[];
  environment?: Record<string, string>;
  /** A path that answers once the server is ready. */
  ready: string;
};

export type Server = { pid: number; port: number; startMilliseconds: number; stop(): Promise<void> };

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

/** Starts a program with the environment variable PORT set; resolves when it has answered. */
export async function startServer({ words, environment, ready }: Program, cores: Cores | undefined): Promise<Server> {
  const port = await freePort();
  const pinned = cores === undefined ? [] : ["taskset", "--cpu-list", String(cores.server)];
  const [command = "", ...rest] = [...pinned, process.execPath, ...words];
  const started = performance.now();
  const child = spawn(command, rest, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env.PATH, NODE_ENV: "production", PORT: String(port), ...environment },
  });
  running.add(child);
  let problems = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    problems = `${problems}${chunk}`.slice(-2_000);
  });
  const ended = once(child, "exit").then(() => running.delete(child));
  const request = requestBytes({ path: ready, port });
  while (!(await answers(port, request))) {
    if (child.exitCode !== null || performance.now() - started > LONGEST_START) {
      child.kill("SIGKILL");
      throw new Error(`${words.join(" ")} does not serve: ${problems}`);
    }
  }
  const startMilliseconds = performance.now() - started;
  return {
    pid: child.pid ?? 0,
    port,
    startMilliseconds,
    stop: async () => {
      child.kill("SIGTERM");
      await Promise.race([ended, sleep(LONGEST_STOP, undefined, { ref: false })]);
      child.kill("SIGKILL");
    },
  };
}

/** The memory that a server holds. */
export function residentMebibytes({ pid }: Server): number {
  return Number(spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).stdout) / 1024;
}

function answers(port: number, request: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("connect", () => socket.write(request));
    socket.on("error", () => setTimeout(resolve, 1, false));
    socket.on("close", () => resolve(false));
    socket.on("data", (chunk) => {
      resolve(chunk.toString("latin1", 9, 12) === "200");
      socket.destroy();
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
