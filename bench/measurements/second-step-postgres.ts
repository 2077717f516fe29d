// The second step on PostgreSQL, where round trips are what costs: with the database beside the server, and with a
// millisecond more for each round trip. Both contestants have databases of one server, durable by its defaults.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { createDatabase, type Postgres, startPostgres } from "../../test/support/postgres.ts";
import * as betterAuth from "../contestants/better-auth.ts";
import { type Contestant, group, manyFor, type Person, type Site, secondSteps } from "../contestants/contestant.ts";
import * as countersign from "../contestants/countersign.ts";
import { createDistance, type Distance } from "../support/distance.ts";
import { load } from "../support/load.ts";
import type { Measurement, Place } from "../support/measurement.ts";
import { goal, type Result, rateRows, rates, ratioGoal, row } from "../support/report.ts";
import { inTurns, ROUNDS } from "../support/rounds.ts";

/** Durable, unlike the server of the tests. */
const SETTINGS = { fsync: "on", full_page_writes: "on", autovacuum: "on" };
/** Second steps in a round. */
const STEPS = 80;
/** Steps and questions whose round trips are counted, one after the other. */
const COUNTED = 20;
const TRIPS = "round trips";

/** Measures Countersign and better-auth, at each distance from the database. */
export const secondStepPostgres: Measurement = async (place) => {
  const postgres = await startPostgres(SETTINGS);
  try {
    const results = [await measureAt(0, postgres, place), await measureAt(1, postgres, place)];
    return {
      title: "The second step over HTTP, on PostgreSQL, by its distance",
      rows: results.flatMap(({ rows }) => rows),
      goals: results.flatMap(({ goals }) => goals),
    };
  } finally {
    await postgres.stop();
  }
};

async function measureAt(delay: number, { url }: Postgres, { folder, cores }: Place): Promise<Omit<Result, "title">> {
  const own = join(folder, String(delay));
  await mkdir(own);
  const databases = [await createDatabase(url), await createDatabase(url)] as const;
  const [ourDatabase, theirDatabase] = databases;
  const [ourSite, theirSite] = databases.map(({ url }) => ({ folder: own, database: url })) as [Site, Site];
  const people = await countersign.prepare(ourSite, manyFor(STEPS, ROUNDS) + COUNTED);
  const known = await countersign.prepare(ourSite, COUNTED, { role: "support", known: true });
  const theirPeople = await betterAuth.prepare(theirSite, manyFor(STEPS, ROUNDS) + COUNTED);

  const ourWay = await createDistance(ourDatabase.url, delay);
  const theirWay = await createDistance(theirDatabase.url, delay);
  const ours = await countersign.start({ ...ourSite, database: ourWay.url }, cores);
  const theirs = await betterAuth.start({ ...theirSite, database: theirWay.url }, cores);
  const at = `${delay} ms more, `;
  const series = await inTurns({
    countersign: (round) => secondSteps(ours, group(people, STEPS, round)),
    "better-auth": (round) => secondSteps(theirs, group(theirPeople, STEPS, round)),
  });
  const rows = [...rateRows(at, series), row(`${at}a round trip`, "ms", await timeRoundTrips(ourWay))];
  const compared = [rates(series.countersign), rates(series["better-auth"])] as const;
  const goals = [ratioGoal(`${at}countersign / better-auth`, "at least", 4, compared)];
  if (delay > 0) {
    const inKnown = await countRoundTrips(ours, ourWay, known);
    const inNew = await countRoundTrips(ours, ourWay, people.slice(-COUNTED));
    const atTheirs = await countRoundTrips(theirs, theirWay, theirPeople.slice(-COUNTED));
    rows.push(row("a step in a new browser, countersign", TRIPS, inNew.step));
    rows.push(row("a step, better-auth", TRIPS, atTheirs.step));
    goals.push(goal("a step in a known browser", 8, TRIPS, inKnown.step));
    goals.push(goal("who is this?", 1, TRIPS, inKnown.question));
  }
  await Promise.all([ours, theirs].map(({ server }) => server.stop()));
  await Promise.all([ourWay, theirWay].map((way) => way.close()));
  await Promise.all(databases.map((database) => database.drop()));
  return { rows, goals };
}

/** The round trips of each step and of each question by the session it leads to, none at the same time as another. */
async function countRoundTrips(
  { server: { port }, secondStep, stepStatus, whoIsThis }: Contestant,
  way: Distance,
  people: readonly Person[],
) {
  const counts: { step: number[]; question: number[] } = { step: [], question: [] };
  for (const person of people) {
    const before = way.roundTrips();
    const { heads } = await load({ port, requests: [secondStep(person)], status: stepStatus });
    const between = way.roundTrips();
    await load({ port, requests: heads.map(whoIsThis), status: 200 });
    counts.step.push(between - before);
    counts.question.push(way.roundTrips() - between);
  }
  return counts;
}

/** What a round trip takes, as a client of the relay sees it: timers are no clocks. */
async function timeRoundTrips({ url }: Distance): Promise<number[]> {
  const client = new Client(url);
  await client.connect();
  const times: number[] = [];
  for (let count = 0; count < COUNTED; count++) {
    const started = performance.now();
    await client.query("select 1");
    times.push(performance.now() - started);
  }
  await client.end();
  return times;
}
