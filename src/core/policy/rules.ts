// The rules of a policy as administrators keep them: read, checked, saved. policies.ts says what they decide.

import { sql } from "kysely";
import type { Client, Context } from "../../context.ts";
import type { PolicyPoints, PolicyTable, Role } from "../../db/schema.ts";
import { type Refused, refused } from "../../outcomes.ts";
import * as trustedBrowsers from "../factors/trusted-browsers.ts";
import type { Over } from "../ground/sweep.ts";
import { ROLES } from "../people/users.ts";
import { type AdministratorAuthority, type AdministratorReader, by, withAuthority } from "../session/authority.ts";
import {
  NOTHING_SAID,
  POINT_NAMES,
  POINTS,
  type PointName,
  type Rule,
  type Said,
  WAYS_OF_LEAVING_TIME,
} from "../session/policy-points.ts";

/** A scope that is there without anybody making it. */
export type CommonScope = "everyone" | `role:${Role}`;
const COMMON_SCOPES: readonly CommonScope[] = ["everyone", ...ROLES.map((role) => `role:${role}` as const)];

/** Whom a rule is for and, where that is a group, the group's name. */
export type Scope = { scope: CommonScope; group: null } | { scope: `group:${string}`; group: string };

export type NamedRule = Rule & Scope;

/** What can be wrong with a rule. */
export type RuleReason = "scope_unknown" | `${PointName}_invalid`;

/** The rules that say something, and the scopes that have none. */
export async function list(
  { db }: Context,
  _reader: AdministratorReader,
): Promise<{ rules: NamedRule[]; free: Scope[] }> {
  const groups = await db.selectFrom("groups").select(["id", "name"]).orderBy("name_key").execute();
  const rows = await db.selectFrom("policies").selectAll().execute();
  const scopes: Scope[] = [
    ...COMMON_SCOPES.map((scope) => ({ scope, group: null }) as const),
    ...groups.map(({ id, name }) => ({ scope: `group:${id}`, group: name }) as const),
  ];
  const byScope = new Map(rows.map((row) => [row.scope, row]));
  const rules = scopes.flatMap((scope) => {
    const row = byScope.get(scope.scope);
    return row === undefined ? [] : [{ ...ruleOf(row), ...scope }];
  });
  return { rules, free: scopes.filter(({ scope }) => !byScope.has(scope)) };
}

/** What a scope's rule says, also where it says nothing yet; `undefined` for a scope that means nobody. */
export async function find(
  context: Context,
  _reader: AdministratorReader,
  scope: string,
): Promise<NamedRule | undefined> {
  const known = await scopeOf(context, scope);
  if (known === undefined) return undefined;
  const row = await context.db.selectFrom("policies").selectAll().where("scope", "=", scope).executeTakeFirst();
  return { ...NOTHING_SAID, ...(row && ruleOf(row)), ...known };
}

/** Puts a rule in the place of the one that its scope has; one that says nothing is removed. */
export async function save(
  context: Context,
  client: Client,
  authority: AdministratorAuthority,
  given: Rule,
): Promise<{ ok: true } | Refused<RuleReason | "no_authority">> {
  const read = readRule(given);
  if (!read.ok) return read;
  const { rule } = read;
  for (;;) {
    const rules = await allRules(context);
    const before = rules.find(({ scope }) => scope === rule.scope);
    const saysElse = rule.trust_days !== (before?.trust_days ?? null);
    // It takes long where there are many people, so it comes before the transaction, and holds if nothing has changed.
    const settledUntil = saysElse ? await trustedBrowsers.settle(context) : Infinity;
    const saved = await put(context, client, authority, { rule, rules, settledUntil });
    if (saved.ok || saved.reason !== "outdated") return saved;
  }
}

