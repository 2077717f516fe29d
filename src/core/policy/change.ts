// A change of the rules, and whom it touches.
//
// Very many people are alike to rules: of one role, in the same of the groups that rules are for, never asked at a
// sign-in and not asked alone. The database counts such crowds, and each is decided about once. Where there are many of
// them, because many groups have rules, they are small, and looked for among some people after the other.

import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Context } from "../../context.ts";
import type { PolicyTable, Role } from "../../db/schema.ts";
import { BATCH, ownersOf } from "../session/account-batches.ts";
import { combine, type MetRule, type Policy, type Subject } from "../session/policies.ts";

/** How many people of each kind are named. */
const NAMED = 10;
/** Crowds of all that are looked at: each takes some walks through everybody. One more group can be twice as many. */
const MOST_CROWDS = 20;

/** Some of those whom a change touches; `at` is when it happens to each, null: at their next request. */
type Named = { id: string; name: string; at: number | null };

/** How many people, and some of them. */
export type Touched = { total: number; first: Named[] };

/** The rules as they are, and what a scope's rule says then. */
export type Change = { scope: string; old: readonly PolicyTable[]; next: PolicyTable };

/** Somebody as the rules meet them. */
export type Met = { user: Pick<Subject, "role" | "required_from">; rules: readonly MetRule[] };

/** People who are alike, with or without an address, and which rows of `directory` are theirs. */
export type Crowd = Met & { hasEmail: boolean; people: number; rows: RawBuilder<SqlBool> };

// In the words of the indexes of `directory` that hold these rows alone.
/** Without a second factor. */
export const IS_WITHOUT_APP = sql<SqlBool>`apps = 0`;
/** Asked alone, or by a rule at a sign-in, so that what rules ask depends on the person. */
export const IS_APART = sql<SqlBool>`(required = 1 or asked = 1)`;

/** Nobody, until somebody is added. */
export function nobody(): Touched {
  return { total: 0, first: [] };
}

/** Adds people, of whom some are named. */
export function add(touched: Touched, total: number, named: readonly Named[]): void {
  touched.total += total;
  touched.first = [...touched.first, ...named].sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, NAMED);
}

/** What the rules decide about somebody whom the rule is for, before the change and after it. */
export function decided(
  context: Context,
  { scope, next }: Change,
  { user, rules }: Met,
): { old: Policy; next: Policy } {
  const before = rules.find((rule) => rule.scope === scope);
  const { asked_since = null, asked_sign_ins = null } = before ?? {};
  const changed = [...rules.filter((rule) => rule !== before), { ...next, asked_since, asked_sign_ins }];
  return { old: combine(context, rules, user), next: combine(context, changed, user) };
}

/** Whom to look for among those whom a rule is for; `isCounted` where the rows of `people_counts` tell of it, too. */
type Looked = { state: RawBuilder<SqlBool>; isCounted?: boolean };

/** The crowds among those whom the rule is for and whose rows of `directory` are in a state. */
export async function* crowds(context: Context, change: Change, looked: Looked): AsyncGenerator<Crowd> {
  const found = await crowdsOfAll(context, change, looked);
  if (found.length <= MOST_CROWDS) yield* found;
  else yield* crowdsOfSome(context, change, looked);
}

