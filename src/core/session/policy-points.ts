// The points on which a rule of the policy can say something, one row each. How a rule is checked and kept, what rules
// decide together, the form, the summary and what is looser than before follow from the row. The sentences stand in the
// catalogues, the meaning in docs/policy.md. A point has the name of its column everywhere.

import type { PolicyPoints } from "../../db/schema.ts";
import { allowance, choice, factors, type Kind, number, time } from "./point-kinds.ts";

export type PointName = keyof PolicyPoints;

/** What can be said about a point. */
export type Said<Name extends PointName = PointName> = NonNullable<PolicyPoints[Name]>;

/** What one rule says about each point, null for nothing, to those whom its scope means. */
export type Rule = PolicyPoints & {
  /** `everyone`, `role:<role>` or `group:<id>`. */
  scope: string;
};

/** The parts of a rule, in the order in which they are shown. */
export const PARTS = ["requirement", "codes", "access", "rescue"] as const;
type Part = (typeof PARTS)[number];

/** Second factors that a rule can name. */
export const FACTORS = ["authenticator", "recovery-code", "mailed-code"] as const;
export type FactorName = (typeof FACTORS)[number];

/** What a rule can say about factors. Two rules must always leave one that both count, so each set has the app. */
export const FACTOR_SETS = [
  "authenticator",
  "authenticator recovery-code",
  "authenticator mailed-code",
  "authenticator recovery-code mailed-code",
] as const;

export const POINTS = {
  requirement: { part: "requirement", ...choice("optional", "encouraged", "required") },
  required_from: { part: "requirement", ...time() },
  grace_days: { part: "requirement", ...number({ least: 0, most: 365 }) },
  skips: { part: "requirement", ...number({ least: 0, most: 100 }) },
  // A code by mail is weaker than the rest, so it takes a rule.
  factors: {
    part: "codes",
    ...factors(FACTOR_SETS, {
      loosest: "authenticator recovery-code mailed-code",
      otherwise: "authenticator recovery-code",
    }),
  },
  trust_days: { part: "codes", ...number({ least: 0, most: 30 }) },
  // A session lasts for a day at most (NIST SP 800-63B §2.2.3).
  session_hours: { part: "access", ...number({ least: 1, most: 24 }) },
  endless_keys: { part: "access", ...allowance() },
  // What must happen between asking for a rescue and the rescue (core/rescue/rescues.ts).
  rescue: { part: "rescue", ...choice("at-once", "waiting", "approval") },
  rescue_wait_hours: { part: "rescue", ...number({ least: 1, most: 720, strictest: "largest", otherwise: 24 }) },
  // Whether the password and the wait alone may lead to a new second factor (core/rescue/self-rescue.ts).
  self_rescue: { part: "rescue", ...allowance() },
} as const satisfies { readonly [Name in PointName]: Kind<Said<Name>> & { part: Part } };

/** A point, whichever it is. */
export type Point = Kind<Said> & { part: Part };
const ROWS: Readonly<Record<PointName, Point>> = POINTS;

/** The names of all points, in the order in which they are shown. */
export const POINT_NAMES = Object.keys(POINTS) as PointName[];

/** What a rule says that says nothing. */
export const NOTHING_SAID = Object.fromEntries(POINT_NAMES.map((name) => [name, null])) as PolicyPoints;

/** The points that leave time in a rule that requires; whichever is over first counts, so they decide nothing alone. */
export const WAYS_OF_LEAVING_TIME = ["required_from", "grace_days", "skips"] as const satisfies PointName[];

export type DecidedName = Exclude<PointName, (typeof WAYS_OF_LEAVING_TIME)[number]>;

/** The points on which rules decide. */
export const DECIDED_NAMES = POINT_NAMES.filter(
  (name): name is DecidedName => !WAYS_OF_LEAVING_TIME.some((way) => way === name),
);

/** What rules decide together. */
export type Decided = { [Name in DecidedName]: Said<Name> };

/** The strictest of what rules say, point by point. */
export function decide(rules: readonly Partial<PolicyPoints>[]): Decided {
  const decided: Partial<Record<DecidedName, Said>> = {};
  for (const name of DECIDED_NAMES) {
    let strictest: Said | undefined;
    for (const rule of rules) {
      const said = rule[name] ?? undefined;
      if (said !== undefined) strictest = strictest === undefined ? said : ROWS[name].stricter(strictest, said);
    }
    decided[name] = strictest ?? ROWS[name].otherwise;
  }
  // Each value was decided by the row of its own name.
  return decided as Decided;
}

/** Whether a decision on a point lets anybody off whom another held to something. */
export function isLooser<Name extends DecidedName>(name: Name, decided: Decided, than: Decided): boolean {
  return ROWS[name].stricter(than[name], decided[name]) !== decided[name];
}