/** Puts the rule in its place, unless the rules are others by now or the time is over. */
function put(
  context: Context,
  client: Client,
  authority: AdministratorAuthority,
  { rule, rules, settledUntil }: { rule: Rule; rules: readonly PolicyTable[]; settledUntil: number },
) {
  type Put = { ok: true } | Refused<RuleReason> | { ok: false; reason: "outdated" };
  return withAuthority<Put>(context, client, authority, async (tx) => {
    const known = await scopeOf(tx, rule.scope);
    if (known === undefined) return refused("scope_unknown");
    const isSame = JSON.stringify(await allRules(tx)) === JSON.stringify(rules);
    if (!isSame || tx.now() >= settledUntil) return { ok: false, reason: "outdated" };
    const before = rules.find(({ scope }) => scope === rule.scope);
    const says = saidIn(rule);
    if (JSON.stringify(saidIn(before)) === JSON.stringify(says)) return { ok: true };
    if (Object.keys(says).length === 0) {
      await tx.db.deleteFrom("policies").where("scope", "=", rule.scope).execute();
    } else {
      const row = rowOf(rule, before, tx.now());
      await tx.db
        .insertInto("policies")
        .values(row)
        .onConflict((conflict) => conflict.column("scope").doUpdateSet(row))
        .execute();
    }
    const whom = known.group === null ? { scope: known.scope } : { scope: known.group, group: known.group };
    tx.record({ kind: "policy.changed", ...by(authority, { ...whom, ...says }) });
    return { ok: true };
  });
}

/** Sign-ins that were counted for a rule that does not ask any more, or asks anew. */
export function over(): Over<"askings"> {
  const asking = sql`select 1 from policies where policies.scope = askings.scope and requirement = 'required'
    and coalesce(required_since, 0) <= since`;
  return { table: "askings", key: "user_id", when: sql`not exists (${asking})` };
}

function allRules({ db }: Pick<Context, "db">): Promise<PolicyTable[]> {
  return db.selectFrom("policies").selectAll().orderBy("scope").execute();
}

/** A rule out of what somebody hands in, if it says what can be said; whom it is for is looked up when it is saved. */
export function readRule(given: Readonly<Record<string, unknown>>): { ok: true; rule: Rule } | Refused<RuleReason> {
  const invalid = POINT_NAMES.find((name) => given[name] !== null && !POINTS[name].allows(given[name]));
  if (invalid !== undefined) return refused(`${invalid}_invalid`);
  // Only who is required is left time.
  const idle: readonly PointName[] = given.requirement === "required" ? [] : WAYS_OF_LEAVING_TIME;
  const points = POINT_NAMES.map((name) => [name, idle.includes(name) ? null : given[name]]);
  // Each value was allowed by the row of its own name.
  return { ok: true, rule: { scope: String(given.scope), ...Object.fromEntries(points) } as Rule };
}

/** The row of a rule. A requirement that is new, or leaves other time than before, begins now. */
export function rowOf(rule: Rule, before: PolicyTable | undefined, now: number): PolicyTable {
  const isSame = (["requirement", ...WAYS_OF_LEAVING_TIME] as const).every((name) => before?.[name] === rule[name]);
  const since = isSame ? (before?.required_since ?? null) : now;
  return { ...rule, required_since: rule.requirement === "required" ? since : null, changed_at: now };
}

function ruleOf(row: PolicyTable): Rule {
  const { required_since, changed_at, ...rule } = row;
  return rule;
}

/** What a rule says something about, and what. */
function saidIn(rule: PolicyPoints = NOTHING_SAID): Record<string, Said> {
  const said = POINT_NAMES.map((name) => [name, rule[name]] as const);
  return Object.fromEntries(said.filter((entry): entry is [PointName, Said] => entry[1] !== null));
}

/** A scope with the name of its group; `undefined` for one that means nobody. */
async function scopeOf({ db }: Context, scope: string): Promise<Scope | undefined> {
  const common = COMMON_SCOPES.find((each) => each === scope);
  if (common !== undefined) return { scope: common, group: null };
  const id = /^group:(.+)$/.exec(scope)?.[1] ?? "";
  const group = await db.selectFrom("groups").select("name").where("id", "=", id).executeTakeFirst();
  return group && { scope: `group:${id}`, group: group.name };
}
