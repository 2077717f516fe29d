// Every way to a session, with the assurance it grants. sessions.ts takes nothing else, and a test walks this list.

/** How sure we are that it is the person. */
export type Assurance = "password" | "password + trusted browser" | "password + code" | "password + recovery code";

export const ROADS = {
  /** The sign-in form, by a person without an authenticator. */
  password: { assurance: "password", factors: 1 },
  /** The sign-in form, in a browser that earlier entered a code and is trusted since. It counts as one factor. */
  "password+trusted-browser": { assurance: "password + trusted browser", factors: 1 },
  /** The sign-in form and then the code of an authenticator. */
  "password+code": { assurance: "password + code", factors: 2 },
  /**
   * The sign-in form and then a recovery code, by somebody who lost the phone. It confirms as well: to set up a new
   * phone must not cost a second code.
   */
  "password+recovery-code": { assurance: "password + recovery code", factors: 2, confirms: true },
  /** A living session that confirmed the password and then proved a new authenticator by its first code. */
  enrolment: { assurance: "password + code", factors: 2 },
} as const satisfies Record<string, { assurance: Assurance; factors: 1 | 2; confirms?: true }>;

export type Road = keyof typeof ROADS;
