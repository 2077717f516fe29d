// Authenticator apps: adding one, using its codes, removing it.
//
// A new secret is an enrolment until a code proves it: it lives in a table of its own, so it neither asks anybody for
// a code nor satisfies one. A code is spent with its step, by one statement, at every use of it alike.

import type { Client, Context } from "../context.ts";
import { encodeBase32 } from "../crypto/base32.ts";
import { accountLabel, issuerLabel, keyUri } from "../crypto/key-uri.ts";
import { seal, unseal } from "../crypto/secret-box.ts";
import { newId } from "../crypto/token.ts";
import {
  assertParameters,
  DEFAULT_PARAMETERS,
  matchStep,
  normaliseCode,
  SECRET_BYTES,
  stepAt,
} from "../crypto/totp.ts";
import type { AuthenticatorTable } from "../db/schema.ts";
import { type Refused, refused, type TooMany } from "../outcomes.ts";
import * as attempts from "./attempts.ts";
import * as knownBrowsers from "./known-browsers.ts";
import * as mails from "./mails.ts";
import * as recoveryCodes from "./recovery-codes.ts";
import { type RecentSession, type Session, securityChanged, stillStands } from "./sessions.ts";
import { recordOnly, type Tx, transact } from "./transaction.ts";

/** Steps accepted before and after the current one (RFC 6238 §5.2); three codes are right at any moment. */
const WINDOW = 1;
/** How far away a code is recognised to tell the person that the phone's clock is off; never accepted. */
const RECOGNISED = 3_600_000;
const ENROLMENT_LIFETIME = 10 * 60_000;
const NAME = "Authenticator app";

/** An authenticator as its owner sees it; the secret is shown at enrolment alone. */
export type Authenticator = { id: string; name: string; createdAt: number; lastUsedAt: number };

/** What the enrolment page shows. */
export type Enrolment = {
  secret: string;
  keyUri: string;
  issuer: string;
  account: string;
  digits: number;
  expiresAt: number;
};

/** Lists a person's authenticators, the oldest first. */
export async function list({ db }: Context, userId: string): Promise<Authenticator[]> {
  const rows = await db
    .selectFrom("authenticators")
    .select(["id", "name", "created_at as createdAt", "last_used_at as lastUsedAt"])
    .where("user_id", "=", userId)
    .orderBy("created_at")
    .execute();
  return rows;
}

/** Starts an enrolment with a new secret; an earlier one of this person is void. */
export async function beginEnrolment(
  context: Context,
  client: Client,
  session: RecentSession,
): Promise<{ ok: true } | Refused<"already_enabled" | "expired">> {
  const userId = session.user.id;
  return transact(context, client, async (tx) => {
    if (!(await stillStands(tx, session))) return refused("expired");
    if (await isOn(tx, userId)) return refused("already_enabled");
    const id = newId(tx.random);
    assertParameters(DEFAULT_PARAMETERS);
    const row = {
      user_id: userId,
      id,
      session_id: session.id,
      secret_sealed: seal(tx.keys, enrolmentPlace(id, userId), tx.random(SECRET_BYTES)),
      ...DEFAULT_PARAMETERS,
      created_at: tx.now(),
      expires_at: tx.now() + ENROLMENT_LIFETIME,
    };
    await tx.db
      .insertInto("enrolments")
      .values(row)
      .onConflict((conflict) => conflict.column("user_id").doUpdateSet(row))
      .execute();
    tx.record({ kind: "enrolment.begun", actor: userId, user: userId, session: session.id });
    return { ok: true };
  });
}

/** The running enrolment of this session. */
export async function findEnrolment(context: Context, session: Session): Promise<Enrolment | undefined> {
  const row = await runningEnrolment(context, session);
  if (row === undefined) return undefined;
  const secret = unseal(context.keys, enrolmentPlace(row.id, row.user_id), row.secret_sealed);
  // Apps tell entries apart by these two, so the account says which installation it belongs to.
  const { hostname } = new URL(context.options.publicUrl);
  const { login } = session.user;
  const account = login.includes("@") ? login : `${login}@${hostname}`;
  const { algorithm, digits, period } = row;
  return {
    secret: encodeBase32(secret),
    keyUri: keyUri({ issuer: context.options.name, account, secret, algorithm, digits, period }),
    issuer: issuerLabel(context.options.name),
    account: accountLabel(account),
    digits,
    expiresAt: row.expires_at,
  };
}

