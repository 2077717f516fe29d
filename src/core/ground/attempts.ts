// Budgets for guessing. What must hold at the same time: whoever has the password gets at most twenty codes before the
// owner or an administrator must act; a stranger cannot keep the owner out; honest parallel sign-ins all pass.
//
// A miss belongs to a person, a bucket and a kind. A browser that completed a sign-in before is a bucket of its own; all
// others share the bucket `strangers`. An attempt is charged before it is checked, in a transaction of its own, so
// neither a crash nor a burst nor a rollback gives it back; success refunds it in the transaction that grants.

import { type ExpressionBuilder, type RawBuilder, sql } from "kysely";
import type { Context } from "../../context.ts";
import { fingerprint } from "../../crypto/secret-box.ts";
import type { Schema } from "../../db/schema.ts";
import { type Statement, statement } from "../../db/statement.ts";
import type { TooMany } from "../../outcomes.ts";
import { addressKey } from "./address.ts";
import type { Tried } from "./event-kinds.ts";
import type { Over } from "./sweep.ts";
import type { Tx } from "./transaction.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const STRANGERS = "strangers";
const UNKNOWN = "unknown:";

export type Budget = {
  kind: Tried;
  /** Misses before the first delay. */
  free: number;
  /** The delay after the last free miss; it doubles with each further one. */
  firstDelay: number;
  longestDelay: number;
  /** Misses at which the bucket is shut until somebody opens it; `null` for never. */
  shutAt: number | null;
  /** Whether each quiet hour halves the misses. Where it does not, only success or an administrator forgives. */
  halvesHourly: boolean;
};

/** Passwords slow down but never lock: a stranger must not be able to keep the owner out. */
export const PASSWORD: Budget = {
  kind: "password",
  free: 10,
  firstDelay: SECOND,
  longestDelay: 15 * MINUTE,
  shutAt: null,
  halvesHourly: true,
};

/**
 * Codes: whoever gets here has the password. Twenty misses give a chance of 20 × 3 in a million, 0.006 %, and time
 * never adds to it.
 */
export const CODE: Budget = {
  kind: "code",
  free: 5,
  firstDelay: 30 * SECOND,
  longestDelay: HOUR,
  shutAt: 20,
  halvesHourly: false,
};

/** Recovery codes cannot be guessed; their count is their own, so that neither shuts the way out of the other. */
export const RECOVERY: Budget = {
  kind: "recovery-code",
  free: 5,
  firstDelay: HOUR,
  longestDelay: 24 * HOUR,
  shutAt: null,
  halvesHourly: false,
};

/** Codes by mail: whoever gets here has the password. Only one is right, and twenty misses give a chance of 0.002 %. */
export const MAILED_CODE: Budget = { ...CODE, kind: "mailed-code" };

/** Misses at which a bucket is shut, for the kinds where it ever is. */
const SHUT_AT: ReadonlyMap<string, number> = new Map(
  [CODE, MAILED_CODE].map(({ kind, shutAt }) => [kind, shutAt ?? Infinity]),
);

/** Codes that were right but already spent: no guesses, yet nobody needs many of them. */
export const USED_CODE: Budget = { ...CODE, kind: "used-code", free: 10, shutAt: null, halvesHourly: true };

/** Codes that are to prove a new secret; guessing them gains nothing, the limit keeps the work bounded. */
export const ENROLMENT: Budget = { ...CODE, kind: "enrolment", free: 10, shutAt: null, halvesHourly: true };

/** A charged attempt: it is refunded, or stays as a miss. */
export type Charge = { ok: true; subject: string; bucket: string; kind: string; misses: number; blockedUntil: number };

/** Charges one attempt, if the bucket is neither blocked nor shut; the statement decides, not a look beforehand. */
export async function charge(tx: Tx, subject: string, bucket: string, budget: Budget): Promise<Charge | TooMany> {
  const { kind } = budget;
  const row = await chargeOf(budget).first(tx, { subject, bucket, now: tx.now() });
  if (row === undefined) return wait(tx, subject, bucket, budget);
  if (row.misses === budget.free || row.misses === budget.shutAt) {
    const user = subject.startsWith(UNKNOWN) ? null : subject;
    tx.record({ kind: "attempts.slowed", user, details: { kind, misses: row.misses } });
  }
  return { ok: true, subject, bucket, kind, misses: row.misses, blockedUntil: row.blocked_until };
}

type Charging = { subject: string; bucket: string; now: number };
type Charged = { misses: number; blocked_until: number };

