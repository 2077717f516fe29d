// Authenticator apps: which a person has, using their codes, removing them. Setting one up is enrolment.ts, and which
// codes are right while a phone's clock is off is drift.ts.
//
// A code of any of them is accepted, and all share one count of misses. A code is spent with its step, by one
// statement, at every use of it alike. An authenticator that another replaces works until the new one was used once or
// a day is over, so that there is no moment without one.

import type { ExpressionBuilder } from "kysely";
import type { Client, Context } from "../../context.ts";
import { seal, unseal } from "../../crypto/secret-box.ts";
import { newId } from "../../crypto/token.ts";
import { DIGITS, normaliseCode, type TotpParameters } from "../../crypto/totp.ts";
import type { AuthenticatorTable, Schema, UserTable } from "../../db/schema.ts";
import { statement } from "../../db/statement.ts";
import { type Refused, refused, type TooMany } from "../../outcomes.ts";
import * as attempts from "../ground/attempts.ts";
import * as mails from "../ground/mails.ts";
import type { Method } from "../ground/methods.ts";
import { plainName } from "../ground/names.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import { type Account, lockAccount } from "../session/account.ts";
import * as knownBrowsers from "../session/known-browsers.ts";
import {
  type LivingSession,
  type RecentSession,
  type Session,
  securityChanged,
  stillStands,
} from "../session/sessions.ts";
import * as drift from "./drift.ts";
import * as recoveryCodes from "./recovery-codes.ts";

/** Authenticators of one person. */
export const MOST = 5;
const OVERLAP = 24 * 3_600_000;
const NAME_LENGTH = 60;

/** An authenticator as its owner sees it; the secret is shown at enrolment alone. */
export type Authenticator = {
  id: string;
  name: string;
  createdAt: number;
  lastUsedAt: number;
  /** How far the phone's clock is ahead (negative: behind), as far as its codes have shown it. */
  driftSeconds: number;
  /** Another one replaces it: until when it still works, at most. */
  goesAt: number | null;
};

/** Whether one works still, or its time is over since another replaced it. */
const works = (now: number) => (eb: ExpressionBuilder<Schema, "authenticators">) =>
  eb.or([eb("goes_at", "is", null), eb("goes_at", ">", now)]);

/** Lists a person's authenticators, the oldest first. */
export async function list({ db, now }: Context, userId: string): Promise<Authenticator[]> {
  return db
    .selectFrom("authenticators")
    .select(["id", "name", "created_at as createdAt", "last_used_at as lastUsedAt", "goes_at as goesAt"])
    .select((eb) => eb("drift_steps", "*", eb.ref("period")).as("driftSeconds"))
    .where("user_id", "=", userId)
    .where(works(now()))
    .orderBy("created_at")
    .orderBy("id")
    .execute();
}

/** How a new authenticator is called until its owner renames it, by how many there are; at most 60 characters. */
export type Naming = (number: number) => string;

/** Adds an authenticator that a code has proved; call it under the lock of the person. */
export async function add(
  tx: Tx,
  userId: string,
  { secret, nameOf, ...parameters }: TotpParameters & { secret: Uint8Array; last_step: number; nameOf: Naming },
): Promise<{ id: string; name: string }> {
  const id = newId(tx.random);
  const others = await list(tx, userId);
  const names = Array.from({ length: 2 * MOST }, (_, index) => nameOf(index + 1).slice(0, NAME_LENGTH));
  const name = names.find((free) => !others.some((other) => other.name === free)) ?? nameOf(1);
  const now = tx.now();
  const secret_sealed = seal(tx.keys, place(id, userId), secret);
  const times = { drift_steps: 0, created_at: now, last_used_at: now, goes_at: null, replaced_by: null };
  await tx.db
    .insertInto("authenticators")
    .values({ id, user_id: userId, name, secret_sealed, ...parameters, ...times })
    .execute();
  return { id, name };
}

/** Lets an old authenticator go once the new one was used, and a day later at the latest. */
export async function replace(
  tx: Tx,
  userId: string,
  { oldId, newId: replaced_by }: { oldId: string; newId: string },
): Promise<void> {
  await tx.db
    .updateTable("authenticators")
    .set({ goes_at: tx.now() + OVERLAP, replaced_by })
    .where("id", "=", oldId)
    .where("user_id", "=", userId)
    .execute();
}

