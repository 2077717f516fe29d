// Where a rule lets people off whom the rule in its place held to something.

import type { Context } from "../../context.ts";
import { ROLES } from "../people/users.ts";
import { decideFor } from "../session/policies.ts";
import {
  DECIDED_NAMES,
  type DecidedName,
  isLooser,
  NOTHING_SAID,
  POINTS,
  type Rule,
  type Said,
  WAYS_OF_LEAVING_TIME,
} from "../session/policy-points.ts";

/** The points on which somebody may be held to less than before, whatever the other rules say about them. */
export function loosened({ options }: Pick<Context, "options">, before: Rule, after: Rule): DecidedName[] {
  const role = ROLES.find((each) => after.scope === `role:${each}`) ?? "person";
  const decided = (rule: Rule, name: DecidedName, other: Said | null) =>
    decideFor(options, [rule, { ...NOTHING_SAID, scope: "everyone", [name]: other }], { role, required_from: null });
  return DECIDED_NAMES.filter(
    (name) =>
      // What shows beside other rules shows beside the loosest of them.
      [null, POINTS[name].loosest].some((other) =>
        isLooser(name, decided(after, name, other), decided(before, name, other)),
      ) ||
      (name === "requirement" && leavesMoreTime(before, after)),
  );
}

/** Whether a rule may wait for somebody for whom the other no longer waits. */
function leavesMoreTime(before: Rule, after: Rule): boolean {
  const isAtOnce = (rule: Rule) => WAYS_OF_LEAVING_TIME.every((way) => rule[way] === null);
  if (before.requirement !== "required" || isAtOnce(after)) return false;
  if (isAtOnce(before)) return true;
  // Each of the ways before can be the first that is over, so none may be gone or longer.
  return WAYS_OF_LEAVING_TIME.some((way) => (before[way] ?? Infinity) < (after[way] ?? Infinity));
}
