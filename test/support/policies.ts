// Rules of a policy, written to the database as the page of policies leaves them.

import fc from "fast-check";
import {
  NOTHING_SAID,
  POINT_NAMES,
  POINTS,
  type Point,
  type Rule,
  type Said,
} from "../../src/core/session/policy-points.ts";
import type { PolicyTable } from "../../src/db/schema.ts";
import type { World } from "./world.ts";

const DAY = 86_400_000;

/** A rule that says nothing but what is given. */
export function rule(given: Partial<PolicyTable>): PolicyTable {
  return { scope: "everyone", changed_at: 0, required_since: null, ...NOTHING_SAID, ...given };
}

/** What a rule can say about a point, by chance; moments are some days around now, numbers small ones. */
export function sayable(point: Point, now: number): fc.Arbitrary<Said> {
  if (point.kind === "number") return fc.integer({ min: point.least, max: Math.min(point.most, point.least + 30) });
  if (point.kind === "time") return fc.integer({ min: now - 3 * DAY, max: now + 3 * DAY });
  return fc.constantFrom<Said>(...(point.kind === "allowance" ? ([0, 1] as const) : point.choices));
}

/** A rule by chance, silent about as many points as not. */
export function aRule(now: number): fc.Arbitrary<Rule> {
  const points = POINT_NAMES.map((name) => [name, fc.option(sayable(POINTS[name], now), { nil: null })]);
  // Each value is one that the row of its own name allows.
  return fc.record({ ...Object.fromEntries(points), scope: fc.constant("everyone") }) as fc.Arbitrary<Rule>;
}

/** Puts rules in the place of those that there are. */
export async function setRules(
  { context: { db } }: Pick<World, "context">,
  ...rules: Partial<PolicyTable>[]
): Promise<void> {
  await db.deleteFrom("policies").execute();
  if (rules.length > 0) await db.insertInto("policies").values(rules.map(rule)).execute();
}

/** Lets a code by mail stand in for the phone, for everyone. */
export function allowMailedCodes(world: Pick<World, "context">): Promise<void> {
  return setRules(world, { factors: "authenticator recovery-code mailed-code" });
}
