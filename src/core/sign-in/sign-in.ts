// The sign-in machine.
//
//     anonymous ──right password──> session                 where no authenticator is on
//               ├─right password──> session                 in a browser that the person trusts
//               └─right password──> pending sign-in ──right code or recovery code──> session
//                                        ├──self-rescue whose wait is over──> session that may only enrol
//                                        └──cancel, ten minutes, a change of the security setup──> gone
//
// A pending sign-in is not a session: another table, another cookie, another type. It is spent by one statement
// together with the code, and only the winner reaches sessions.issue. What a stranger can see is the same for a
// name that exists and one that does not: the same work, the same answer, the same records.

import type { Client, Context, Found } from "../../context.ts";
import { type Refused, refused, type TooMany } from "../../outcomes.ts";
import { AUTHENTICATOR, check, type Factor, MAILED_CODE, RECOVERY_CODE } from "../factors/factors.ts";
import * as mailedCodes from "../factors/mailed-codes.ts";
import * as trustedBrowsers from "../factors/trusted-browsers.ts";
import * as attempts from "../ground/attempts.ts";
import { isWeak } from "../ground/methods.ts";
import { canonicalName } from "../ground/names.ts";
import { recordOnly, type Tx, transact } from "../ground/transaction.ts";
import * as enrolmentLinks from "../people/enrolment-links.ts";
import * as passwords from "../people/passwords.ts";
import * as selfRescue from "../rescue/self-rescue.ts";
import { type Account, lockAccount } from "../session/account.ts";
import * as knownBrowsers from "../session/known-browsers.ts";
import * as pendingSignIns from "../session/pending-sign-ins.ts";
import * as sessions from "../session/sessions.ts";

/** A right password that owes a code; `wantedPage` is where the person was going. */
export type PendingSignIn = {
  id: string;
  userId: string;
  timeZone: string;
  bucket: string;
  wantedPage: string;
  /** For how many days this browser may be trusted; 0: not at all. */
  trustDays: number;
  /** Whether a recovery code is taken. */
  recoveryCode: boolean;
  /** Where a code can be mailed to, masked, and when one was that is good now; null where mail does not count. */
  mailedCode: { to: string; sentAt: number | null } | null;
  selfRescue: selfRescue.SelfRescue | undefined;
};

export type SecondStep = { ok: true; next: "code"; pendingToken: string };
/** `trustToken` is the cookie of a browser that is trusted now, where it is new. */
export type SignedIn = sessions.Issued & { next: "session"; wantedPage: string; trustToken: string | null };

export type PasswordStep = {
  name: string;
  password: string;
  wantedPage: string;
  /** Tokens of the browsers that this one is known as. */
  browserTokens: readonly string[];
  /** The token of a pending sign-in that this browser left open, by which a new one is known for the same attempt. */
  earlierToken?: string | undefined;
  /** Tokens of the people who trust this browser. */
  trustTokens?: readonly string[];
};

/** The first step: name and password. */
export async function begin(
  context: Context,
  client: Client,
  { name, password, wantedPage, browserTokens, earlierToken, trustTokens = [] }: PasswordStep,
): Promise<SecondStep | SignedIn | Refused<"wrong_credentials" | "busy"> | TooMany> {
  const found = await context.accounts.find(context, name);
  const subject = found?.id ?? attempts.unknownSubject(context, canonicalName(name));
  const bucket = await knownBrowsers.bucketOf(context, found?.id ?? null, browserTokens);
  const mayPass = found !== undefined && !found.isDisabled;
  const given = { subject, bucket, password, id: found?.id, hash: found?.hash ?? null, mayPass };
  const outcome = await passwords.check(context, client, given, async (checked) =>
    found === undefined
      ? refused("wrong_password")
      : passwordWasRight(context, client, { found, checked, bucket, wantedPage, earlierToken, trustTokens }),
  );
  if (outcome.ok || outcome.reason !== "wrong_password") return outcome;
  if (found?.isDisabled) await found.settle(client);
  await recordOnly(context, client, { kind: "sign_in.password_refused", user: found?.id ?? null });
  return refused("wrong_credentials");
}

