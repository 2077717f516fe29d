// "Who is this?", asked with valid sessions. Both contestants ask their database at each request, since a session that
// was ended must be refused at once: better-auth with its cookie cache off, as it is by default. The bare server makes
// one prepared look-up in Countersign's own file, checks nothing and sends no header that it need not.

import { BARE, lookUp } from "../contestants/bare.ts";
import * as betterAuth from "../contestants/better-auth.ts";
import { secondSteps } from "../contestants/contestant.ts";
import * as countersign from "../contestants/countersign.ts";
import { load } from "../support/load.ts";
import type { Measurement } from "../support/measurement.ts";
import { rateRows, rates, ratioGoal } from "../support/report.ts";
import { inTurns } from "../support/rounds.ts";
import { startServer } from "../support/servers.ts";

const PEOPLE = 40;
const ROUND = 1_200;

/** Measures Countersign, better-auth and the bare server. */
export const whoIsThis: Measurement = async ({ folder, cores }) => {
  const ourPeople = await countersign.prepare({ folder }, PEOPLE);
  const theirPeople = await betterAuth.prepare({ folder }, PEOPLE);
  const ours = await countersign.start({ folder }, cores);
  const theirs = await betterAuth.start({ folder }, cores);
  const bare = await startServer(lookUp(countersign.databasePath({ folder })), cores);

  const ourRequests = (await secondSteps(ours, ourPeople)).heads.map(ours.whoIsThis);
  const theirRequests = (await secondSteps(theirs, theirPeople)).heads.map(theirs.whoIsThis);
  const ask = ({ port }: { port: number }, requests: Buffer[]) =>
    load({ port, requests, status: 200, milliseconds: ROUND });
  const series = await inTurns({
    countersign: () => ask(ours.server, ourRequests),
    "better-auth": () => ask(theirs.server, theirRequests),
    [BARE]: () => ask(bare, ourRequests),
  });
  await Promise.all([ours.server.stop(), theirs.server.stop(), bare.stop()]);

  const mine = rates(series.countersign);
  return {
    title: "Who is this? With a valid session, over HTTP",
    rows: rateRows("", series),
    goals: [
      ratioGoal(`countersign / ${BARE}`, "at least", 0.8, [mine, rates(series[BARE])]),
      ratioGoal("countersign / better-auth", "at least", 20, [mine, rates(series["better-auth"])]),
    ],
  };
};