const charges = new WeakMap<Budget, Statement<Charging, Charged>>();

/** The statement of a budget, which has its numbers in it. */
function chargeOf(budget: Budget): Statement<Charging, Charged> {
  let known = charges.get(budget);
  if (known === undefined) {
    known = statement<Charging, Charged>((_, { subject, bucket, now: time }) => {
      const now = bigint(time);
      const misses = sql<number>`(${standing(budget, now)} + 1)`;
      const { shutAt } = budget;
      const open = shutAt === null ? sql<boolean>`1 = 1` : sql<boolean>`attempts.misses < ${sql.lit(shutAt)}`;
      return sql<Charged>`
        insert into attempts (subject, bucket, kind, misses, blocked_until, first_at, last_at)
        values (${subject}, ${bucket}, ${budget.kind}, 1, 0, ${now}, ${now})
        on conflict (subject, bucket, kind) do update
          set misses = ${misses}, blocked_until = ${blockedAfter(budget, misses, now)}, last_at = ${now},
            first_at = case when ${misses} = 1 then ${now} else attempts.first_at end
          where attempts.blocked_until <= ${now} and ${open}
        returning misses, blocked_until`;
    });
    charges.set(budget, known);
  }
  return known;
}

/** How long the bucket is blocked; a cheap look that saves hashing, never the decision. */
export async function blocked(context: Context, subject: string, bucket: string, budget: Budget) {
  const answer = await wait(context, subject, bucket, budget);
  return answer.retryAfterSeconds === 0 ? undefined : answer;
}

/** Whether this was the last free miss, so that the next attempt has to wait. */
export function isExhausted({ misses }: Charge, budget: Budget): boolean {
  return misses >= budget.free;
}

/** Gives one attempt back, with the delay it caused, if nobody has been charged since. */
export async function refund(tx: Tx, { subject, bucket, kind, blockedUntil }: Charge): Promise<void> {
  await giveBack.run(tx, { subject, bucket, kind, blockedUntil });
}

type Given = Pick<Charge, "subject" | "bucket" | "kind" | "blockedUntil">;

const giveBack = statement((db, { subject, bucket, kind, blockedUntil }: Given) =>
  db
    .updateTable("attempts")
    .set((eb) => ({
      misses: eb("misses", "-", 1),
      blocked_until: eb.case().when("blocked_until", "=", blockedUntil).then(0).else(eb.ref("blocked_until")).end(),
    }))
    .where("subject", "=", subject)
    .where("bucket", "=", bucket)
    .where("kind", "=", kind)
    .where("misses", ">", 0),
);

/** Forgives the misses of a bucket after a complete success, of all budgets or of the given ones. */
export async function forgive(tx: Tx, subject: string, bucket: string, ...budgets: Budget[]): Promise<void> {
  if (budgets.length === 0) await forgiveAll.run(tx, { subject, bucket });
  await Promise.all(budgets.map(({ kind }) => forgiveKind.run(tx, { subject, bucket, kind })));
}

type Bucket = { subject: string; bucket: string };

const forgiveAll = statement((db, { subject, bucket }: Bucket) =>
  db.deleteFrom("attempts").where("subject", "=", subject).where("bucket", "=", bucket),
);

const forgiveKind = statement((db, { subject, bucket, kind }: Bucket & { kind: string }) =>
  db.deleteFrom("attempts").where("subject", "=", subject).where("bucket", "=", bucket).where("kind", "=", kind),
);

/** Forgives the wrong passwords of a bucket after a right password that no code followed; misses of codes stay. */
export async function forgivePassword(tx: Tx, subject: string, bucket: string): Promise<void> {
  await forgive(tx, subject, bucket, PASSWORD);
  if (bucket === STRANGERS) await refundStrangers(tx);
}

/** Forgives wrong passwords alone; misses of codes stay. */
export async function forgivePasswords(tx: Tx, subject: string): Promise<void> {
  await tx.db.deleteFrom("attempts").where("subject", "=", subject).where("kind", "=", PASSWORD.kind).execute();
}

/** Opens every bucket of a person, when their password changes or an administrator unlocks them. */
export async function unlock(tx: Tx, subject: string): Promise<void> {
  await tx.db.deleteFrom("attempts").where("subject", "=", subject).execute();
}

/** A bucket that is blocked until a time, or shut (null) until somebody opens it; `since` is the time of its first miss. */
export type Lock = { kind: Tried; bucket: string; misses: number; since: number; until: number | null };