/** Forgets the running enrolment. */
export async function cancelEnrolment({ db }: Context, session: Session): Promise<void> {
  await db
    .deleteFrom("enrolments")
    .where("user_id", "=", session.user.id)
    .where("session_id", "=", session.id)
    .execute();
}

/**
 * Turns the authenticator on, if the code proves that the phone has the secret. The code is spent with it. Everything
 * that was earned by a password alone ends, but this session, which has just proved both. Recovery codes come with it.
 */
export async function confirmEnrolment(
  context: Context,
  client: Client,
  session: RecentSession,
  typed: string,
): Promise<
  | { ok: true; recoveryCodes: string[] }
  | Refused<"expired" | "already_enabled" | "wrong_code" | "busy">
  | ClockOff
  | TooMany
> {
  const userId = session.user.id;
  const enrolment = await runningEnrolment(context, session);
  if (enrolment === undefined) return refused(session.user.twoFactor ? "already_enabled" : "expired");
  const code = normaliseCode(typed, enrolment.digits);
  if (code === undefined) return refused("wrong_code");
  const charged = await transact(context, client, (tx) =>
    attempts.charge(tx, userId, session.lane, attempts.ENROLMENT),
  );
  if (!charged.ok) return charged;

  const secret = unseal(context.keys, enrolmentPlace(enrolment.id, userId), enrolment.secret_sealed);
  const { algorithm, digits, period } = enrolment;
  const time = context.now();
  const step = matchStep(secret, code, { algorithm, digits, period, time, window: WINDOW });
  if (step === undefined) {
    await recordOnly(context, client, { kind: "enrolment.refused", actor: userId, user: userId, session: session.id });
    const window = Math.floor(RECOGNISED / 1000 / period);
    const recognised = matchStep(secret, code, { algorithm, digits, period, time, window });
    if (recognised === undefined) return refused("wrong_code");
    return { ok: false, reason: "clock_off", offsetSeconds: (recognised - stepAt(time, period)) * period };
  }
  const codes = await recoveryCodes.prepare(context, userId);
  if (codes === undefined) return refused("busy");
  return transact(context, client, async (tx) => {
    if (!(await stillStands(tx, session))) return refused("expired");
    const { numDeletedRows } = await tx.db
      .deleteFrom("enrolments")
      .where("id", "=", enrolment.id)
      .where("session_id", "=", session.id)
      .where("expires_at", ">", time)
      .executeTakeFirst();
    if (numDeletedRows !== 1n) return refused("expired");
    if (await isOn(tx, userId)) return refused("already_enabled");
    const id = newId(tx.random);
    await tx.db
      .insertInto("authenticators")
      .values({
        id,
        user_id: userId,
        name: NAME,
        secret_sealed: seal(tx.keys, place(id, userId), secret),
        algorithm,
        digits,
        period,
        last_step: step,
        created_at: time,
        last_used_at: time,
      })
      .execute();
    await recoveryCodes.save(tx, userId, codes);
    await attempts.forgive(tx, userId, session.lane);
    await factorChanged(tx, session, "enrolment");
    tx.record({ kind: "two_factor.enabled", actor: userId, user: userId, session: session.id });
    await mails.queue(tx, { kind: "two_factor_enabled", user: session.user, facts: {} });
    return { ok: true, recoveryCodes: codes.shown };
  });
}

/** A code that is right for another time: the phone's clock is off by about so many seconds (negative: behind). */
export type ClockOff = { ok: false; reason: "clock_off"; offsetSeconds: number };

/** Turns two-factor authentication off. The session has confirmed the password and a code (confirmation.ts). */
export async function disable(
  context: Context,
  client: Client,
  session: RecentSession,
): Promise<{ ok: true } | Refused<"not_enabled" | "expired">> {
  const userId = session.user.id;
  return transact(context, client, async (tx) => {
    if (!(await stillStands(tx, session))) return refused("expired");
    if (!(await removeAll(tx, userId))) return refused("not_enabled");
    await factorChanged(tx, session, "password");
    tx.record({ kind: "two_factor.disabled", actor: userId, user: userId, session: session.id });
    await mails.queue(tx, { kind: "two_factor_disabled", user: session.user, facts: {} });
    return { ok: true };
  });
}