/**
 * `check` is the host's own look at the password, `userId` whose it should be: `undefined` where nobody has the name that
 * was typed, and then it looks all the same.
 */
export type HostStep = Omit<PasswordStep, "name" | "password"> & {
  userId: string | undefined;
  check(): Promise<boolean>;
};

/**
 * The first step of somebody whose password the host checks itself, on its own terms: nothing is charged here. What
 * follows is what follows a right password, in the security setup of before the check: a password that is changed
 * meanwhile opens nothing.
 */
export async function beginFor(
  context: Context,
  client: Client,
  { userId, check, wantedPage, browserTokens, earlierToken, trustTokens = [] }: HostStep,
): Promise<SecondStep | SignedIn | Refused<"wrong_credentials" | "not_allowed">> {
  const { accounts } = context;
  if (accounts.kind !== "host") return refused("not_allowed");
  const found = userId === undefined ? undefined : await accounts.get(context, userId);
  // What comes back may be anything in a program without types.
  if ((await check()) !== true || found === undefined) return refused("wrong_credentials");
  const bucket = await knownBrowsers.bucketOf(context, found.id, browserTokens);
  await found.settle(client);
  return transact<SecondStep | SignedIn | Refused<"wrong_credentials">>(context, client, async (tx) => {
    const account = await lockAccount(tx, found.id);
    if (account === undefined || !isAsFound(account, found)) return refused("wrong_credentials");
    const taken = await takeFirstStep(tx, { account, bucket, wantedPage, earlierToken, trustTokens });
    return taken.ok ? taken : refused("wrong_credentials");
  });
}

function isAsFound({ user }: Account, { securityVersion }: Found): boolean {
  return user.security_version === securityVersion && user.disabled_at === null;
}

/** Where a right password leads, and what it was walked with. */
type FirstStep = Required<Pick<PasswordStep, "wantedPage" | "trustTokens">> & {
  bucket: string;
  earlierToken: string | undefined;
};

async function passwordWasRight(
  context: Context,
  client: Client,
  { found, checked, ...step }: FirstStep & { found: Found; checked: passwords.Checked },
): Promise<SecondStep | SignedIn | Refused<"wrong_credentials">> {
  await found.settle(client);
  return transact<SecondStep | SignedIn | Refused<"wrong_credentials">>(context, client, async (tx) => {
    const account = await lockAccount(tx, found.id);
    if (account === undefined || !(await passwords.stillHolds(tx, account, checked, found.securityVersion)))
      return refused("wrong_credentials");
    const taken = await takeFirstStep(tx, { account, ...step });
    if (!taken.ok) return refused("wrong_credentials");
    if (taken.next === "code") await attempts.refund(tx, checked.charge);
    if (step.bucket === attempts.STRANGERS && (taken.next === "session" || areHosts(tx)))
      tx.send(attempts.refundStrangers(tx));
    return taken;
  });
}

/** What a right password leads to, in the security setup that its account was locked with. */
async function takeFirstStep(
  tx: Tx,
  { account, bucket, wantedPage, earlierToken, trustTokens }: FirstStep & { account: Account },
): Promise<SecondStep | SignedIn | Refused<"expired">> {
  const { user } = account;
  const { id: userId, security_version: securityVersion } = user;
  if (!account.hasFactor) {
    const issued = await sessions.issue(tx, { method: "password", account, securityVersion, bucket });
    if (!issued.ok) return issued;
    tx.send(attempts.forgive(tx, userId, bucket));
    return { ...issued, next: "session", wantedPage, trustToken: null };
  }
  const trustToken = await trustedBrowsers.use(tx, account, trustTokens);
  if (trustToken === null) {
    const earlier = await pendingSignIns.find(tx, earlierToken);
    const chain = earlier?.user_id === userId ? earlier.chain : undefined;
    return { ok: true, next: "code", pendingToken: await pendingSignIns.hold(tx, { user, bucket, wantedPage, chain }) };
  }
  // No code was shown, so misses of codes stay what they are.
  const issued = await sessions.issue(tx, { method: "password+trusted-browser", account, securityVersion, bucket });
  if (!issued.ok) return issued;
  tx.send(attempts.forgive(tx, userId, bucket, attempts.PASSWORD));
  return { ...issued, next: "session", wantedPage, trustToken };
}

