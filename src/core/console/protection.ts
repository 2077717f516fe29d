// How well people are protected: who lacks a second factor or has nothing for the day when the phone is lost, whose
// phone's clock is off, whom nobody has seen for long. Each is a filter of the list of people.

import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from "kysely";
import type { Context } from "../../context.ts";
import type { Schema } from "../../db/schema.ts";
import type { AdministratorReader } from "../session/authority.ts";

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

/** Apps that were used in so long tell what the time is on phones now, if there are so many. */
const DRIFT_DAYS = 30;
const FEWEST_PHONES = 5;

/** How an installation stands: how many people are in each state, and how far the server's own clock seems to be off. */
export type Overview = {
  /** Who can sign in. */
  people: number;
  counts: Record<PeopleState, number>;
  /** Seconds by which most phones agree that the server's clock is ahead (negative: behind); 0 where they do not. */
  serverAhead: number;
};

/** How the installation stands now. */
export async function overview(context: Context, _reader: AdministratorReader): Promise<Overview> {
  const count = async (condition: (eb: Users) => ExpressionWrapper<Schema, "users", SqlBool>) => {
    const counted = context.db.selectFrom("users").select((eb) => eb.fn.countAll<number>().as("people"));
    return (await counted.where(condition).executeTakeFirstOrThrow()).people;
  };
  // One query each: several conditions in one would keep the databases from joining.
  const counts = PEOPLE_STATES.map(async (state) => [state, await count((eb) => isIn(eb, state, context))] as const);
  return {
    people: await count(canSignIn),
    counts: Object.fromEntries(await Promise.all(counts)) as Overview["counts"],
    serverAhead: await serverAhead(context),
  };
}

/** Phones know the time from their network. If the one in the middle of all is off, then rather the server is. */
async function serverAhead({ db, now }: Context): Promise<number> {
  const rows = await db
    .selectFrom("authenticators")
    .select(["drift_steps", "period"])
    .select((eb) => eb.fn.countAll<number>().as("phones"))
    .where("last_used_at", ">=", now() - DRIFT_DAYS * DAY)
    .groupBy(["drift_steps", "period"])
    .execute();
  const total = rows.reduce((sum, { phones }) => sum + phones, 0);
  if (total < FEWEST_PHONES) return 0;
  const ordered = rows.toSorted((a, b) => a.drift_steps * a.period - b.drift_steps * b.period);
  let counted = 0;
  const middle = ordered.find(({ phones }) => {
    counted += phones;
    return counted * 2 >= total;
  });
  if (middle === undefined || (middle.drift_steps < CLOCK_OFF.ahead && middle.drift_steps > CLOCK_OFF.behind)) return 0;
  return -middle.drift_steps * middle.period;
}

type Users = ExpressionBuilder<Schema, "users">;

/** Whether a person is in a state. Whoever is disabled or has no password yet cannot sign in, and is in few. */
export function isIn(eb: Users, state: PeopleState, { now }: Pick<Context, "now">) {
  const own = eb.selectFrom("authenticators").whereRef("authenticators.user_id", "=", "users.id");
  const conditions: Record<PeopleState, () => ExpressionWrapper<Schema, "users", SqlBool>> = {
    "two-factor": () => eb.exists(own.select("id")),
    "no-second-factor": () => eb.and([canSignIn(eb), eb.not(eb.exists(own.select("id")))]),
    "one-authenticator": () =>
      eb.and([canSignIn(eb), eb.exists(own.select("id")), eb("users.id", "not in", havingSeveral(eb))]),
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

/** Whoever has several apps, besides those that another one is taking the place of. */
function havingSeveral(eb: Users) {
  return eb
    .selectFrom("authenticators")
    .select("user_id")
    .where("replaced_by", "is", null)
    .groupBy("user_id")
    .having((own) => own.fn.countAll(), ">", 1);
}

function unusedCodes(eb: Users) {
  return eb
    .selectFrom("recovery_codes")
    .innerJoin("recovery_code_sets", "recovery_code_sets.id", "recovery_codes.set_id")
    .select("recovery_codes.id")
    .whereRef("recovery_code_sets.user_id", "=", "users.id")
    .where("used_at", "is", null);
}
