// "Who is this?" while the server does something else: how long the slowest one in a hundred takes. Requests come at a
// steady pace, and their time counts from when they were due, so a server that stands still is seen to.

import { setTimeout as sleep } from "node:timers/promises";
import { group, manyFor, secondSteps } from "../contestants/contestant.ts";
import * as countersign from "../contestants/countersign.ts";
import { load } from "../support/load.ts";
import type { Measurement } from "../support/measurement.ts";
import { percentile } from "../support/numbers.ts";
import { pace } from "../support/pace.ts";
import { ratioGoal, row } from "../support/report.ts";
import { inTurns, ROUNDS } from "../support/rounds.ts";

const ASKING = { people: 40, perSecond: 500 };
const STEPS = { perSecond: 50, round: 200 };
/** Twice as many as are under way at once. Nobody comes to ten misses, nor all to the thousand of an installation. */
const WRONG = { atOnce: 64, round: 128, status: 422 };
const ROUND = 3_000;

/** Measures Countersign when it is idle, while it writes, and while it hashes. */
export const whoIsThisBusy: Measurement = async ({ folder, cores }) => {
  const people = await countersign.prepare({ folder }, ASKING.people + WRONG.round + manyFor(STEPS.round, ROUNDS));
  const ours = await countersign.start({ folder }, cores);
  const { port } = ours.server;
  const { heads } = await secondSteps(ours, people.splice(0, ASKING.people));
  const asking = { port, status: 200, requests: heads.map(ours.whoIsThis), perSecond: ASKING.perSecond };
  const slowest = async (during: Promise<unknown>) => percentile(await pace(asking, during), 99);

  const wrong = people.splice(0, WRONG.round).map((person) => ours.firstStep(person, "another password"));
  const series = await inTurns({
    idle: () => slowest(sleep(ROUND)),
    "with second steps": (round) => {
      const requests = group(people, STEPS.round, round).map(ours.secondStep);
      return slowest(pace({ port, status: ours.stepStatus, requests, perSecond: STEPS.perSecond }, sleep(ROUND)));
    },
    "with wrong passwords": () =>
      slowest(load({ port, status: WRONG.status, requests: wrong, connections: WRONG.atOnce })),
  });
  await ours.server.stop();

  const { idle, ...busy } = series;
  return {
    title: `Who is this? ${ASKING.perSecond} times a second, the 99th percentile, beside ${STEPS.perSecond} second steps a second and ${WRONG.atOnce} wrong passwords at once`,
    rows: Object.entries(series).map(([name, values]) => row(name, "ms", values)),
    goals: Object.entries(busy).map(([name, values]) => ratioGoal(`${name} / idle`, "at most", 3, [values, idle])),
  };
};
