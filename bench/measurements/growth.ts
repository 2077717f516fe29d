// What becomes slower when a company grows: the same questions, one after the other, on installations with a thousand,
// a hundred thousand and a million people. Meanwhile the smallest question of all is asked at a steady pace, because
// what takes long for an administrator must not hold up everybody else.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Contestant, group, manyFor, type Person, secondSteps } from "../contestants/contestant.ts";
import * as countersign from "../contestants/countersign.ts";
import { addCrowd } from "../support/crowd.ts";
import { load } from "../support/load.ts";
import type { Measurement, Place } from "../support/measurement.ts";
import { percentile } from "../support/numbers.ts";
import { pace } from "../support/pace.ts";
import { goal, ratioGoal, row } from "../support/report.ts";
import { cookiesOf, requestBytes } from "../support/requests.ts";
import { inTurns } from "../support/rounds.ts";
import { residentMebibytes } from "../support/servers.ts";

/** Reports on a million people may take seconds. */
const GROWTH_ROUNDS = 3;
/** Second steps in a round. */
const STEPS = 20;
const HEALTH = { perSecond: 50, percent: 99 };

/** A question that takes long is asked less often. */
const LONGEST = 10_000;

/** How often each is asked in a round, and how much slower the largest may be than the smallest. */
const QUESTIONS = {
  "who is this?": { times: 200, limit: 1.15 },
  "a second step": { times: STEPS, limit: 1.3 },
  "first page of Users": { times: 20, limit: 1.5 },
  "search with a hit": { times: 10, limit: 5 },
  "search without a hit": { times: 10, limit: 5 },
  Protection: { times: 3, limit: 5 },
  "rehearsal of a rule": { times: 1, limit: 10 },
} as const;
type Question = keyof typeof QUESTIONS;
const NAMES = Object.keys(QUESTIONS) as Question[];

/** Measures installations of each size. */
export const growth: Measurement = async (place) => {
  const [small, middle, large] = [await open(1_000, place), await open(100_000, place), await open(1_000_000, place)];
  const series = await inTurns(
    { small: (round) => ask(small, round), middle: (round) => ask(middle, round), large: (round) => ask(large, round) },
    GROWTH_ROUNDS,
  );
  await Promise.all([small, middle, large].map(({ ours }) => ours.server.stop()));

  const [first, last] = [sumUp(small, series.small), sumUp(large, series.large)];
  const sizes = [first, sumUp(middle, series.middle), last];
  return {
    title: "Growth: one question after the other, on SQLite",
    rows: [
      ...NAMES.flatMap((name) => sizes.map(({ people, times }) => row(`${name}, ${people}`, "ms", times(name)))),
      ...sizes.map(({ people, health }) => row(`/healthz meanwhile, 99th percentile, ${people}`, "ms", health)),
      ...sizes.map(({ people, start }) => row(`start to first answer, ${people}`, "ms", start)),
      ...sizes.map(({ people, mebibytes }) => row(`resident memory, ${people}`, "MiB", mebibytes)),
    ],
    goals: [
      ...NAMES.map((name) =>
        ratioGoal(`${name}, ${last.people} / ${first.people}`, "at most", QUESTIONS[name].limit, [
          last.times(name),
          first.times(name),
        ]),
      ),
      goal(`/healthz meanwhile, 99th percentile, ${last.people}`, 50, "ms", last.health),
      ratioGoal(`resident memory, ${last.people} / ${first.people}`, "at most", 1.5, [last.mebibytes, first.mebibytes]),
    ],
  };
};

type Round = { times: Record<Question, number>; health: number; mebibytes: number };

/** The rounds of an installation, by what is told of them. */
function sumUp({ size, ours }: Installation, rounds: readonly Round[]) {
  return {
    people: `${size.toLocaleString("en")} people`,
    start: [ours.server.startMilliseconds],
    times: (name: Question) => rounds.map(({ times }) => times[name]),
    health: rounds.map(({ health }) => health),
    mebibytes: rounds.map(({ mebibytes }) => mebibytes),
  };
}

type Installation = {
  size: number;
  ours: Contestant;
  people: Person[];
  requests: Record<Exclude<Question, "a second step">, Buffer>;
};

/** An installation with so many people, and an administrator who is signed in. */
async function open(size: number, { folder, cores }: Place): Promise<Installation> {
  const site = { folder: join(folder, String(size)) };
  await mkdir(site.folder);
  const people = await countersign.prepare(site, manyFor(STEPS, GROWTH_ROUNDS), { known: true });
  const administrators = await countersign.prepare(site, 1, { known: true, role: "administrator" });
  const login = addCrowd(countersign.databasePath(site), size - people.length - administrators.length);
  const ours = await countersign.start(site, cores);
  const { heads } = await secondSteps(ours, administrators);
  const page = (path: string, query: Record<string, string> = {}) =>
    requestBytes({
      port: ours.server.port,
      path: `${path}?${new URLSearchParams(query)}`,
      cookie: cookiesOf(heads[0]),
    });
  const requests = {
    "who is this?": ours.whoIsThis(heads[0] ?? ""),
    "first page of Users": page("/users"),
    "search with a hit": page("/users", { search: login }),
    "search without a hit": page("/users", { search: "nobody of this name" }),
    Protection: page("/protection"),
    "rehearsal of a rule": page("/policy/rehearsal", { scope: "everyone", requirement: "required", grace_days: "14" }),
  };
  return { size, ours, people, requests };
}

/** One round: the median time of each question, and how the server was meanwhile. */
async function ask({ ours, people, requests }: Installation, round: number): Promise<Round> {
  const { port } = ours.server;
  const times = {} as Round["times"];
  const questions = async () => {
    for (const name of NAMES) {
      const all =
        name === "a second step"
          ? group(people, STEPS, round).map(ours.secondStep)
          : Array.from({ length: QUESTIONS[name].times }, () => requests[name]);
      const status = name === "a second step" ? ours.stepStatus : 200;
      times[name] = (await load({ port, status, requests: all, connections: 1, longest: LONGEST })).medianMilliseconds;
    }
  };
  const healthy = { port, status: 200, requests: [requestBytes({ port, path: "/healthz" })] };
  const latencies = await pace({ ...healthy, perSecond: HEALTH.perSecond }, questions());
  return { times, health: percentile(latencies, HEALTH.percent), mebibytes: residentMebibytes(ours.server) };
}
