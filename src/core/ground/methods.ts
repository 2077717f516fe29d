// Every way to be let in. sessions.ts accepts no other method; tests walk each of them and look for others. The page and
// the command that list the ways in are made from this file.

import type { Accounts } from "../../context.ts";
import type { TicketPurpose } from "../../db/schema.ts";

/** How sure we are that it is the person. */
export type Assurance =
  | "password"
  | "password + trusted browser"
  | "password + code"
  | "password + recovery code"
  | "password + mailed code"
  | "password + enrolment link"
  | "password + waiting period";

type SessionMethod = {
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

export const METHODS = {
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
  /** The password twice, with a waiting period between them that the owner of the account could have stopped. */
  "self-rescue": {
    assurance: "password + waiting period",
    factors: 1,
    onlyEnrols: true,
    at: "/sign-in/lost/enrolment",
  },
  /** A living session that confirmed the password and then proved a new authenticator by its first code. */
  enrolment: { assurance: "password + code", factors: 2, at: "/account/security/enrolment/confirm" },
} as const satisfies Record<string, SessionMethod>;

export type Method = keyof typeof METHODS;

/** Whether a session of this method may reach other people's accounts, if its person may. */
export function admits(method: Method): boolean {
  return METHODS[method].factors === 2 && !isWeak(method);
}

/** Whether the method's second factor is the weaker channel. */
export function isWeak(method: Method): boolean {
  return "isWeak" in METHODS[method];
}

/** Whether a session of this method exists to set up a new second factor in the place of a lost one, and for nothing else. */
export function onlyEnrols(method: Method): boolean {
  return "onlyEnrols" in METHODS[method];
}

/** What else gives a right: a key, what a key opens, or a password to begin a method with. None of them makes a session. */
const SIDE_METHODS = {
  "api-key": { gives: "key", at: "/account/api-keys" },
  program: { gives: "answers", at: "/api/v1/me" },
  setup: { gives: "password", at: "/setup" },
  invitation: { gives: "password", at: "/invitation" },
  "password-reset": { gives: "password", at: "/password-reset" },
  "command-line": { gives: "password", at: "countersign users add" },
} as const satisfies Record<
  Exclude<TicketPurpose, Method> | "api-key" | "program" | "command-line",
  { gives: "key" | "answers" | "password"; at: string }
>;

type SideMethod = keyof typeof SIDE_METHODS;

/** One way in, as it is told to people. */
type WayIn =
  | { method: Method; gives: "session"; assurance: Assurance; factors: 1 | 2; at: string }
  | { method: SideMethod; gives: "key" | "answers" | "password"; at: string };

/** Every way in, those that end in a session first. Where passwords are a host's, none of ours gives one. */
export function waysIn(accounts: Accounts["kind"] = "own"): WayIn[] {
  // Neither object has keys that its type does not name.
  const methods = Object.keys(METHODS) as Method[];
  const sideMethods = Object.keys(SIDE_METHODS) as SideMethod[];
  return [
    ...methods.map((method): WayIn => {
      const { assurance, factors, at } = METHODS[method];
      return { method, gives: "session", assurance, factors, at };
    }),
    ...sideMethods
      .map((method): WayIn => ({ method, ...SIDE_METHODS[method] }))
      .filter(({ gives }) => accounts === "own" || gives !== "password"),
  ];
}