/** The buckets of a person that are blocked or shut now, those of the most misses first. */
export async function locked({ db, now }: Context, subject: string): Promise<Lock[]> {
  const rows = await db
    .selectFrom("attempts")
    .select(["kind", "bucket", "misses", "first_at", "blocked_until"])
    .where("subject", "=", subject)
    .where((eb) => eb.or([eb("blocked_until", ">", now()), isShut(eb)]))
    .orderBy("misses", "desc")
    .orderBy("kind")
    .orderBy("bucket")
    .execute();
  return rows.map(({ kind, bucket, misses, first_at, blocked_until }) => ({
    // Only `charge` writes this column.
    kind: kind as Tried,
    bucket,
    misses,
    since: first_at,
    until: misses >= (SHUT_AT.get(kind) ?? Infinity) ? null : blocked_until,
  }));
}

/** Whether a row has reached the misses at which its kind is shut. */
function isShut(eb: ExpressionBuilder<Schema, "attempts">) {
  return eb.or([...SHUT_AT].map(([kind, shutAt]) => eb.and([eb("kind", "=", kind), eb("misses", ">=", shutAt)])));
}

/** Names that nobody has share 65,536 keyed places, so a flood of invented names costs a constant. */
export function unknownSubject({ keys }: Context, canonicalName: string): string {
  return `${UNKNOWN}${Buffer.from(fingerprint(keys, canonicalName).subarray(0, 2)).toString("hex")}`;
}

/** A steady allowance with a reserve (the generic cell rate algorithm, ITU-T I.371): one number for each key. */
export type Rate = { name: string; burst: number; perHour: number };

/** Strangers' passwords from one address; a company's people may share it. */
const FROM_ADDRESS: Rate = { name: "address", burst: 100, perHour: 200 };
/** Strangers' passwords over all, against spraying. Known browsers do not pass here. */
const FROM_ALL: Rate = { name: "all", burst: 1_000, perHour: 6_000 };
/** Warnings of one kind to one person. */
export const WARNINGS: Rate = { name: "warnings", burst: 3, perHour: 1 };
/** Notices of new browsers to one person. */
export const NEW_BROWSERS: Rate = { name: "new-browsers", burst: 5, perHour: 2 };
/** Rescues that a person starts without anybody's help. */
export const SELF_RESCUES: Rate = { name: "self-rescues", burst: 2, perHour: 1 / 24 };
/** Links for a forgotten password, to one person. */
export const RESET_MAILS: Rate = { name: "reset-mails", burst: 3, perHour: 2 };
/** Codes by mail, to one person. */
export const CODE_MAILS: Rate = { name: "code-mails", burst: 4, perHour: 6 };
/** Requests of such links from one address; a company's people may share it. */
const RESETS_FROM_ADDRESS: Rate = { name: "reset-requests", burst: 20, perHour: 40 };
/** The same over all: a flood from many addresses must fill neither the table nor the events. */
const RESETS_FROM_ALL: Rate = { name: "reset-requests-all", burst: 500, perHour: 1_200 };

/** Charges a password; strangers share their address and the whole installation besides. */
export async function chargePassword(tx: Tx, subject: string, bucket: string): Promise<Charge | TooMany> {
  const own = await charge(tx, subject, bucket, PASSWORD);
  if (!own.ok || bucket !== STRANGERS) return own;
  const shared = await chargeStrangers(tx);
  return shared.ok ? own : shared;
}

/** Charges what strangers share: their address and the whole installation. */
export function chargeStrangers(tx: Tx): Promise<{ ok: true } | TooMany> {
  return spendShared(tx, FROM_ADDRESS, FROM_ALL);
}

/** Charges a request for a link to set a forgotten password. */
export function chargeResetRequest(tx: Tx): Promise<{ ok: true } | TooMany> {
  return spendShared(tx, RESETS_FROM_ADDRESS, RESETS_FROM_ALL);
}

async function spendShared(tx: Tx, fromAddress: Rate, fromAll: Rate): Promise<{ ok: true } | TooMany> {
  const address = await spend(tx, fromAddress, addressKey(tx.client.address));
  return address.ok ? spend(tx, fromAll, "") : address;
}

/** Gives a stranger's charge back once they have signed in completely. */
export async function refundStrangers(tx: Tx): Promise<void> {
  await Promise.all([
    unspend.run(tx, { key: rateKey(FROM_ADDRESS, addressKey(tx.client.address)), unit: HOUR / FROM_ADDRESS.perHour }),
    unspend.run(tx, { key: rateKey(FROM_ALL, ""), unit: HOUR / FROM_ALL.perHour }),
  ]);
}

