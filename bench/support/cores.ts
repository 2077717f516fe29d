// One core for the server, another for the load and everything else, where the system can do that (`taskset`).

import { spawnSync } from "node:child_process";

export type Cores = { server: number; load: number };

/** Moves this process to its core. `undefined` where there is no second core or no `taskset`. */
export function takeCores(): Cores | undefined {
  const [server, load] = allowedCores();
  if (server === undefined || load === undefined) return undefined;
  const moved = spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", String(load), String(process.pid)]);
  return moved.status === 0 ? { server, load } : undefined;
}

function allowedCores(): number[] {
  const { stdout, status } = spawnSync("taskset", ["--cpu-list", "--pid", String(process.pid)], { encoding: "utf8" });
  if (status !== 0) return [];
  return (stdout.split(":").at(-1) ?? "").split(",").flatMap((range) => {
    const [first = Number.NaN, last = first] = range.trim().split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
