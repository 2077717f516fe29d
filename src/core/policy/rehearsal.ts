// The rehearsal of a rule: what would become of whom, if it were saved now. Nothing is written. A point on which the
// rule says what it said before changes nobody, so it is not asked about.

import type { Context } from "../../context.ts";
import type { Refused } from "../../outcomes.ts";
import type { AdministratorReader } from "../session/authority.ts";
import { type DecidedName, NOTHING_SAID, type PointName, type Rule } from "../session/policy-points.ts";
import { type Change, countMeant, nobody, type Touched } from "./change.ts";
import { loosened } from "./loosening.ts";
import { ASKING, newlyAsked, nobodyAsked } from "./newly-asked.ts";
import { newlyUntrusted, newlyWithoutKey } from "./newly-denied.ts";
import { type RuleReason, readRule, rowOf } from "./rules.ts";

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
  const old = await context.db.selectFrom("policies").selectAll().execute();
  const before = old.find(({ scope }) => scope === rule.scope);
  const change: Change = { scope: rule.scope, old, next: rowOf(rule, before, context.now()) };
  const saysElse = (points: readonly PointName[]) => points.some((point) => (before?.[point] ?? null) !== rule[point]);
  return {
    ok: true,
    rule,
    looser: loosened(context, before ?? { ...NOTHING_SAID, scope: rule.scope }, rule),
    people: await countMeant(context, change),
    ...(saysElse(ASKING) ? await newlyAsked(context, change) : nobodyAsked()),
    untrusted: saysElse(["trust_days"]) ? await newlyUntrusted(context, change) : nobody(),
    endlessKeys: saysElse(["endless_keys"]) ? await newlyWithoutKey(context, change) : nobody(),
  };
}