/** Finds the pending sign-in of a presented token, while it can still be completed. */
export async function find(context: Context, token: string | undefined): Promise<PendingSignIn | undefined> {
  const row = await pendingSignIns.find(context, token);
  return row && describe(context, row);
}

async function describe(context: Context, row: pendingSignIns.Pending): Promise<PendingSignIn> {
  const { id, bucket, wanted_page: wantedPage, account } = row;
  const { user, policy } = account;
  const address = mailedCodes.addressFor(policy, user);
  const mailedCode =
    address === null ? null : { to: mailedCodes.masked(address), sentAt: await mailedCodes.sentAt(context, id) };
  const rescue = await selfRescue.find(context, account);
  const { trust_days: trustDays, factors } = policy;
  const recoveryCode = factors.has("recovery-code");
  const person = { userId: user.id, timeZone: user.time_zone };
  return { id, ...person, bucket, wantedPage, trustDays, recoveryCode, mailedCode, selfRescue: rescue };
}

export type Completion = { pendingToken: string | undefined; code: string };

/** The second step: the code of an authenticator. */
export function confirmCode(context: Context, client: Client, completion: Completion & { trust?: boolean }) {
  return complete(context, client, AUTHENTICATOR, completion, completion.trust);
}

/** The second step without the phone: a recovery code. */
export function confirmRecoveryCode(context: Context, client: Client, completion: Completion) {
  return complete(context, client, RECOVERY_CODE, completion);
}

/** The second step without the phone: the code that was mailed for this pending sign-in. */
export function confirmMailedCode(context: Context, client: Client, completion: Completion) {
  return complete(context, client, MAILED_CODE, completion);
}

/** Mails a code for a pending sign-in; an earlier one is dead. */
export async function mailCode(
  context: Context,
  client: Client,
  pendingToken: string | undefined,
): Promise<{ ok: true } | Refused<"expired" | "not_allowed"> | TooMany> {
  const pending = await pendingSignIns.find(context, pendingToken);
  if (pending === undefined) return refused("expired");
  return transact(context, client, async (tx) => {
    const row = await pendingSignIns.findLocked(tx, pendingToken, pending.user_id);
    return row === undefined ? refused("expired") : mailedCodes.send(tx, row);
  });
}

type NotCompleted = Refused<"wrong_code" | "used_code" | "busy"> | TooMany;
type Uncompleted = Refused<"expired"> | (NotCompleted & { pending: PendingSignIn });

/** The second step with one factor. What was refused can be tried again, while the pending sign-in lives. */
async function complete<C extends { ok: true; charge: attempts.Charge }>(
  context: Context,
  client: Client,
  factor: Factor<C>,
  { pendingToken, code }: Completion,
  trust = false,
): Promise<SignedIn | Uncompleted> {
  const row = await pendingSignIns.find(context, pendingToken);
  if (row === undefined) return refused("expired");
  const outcome = await spendWith(context, client, factor, { pending: row, code, trust });
  if (outcome.ok || outcome.reason === "expired") return outcome;
  return { ...outcome, pending: await describe(context, row) };
}

