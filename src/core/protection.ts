// How well people are protected: who lacks a second factor or has nothing for the day when the phone is lost, whose
// phone's clock is off, whom nobody has seen for long. Each is a filter of the list of people.

import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from "kysely";
import type { Context } from "../context.ts";
import type { Schema } from "../db/schema.ts";

const DAY = 86_400_000;

/** What a person can be found by. All but the first tell that something is to be done. */
export const PEOPLE_STATES = [
  "two-factor",
  "no-second-factor",
  "one-authenticator",
  "no-recovery-codes",
  "clock-off",
  "not-seen",
] as const;
export type PeopleState = (typeof PEOPLE_STATES)[number];

/** Steps from which a phone's clock counts as off. Slow typing alone makes codes one step late. */
const CLOCK_OFF = { ahead: 1, behind: -2 };
const UNSEEN_DAYS = 90;

type Users = ExpressionBuilder<Schema, "users">;

/** Whether a person is in a state. Whoever is disabled or has no password yet cannot log in, and is in few. */
export function isIn(eb: Users, state: PeopleState, { now }: Pick<Context, "now">) {
  const own = eb.selectFrom("authenticators").whereRef("authenticators.user_id", "=", "users.id");
  const conditions: Record<PeopleState, () => ExpressionWrapper<Schema, "users", SqlBool>> = {
    "two-factor": () => eb.exists(own.select("id")),
    "no-second-factor": () => eb.and([canSignIn(eb), eb.not(eb.exists(own.select("id")))]),
    "one-authenticator": () =>
      eb.and([canSignIn(eb), eb(own.where("replaced_by", "is", null).select(eb.fn.countAll().as("n")), "=", 1)]),
    "no-recovery-codes": () => eb.and([canSignIn(eb), eb.exists(own.select("id")), eb.not(eb.exists(unusedCodes(eb)))]),
    "clock-off": () =>
      eb.and([
        canSignIn(eb),
        eb.exists(
          own
            .where((app) =>
              app.or([app("drift_steps", ">=", CLOCK_OFF.ahead), app("drift_steps", "<=", CLOCK_OFF.behind)]),
            )
            .select("id"),
        ),
      ]),
    "not-seen": () =>
      eb.and([canSignIn(eb), eb(eb.fn.coalesce("last_sign_in_at", "created_at"), "<=", now() - UNSEEN_DAYS * DAY)]),
  };
  return conditions[state]();
}

function canSignIn(eb: Users) {
  return eb.and([eb("disabled_at", "is", null), eb("password_hash", "is not", null)]);
}

function unusedCodes(eb: Users) {
  return eb
    .selectFrom("recovery_codes")
    .innerJoin("recovery_code_sets", "recovery_code_sets.id", "recovery_codes.set_id")
    .select("recovery_codes.id")
    .whereRef("recovery_code_sets.user_id", "=", "users.id")
    .where("used_at", "is", null);
}
