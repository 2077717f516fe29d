// From the start of the process to its first answer, and the memory that it holds when nobody asks anything. The bare
// program opens the same database and serves HTTP, nothing else.

import { setTimeout as sleep } from "node:timers/promises";
import { BARE, lookUp } from "../contestants/bare.ts";
import * as countersign from "../contestants/countersign.ts";
import type { Measurement } from "../support/measurement.ts";
import { goal, ratioGoal, row } from "../support/report.ts";
import { inTurns } from "../support/rounds.ts";
import { type Program, residentMebibytes, startServer } from "../support/servers.ts";

const PEOPLE = 100;
const SETTLING = 1_500;

/** Measures Countersign, with and without the compile cache, and the bare program. */
export const start: Measurement = async ({ folder, cores }) => {
  await countersign.prepare({ folder }, PEOPLE);
  const measure = async (program: Program) => {
    const server = await startServer(program, cores);
    await sleep(SETTLING);
    const mebibytes = residentMebibytes(server);
    await server.stop();
    return { milliseconds: server.startMilliseconds, mebibytes };
  };
  const series = await inTurns({
    "countersign, its bin": () => measure(countersign.program({ folder }, "bin/countersign.js")),
    "countersign, npm start": () => measure(countersign.program({ folder })),
    [BARE]: () => measure(lookUp(countersign.databasePath({ folder }))),
  });

  const named = Object.entries(series).map(([name, values]) => ({
    name,
    times: values.map(({ milliseconds }) => milliseconds),
    memory: values.map(({ mebibytes }) => mebibytes),
  }));
  const bare = series[BARE].map(({ milliseconds }) => milliseconds);
  const ours = named.filter(({ name }) => name !== BARE);
  return {
    title: "Start to first answer, and memory when idle",
    rows: [
      ...named.map(({ name, times }) => row(name, "ms", times)),
      ...named.map(({ name, memory }) => row(`${name}, resident memory`, "MiB", memory)),
    ],
    goals: [
      ...ours.map(({ name, times }) => ratioGoal(`${name} / ${BARE}`, "at most", 2, [times, bare])),
      ...ours.map(({ name, memory }) => goal(`${name}, memory`, 90, "MiB", memory)),
    ],
  };
};
