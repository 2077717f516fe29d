// The second step over HTTP on SQLite, beside better-auth and beside the limit. Nobody takes it twice, so every code is
// spent by its first use, as in life, and no budget against guessing is in anybody's way.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import * as betterAuth from "../contestants/better-auth.ts";
import { group, manyFor, secondSteps } from "../contestants/contestant.ts";
import * as countersign from "../contestants/countersign.ts";
import * as limit from "../contestants/limit.ts";
import type { Measurement } from "../support/measurement.ts";
import { rateRows, rates, ratioGoal } from "../support/report.ts";
import { inTurns, ROUNDS } from "../support/rounds.ts";

/** In a round: fewer where each takes longer, so that a round takes about as long. */
const STEPS = { ours: 480, theirs: 160 };

/** Measures Countersign, better-auth and the limit. */
export const secondStep: Measurement = async ({ folder, cores }) => {
  const bare = { folder: join(folder, "limit") };
  await mkdir(bare.folder);
  const ourPeople = await countersign.prepare({ folder }, manyFor(STEPS.ours, ROUNDS));
  const barePeople = await countersign.prepare(bare, manyFor(STEPS.ours, ROUNDS));
  const theirPeople = await betterAuth.prepare({ folder }, manyFor(STEPS.theirs, ROUNDS));
  const ours = await countersign.start({ folder }, cores);
  const theirs = await betterAuth.start({ folder }, cores);
  const least = await limit.start(countersign.databasePath(bare), cores);
  const series = await inTurns({
    countersign: (round) => secondSteps(ours, group(ourPeople, STEPS.ours, round)),
    "better-auth": (round) => secondSteps(theirs, group(theirPeople, STEPS.theirs, round)),
    "the limit": (round) => secondSteps(least, group(barePeople, STEPS.ours, round)),
  });
  await Promise.all([ours, theirs, least].map(({ server }) => server.stop()));

  const mine = rates(series.countersign);
  return {
    title: "The second step over HTTP: a code, on SQLite with synchronous=FULL, 8 connections",
    rows: rateRows("", series),
    goals: [
      ratioGoal("countersign / better-auth", "at least", 8, [mine, rates(series["better-auth"])]),
      ratioGoal("countersign / the limit", "at least", 0.5, [mine, rates(series["the limit"])]),
    ],
  };
};
