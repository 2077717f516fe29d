// The rehearsal of a rule: what would become of whom, if it were saved now. Nothing is written, and people are read a
// few hundred at a time.

import type { Context } from "../../context.ts";
import type { PolicyTable } from "../../db/schema.ts";
import type { Refused } from "../../outcomes.ts";
import { NEVER } from "../people/api-keys.ts";
import type { AdministratorReader } from "../session/authority.ts";
import * as policies from "../session/policies.ts";
import { type DecidedName, NOTHING_SAID, type Rule } from "../session/policy-points.ts";
import { alive } from "../session/sessions.ts";
import { loosened } from "./loosening.ts";
import { type RuleReason, readRule, rowOf } from "./rules.ts";

/** How many people of each kind are named. */
const NAMED = 10;
const DAY = 86_400_000;

/** How many people, and some of them; `at` is when it happens to each, null: at their next request. */
export type Touched = { total: number; first: { id: string; name: string; at: number | null }[] };

export type Rehearsal = {
  ok: true;
  /** The rule that was rehearsed, as it would be saved. */
  rule: Rule;
  /** On which points it may hold people to less than the rule before it. */
  looser: DecidedName[];
  /** People whom the rule is for. */
  people: number;
  /** Have no second factor, and would owe one that they do not owe now. */
  asked: Touched;
  /** Of those, who would reach nothing but enrolment at once, and how many sessions that concerns. */
  stopped: Touched;
  sessions: number;
  /** Of those who are asked, who cannot be reminded by mail. */
  withoutEmail: Touched;
  /** Of those who are asked, who have an API key and never sign in: accounts of services. Their keys go on working. */
  services: Touched;
  /** Lose the trust of a browser at the next sign-in. */
  untrusted: Touched;
  /** Have a key without an end, which stops at its next use. */
  endlessKeys: Touched;
};

/** What saving this rule would do. */
export async function rehearse(
  context: Context,
  _reader: AdministratorReader,
  given: Rule,
): Promise<Rehearsal | Refused<RuleReason>> {
  const read = readRule(given);
  if (!read.ok) return read;
  const { rule } = read;
  const now = context.now();
  const rules = await context.db.selectFrom("policies").selectAll().execute();
  const before = rules.find(({ scope }) => scope === rule.scope);
  const changed = [...rules.filter((other) => other !== before), rowOf(rule, before, now)];
  const touched: Record<Kind, Touched> = {
    asked: nobody(),
    stopped: nobody(),
    withoutEmail: nobody(),
    services: nobody(),
    untrusted: nobody(),
    endlessKeys: nobody(),
  };
  const count = { people: 0, sessions: 0 };
  for await (const { people, range } of policies.everybody(context)) {
    const concerned = people.filter(({ scopes }) => scopes.has(rule.scope));
    const [keys, browsers, sessions] = await Promise.all([
      livingKeys(context, range),
      trustedBrowsers(context, range),
      sessionsOf(context, range),
    ]);
    for (const somebody of concerned) {
      const { user, hasFactor } = somebody;
      const trusts = browsers.get(user.id) ?? [];
      const hasEndlessKey = keys.get(user.id)?.some(({ expires_at }) => expires_at === NEVER) ?? false;
      if (hasFactor && trusts.length === 0 && !hasEndlessKey) continue;
      const under = (all: PolicyTable[]) => policies.combine(context, policies.meeting(all, somebody), user);
      const [old, next] = [under(rules), under(changed)];
      const touch = (kind: Kind, at: number | null) => {
        touched[kind].total++;
        if (touched[kind].first.length < NAMED) touched[kind].first.push({ id: user.id, name: user.name, at });
      };
      const demand = hasFactor ? undefined : policies.demand(next, now);
      const isAsked = demand === "only-enrol" || demand?.requirement === "required";
      if (isAsked && JSON.stringify(policies.demand(old, now)) !== JSON.stringify(demand)) {
        const at = demand === "only-enrol" ? null : demand.dueAt;
        touch("asked", at);
        if (user.email === null) touch("withoutEmail", at);
        if (user.last_sign_in_at === null && keys.has(user.id)) touch("services", at);
        if (demand === "only-enrol") {
          touch("stopped", null);
          count.sessions += sessions.get(user.id)?.length ?? 0;
        }
      }
      const lasts = (created_at: number, { trust_days }: policies.Policy) => created_at > now - trust_days * DAY;
      const ends = trusts.some(({ created_at }) => lasts(created_at, old) && !lasts(created_at, next));
      if (ends) touch("untrusted", null);
      if (hasEndlessKey && old.endless_keys > next.endless_keys) touch("endlessKeys", null);
    }
    count.people += concerned.length;
  }
  const looser = loosened(context, before ?? { ...NOTHING_SAID, scope: rule.scope }, rule);
  return { ok: true, rule, looser, ...count, ...touched };
}

type Kind = Exclude<keyof Rehearsal, "ok" | "rule" | "looser" | "people" | "sessions">;

function nobody(): Touched {
  return { total: 0, first: [] };
}

async function livingKeys({ db, now }: Context, range: policies.Range) {
  const keys = db.selectFrom("api_keys").select(["user_id", "expires_at"]);
  const living = keys.where("revoked_at", "is", null).where("expires_at", ">", now());
  return byUser(await policies.within(living, range).execute());
}

async function trustedBrowsers({ db, now }: Context, range: policies.Range) {
  const browsers = db.selectFrom("trusted_browsers").select(["user_id", "created_at"]);
  return byUser(await policies.within(browsers.where("expires_at", ">", now()), range).execute());
}

async function sessionsOf(context: Context, range: policies.Range) {
  return byUser(await policies.within(alive(context).select("user_id"), range).execute());
}

function byUser<Row extends { user_id: string }>(rows: Row[]): Map<string, Row[]> {
  return Map.groupBy(rows, ({ user_id }) => user_id);
}