/** Spends the pending sign-in together with a factor, and makes the session. */
async function spendWith<C extends { ok: true; charge: attempts.Charge }>(
  context: Context,
  client: Client,
  factor: Factor<C>,
  { pending, code, trust }: { pending: pendingSignIns.Pending; code: string; trust: boolean },
): Promise<SignedIn | Refused<"expired"> | NotCompleted> {
  const { bucket } = pending;
  const checked = await check(context, client, factor, {
    account: pending.account,
    bucket,
    code,
    signInId: pending.id,
  });
  if (!checked.ok) {
    if (checked.reason !== "wrong_code") return checked;
    if (checked.charge !== undefined) await pendingSignIns.miss(context, client, pending);
    return refused("wrong_code");
  }
  const outcome = await transact(context, client, async (tx) => {
    const account = await lockAccount(tx, pending.user_id);
    if (account === undefined) return refused("expired");
    const { id: userId } = account.user;
    const securityVersion = pending.security_version;
    // They need no answer of each other: whichever is refused undoes the rest.
    const [spent, consumed] = await Promise.all([
      pendingSignIns.spend(tx, pending),
      factor.consume(tx, account, checked),
    ]);
    if (!spent.ok) return spent;
    if (!consumed.ok) return consumed;
    const issued = await sessions.issue(tx, { method: factor.method, account, securityVersion, bucket });
    if (!issued.ok) return issued;
    if (isWeak(factor.method)) {
      // It buys no new guesses at the others, and says nothing about what is lost: it may be in the same wrong hands.
      succeed(tx, userId, bucket, attempts.PASSWORD, factor.budget);
    } else {
      succeed(tx, userId, bucket);
      await selfRescue.disprove(tx, account);
      if (account.user.changed_by_mail_at !== null) await mailedCodes.resume(tx, userId);
    }
    const trustToken = trust ? await trustedBrowsers.add(tx, account) : null;
    return { ...issued, next: "session", wantedPage: pending.wanted_page, trustToken } as const;
  });
  if (outcome.ok) return outcome;
  if (outcome.reason === "used_code") return factor.settleUsed(context, client, checked);
  await transact(context, client, (tx) => attempts.refund(tx, checked.charge));
  return outcome;
}

/** The second step of somebody who lost everything: the waiting period begins, and the person is told. */
export async function beginSelfRescue(
  context: Context,
  client: Client,
  pendingToken: string | undefined,
): Promise<{ ok: true } | Refused<"expired" | "not_possible"> | TooMany> {
  const pending = await pendingSignIns.find(context, pendingToken);
  if (pending === undefined) return refused("expired");
  return transact(context, client, async (tx) => {
    const row = await pendingSignIns.findLocked(tx, pendingToken, pending.user_id);
    return row === undefined ? refused("expired") : selfRescue.begin(tx, row.account);
  });
}

/** The second step once the waiting period is over: it leads to a session that may only enrol. */
export async function confirmSelfRescue(
  context: Context,
  client: Client,
  pendingToken: string | undefined,
): Promise<SignedIn | Refused<"expired" | "not_possible">> {
  const pending = await pendingSignIns.find(context, pendingToken);
  if (pending === undefined) return refused("expired");
  const { bucket, security_version: securityVersion } = pending;
  return transact(context, client, async (tx) => {
    const account = await lockAccount(tx, pending.user_id);
    if (account === undefined) return refused("expired");
    const spent = await pendingSignIns.spend(tx, pending);
    if (!spent.ok) return spent;
    const taken = await selfRescue.take(tx, account);
    if (!taken.ok) return taken;
    const issued = await sessions.issue(tx, { method: "self-rescue", account, securityVersion, bucket });
    if (!issued.ok) return issued;
    await enrolmentLinks.notifyEntered(tx, account.user);
    return { ...issued, next: "session", wantedPage: pending.wanted_page, trustToken: null } as const;
  });
}

/** A completed second step forgives the misses of its bucket, of all budgets or of those that are named. */
function succeed(tx: Tx, userId: string, bucket: string, ...budgets: attempts.Budget[]): void {
  tx.send(attempts.forgive(tx, userId, bucket, ...budgets));
  if (bucket === attempts.STRANGERS && !areHosts(tx)) tx.send(attempts.refundStrangers(tx));
}

/**
 * Whether a first step may have been the host's, which charged nothing: then the second must not give it back, or each
 * sign-in of one's own would buy a guess at others. What our own form charged is given back by the right password.
 */
function areHosts({ accounts }: Context): boolean {
  return accounts.kind === "host";
}
