// What signing in takes, whoever it is done with.

import { load } from "../support/load.ts";
import { WARM_UP } from "../support/rounds.ts";
import type { Server } from "../support/servers.ts";

export const PASSWORD = "seven quiet lanterns drift";

/** Somebody whose password is PASSWORD and who has taken the first step already: `pendingCookie` says so. */
export type Person = { name: string; address: string; secret: Uint8Array; pendingCookie: string };

/** Where a contestant keeps what it has: a folder, and a database, by default a SQLite file in the folder. */
export type Site = { folder: string; database?: string };

/** A running server and its requests. */
export type Contestant = {
  server: Server;
  firstStep(person: Person, password?: string): Buffer;
  secondStep(person: Person): Buffer;
  /** The status of both steps when they succeed. */
  stepStatus: number;
  /** Carries the cookies that an answer with this head set. */
  whoIsThis(head: string): Buffer;
};

/** A contestant as far as it is about the second step. */
export type SecondStep = Pick<Contestant, "server" | "secondStep" | "stepStatus">;

/** Lets people take the first step. */
export function firstSteps({ server: { port }, firstStep, stepStatus: status }: Contestant, people: readonly Person[]) {
  return load({ port, requests: people.map((person) => firstStep(person)), status });
}

/** Lets people take the second step; the heads of the answers set the cookies of their sessions. */
export function secondSteps(
  { server: { port }, secondStep, stepStatus: status }: SecondStep,
  people: readonly Person[],
) {
  return load({ port, requests: people.map(secondStep), status });
}

/** The people of a round: each of them takes a step once. The round to warm up is as long as `WARM_UP` others. */
export function group(people: readonly Person[], size: number, round: number): Person[] {
  return round === 0 ? people.slice(0, size * WARM_UP) : people.slice(manyFor(size, round - 1), manyFor(size, round));
}

/** How many people so many rounds need, with the one to warm up. */
export function manyFor(size: number, rounds: number): number {
  return size * (WARM_UP + rounds);
}
