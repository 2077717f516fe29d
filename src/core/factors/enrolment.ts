// Setting up an authenticator app: the first, another one, or the one of a new phone.
//
// A new secret is an enrolment until a code proves it: it lives in a table of its own, so it neither asks anybody for
// a code nor satisfies one. A session has ten minutes for it, and a newer enrolment of the person voids it.

import { sql } from "kysely";
import type { Client, Context } from "../../context.ts";
import { encodeBase32 } from "../../crypto/base32.ts";
import { accountLabel, issuerLabel, keyUri } from "../../crypto/key-uri.ts";
import { seal, unseal } from "../../crypto/secret-box.ts";
import { newId } from "../../crypto/token.ts";
import {
  assertParameters,
  DEFAULT_PARAMETERS,
  matchStep,
  normaliseCode,
  SECRET_BYTES,
  stepAt,
} from "../../crypto/totp.ts";
import type { EnrolmentTable } from "../../db/schema.ts";
import { type Refused, refused, type TooMany } from "../../outcomes.ts";
import * as attempts from "../ground/attempts.ts";
import * as mails from "../ground/mails.ts";
import { onlyEnrols } from "../ground/methods.ts";
import type { Over } from "../ground/sweep.ts";
import { recordOnly, type Tx, transact } from "../ground/transaction.ts";
import { type LivingSession, type Recent, stillStands } from "../session/sessions.ts";
import { add, factorChanged, forgetFactors, list, MOST, type Naming, replace } from "./authenticators.ts";
import { WINDOW } from "./drift.ts";
import * as recoveryCodes from "./recovery-codes.ts";

/** How far away a code is recognised to tell the person that the phone's clock is off; never accepted. */
const RECOGNISED = 3_600_000;
const LIFETIME = 10 * 60_000;

/** What the enrolment page shows. */
export type Enrolment = {
  /** What it is for: the first app, one beside others, the one of a new phone, or one in the place of all that is lost. */
  purpose: "first" | "another" | "move" | "rescue";
  secret: string;
  keyUri: string;
  issuer: string;
  account: string;
  digits: number;
  expiresAt: number;
};

/** A code that is right for another time: the phone's clock is off by about so many seconds (negative: behind). */
export type ClockOff = { ok: false; reason: "clock_off"; offsetSeconds: number };

type Impossible = Refused<"too_many_authenticators" | "not_found">;

/**
 * Starts an enrolment with a new secret; an earlier one of this person is void. `replaces` is the authenticator that
 * the new one is to take the place of.
 */
