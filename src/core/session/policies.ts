// Policies: what people must, should and may do about their second factor.
//
// A rule is for everyone, for a role or for a group; one person can be asked besides (core/console/acts.ts). It says
// something about a point, or nothing. All rules that a person falls under hold together, and on each point the
// strictest decides. Where no rule says anything, the default is strict: codes by mail, keys without an end and trust
// for whoever changes others' accounts take a rule. Nothing is cached, so a rule holds at the next request on every
// node; only how long a session lasts is decided when it begins.

import { sql } from "kysely";
import type { Context } from "../../context.ts";
import type { PolicyPoints, PolicyTable, UserTable } from "../../db/schema.ts";
import type { Options } from "../../options.ts";
import { type Decided, decide, FACTORS, type FactorName, type Rule } from "./policy-points.ts";

const DAY = 86_400_000;

/** What the rules decide about one person, by the points of policy-points.ts. */
export type Policy = Omit<Decided, "factors"> & {
  factors: ReadonlySet<FactorName>;
  /** From when somebody without a second factor reaches nothing but enrolment; null where no time says so. */
  dueAt: number | null;
  /** Sign-ins without a second factor that are left, below zero when there were too many; null: until `dueAt`. */
  signInsLeft: number | null;
};

/** What the rules ask about a person. */
export type Subject = Pick<UserTable, "id" | "role" | "required_from">;

/** A rule as it meets one person, with the sign-ins without a second factor under it; null: none yet. */
export type MetRule = PolicyTable & { asked_since: number | null; asked_sign_ins: number | null };

/** The strictest of what the rules say and what holds besides them, point by point. */
export function combine(
  { options, now }: Pick<Context, "options" | "now">,
  rules: readonly MetRule[],
  subject: Pick<Subject, "role" | "required_from">,
): Policy {
  const decided = decideFor(options, rules, subject);
  const counted = decided.factors.split(" ");
  const requiring = requiringOf(rules);
  return {
    ...decided,
    factors: new Set(FACTORS.filter((name) => counted.includes(name))),
    dueAt: smallest([subject.required_from, ...requiring.map((rule) => dueAt(rule, now()))]),
    signInsLeft: smallest(requiring.map(signInsLeft)),
  };
}

/** The same for the points that are decided by what rules say alone, however long somebody has been asked. */
export function decideFor(
  { trustDays }: Options,
  rules: readonly Rule[],
  { role, required_from }: Pick<Subject, "role" | "required_from">,
): Decided {
  const isStaff = role !== "person";
  // What holds besides the rules is said as they say it, so it, too, can only ask for more.
  const all: Partial<PolicyPoints>[] = [...rules, { trust_days: trustDays }];
  if (required_from !== null) all.push({ requirement: "required" });
  // Whoever changes other people's accounts is asked for a code in every browser, unless a rule for that role says else.
  const mayTrust = rules.some(({ scope, trust_days }) => scope.startsWith("role:") && trust_days !== null);
  if (isStaff && !mayTrust) all.push({ trust_days: 0 });
  // They are rescued by others, too, and so is everybody whose rescue takes a second person.
  if (isStaff || rules.some(({ rescue }) => rescue === "approval")) all.push({ self_rescue: 0 });
  return decide(all);
}

/** Whether a row of `users` in a query has a second factor. A recovery code is none: it stands in for one. */
export const hasFactor = sql<boolean>`exists (select 1 from authenticators where user_id = users.id)`;

/** What is asked of somebody without a second factor. */
export type Asked = { requirement: "encouraged" | "required"; dueAt: number | null; signInsLeft: number | null };

export type Demand = Asked | "only-enrol";

/** What the policy asks of somebody without a second factor: nothing, to set one up, or that and nothing else. */
export function demand({ requirement, dueAt, signInsLeft }: Policy, now: number): Demand | undefined {
  if (requirement === "optional") return undefined;
  const isOverdue = requirement === "required" && ((dueAt !== null && dueAt <= now) || (signInsLeft ?? 0) < 0);
  return isOverdue ? "only-enrol" : { requirement, dueAt, signInsLeft };
}

/** A rule's count of sign-ins with one more, for rules that leave time or sign-ins; `undefined` for others. */
export function askingOf(rule: MetRule, now: number): { since: number; sign_ins: number } | undefined {
  const counts = rule.requirement === "required" && (rule.grace_days !== null || rule.skips !== null);
  return counts ? { since: askedSince(rule) ?? now, sign_ins: signInsOf(rule) + 1 } : undefined;
}

function requiringOf(rules: readonly MetRule[]): MetRule[] {
  return rules.filter(({ requirement }) => requirement === "required");
}

/** Since when a person is asked by a rule; one that began to require later than that asks anew. */
function askedSince({ asked_since, required_since }: MetRule): number | null {
  return asked_since !== null && asked_since >= (required_since ?? 0) ? asked_since : null;
}

function signInsOf(rule: MetRule): number {
  return askedSince(rule) === null ? 0 : (rule.asked_sign_ins ?? 0);
}

function signInsLeft(rule: MetRule): number | null {
  return rule.skips === null ? null : rule.skips - signInsOf(rule);
}

/** When a rule's time is over; never, where it counts sign-ins alone. */
function dueAt(rule: MetRule, now: number): number | null {
  const { required_from, grace_days, skips } = rule;
  const times = [required_from, grace_days === null ? null : (askedSince(rule) ?? now) + grace_days * DAY];
  return smallest(times) ?? (skips === null ? 0 : null);
}

function smallest(numbers: readonly (number | null)[]): number | null {
  const given = numbers.filter((number) => number !== null);
  return given.length === 0 ? null : Math.min(...given);
}