const unspend = statement((db, { key, unit }: { key: string; unit: number }) =>
  db
    .updateTable("rates")
    .set({ used_until: sql<number>`used_until - ${bigint(unit)}` })
    .where("key", "=", key),
);

/** Uses one unit of a rate, if there is one. */
export async function spend(tx: Tx, rate: Rate, subject: string): Promise<{ ok: true } | TooMany> {
  const unit = HOUR / rate.perHour;
  const reserve = unit * (rate.burst - 1);
  const key = rateKey(rate, subject);
  const now = tx.now();
  if ((await spendUnit.first(tx, { key, now, unit, reserve })) !== undefined) return { ok: true };
  const row = await usedUntil.first(tx, { key });
  return tooMany((row?.used_until ?? 0) - reserve - now);
}

type Spending = { key: string; now: number; unit: number; reserve: number };

const spendUnit = statement((_, { key, now: time, unit: length, reserve }: Spending) => {
  const [now, unit] = [bigint(time), bigint(length)];
  const used = sql`case when rates.used_until > ${now} then rates.used_until else ${now} end`;
  return sql<{ used_until: number }>`
    insert into rates (key, used_until) values (${key}, ${now} + ${unit})
    on conflict (key) do update set used_until = ${used} + ${unit}
      where rates.used_until - ${now} <= ${bigint(reserve)}
    returning used_until`;
});

const usedUntil = statement((db, { key }: { key: string }) =>
  db.selectFrom("rates").select("used_until").where("key", "=", key),
);

/** Rows that no longer limit anything. */
export function over({ now }: Context): Over<"rates" | "attempts">[] {
  const kinds = sql.join([PASSWORD.kind, USED_CODE.kind, ENROLMENT.kind]);
  return [
    { table: "rates", key: "key", when: sql`used_until < ${now()}` },
    { table: "attempts", key: "subject", when: sql`kind in (${kinds}) and last_at < ${now() - 24 * HOUR}` },
  ];
}

function rateKey(rate: Rate, subject: string): string {
  return `${rate.name}:${subject}`;
}

async function wait(place: Context, subject: string, bucket: string, budget: Budget): Promise<TooMany> {
  const row = await missesOf.first(place, { subject, bucket, kind: budget.kind });
  if (row === undefined) return tooMany(0);
  if (budget.shutAt !== null && row.misses >= budget.shutAt) {
    return { ok: false, reason: "too_many_attempts", retryAfterSeconds: null };
  }
  return tooMany(row.blocked_until - place.now());
}

const missesOf = statement((db, { subject, bucket, kind }: Bucket & { kind: string }) =>
  db
    .selectFrom("attempts")
    .select(["misses", "blocked_until"])
    .where("subject", "=", subject)
    .where("bucket", "=", bucket)
    .where("kind", "=", kind),
);

function tooMany(milliseconds: number): TooMany {
  return { ok: false, reason: "too_many_attempts", retryAfterSeconds: Math.max(0, Math.ceil(milliseconds / SECOND)) };
}

/** What is left of the stored misses now, as SQL. */
function standing({ halvesHourly }: Budget, now: RawBuilder<number>): RawBuilder<number> {
  if (!halvesHourly) return sql`attempts.misses`;
  const quiet = sql`(${now} - attempts.last_at)`;
  return sql`case when ${quiet} < ${sql.lit(HOUR)} then attempts.misses
    when ${quiet} >= ${sql.lit(24 * HOUR)} then 0
    else attempts.misses >> cast(${quiet} / ${sql.lit(HOUR)} as integer) end`;
}

/**
 * Until when the given number of misses blocks the bucket, as SQL. Free ones block nothing: not even until now, which a
 * node whose clock lags would take for later.
 */
function blockedAfter(
  { free, firstDelay, longestDelay }: Budget,
  misses: RawBuilder<number>,
  now: RawBuilder<number>,
): RawBuilder<number> {
  const doublings = Math.ceil(Math.log2(longestDelay / firstDelay));
  return sql`case when ${misses} < ${sql.lit(free)} then 0
    when ${misses} >= ${sql.lit(free + doublings)} then ${now} + ${sql.lit(longestDelay)}
    else ${now} + (${sql.lit(firstDelay)} << (${misses} - ${sql.lit(free)})) end`;
}

/** PostgreSQL would take a bare parameter beside an integer for a 32-bit one. */
function bigint(value: number): RawBuilder<number> {
  return sql<number>`cast(${value} as bigint)`;
}
