// Every way to be let in. sessions.ts takes no road but these, and tests walk each of them and look for others. The page
// and the command that list the roads are made from here.

import type { TicketPurpose } from "../db/schema.ts";

/** How sure we are that it is the person. */
export type Assurance =
  | "password"
  | "password + trusted browser"
  | "password + code"
  | "password + recovery code"
  | "password + mailed code"
  | "password + enrolment link"
  | "password + waiting period";

type SessionRoad = {
  assurance: Assurance;
  factors: 1 | 2;
  /** The session counts as confirmed from the start. */
  confirms?: true;
  /**
   * The second factor is the weaker channel: the session reaches nobody else's account, the browser stays a stranger,
   * and misses of other factors stay counted.
   */
  isWeak?: true;
  /** The session exists to set up a new second factor in the place of a lost one; its browser stays a stranger, too. */
  onlyEnrols?: true;
  /** Where the last step is taken. */
  at: string;
};

export const ROADS = {
  /** The sign-in form, by a person without an authenticator. */
  password: { assurance: "password", factors: 1, at: "/sign-in" },
  /** The sign-in form, in a browser that earlier entered a code and is trusted since. It counts as one factor. */
  "password+trusted-browser": { assurance: "password + trusted browser", factors: 1, at: "/sign-in" },
  /** The sign-in form and then the code of an authenticator. */
  "password+code": { assurance: "password + code", factors: 2, at: "/sign-in/code" },
  /**
   * The sign-in form and then a recovery code, by somebody who lost the phone. It confirms as well: to set up a new
   * phone must not cost a second code.
   */
  "password+recovery-code": {
    assurance: "password + recovery code",
    factors: 2,
    confirms: true,
    at: "/sign-in/recovery-code",
  },
  /** The sign-in form and then a code from the mailbox, where the policy allows it. It confirms nothing. */
  "password+mailed-code": {
    assurance: "password + mailed code",
    factors: 2,
    isWeak: true,
    at: "/sign-in/mailed-code",
  },
  /**
   * The link that an administrator gave to somebody who lost everything, and then the password. What it leads to may
   * only enrol.
   */
  "enrolment-link": {
    assurance: "password + enrolment link",
    factors: 1,
    onlyEnrols: true,
    at: "/enrolment-link",
  },
  /** The password twice, with a waiting period between that the person could have ended; for those without a link. */
  "self-rescue": {
    assurance: "password + waiting period",
    factors: 1,
    onlyEnrols: true,
    at: "/sign-in/lost/enrolment",
  },
  /** A living session that confirmed the password and then proved a new authenticator by its first code. */
  enrolment: { assurance: "password + code", factors: 2, at: "/account/security/enrolment/confirm" },
} as const satisfies Record<string, SessionRoad>;

export type Road = keyof typeof ROADS;

/** Whether a session of this road may reach other people's accounts, if its person may. */
export function admits(road: Road): boolean {
  return ROADS[road].factors === 2 && !isWeak(road);
}

/** Whether the road's second factor is the weaker channel. */
export function isWeak(road: Road): boolean {
  return "isWeak" in ROADS[road];
}

/** Whether a session of this road exists to set up a new second factor in the place of a lost one, and for nothing else. */
export function onlyEnrols(road: Road): boolean {
  return "onlyEnrols" in ROADS[road];
}

/** What else gives a right: a key, what a key opens, or a password to begin a road with. None of them makes a session. */
const SIDE_ROADS = {
  "api-key": { gives: "key", at: "/account/api-keys" },
  program: { gives: "answers", at: "/api/v1/me" },
  setup: { gives: "password", at: "/setup" },
  invitation: { gives: "password", at: "/invitation" },
  "password-reset": { gives: "password", at: "/password-reset" },
  "command-line": { gives: "password", at: "countersign users add" },
} as const satisfies Record<
  Exclude<TicketPurpose, Road> | "api-key" | "program" | "command-line",
  { gives: "key" | "answers" | "password"; at: string }
>;

type SideRoad = keyof typeof SIDE_ROADS;

/** One way in, as it is told to people. */
type WayIn =
  | { road: Road; gives: "session"; assurance: Assurance; factors: 1 | 2; at: string }
  | { road: SideRoad; gives: "key" | "answers" | "password"; at: string };

/** All of them, those that end in a session first. */
export function list(): WayIn[] {
  // Neither object has keys that its type does not name.
  const roads = Object.keys(ROADS) as Road[];
  const sideRoads = Object.keys(SIDE_ROADS) as SideRoad[];
  return [
    ...roads.map((road): WayIn => {
      const { assurance, factors, at } = ROADS[road];
      return { road, gives: "session", assurance, factors, at };
    }),
    ...sideRoads.map((road): WayIn => ({ road, ...SIDE_ROADS[road] })),
  ];
}