export async function begin(
  context: Context,
  client: Client,
  session: Recent<LivingSession>,
  { replaces = null }: { replaces?: string | null } = {},
): Promise<{ ok: true } | Impossible | Refused<"expired">> {
  const userId = session.user.id;
  return transact(context, client, async (tx) => {
    if ((await stillStands(tx, session)) === undefined) return refused("expired");
    const possible = await isPossible(tx, session, replaces);
    if (!possible.ok) return possible;
    const id = newId(tx.random);
    assertParameters(DEFAULT_PARAMETERS);
    const row = {
      user_id: userId,
      id,
      session_id: session.id,
      replaces,
      secret_sealed: seal(tx.keys, place(id, userId), tx.random(SECRET_BYTES)),
      ...DEFAULT_PARAMETERS,
      created_at: tx.now(),
      expires_at: tx.now() + LIFETIME,
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
export async function find(context: Context, session: LivingSession): Promise<Enrolment | undefined> {
  const row = await findRow(context, session);
  if (row === undefined) return undefined;
  const secret = unseal(context.keys, place(row.id, row.user_id), row.secret_sealed);
  // Apps tell entries apart by these two, so the account says which installation it belongs to.
  const { hostname } = new URL(context.options.publicUrl);
  const { login } = session.user;
  const account = login.includes("@") ? login : `${login}@${hostname}`;
  const { algorithm, digits, period } = row;
  return {
    purpose: purposeOf(session, row),
    secret: encodeBase32(secret),
    keyUri: keyUri({ issuer: context.options.name, account, secret, algorithm, digits, period }),
    issuer: issuerLabel(context.options.name),
    account: accountLabel(account),
    digits,
    expiresAt: row.expires_at,
  };
}

/** Forgets the running enrolment. */
export async function cancel({ db }: Context, session: LivingSession): Promise<void> {
  await db
    .deleteFrom("enrolments")
    .where("user_id", "=", session.user.id)
    .where("session_id", "=", session.id)
    .execute();
}

function purposeOf({ user, method }: LivingSession, { replaces }: EnrolmentTable): Enrolment["purpose"] {
  if (onlyEnrols(method)) return "rescue";
  if (!user.twoFactor) return "first";
  return replaces === null ? "another" : "move";
}

/** With the first authenticator come recovery codes, to be shown this once. */
export type Enrolled = { ok: true; recoveryCodes: string[] | null };

/**
 * Turns the authenticator on, if the code proves that the phone has the secret. The code is spent with it. Everything
 * that was earned under the old setup ends, but this session, which has just proved what there is. What somebody lost
 * goes in the same moment, so that the account is never without a second factor.
 */
export async function confirm(
  context: Context,
  client: Client,
  session: Recent<LivingSession>,
  { code: typed, nameOf }: { code: string; nameOf: Naming },
): Promise<Enrolled | Impossible | Refused<"expired" | "wrong_code" | "busy"> | ClockOff | TooMany> {
  const userId = session.user.id;
  const enrolment = await findRow(context, session);
  if (enrolment === undefined) return refused("expired");
  const code = normaliseCode(typed, enrolment.digits);
  if (code === undefined) return refused("wrong_code");
  const charged = await transact(context, client, (tx) =>
    attempts.charge(tx, userId, session.bucket, attempts.ENROLMENT),
  );
  if (!charged.ok) return charged;

  const secret = unseal(context.keys, place(enrolment.id, userId), enrolment.secret_sealed);
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
  const isRescue = onlyEnrols(session.method);
  const codes = session.user.twoFactor && !isRescue ? null : await recoveryCodes.prepare(context, userId);
  if (codes === undefined) return refused("busy");
  return transact(context, client, async (tx) => {
    const account = await stillStands(tx, session);
    if (account === undefined) return refused("expired");
    const { numDeletedRows } = await tx.db
      .deleteFrom("enrolments")
      .where("id", "=", enrolment.id)
      .where("session_id", "=", session.id)
      .where("expires_at", ">", time)
      .executeTakeFirst();
    if (numDeletedRows !== 1n) return refused("expired");
    // Recovery codes were made, or not, for what the account was when the request came.
    if (account.hasFactor !== (codes === null || isRescue)) return refused("expired");
    const possible = await isPossible(tx, session, enrolment.replaces);
    if (!possible.ok) return possible;
    if (isRescue) await forgetFactors(tx, userId);
    const { id, name } = await add(tx, userId, { secret, algorithm, digits, period, last_step: step, nameOf });
    const who = { actor: userId, user: userId, session: session.id };
    await attempts.forgive(tx, userId, session.bucket);
    await factorChanged(tx, session, codes === null ? session.method : "enrolment");
    if (codes !== null) {
      await recoveryCodes.save(tx, userId, codes);
      tx.record(isRescue ? { kind: "two_factor.replaced", ...who } : { kind: "two_factor.enabled", ...who });
      await mails.queue(tx, { kind: isRescue ? "two_factor_replaced" : "two_factor_enabled", user: account.user });
      return { ok: true, recoveryCodes: codes.shown };
    }
    if (enrolment.replaces !== null) await replace(tx, userId, { oldId: enrolment.replaces, newId: id });
    tx.record({ kind: "authenticator.added", ...who, details: { name } });
    await mails.queue(tx, { kind: "authenticator_added", user: account.user, facts: { name } });
    return { ok: true, recoveryCodes: null };
  });
}

/** Whether there is room for one more, or the one that it is to replace is still there. A rescue replaces them all. */
async function isPossible(
  tx: Tx,
  { user, method }: LivingSession,
  replaces: string | null,
): Promise<{ ok: true } | Impossible> {
  if (onlyEnrols(method)) return { ok: true };
  const living = (await list(tx, user.id)).filter(({ goesAt }) => goesAt === null);
  if (replaces !== null) return living.some(({ id }) => id === replaces) ? { ok: true } : refused("not_found");
  return living.length < MOST ? { ok: true } : refused("too_many_authenticators");
}

async function findRow({ db, now }: Context, session: LivingSession): Promise<EnrolmentTable | undefined> {
  return db
    .selectFrom("enrolments")
    .selectAll()
    .where("user_id", "=", session.user.id)
    .where("session_id", "=", session.id)
    .where("expires_at", ">", now())
    .executeTakeFirst();
}

function place(row: string, owner: string) {
  return { table: "enrolments", column: "secret_sealed", row, owner };
}

/** Enrolments that nobody confirmed in time. */
export function over({ now }: Context): Over<"enrolments"> {
  return { table: "enrolments", key: "user_id", when: sql`expires_at <= ${now()}` };
}
