import type { RuleReason } from "../../auth.ts";
import { count } from "./words.ts";

export const policy = {
  title: "Policy",
  intro:
    "A rule is for everyone, for a role or for a group. Where several rules are for the same person, the strictest counts, line by line.",
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
  } as Record<string, string>,
  group: (name: string) => `Group ${name}`,
  nothing: "Not set",
  requirements: { optional: "Optional", encouraged: "Encouraged", required: "Required" },
  requirementIntro:
    "If it is required, you can leave people time: until a day, for some days after their first sign-in, or for some sign-ins. Whichever ends first counts. Without any of them it is required at once. When the time is over, people can do nothing else before they have set up an app.",
  factorsHeading: "Codes",
  factorsIntro:
    "A code by email protects less than one from an app, so it is accepted only where a rule allows it. People are not asked for a code in a browser that they trust. Support and administrators can trust a browser only where a rule for their role allows it.",
  accessHeading: "Sessions and keys",
  accessIntro:
    "New hours hold from the next sign-in. An API key that never expires stops working where it is no longer allowed.",
  fields: {
    requirement: "Two-factor authentication",
    required_from: "Required from",
    grace_days: "Days from the first sign-in",
    skips: "Sign-ins without it",
    factors: "What is accepted besides the password",
    trust_days: "Days that a browser is trusted",
    session_hours: "Hours until a new sign-in",
    endless_keys: "API keys that never expire",
    rescue: "Resets and enrolment links",
    rescue_wait_hours: "Hours to wait",
    self_rescue: "Rescuing oneself",
  },
  hints: {
    required_from: "The day begins at midnight in your time zone",
    grace_days: "Counted for each person",
    skips: "At the next one, an app must be set up",
    trust_days: "With 0, every sign-in takes a code",
    session_hours: "At most 24",
    rescue_wait_hours: "24, unless rules say otherwise; the longest holds",
  },
  rescueHeading: "Lost phones",
  rescueIntro:
    "What has to happen before somebody who lost everything gets back in. Who rescues themselves needs only their password and the wait: turn it on with care. Support and administrators cannot.",
  rescues: {
    "at-once": "At once",
    waiting: "After a wait that the person can stop",
    approval: "After a second administrator approved",
  },
  rescuing: {
    "at-once": "rescues at once",
    waiting: "rescues after a wait",
    approval: "rescues after a second administrator approved",
  },
  rescueWait: (hours: number) => `${count(hours, "hour", "hours")} to wait for a rescue`,
  selfRescueAllowed: "people may rescue themselves",
  selfRescueNotAllowed: "people may not rescue themselves",
  factorNames: {
    authenticator: "authenticator app",
    "recovery-code": "recovery code",
    "mailed-code": "code by email",
  },
  allowed: "Allowed",
  notAllowed: "Not allowed",
  rehearse: "See what it would do",
  rehearseAgain: "See again what it would do",
  remove: "Remove the rule",
  save: "Save the rule",
  rehearsalTitle: "What this would do",
  people: (count: number) =>
    count === 0
      ? "This rule is for nobody now."
      : `This rule is for ${count === 1 ? "one person" : `${count} people`}.`,
  nobodyTouched: "Nothing changes for anybody now.",
  sessions: (count: number) =>
    `${count === 1 ? "One session that is open" : `${count} sessions that are open`} would reach nothing but setting up an app.`,
  touched: {
    asked: (count: number) => `Asked to set up two-factor authentication: ${count}`,
    stopped: (count: number) => `Of those, at once, before anything else: ${count}`,
    withoutEmail: (count: number) => `Of those, without an email address for a reminder: ${count}`,
    services: (count: number) =>
      `Of those, with an API key but never signed in, so perhaps a service; the keys go on working: ${count}`,
    untrusted: (count: number) => `With a trusted browser that is asked for a code again: ${count}`,
    endlessKeys: (count: number) => `With an API key that never expires, which stops: ${count}`,
  },
  from: (day: string) => `from ${day}`,
  within: (days: number) => (days === 1 ? "one day after the first sign-in" : `${days} days after the first sign-in`),
  skipping: (count: number) => (count === 1 ? "after one sign-in" : `after ${count} sign-ins`),
  atOnce: "at once",
  or: " or ",
  more: (count: number) => `and ${count} more`,
  trust: (days: number) =>
    days === 0
      ? "no trusted browsers"
      : days === 1
        ? "browsers trusted for a day"
        : `browsers trusted for ${days} days`,
  hours: (hours: number) => (hours === 1 ? "a new sign-in after an hour" : `a new sign-in after ${hours} hours`),
  endlessAllowed: "API keys may never expire",
  endlessNotAllowed: "API keys must expire",
  problems: {
    scope_unknown: "This group is no longer there.",
    requirement_invalid: "Choose what the rule says about two-factor authentication.",
    required_from_invalid: "Enter a day, such as 2027-01-31.",
    grace_days_invalid: "Enter a whole number of days, from 0 to 365.",
    skips_invalid: "Enter a whole number of sign-ins, from 0 to 100.",
    factors_invalid: "Choose what is accepted besides the password.",
    trust_days_invalid: "Enter a whole number of days, from 0 to 30.",
    session_hours_invalid: "Enter a whole number of hours, from 1 to 24.",
    rescue_invalid: "Choose what has to happen before somebody is let back in.",
    rescue_wait_hours_invalid: "Enter a whole number of hours, from 1 to 720.",
  } satisfies Record<RuleReason, string>,
};
