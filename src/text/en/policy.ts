import type { CommonScope } from "../../auth.ts";
import type { PointWords } from "../policy-points.ts";
import { count, isOne, number } from "./words.ts";

const points = {
  requirement: {
    label: "Two-factor authentication",
    choices: { optional: "Optional", encouraged: "Encouraged", required: "Required" },
    problem: "Choose what the rule says about two-factor authentication.",
  },
  required_from: {
    label: "Required from",
    hint: "The day begins at midnight in your time zone",
    problem: "Enter a day, such as 2027-01-31.",
    says: (day) => `from ${day}`,
  },
  grace_days: {
    label: "Days from the first sign-in",
    hint: () => "Counted for each person",
    problem: (limits) => wholeNumber("days", limits),
    says: (days) => `${isOne(days) ? "one day" : count(days, "day", "days")} after the first sign-in`,
  },
  skips: {
    label: "Sign-ins without it",
    hint: () => "At the next one, an app must be set up",
    problem: (limits) => wholeNumber("sign-ins", limits),
    says: (signIns) => `after ${isOne(signIns) ? "one sign-in" : count(signIns, "sign-in", "sign-ins")}`,
  },
  factors: {
    label: "What is accepted besides the password",
    choices: {
      authenticator: "authenticator app",
      "authenticator recovery-code": "authenticator app, recovery code",
      "authenticator mailed-code": "authenticator app, code by email",
      "authenticator recovery-code mailed-code": "authenticator app, recovery code, code by email",
    },
    problem: "Choose what is accepted besides the password.",
  },
  trust_days: {
    label: "Days that a browser is trusted",
    hint: ({ least }) => `With ${least}, every sign-in takes a code`,
    problem: (limits) => wholeNumber("days", limits),
    says: (days) =>
      days === 0
        ? "no trusted browsers"
        : isOne(days)
          ? "browsers trusted for a day"
          : `browsers trusted for ${count(days, "day", "days")}`,
  },
  session_hours: {
    label: "Hours until a new sign-in",
    hint: ({ most }) => `At most ${most}`,
    problem: (limits) => wholeNumber("hours", limits),
    says: (hours) => `a new sign-in after ${isOne(hours) ? "an hour" : count(hours, "hour", "hours")}`,
  },
  endless_keys: {
    label: "API keys that never expire",
    problem: "Choose whether API keys may never expire.",
    says: { 0: "API keys must expire", 1: "API keys may never expire" },
  },
  rescue: {
    label: "Resets and enrolment links",
    choices: {
      "at-once": "At once",
      waiting: "After a wait that the person can stop",
      approval: "After a second administrator approved",
    },
    problem: "Choose what has to happen before somebody is let back in.",
    says: {
      "at-once": "rescues at once",
      waiting: "rescues after a wait",
      approval: "rescues after a second administrator approved",
    },
  },
  rescue_wait_hours: {
    label: "Hours to wait",
    hint: ({ otherwise }) => `${otherwise}, unless rules say otherwise; the longest holds`,
    problem: (limits) => wholeNumber("hours", limits),
    says: (hours) => `${count(hours, "hour", "hours")} to wait for a rescue`,
  },
  self_rescue: {
    label: "Rescuing oneself",
    problem: "Choose whether people may rescue themselves.",
    says: { 0: "people may not rescue themselves", 1: "people may rescue themselves" },
  },
} satisfies PointWords;

export const policy = {
  title: "Policy",
  intro:
    "A rule is for everyone, for a role or for a group. Where several rules are for the same person, the strictest counts, point by point.",
  none: "There are no rules. Two-factor authentication is optional for everyone.",
  whom: "For",
  factor: "Two-factor",
  besides: "Also",
  newFor: "New rule for",
  newRule: "New rule",
  ruleTitle: (scope: string) => `Rule: ${scope}`,
  scopes: {
    everyone: "Everyone",
    "role:person": "Role Person",
    "role:support": "Role Support",
    "role:administrator": "Role Administrator",
  } satisfies Record<CommonScope, string>,
  group: (name: string) => `Group ${name}`,
  nothing: "Not set",
  parts: {
    requirement: {
      heading: "Two-factor authentication",
      intro:
        "If it is required, you can leave people time: until a day, for some days after their first sign-in, or for some sign-ins. Whichever ends first counts. Without any of them it is required at once. When the time is over, people can do nothing else before they have set up an app.",
    },
    codes: {
      heading: "Codes",
      intro:
        "A code by email protects less than one from an app, so it is accepted only where a rule allows it. People are not asked for a code in a browser that they trust. Support and administrators can trust a browser only where a rule for their role allows it.",
    },
    access: {
      heading: "Sessions and keys",
      intro:
        "New hours hold from the next sign-in. An API key that never expires stops working where it is no longer allowed.",
    },
    rescue: {
      heading: "Lost phones",
      intro:
        "What has to happen before somebody who lost everything gets back in. People who rescue themselves need only their password and the wait: turn it on with care. Support and administrators cannot.",
    },
  },
  points,
  allowance: { 0: "Not allowed", 1: "Allowed" },
  requiredAtOnce: "Required at once",
  requiredIn: (times: string) => `Required ${times}`,
  rehearse: "See what it would do",
  rehearseAgain: "See again what it would do",
  remove: "Remove the rule",
  save: "Save the rule",
  rehearsalTitle: "What this would do",
  people: (people: number) =>
    people === 0
      ? "This rule is for nobody now."
      : `This rule is for ${isOne(people) ? "one person" : count(people, "person", "people")}.`,
  nobodyTouched: "Nothing changes for anybody now.",
  nobodyMore: "Nobody is asked for more.",
  looser: (point: string) => `Less strict than before: ${point}`,
  sessions: (sessions: number) =>
    `${isOne(sessions) ? "One session that is open" : `${number(sessions)} sessions that are open`} would reach nothing but setting up an app.`,
  touched: {
    asked: (people: number) => `Asked to set up two-factor authentication: ${number(people)}`,
    stopped: (people: number) => `Of those, at once, before anything else: ${number(people)}`,
    withoutEmail: (people: number) => `Of those, without an email address for a reminder: ${number(people)}`,
    services: (people: number) =>
      `Of those, with an API key but never signed in, so perhaps a service; the keys go on working: ${number(people)}`,
    untrusted: (people: number) => `With a trusted browser that is asked for a code again: ${number(people)}`,
    endlessKeys: (people: number) => `With an API key that never expires, which stops: ${number(people)}`,
  },
  personFrom: (name: string, day: string) => `${name} (from ${day})`,
  more: (others: number) => `${number(others)} more`,
};

function wholeNumber(of: string, { least, most }: { least: number; most: number }): string {
  return `Enter a whole number of ${of}, from ${least} to ${most}.`;
}
