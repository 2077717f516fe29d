// The first step over HTTP. It is a password hash and little else, so its limit is that hash alone, on the same core.
// better-auth has another hash, scrypt with parameters of its own: its rows say what a person waits for there.

import { hashPassword } from "../../src/crypto/password.ts";
import { HASH, start as startHashing } from "../contestants/argon2id.ts";
import * as betterAuth from "../contestants/better-auth.ts";
import { firstSteps, group, manyFor, PASSWORD } from "../contestants/contestant.ts";
import * as countersign from "../contestants/countersign.ts";
import type { Measurement } from "../support/measurement.ts";
import { rateRows, rates, ratioGoal } from "../support/report.ts";
import { inTurns, ROUNDS } from "../support/rounds.ts";

/** In a round: fewer where each takes longer, so that a round takes about as long. */
const STEPS = { ours: 60, theirs: 8 };

/** Measures Countersign, better-auth and the hash alone. */
export const firstStep: Measurement = async ({ folder, cores }) => {
  const ourPeople = await countersign.prepare({ folder }, manyFor(STEPS.ours, ROUNDS));
  const theirPeople = await betterAuth.prepare({ folder }, manyFor(STEPS.theirs, ROUNDS));
  const ours = await countersign.start({ folder }, cores);
  const theirs = await betterAuth.start({ folder }, cores);
  const hashing = await startHashing(await hashPassword(PASSWORD), cores);
  const series = await inTurns({
    countersign: (round) => firstSteps(ours, group(ourPeople, STEPS.ours, round)),
    "better-auth": (round) => firstSteps(theirs, group(theirPeople, STEPS.theirs, round)),
    [HASH]: () => hashing.check(STEPS.ours),
  });
  await Promise.all([ours, theirs, hashing].map(({ server }) => server.stop()));

  return {
    title: "The first step over HTTP: a password",
    rows: rateRows("", series),
    goals: [ratioGoal(`countersign / ${HASH}`, "at least", 0.9, [rates(series.countersign), rates(series[HASH])])],
  };
};
