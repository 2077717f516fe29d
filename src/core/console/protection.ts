// How well people are protected: who lacks a second factor or has nothing for the day when the phone is lost, whose
// phone's clock is off, whom nobody has seen for long. Each is a filter of the list of people.

import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Context } from "../../context.ts";
import type { Standing } from "../../db/schema.ts";
import type { AdministratorReader } from "../session/authority.ts";

const DAY = 86_400_000;
const UNSEEN_DAYS = 90;

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

/** Whoever is disabled or has no password yet cannot sign in, and is in few states. */
const MAY_SIGN_IN = sql<SqlBool>`may_sign_in = 1`;

/** Whether a row of `directory` is in a state, and those whom a row of `people_counts` counts. */
const COUNTED: Record<Exclude<PeopleState, "not-seen">, RawBuilder<SqlBool>> = {
  "two-factor": sql`apps > 0`,
  "no-second-factor": sql`${MAY_SIGN_IN} and apps = 0`,
  "one-authenticator": sql`${MAY_SIGN_IN} and apps = 1`,
  "no-recovery-codes": sql`${MAY_SIGN_IN} and apps > 0 and has_codes = 0`,
  "clock-off": sql`${MAY_SIGN_IN} and clock_off = 1`,
};

const ALIKE: readonly (keyof Standing)[] = [
  "role",
  "disabled",
  "may_sign_in",
  "has_email",
  "required",
  "asked",
  "apps",
  "has_codes",
  "clock_off",
] as const;
/** Rows of `people_counts` that are left as they are. */
const MOST_ROWS = 500;
/** Rows that are added up by one statement: many more than there can be that say something else. */
const MOST_ADDED = 20_000;

/** Steps from which a clock counts as off, as in `directory`. Slow typing alone makes codes one step late. */
const CLOCK_OFF = { ahead: 1, behind: -2 };

/** Apps that were used in so long tell what the time is on phones now, if there are so many. */
const DRIFT_DAYS = 30;
const FEWEST_PHONES = 5;
/** So many are looked at. Ids are random, so the first of all are a fair choice. */
const MOST_PHONES = 1_000;

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
  const counts = PEOPLE_STATES.map(async (state) => [state, await countOf(context, state)] as const);
  return {
    people: await sumOf(context, MAY_SIGN_IN),
    counts: Object.fromEntries(await Promise.all(counts)) as Overview["counts"],
    serverAhead: await serverAhead(context),
  };
}

/** How many people there are, or how many of them are in a state. */
export async function countOf(context: Context, state?: PeopleState): Promise<number> {
  if (state !== "not-seen") return sumOf(context, state === undefined ? sql`1 = 1` : COUNTED[state]);
  const { people } = await context.reports
    .selectFrom("directory")
    .select((eb) => eb.fn.countAll<number>().as("people"))
    .where(isIn(state, context))
    .executeTakeFirstOrThrow();
  return people;
}

async function sumOf({ reports }: Context, condition: RawBuilder<SqlBool>): Promise<number> {
  const { people } = await reports
    .selectFrom("people_counts")
    .select((eb) => eb.fn.coalesce(eb.fn.sum<number>("people"), sql.lit(0)).as("people"))
    .where(condition)
    .executeTakeFirstOrThrow();
  return people;
}

/** Whether a row of `directory` is in a state. */
export function isIn(state: PeopleState, { now }: Pick<Context, "now">): RawBuilder<SqlBool> {
  if (state !== "not-seen") return COUNTED[state];
  return sql`${MAY_SIGN_IN} and seen_on <= ${Math.floor(now() / DAY) - UNSEEN_DAYS}`;
}

/** Phones know the time from their network. If the one in the middle of all is off, then rather the server is. */
async function serverAhead({ reports, now }: Context): Promise<number> {
  const rows = await reports
    .selectFrom("authenticators")
    .select(["drift_steps", "period"])
    .where("last_used_at", ">=", now() - DRIFT_DAYS * DAY)
    .orderBy("id")
    .limit(MOST_PHONES)
    .execute();
  if (rows.length < FEWEST_PHONES) return 0;
  const ordered = rows.toSorted((a, b) => a.drift_steps * a.period - b.drift_steps * b.period);
  const middle = ordered[Math.ceil(rows.length / 2) - 1];
  if (middle === undefined || (middle.drift_steps < CLOCK_OFF.ahead && middle.drift_steps > CLOCK_OFF.behind)) return 0;
  return -middle.drift_steps * middle.period;
}

/**
 * Adds up the rows of `people_counts` that say the same, where the database cannot do so at once; some at a time, because
 * an import leaves as many as people, and what takes too long is undone.
 */
export async function addUp({ db, dialect }: Context): Promise<void> {
  if (dialect === "sqlite") return;
  const alike = sql.join(ALIKE.map((column) => sql.ref(column)));
  for (;;) {
    // One statement, so that whoever counts meanwhile sees all of it or nothing. No row is ever changed, so where it is
    // tells which it is.
    const { rows } = await sql<{ added: number }>`
      with gone as (
        delete from people_counts
          where ctid = any (array (select ctid from people_counts limit ${sql.lit(MOST_ADDED)}))
          and (select count(*) from people_counts) > ${sql.lit(MOST_ROWS)} returning *
      ), sums as (
        insert into people_counts (${alike}, people)
        select ${alike}, sum(people) from gone group by ${alike} having sum(people) <> 0
      )
      select count(*) as added from gone`.execute(db);
    if ((rows[0]?.added ?? 0) < MOST_ADDED) return;
  }
}
