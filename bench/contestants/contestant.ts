// What signing in takes, whoever it is done with.

import type { Server } from "../support/servers.ts";

export const PASSWORD = "seven quiet lanterns drift";

/** Somebody whose password is PASSWORD and who has taken the first step already: `pendingCookie` says so. */
export type Person = { name: string; address: string; secret: Uint8Array; pendingCookie: string };

/** A running server and its requests. */
export type Contestant = {
  server: Server;
  firstStep(person: Person): Buffer;
  secondStep(person: Person): Buffer;
  /** The status of both steps when they succeed. */
  stepStatus: number;
  /** Carries the cookies that an answer with this head set. */
  whoIsThis(head: string): Buffer;
};