/** Removes every authenticator of a person, and the recovery codes with them; false if there was none. */
export async function removeAll(tx: Tx, userId: string): Promise<boolean> {
  const { numDeletedRows } = await tx.db.deleteFrom("authenticators").where("user_id", "=", userId).executeTakeFirst();
  await recoveryCodes.removeAll(tx, userId);
  await attempts.unlock(tx, userId);
  return numDeletedRows > 0n;
}

/** Whether the person owes a code. */
export async function isOn({ db }: Context, userId: string): Promise<boolean> {
  const row = await db.selectFrom("authenticators").select("id").where("user_id", "=", userId).executeTakeFirst();
  return row !== undefined;
}

/** A code that was checked and charged, and waits to be spent in the transaction of what it permits. */
export type CheckedCode = { ok: true; authenticatorId: string; step: number; charge: attempts.Charge };

/**
 * Charges the person's budget and looks for the authenticator that shows this code. Nothing is granted yet: the
 * caller spends the code in the transaction of what it permits, and a spent one permits nothing.
 */
export async function checkCode(
  context: Context,
  client: Client,
  { userId, lane, code: typed }: { userId: string; lane: string; code: string },
): Promise<CheckedCode | (Refused<"wrong_code"> & { charge?: attempts.Charge }) | TooMany> {
  const authenticators = await context.db
    .selectFrom("authenticators")
    .selectAll()
    .where("user_id", "=", userId)
    .orderBy("last_used_at", "desc")
    .execute();
  // What no authenticator could show is no guess: it costs nothing and gains nothing.
  if (!authenticators.some(({ digits }) => normaliseCode(typed, digits) !== undefined)) return refused("wrong_code");
  const charge = await transact(context, client, (tx) => attempts.charge(tx, userId, lane, attempts.CODE));
  if (!charge.ok) return charge;
  for (const authenticator of authenticators) {
    const step = matchAuthenticator(context, authenticator, typed);
    if (step !== undefined) return { ok: true, authenticatorId: authenticator.id, step, charge };
  }
  return { ...refused("wrong_code"), charge };
}

/** Spends a checked code: one statement, and of all who try at once one gets it (RFC 6238 §5.2). */
export async function consumeCode(
  tx: Tx,
  { authenticatorId, step }: CheckedCode,
): Promise<{ ok: true } | Refused<"used_code">> {
  const { numUpdatedRows } = await tx.db
    .updateTable("authenticators")
    .set({ last_step: step, last_used_at: tx.now() })
    .where("id", "=", authenticatorId)
    .where("last_step", "<", step)
    .executeTakeFirst();
  return numUpdatedRows === 1n ? { ok: true } : refused("used_code");
}

/** A right code that was spent before is no miss, but it is limited by a budget of its own. */
export async function settleUsedCode(
  context: Context,
  client: Client,
  { charge }: CheckedCode,
): Promise<Refused<"used_code"> | TooMany> {
  const limited = await transact(context, client, async (tx) => {
    await attempts.refund(tx, charge);
    const reused = await attempts.charge(tx, charge.subject, charge.lane, attempts.USED_CODE);
    tx.record({ kind: "sign_in.code_reused", user: charge.subject });
    return { reused };
  });
  return limited.reused.ok ? refused("used_code") : limited.reused;
}

/** A factor came or went: what was earned before ends, and other browsers are strangers again. */
async function factorChanged(tx: Tx, session: Session, road: "enrolment" | "password"): Promise<void> {
  await securityChanged(tx, session.user.id, { session, road });
  await knownBrowsers.forgetOthers(tx, session.user.id, session.lane);
}

function matchAuthenticator(context: Context, row: AuthenticatorTable, typed: string): number | undefined {
  const { algorithm, digits, period } = row;
  const code = normaliseCode(typed, digits);
  if (code === undefined) return undefined;
  const secret = unseal(context.keys, place(row.id, row.user_id), row.secret_sealed);
  return matchStep(secret, code, { algorithm, digits, period, time: context.now(), window: WINDOW });
}

async function runningEnrolment({ db, now }: Context, session: Session) {
  return db
    .selectFrom("enrolments")
    .selectAll()
    .where("user_id", "=", session.user.id)
    .where("session_id", "=", session.id)
    .where("expires_at", ">", now())
    .executeTakeFirst();
}

function place(row: string, owner: string) {
  return { table: "authenticators", column: "secret_sealed", row, owner };
}

function enrolmentPlace(row: string, owner: string) {
  return { table: "enrolments", column: "secret_sealed", row, owner };
}