/** Gives an authenticator another name. */
export async function rename(
  context: Context,
  client: Client,
  session: Session,
  { id, name: typed }: { id: string; name: string },
): Promise<{ ok: true } | Refused<"name_invalid" | "not_found" | "expired">> {
  const name = plainName(typed, NAME_LENGTH);
  if (name === undefined) return refused("name_invalid");
  const userId = session.user.id;
  return transact(context, client, async (tx) => {
    if ((await stillStands(tx, session)) === undefined) return refused("expired");
    const { numUpdatedRows } = await tx.db
      .updateTable("authenticators")
      .set({ name })
      .where("id", "=", id)
      .where("user_id", "=", userId)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return refused("not_found");
    tx.record({ kind: "authenticator.renamed", actor: userId, user: userId, session: session.id, details: { name } });
    return { ok: true };
  });
}

/** Removes one of several. The last one stays: turning two-factor authentication off is `disable`. */
export async function remove(
  context: Context,
  client: Client,
  session: RecentSession,
  id: string,
): Promise<{ ok: true } | Refused<"not_found" | "last_authenticator" | "expired">> {
  const userId = session.user.id;
  return transact(context, client, async (tx) => {
    const account = await stillStands(tx, session);
    if (account === undefined) return refused("expired");
    const living = await list(tx, userId);
    const removed = living.find((each) => each.id === id);
    if (removed === undefined) return refused("not_found");
    if (living.length === 1) return refused("last_authenticator");
    await tx.db.deleteFrom("authenticators").where("id", "=", id).execute();
    // What it was to replace stays, and what had its day before is gone.
    await tx.db
      .updateTable("authenticators")
      .set({ goes_at: null, replaced_by: null })
      .where("user_id", "=", userId)
      .where("replaced_by", "=", id)
      .where("goes_at", ">", tx.now())
      .execute();
    await factorChanged(tx, session, session.method);
    await notifyRemoved(tx, account.user, { ...removed, session: session.id });
    return { ok: true };
  });
}

/** Turns two-factor authentication off. The session has confirmed the password and a code (confirmation.ts). */
export async function disable(
  context: Context,
  client: Client,
  session: RecentSession,
): Promise<{ ok: true } | Refused<"not_enabled" | "expired">> {
  const userId = session.user.id;
  return transact(context, client, async (tx) => {
    const account = await stillStands(tx, session);
    if (account === undefined) return refused("expired");
    if (!(await forgetFactors(tx, userId))) return refused("not_enabled");
    await factorChanged(tx, session, "password");
    tx.record({ kind: "two_factor.disabled", actor: userId, user: userId, session: session.id });
    await mails.queue(tx, { kind: "two_factor_disabled", user: account.user });
    return { ok: true };
  });
}

/** Removes every authenticator of a person, and the recovery codes with them; false if there was none. */
export async function forgetFactors(tx: Tx, userId: string): Promise<boolean> {
  const { numDeletedRows } = await tx.db.deleteFrom("authenticators").where("user_id", "=", userId).executeTakeFirst();
  await recoveryCodes.forgetAll(tx, userId);
  await attempts.unlock(tx, userId);
  return numDeletedRows > 0n;
}

/** A code that was checked and charged, and waits to be spent in the transaction of what it permits. */
export type CheckedCode = {
  ok: true;
  authenticatorId: string;
  step: number;
  /** What the phone's drift is once this code is spent. */
  driftSteps: number;
  /** Whether it is the first of a new phone, whose use ends the old one. */
  endsAnother: boolean;
  charge: attempts.Charge;
};

/**
 * Charges the person's budget and looks for the authenticator that shows this code. Nothing is granted yet: the
 * caller spends the code in the transaction of what it permits, and a spent one permits nothing.
 */
export async function checkCode(
  context: Context,
  client: Client,
  { account, bucket, code: typed }: { account: Account; bucket: string; code: string },
): Promise<CheckedCode | (Refused<"wrong_code"> & { charge?: attempts.Charge }) | TooMany> {
  const { id: userId } = account.user;
  // What no authenticator could show is no guess: it costs nothing and gains nothing.
  if (!account.hasFactor || !DIGITS.some((digits) => normaliseCode(typed, digits))) return refused("wrong_code");
  const begun = await transact(context, client, async (tx) => {
    const [charge, rows] = await Promise.all([
      attempts.charge(tx, userId, bucket, attempts.CODE),
      working.all(tx, { userId, now: tx.now() }),
    ]);
    // Refused here, the charge is undone, and no trace of it is left.
    if (!rows.some(({ digits }) => normaliseCode(typed, digits))) return refused("wrong_code");
    return charge.ok ? ({ ok: true, charge, rows } as const) : charge;
  });
  if (!begun.ok) return begun;
  const { charge, rows } = begun;
  const shown = shownBy(context, rows, typed);
  for (const each of shown) {
    const step = drift.match(context, each);
    if (step === undefined) continue;
    const { id: authenticatorId } = each.row;
    const driftSteps = drift.learned(context, each, step);
    const endsAnother = rows.some(({ replaced_by }) => replaced_by === authenticatorId);
    return { ok: true, authenticatorId, step, driftSteps, endsAnother, charge };
  }
  await drift.forget(context, client, shown);
  return { ...refused("wrong_code"), charge };
}

