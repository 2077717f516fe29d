// Confirmation: who is signed in proves once more who they are, before anything sensitive. It needs everything the
// account has, password and code; it lasts ten minutes from that moment, in that session, and use does not extend it.

import type { Client, Context } from "../../context.ts";
import { normaliseRecoveryCode } from "../../crypto/recovery-code.ts";
import { type Refused, refused, type TooMany } from "../../outcomes.ts";
import * as authenticators from "../factors/authenticators.ts";
import type { Explanation } from "../factors/drift.ts";
import { AUTHENTICATOR, check, type Factor, RECOVERY_CODE } from "../factors/factors.ts";
import * as trustedBrowsers from "../factors/trusted-browsers.ts";
import * as attempts from "../ground/attempts.ts";
import { onlyEnrols } from "../ground/methods.ts";
import { recordOnly, transact } from "../ground/transaction.ts";
import * as passwords from "../people/passwords.ts";
import { accountOf, lockAccount } from "../session/account.ts";
import { end, type LivingSession, type Recent, renew } from "../session/sessions.ts";

const LASTS = 10 * 60_000;

/** The session as a recent one, if it was confirmed in the last ten minutes; a clock set back makes nothing recent. */
export function recent<S extends LivingSession>(context: Context, session: S): Recent<S> | undefined {
  const { confirmedAt, lastSeenAt } = session;
  const now = context.now();
  const isRecent = confirmedAt !== null && now - confirmedAt < LASTS && now >= confirmedAt && now >= lastSeenAt;
  // The one place that makes a recent session.
  return isRecent ? (session as Recent<S>) : undefined;
}

/** Whether confirming takes a code besides the password; somebody who came because they lost it has shown a link instead. */
export function owesCode({ user, method }: LivingSession): boolean {
  return user.twoFactor && !onlyEnrols(method);
}

export type Confirmed<S extends LivingSession> = { ok: true; session: Recent<S>; sessionToken: string };

/** A refused code; only in a browser that the person trusts is it explained. */
type RefusedCode = Refused<"wrong_code" | "used_code"> & { explanation?: Explanation };

type Unconfirmed = RefusedCode | Refused<"wrong_password" | "session_ended" | "expired" | "busy"> | TooMany;

/** What a person shows to confirm who they are; the tokens are those of the people who trust the browser. */
export type Proof = { password: string; code: string; trustTokens?: readonly string[] };

/**
 * Confirms the person of a session by the password and, where an authenticator is on, a code or a recovery code. The
 * session gets a new cookie. Misses count with those of signing in; as many as are free end the session.
 */
export async function confirm<S extends LivingSession>(
  context: Context,
  client: Client,
  session: S,
  { password, code, trustTokens = [] }: Proof,
): Promise<Confirmed<S> | Unconfirmed> {
  const who = { actor: session.user.id, user: session.user.id, session: session.id };
  const subject = session.user.id;

  const miss = async (reason: "wrong_password" | "wrong_code", isLast: boolean) => {
    await recordOnly(context, client, { kind: "confirmation.refused", ...who, details: { reason } });
    if (!isLast) return refused(reason);
    await end(context, client, session);
    return refused("session_ended");
  };

  const account = await accountOf(context, subject);
  if (account === undefined) return refused("expired");
  const { password_hash: hash } = account.user;
  const right = await passwords.check(
    context,
    client,
    { subject, bucket: session.bucket, password, id: subject, hash, mayPass: true },
    async (checked) => checked,
  );
  if (!right.ok) {
    if (right.reason !== "wrong_password") return right;
    return miss("wrong_password", attempts.isExhausted(right.charge, attempts.PASSWORD));
  }
  const factor: Factor = normaliseRecoveryCode(code) === undefined ? AUTHENTICATOR : RECOVERY_CODE;
  const checked = owesCode(session)
    ? await check(context, client, factor, { account, bucket: session.bucket, code })
    : undefined;
  if (checked?.ok === false) {
    await transact(context, client, (tx) => attempts.refund(tx, right.charge));
    if (checked.reason !== "wrong_code") return checked;
    const { charge } = checked;
    const missed = await miss("wrong_code", charge !== undefined && attempts.isExhausted(charge, factor.budget));
    if (missed.reason !== "wrong_code" || charge === undefined || factor !== AUTHENTICATOR) return missed;
    if (!(await trustedBrowsers.isTrusted(context, account, trustTokens))) return missed;
    return { ...refused("wrong_code"), explanation: await authenticators.explainRefused(context, subject, code) };
  }
  const outcome = await transact(context, client, async (tx) => {
    const locked = await lockAccount(tx, subject);
    if (locked === undefined || !(await passwords.stillHolds(tx, locked, right, account.user.security_version)))
      return refused("expired");
    if (checked !== undefined) {
      const consumed = await factor.consume(tx, locked, checked);
      if (!consumed.ok) return consumed;
    }
    const renewed = await renew(tx, session);
    if (!renewed.ok) return renewed;
    await attempts.forgive(tx, subject, session.bucket);
    tx.record({ kind: "confirmation.succeeded", ...who });
    return renewed;
  });
  if (outcome.ok) {
    // The row was confirmed a moment ago, by the statement in `renew`.
    return { ...outcome, session: { ...session, confirmedAt: context.now() } as Recent<S> };
  }
  if (outcome.reason !== "used_code" || checked === undefined) return refused("expired");
  await transact(context, client, (tx) => attempts.refund(tx, right.charge));
  const settled = await factor.settleUsed(context, client, checked);
  if (settled.reason !== "used_code" || !(await trustedBrowsers.isTrusted(context, account, trustTokens)))
    return settled;
  return { ...settled, explanation: { cause: "used" } };
}
