// The rules of a policy as administrators keep them: read, checked, saved. policies.ts says what they decide.

import type { Client, Context } from "../../context.ts";
import type { PolicyTable } from "../../db/schema.ts";
import { type Refused, refused } from "../../outcomes.ts";
import * as trustedBrowsers from "../factors/trusted-browsers.ts";
import { type AdministratorAuthority, type AdministratorReader, by, withAuthority } from "../session/authority.ts";
import {
  FACTORS,
  type FactorName,
  MOST_SESSION_HOURS,
  REQUIREMENTS,
  RESCUES,
  type Requirement,
  type Rescue,
} from "../session/policies.ts";

const ROLE_SCOPES = ["role:person", "role:support", "role:administrator"] as const;
/** The largest values that a rule may say. */
export const MOST = {
  graceDays: 365,
  skips: 100,
  trustDays: 30,
  sessionHours: MOST_SESSION_HOURS,
  rescueWaitHours: 720,
} as const;
/** Times of JavaScript (ECMA-262 §21.4.1.1). */
const LAST_TIME = 8.64e15;

/** What one rule says; null says nothing about a point. */
export type Rule = {
  /** `everyone`, `role:<role>` or `group:<id>`. */
  scope: string;
  requirement: Requirement | null;
  /** The three ways of leaving time, for a rule that requires. */
  requiredFrom: number | null;
  graceDays: number | null;
  skips: number | null;
  factors: readonly FactorName[] | null;
  trustDays: number | null;
  sessionHours: number | null;
  endlessKeys: boolean | null;
  rescue: Rescue | null;
  rescueWaitHours: number | null;
  selfRescue: boolean | null;
};

/** A rule and, where it is for a group, the group's name. */
export type NamedRule = Rule & { group: string | null };

export type RuleReason =
  | "scope_unknown"
  | "requirement_invalid"
  | "required_from_invalid"
  | "grace_days_invalid"
  | "skips_invalid"
  | "factors_invalid"
  | "trust_days_invalid"
  | "session_hours_invalid"
  | "rescue_invalid"
  | "rescue_wait_hours_invalid";

/** A rule that says nothing. */
function emptyRule(scope: string): Rule {
  return {
    scope,
    requirement: null,
    requiredFrom: null,
    graceDays: null,
    skips: null,
    factors: null,
    trustDays: null,
    sessionHours: null,
    endlessKeys: null,
    rescue: null,
    rescueWaitHours: null,
    selfRescue: null,
  };
}

/** The rules that say something, and the groups that a rule can be for. */
export async function list(
  { db }: Context,
  _reader: AdministratorReader,
): Promise<{ rules: NamedRule[]; groups: { id: string; name: string }[] }> {
  const groups = await db.selectFrom("groups").select(["id", "name"]).orderBy("name_key").execute();
  const rows = await db.selectFrom("policies").selectAll().execute();
  const scopes = ["everyone", ...ROLE_SCOPES, ...groups.map(({ id }) => `group:${id}`)];
  const rules = rows
    .map((row) => ({ ...ruleOf(row), group: groups.find(({ id }) => row.scope === `group:${id}`)?.name ?? null }))
    .sort((a, b) => scopes.indexOf(a.scope) - scopes.indexOf(b.scope));
  return { rules, groups };
}

/** What a scope's rule says, also where it says nothing yet; `undefined` for a scope that means nobody. */
export async function find(
  context: Context,
  reader: AdministratorReader,
  scope: string,
): Promise<NamedRule | undefined> {
  const { rules, groups } = await list(context, reader);
  const group = groups.find(({ id }) => scope === `group:${id}`)?.name ?? null;
  if (group === null && scope !== "everyone" && !ROLE_SCOPES.some((known) => known === scope)) return undefined;
  return rules.find((rule) => rule.scope === scope) ?? { ...emptyRule(scope), group };
}

/** Puts a rule in the place of the one that its scope has; one that says nothing is removed. */
export async function save(
  context: Context,
  client: Client,
  authority: AdministratorAuthority,
  rule: Rule,
): Promise<{ ok: true } | Refused<RuleReason | "no_authority">> {
  const checked = check(rule);
  if (!checked.ok) return checked;
  return withAuthority<{ ok: true } | Refused<RuleReason>>(context, client, authority, async (tx) => {
    const group = await groupOf(tx, rule.scope);
    if (!group.ok) return group;
    const before = await tx.db.selectFrom("policies").selectAll().where("scope", "=", rule.scope).executeTakeFirst();
    const row = rowOf(rule, before, tx.now());
    if (JSON.stringify(before && ruleOf(before)) === JSON.stringify(rule)) return { ok: true };
    const says = Object.entries(row).filter(([name, value]) => name in SAID && value !== null);
    if (says.length === 0) {
      await tx.db.deleteFrom("policies").where("scope", "=", rule.scope).execute();
      await tx.db.deleteFrom("askings").where("scope", "=", rule.scope).execute();
    } else {
      await tx.db
        .insertInto("policies")
        .values(row)
        .onConflict((conflict) => conflict.column("scope").doUpdateSet(row))
        .execute();
    }
    if (row.trust_days !== (before?.trust_days ?? null)) await trustedBrowsers.settle(tx);
    const details = { scope: group.name ?? rule.scope, ...Object.fromEntries(says) };
    tx.record({ kind: "policy.changed", ...by(authority, details) });
    return { ok: true };
  });
}

