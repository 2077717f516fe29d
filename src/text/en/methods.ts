import { count } from "./words.ts";

export const methods = {
  title: "Ways in",
  intro:
    "Every way to be let in. This page is made from the list that the program itself goes by: there is no other way.",
  sessions: "Signing in",
  sessionsIntro: "Each sign-in is recorded with the way in that it took.",
  side: "Keys and passwords",
  sideIntro: "None of these signs anybody in by itself.",
  at: (path: string) => `Last step: ${path}`,
  names: {
    password: "Password alone",
    "password+trusted-browser": "Password in a trusted browser",
    "password+code": "Password and a code from the app",
    "password+recovery-code": "Password and a recovery code",
    "password+mailed-code": "Password and a code by email",
    "enrolment-link": "Enrolment link for somebody who lost everything",
    "self-rescue": "Rescuing oneself",
    enrolment: "Setting up an authenticator app",
    "api-key": "Making an API key",
    program: "A program with an API key",
    setup: "Set-up link of the first administrator",
    invitation: "Invitation",
    "password-reset": "Forgotten password",
    "command-line": "Command line",
  },
  factors: { 1: "One factor", 2: "Two factors" },
  countsAs: (assurance: string) => `Counts as ${assurance}.`,
  assurances: {
    password: "a password",
    "password + trusted browser": "a password in a trusted browser",
    "password + code": "a password and a code",
    "password + recovery code": "a password and a recovery code",
    "password + mailed code": "a password and a code by email",
    "password + enrolment link": "a password and an enrolment link",
    "password + waiting period": "a password and a waiting period",
  },
  gives: { key: "API key", answers: "Answers to a program", password: "Password" },
  rules: (trustDays: number) => ({
    password:
      "For people without two-factor authentication. Where the policy requires it and their time is over, they reach nothing but setting it up. It opens no page of administrators.",
    "password+trusted-browser":
      trustDays === 0
        ? "Turned off: a code is asked for in every browser."
        : `For ${count(trustDays, "day", "days")} at most after somebody entered a code in that browser and chose to trust it. The policy can shorten that; people who change other people's accounts are always asked, unless a rule says otherwise. It opens no page of administrators.`,
    "password+code":
      "Each code works once. After five wrong ones there are waits, and after twenty in a row codes are blocked until somebody unlocks the account.",
    "password+recovery-code": "Each of ten works once, and its owner is told by email. The policy can turn them off.",
    "password+mailed-code":
      "Only where the policy allows it, and not after a mailed link changed the account, until another factor was shown. Each code works once, in the browser that asked for it. It opens no page of administrators and confirms nothing.",
    "enrolment-link":
      "An administrator or support gives it to somebody who lost everything. It works once, for a day, with the password, and reaches nothing but setting up a new app. The policy can ask for a wait or for a second administrator.",
    "self-rescue":
      "Where the policy allows it: the password, a waiting period that the person is told of and can stop, and the password again. It reaches nothing but setting up a new app. Support and administrators cannot.",
    enrolment:
      "For somebody who is signed in, confirmed the password, and proves the new app by its first code. They are signed out everywhere else.",
    "api-key":
      "For somebody who is signed in and confirmed who they are. A key does what its owner chose for it, and its owner is told by email.",
    program:
      "Only what the key allows, and only as long as its owner may do it. It opens no page, and ends when the key is revoked or its owner is disabled.",
    setup: "As long as there is no administrator, the server prints a link at its start. It works once, for an hour.",
    invitation: "A mailed link to set the first password. It works once, for a day.",
    "password-reset":
      "A mailed link to set a new password. It works once, for an hour, and leaves two-factor authentication as it is.",
    "command-line":
      "Whoever may run commands on the server has the database and the keys. What they do is recorded as the operator's.",
  }),
};
