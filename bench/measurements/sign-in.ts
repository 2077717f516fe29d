// Signing in over HTTP, each of the two steps by itself. Nobody takes the second step twice, so every code is spent by
// its first use, as in life, and no budget against guessing is in anybody's way.

import * as betterAuth from "../contestants/better-auth.ts";
import type { Contestant, Person } from "../contestants/contestant.ts";
import * as countersign from "../contestants/countersign.ts";
import { load } from "../support/load.ts";
import type { Place } from "../support/measurement.ts";
import { type Result, rateRows, rates, ratioGoal } from "../support/report.ts";
import { inTurns, ROUNDS } from "../support/rounds.ts";

/** First steps in a round: fewer where each takes longer, so that a round takes about as long. */
const FIRST = { ours: 80, theirs: 12 };
const SECOND = 240;

/** Measures Countersign and better-auth. */
export async function signIn({ folder, cores }: Place): Promise<Result> {
  const count = SECOND * (ROUNDS + 1);
  const ourPeople = await countersign.prepare(folder, count);
  const theirPeople = await betterAuth.prepare(folder, count);
  const ours = await countersign.start(folder, cores);
  const theirs = await betterAuth.start(folder, cores);

  const second = await inTurns({
    countersign: (round) => secondSteps(ours, group(ourPeople, SECOND, round)),
    "better-auth": (round) => secondSteps(theirs, group(theirPeople, SECOND, round)),
  });
  const first = await inTurns({
    countersign: (round) => firstSteps(ours, group(ourPeople, FIRST.ours, round)),
    "better-auth": (round) => firstSteps(theirs, group(theirPeople, FIRST.theirs, round)),
  });
  await Promise.all([ours.server.stop(), theirs.server.stop()]);

  const compared = (series: typeof first) => [rates(series.countersign), rates(series["better-auth"])] as const;
  return {
    title: "Sign in by two steps over HTTP, SQLite with synchronous=FULL",
    rows: [...rateRows("first step, ", first), ...rateRows("second step, ", second)],
    goals: [
      ratioGoal("first step, countersign / better-auth", "at least", 8, compared(first)),
      ratioGoal("second step, countersign / better-auth", "at least", 8, compared(second)),
    ],
  };
}

/** Lets people take the second step; the heads of the answers set the cookies of their sessions. */
export function secondSteps({ server: { port }, secondStep, stepStatus: status }: Contestant, people: Person[]) {
  return load({ port, requests: people.map(secondStep), status });
}

function firstSteps({ server: { port }, firstStep, stepStatus: status }: Contestant, people: Person[]) {
  return load({ port, requests: people.map(firstStep), status });
}

function group(people: Person[], size: number, round: number): Person[] {
  return people.slice(round * size, (round + 1) * size);
}