/** Why a code was refused, for somebody who is no stranger; call it after the attempt was charged. */
export async function explainRefused(context: Context, userId: string, typed: string): Promise<drift.Explanation> {
  const rows = await working.all(context, { userId, now: context.now() });
  return drift.explain(context, shownBy(context, rows, typed));
}

/** Spends a checked code: one statement, and of all who try at once one gets it (RFC 6238 §5.2). */
export async function consumeCode(
  tx: Tx,
  { user }: Account,
  { authenticatorId: id, step, driftSteps, endsAnother }: CheckedCode,
): Promise<{ ok: true } | Refused<"used_code">> {
  if ((await spendStep.run(tx, { id, step, driftSteps, now: tx.now() })) !== 1) return refused("used_code");
  if (!endsAnother) return { ok: true };
  const gone = await tx.db
    .deleteFrom("authenticators")
    .where("user_id", "=", user.id)
    .where("replaced_by", "=", id)
    .returning("name")
    .execute();
  for (const { name } of gone) await notifyRemoved(tx, user, { name, session: null });
  return { ok: true };
}

type Spent = { id: string; step: number; driftSteps: number; now: number };

const spendStep = statement((db, { id, step, driftSteps, now }: Spent) =>
  db
    .updateTable("authenticators")
    .set({ last_step: step, drift_steps: driftSteps, last_used_at: now })
    .where("id", "=", id)
    .where("last_step", "<", step)
    .where(works(now)),
);

/** A right code that was spent before is no miss, but it is limited by a budget of its own. */
export async function settleUsedCode(
  context: Context,
  client: Client,
  { charge }: CheckedCode,
): Promise<Refused<"used_code"> | TooMany> {
  return transact(context, client, async (tx) => {
    await attempts.refund(tx, charge);
    const reused = await attempts.charge(tx, charge.subject, charge.bucket, attempts.USED_CODE);
    tx.record({ kind: "sign_in.code_reused", user: charge.subject });
    return tx.settled(reused.ok ? refused("used_code") : reused);
  });
}

/** A factor came or went: what was earned before ends, and other browsers are strangers again. */
export async function factorChanged(tx: Tx, session: LivingSession, method: Method): Promise<void> {
  await securityChanged(tx, session.user.id, { session, method });
  await knownBrowsers.forgetOthers(tx, session.user.id, session.bucket);
}

/** Removes those that others replaced and whose day is over, though nobody used the new one. */
export async function prune(context: Context, client: Client): Promise<void> {
  const going = await context.db
    .selectFrom("authenticators")
    .select(["id", "user_id"])
    .where("goes_at", "<=", context.now())
    .execute();
  for (const { id, user_id } of going) {
    await transact(context, client, async (tx) => {
      const account = await lockAccount(tx, user_id);
      const gone = await tx.db
        .deleteFrom("authenticators")
        .where("id", "=", id)
        .where("goes_at", "<=", tx.now())
        .returning("name")
        .executeTakeFirst();
      if (gone !== undefined && account !== undefined)
        await notifyRemoved(tx, account.user, { ...gone, session: null });
    });
  }
}

async function notifyRemoved(
  tx: Tx,
  user: UserTable,
  { name, session }: { name: string; session: string | null },
): Promise<void> {
  tx.record({ kind: "authenticator.removed", actor: user.id, user: user.id, session, details: { name } });
  await mails.queue(tx, { kind: "authenticator_removed", user, facts: { name } });
}

// biome-ignore format: in the order of the table
const COLUMNS = [
  "id", "user_id", "name", "secret_sealed", "algorithm", "digits", "period", "last_step", "drift_steps",
  "created_at", "last_used_at", "goes_at", "replaced_by",
] as const satisfies readonly (keyof AuthenticatorTable)[];

/** A person's authenticators that work, the last used one first. */
const working = statement((db, { userId, now }: { userId: string; now: number }) =>
  db
    .selectFrom("authenticators")
    .select(COLUMNS)
    .where("user_id", "=", userId)
    .where(works(now))
    .orderBy("last_used_at", "desc"),
);

/** Those authenticators that could show this code. */
function shownBy({ keys }: Context, rows: readonly AuthenticatorTable[], typed: string): drift.Shown[] {
  return rows.flatMap((row) => {
    const code = normaliseCode(typed, row.digits);
    if (code === undefined) return [];
    return [{ row, code, secret: unseal(keys, place(row.id, row.user_id), row.secret_sealed) }];
  });
}

function place(row: string, owner: string) {
  return { table: "authenticators", column: "secret_sealed", row, owner };
}