/** All crowds, or more than are looked at as such. */
async function crowdsOfAll(
  { reports }: Context,
  change: Change,
  { state, isCounted = false }: Looked,
): Promise<Crowd[]> {
  const ids = change.old.flatMap(({ scope }) => groupIn(scope) ?? []);
  const own = sql`(select string_agg(group_id, ' ' order by group_id) from group_members
    where group_members.user_id = directory.user_id and group_id in (${sql.join(ids)}))`;
  const groups = ids.length === 0 ? sql`cast('' as text)` : sql`coalesce(${own}, '')`;
  const isOfGroups = ids.length > 0 || groupIn(change.scope) !== undefined;
  const counts =
    isCounted && !isOfGroups ? sql`sum(people) as people from people_counts` : sql`count(*) as people from directory`;
  const found = sql<{ role: Role; has_email: 0 | 1; groups_in: string; people: number }>`
    select role, has_email, ${groups} as groups_in, ${counts}
    where ${isMeant(change)} and ${state} group by role, has_email, groups_in limit ${sql.lit(MOST_CROWDS + 1)}`;
  const { rows } = await found.execute(reports);
  return rows
    .filter(({ people }) => people > 0)
    .map(({ role, has_email, groups_in, people }) => {
      const scopes = ["everyone", `role:${role}`, ...groups_in.split(" ").map((id) => `group:${id}`)];
      const met = change.old.filter(({ scope }) => scopes.includes(scope));
      const alike = sql`role = ${role} and has_email = ${has_email} and ${groups} = ${groups_in}`;
      return {
        user: { role, required_from: null },
        rules: met.map((rule) => ({ ...rule, asked_since: null, asked_sign_ins: null })),
        hasEmail: has_email === 1,
        people,
        rows: sql`${alike} and ${isMeant(change)} and ${state}`,
      };
    });
}

/** The same among some hundreds of people, and then among the next. Whoever the rules decide alike about is one crowd. */
async function* crowdsOfSome(context: Context, change: Change, { state }: Looked): AsyncGenerator<Crowd> {
  const meant = sql<SqlBool>`${isMeant(change)} and ${state}`;
  for await (const some of ownersOf(context, { table: "directory", when: meant })) {
    const met = some.map(({ user: { id, role, email }, rules }) => ({
      id,
      user: { role, required_from: null },
      rules: rules.map((rule) => ({ ...rule, asked_since: null, asked_sign_ins: null })),
      hasEmail: email !== null,
    }));
    const alike = Map.groupBy(met, (each) => JSON.stringify([each.hasEmail, decided(context, change, each)]));
    for (const people of alike.values()) {
      const [first] = people;
      if (first === undefined) continue;
      const { id, ...common } = first;
      // As many values each time, so that it is one statement for the database.
      const ids = Array.from({ length: BATCH }, (_, at) => people[at]?.id ?? id);
      const rows = sql<SqlBool>`directory.user_id in (${sql.join(ids)}) and ${meant}`;
      yield { ...common, people: people.length, rows };
    }
  }
}

/** Whether a row of `directory` is of somebody whom the rule is for. Whoever is disabled is nobody to it. */
export function isMeant({ scope }: Pick<Change, "scope">): RawBuilder<SqlBool> {
  const group = groupIn(scope);
  if (group !== undefined)
    return sql`disabled = 0 and exists (select 1 from group_members
      where group_members.user_id = directory.user_id and group_id = ${group})`;
  return scope === "everyone" ? sql`disabled = 0` : sql`disabled = 0 and role = ${scope.replace(/^role:/, "")}`;
}

function groupIn(scope: string): string | undefined {
  return /^group:(.*)$/s.exec(scope)?.[1];
}

/** How many people the rule is for. */
export async function countMeant(context: Context, change: Change): Promise<number> {
  const group = groupIn(change.scope);
  if (group !== undefined) {
    return countOf(
      context,
      sql`disabled = 0 and user_id in (select user_id from group_members where group_id = ${group})`,
    );
  }
  const counts = context.reports.selectFrom("people_counts").where(isMeant(change));
  const sum = counts.select((eb) => eb.fn.sum<number | null>("people").as("people"));
  return (await sum.executeTakeFirstOrThrow()).people ?? 0;
}

/** How many rows of `directory` fulfil a condition. */
export async function countOf({ reports }: Context, rows: RawBuilder<SqlBool>): Promise<number> {
  const counted = reports.selectFrom("directory").select((eb) => eb.fn.countAll<number>().as("people"));
  return (await counted.where(rows).executeTakeFirstOrThrow()).people;
}

/** The first people whose rows of `directory` fulfil a condition. */
export async function firstOf({ reports }: Context, rows: RawBuilder<SqlBool>, at: number | null): Promise<Named[]> {
  const named = reports.selectFrom("directory").select(["user_id as id", "name"]).where(rows);
  const first = await named.orderBy("user_id").limit(NAMED).execute();
  return first.map((each) => ({ ...each, at }));
}
