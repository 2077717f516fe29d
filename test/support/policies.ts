// Rules of a policy, written to the database as the page of policies leaves them.

import type { PolicyTable } from "../../src/db/schema.ts";
import type { World } from "./world.ts";

const NOTHING_SAID = {
  requirement: null,
  required_since: null,
  required_from: null,
  grace_days: null,
  skips: null,
  factors: null,
  trust_days: null,
  session_hours: null,
  endless_keys: null,
  rescue: null,
  rescue_wait_hours: null,
  self_rescue: null,
};

/** A rule that says nothing but what is given. */
export function rule(given: Partial<PolicyTable>): PolicyTable {
  return { scope: "everyone", changed_at: 0, ...NOTHING_SAID, ...given };
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