/** The columns that a rule says something in. */
const SAID: Record<Exclude<keyof PolicyTable, "scope" | "changed_at" | "required_since">, true> = {
  requirement: true,
  required_from: true,
  grace_days: true,
  skips: true,
  factors: true,
  trust_days: true,
  session_hours: true,
  endless_keys: true,
  rescue: true,
  rescue_wait_hours: true,
  self_rescue: true,
};

/** Whether a rule can be kept, its scope apart. */
export function check(rule: Rule): { ok: true } | Refused<RuleReason> {
  const isWithin = (value: number | null, least: number, most: number) =>
    value === null || (Number.isInteger(value) && value >= least && value <= most);
  const { requirement, factors, rescue } = rule;
  if (requirement !== null && !REQUIREMENTS.includes(requirement)) return refused("requirement_invalid");
  if (!isWithin(rule.requiredFrom, 0, LAST_TIME)) return refused("required_from_invalid");
  if (!isWithin(rule.graceDays, 0, MOST.graceDays)) return refused("grace_days_invalid");
  if (!isWithin(rule.skips, 0, MOST.skips)) return refused("skips_invalid");
  if (!isWithin(rule.trustDays, 0, MOST.trustDays)) return refused("trust_days_invalid");
  if (!isWithin(rule.sessionHours, 1, MOST.sessionHours)) return refused("session_hours_invalid");
  if (rescue !== null && !RESCUES.includes(rescue)) return refused("rescue_invalid");
  if (!isWithin(rule.rescueWaitHours, 1, MOST.rescueWaitHours)) return refused("rescue_wait_hours_invalid");
  // Two rules must always leave a factor that both count.
  const known = factors === null || factors.every((name) => FACTORS.includes(name));
  if (!known || factors?.includes("authenticator") === false) return refused("factors_invalid");
  return { ok: true };
}

async function groupOf({ db }: Context, scope: string): Promise<{ ok: true; name?: string } | Refused<RuleReason>> {
  if (scope === "everyone" || ROLE_SCOPES.some((known) => known === scope)) return { ok: true };
  const id = /^group:(.+)$/.exec(scope)?.[1] ?? "";
  const group = await db.selectFrom("groups").select("name").where("id", "=", id).executeTakeFirst();
  return group === undefined ? refused("scope_unknown") : { ok: true, name: group.name };
}

/** The row of a rule. A requirement that is new, or leaves other time than before, begins now. */
export function rowOf(rule: Rule, before: PolicyTable | undefined, now: number): PolicyTable {
  const requires = rule.requirement === "required";
  const left = {
    required_from: requires ? rule.requiredFrom : null,
    grace_days: requires ? rule.graceDays : null,
    skips: requires ? rule.skips : null,
  };
  const isSame =
    before?.requirement === "required" &&
    before.required_from === left.required_from &&
    before.grace_days === left.grace_days &&
    before.skips === left.skips;
  return {
    scope: rule.scope,
    requirement: rule.requirement,
    required_since: requires ? (isSame ? before.required_since : now) : null,
    ...left,
    factors: rule.factors === null ? null : FACTORS.filter((name) => rule.factors?.includes(name)).join(" "),
    trust_days: rule.trustDays,
    session_hours: rule.sessionHours,
    endless_keys: numberOf(rule.endlessKeys),
    rescue: rule.rescue,
    rescue_wait_hours: rule.rescueWaitHours,
    self_rescue: numberOf(rule.selfRescue),
    changed_at: now,
  };
}

function ruleOf(row: PolicyTable): Rule {
  return {
    scope: row.scope,
    requirement: row.requirement,
    requiredFrom: row.required_from,
    graceDays: row.grace_days,
    skips: row.skips,
    factors: row.factors === null ? null : FACTORS.filter((name) => row.factors?.split(" ").includes(name)),
    trustDays: row.trust_days,
    sessionHours: row.session_hours,
    endlessKeys: booleanOf(row.endless_keys),
    rescue: row.rescue,
    rescueWaitHours: row.rescue_wait_hours,
    selfRescue: booleanOf(row.self_rescue),
  };
}

function numberOf(said: boolean | null): 0 | 1 | null {
  return said === null ? null : said ? 1 : 0;
}

function booleanOf(said: 0 | 1 | null): boolean | null {
  return said === null ? null : said === 1;
}
