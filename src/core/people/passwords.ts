// Checking and changing the password of a person who is known already. Signing in has its own rules (sign-in.ts).

import type { Client, Context } from "../../context.ts";
import { hashPassword, inHashingSlot } from "../../crypto/password.ts";
import type { TicketPurpose, UserTable } from "../../db/schema.ts";
import { type Refused, refused, type TooMany } from "../../outcomes.ts";
import * as mailedCodes from "../factors/mailed-codes.ts";
import * as attempts from "../ground/attempts.ts";
import * as mails from "../ground/mails.ts";
import { checkPassword, type PasswordReason } from "../ground/password-quality.ts";
import * as tickets from "../ground/tickets.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import { type Account, accountOf, lockAccount } from "../session/account.ts";
import { type RecentSession, securityChanged, stillStands } from "../session/sessions.ts";

/** A right password; `hash` is what it was checked against, and `rehashed` is to take its place. */
export type Checked = { ok: true; charge: attempts.Charge; hash: string; rehashed: string | undefined };
/** `id` is whose password it is to be, and `hash` what is kept of it. `mayPass` false is answered like a wrong one. */
type Given = {
  subject: string;
  bucket: string;
  password: string;
  id: string | undefined;
  hash: string | null;
  mayPass: boolean;
};
type Miss = Refused<"wrong_password"> & { charge: attempts.Charge };

/**
 * Charges an attempt and has a password checked; for nobody the work is the same. The charge is made inside
 * the hashing slot, and so is `then`, what a right password leads to, which gives the charge back: no more attempts are
 * under way than hashing slots, and honest ones at the same time do not use up each other's allowance.
 */
export async function check<T>(
  context: Context,
  client: Client,
  given: Given,
  then: (checked: Checked) => Promise<T>,
): Promise<T | Miss | Refused<"busy"> | TooMany> {
  const { subject, bucket, password, id, hash, mayPass } = given;
  const { accounts } = context;
  const wait = await attempts.blocked(context, subject, bucket, attempts.PASSWORD);
  if (wait !== undefined) return wait;
  const outcome = await inHashingSlot(async () => {
    const charge = await transact(context, client, (tx) => attempts.chargePassword(tx, subject, bucket));
    if (!charge.ok) return charge;
    const isRight = await accounts.verify({ id, hash }, password);
    if (!isRight || hash === null || !mayPass) return { ...refused("wrong_password"), charge };
    return then({ ok: true, charge, hash, rehashed: await accounts.rehash(hash, password) });
  });
  return outcome ?? refused("busy");
}

/**
 * Whether a password that was checked before the lock is still that of the account, in the same security setup; then a
 * better hash takes the place of the old one.
 */
export async function stillHolds(
  tx: Tx,
  { user }: Account,
  { hash, rehashed }: Checked,
  securityVersion: number,
): Promise<boolean> {
  if (user.password_hash !== hash || user.security_version !== securityVersion || user.disabled_at !== null)
    return false;
  if (rehashed !== undefined) await setHash(tx, user.id, rehashed);
  return true;
}

/** Gives a person a password hash; what that ends is up to the caller. A host's people have none here. */
export async function setHash(tx: Tx, userId: string, hash: string): Promise<void> {
  if (tx.accounts.kind !== "own") throw new Error("The passwords belong to the host");
  await tx.db.updateTable("users").set({ password_hash: hash }).where("id", "=", userId).execute();
}

/** Whether a password may be this person's: good by itself, and nothing of their own or of the product. */
export function checkQuality({ options }: Context, password: string, person: Personal) {
  return checkPassword(password, [person.login, person.name, person.email, options.name, "countersign"]);
}

type Personal = { login: string; name: string; email: string | null };

/**
 * Sets a password by a one-time link, and ends what was earned before. `also` is what the purpose of the link adds, in
 * the same transaction. It never signs in: there is one method for that.
 */
export async function setByTicket(
  context: Context,
  client: Client,
  { purpose, ticket: token, password }: { purpose: TicketPurpose; ticket: string; password: string },
  also: (tx: Tx, user: UserTable) => Promise<void>,
): Promise<{ ok: true } | Refused<PasswordReason | "busy" | "expired">> {
  const ticket = await tickets.find(context, purpose, token);
  if (ticket?.user_id == null) return refused("expired");
  const userId = ticket.user_id;
  const read = await accountOf(context, userId);
  if (read === undefined) return refused("expired");
  const good = await checkQuality(context, password, read.user);
  if (!good.ok) return good;
  const passwordHash = await inHashingSlot(() => hashPassword(password));
  if (passwordHash === undefined) return refused("busy");
  return transact(context, client, async (tx) => {
    const account = await lockAccount(tx, userId);
    if (account === undefined) return refused("expired");
    const consumed = await tickets.consume(tx, ticket);
    if (!consumed.ok) return consumed;
    await setHash(tx, userId, passwordHash);
    await securityChanged(tx, userId);
    await also(tx, account.user);
    return { ok: true };
  });
}

/** Changes the password. Every other session ends, and buckets that were shut by misses open. */
export async function change(
  context: Context,
  client: Client,
  session: RecentSession,
  password: string,
): Promise<{ ok: true } | Refused<PasswordReason | "busy" | "expired">> {
  const { user } = session;
  const good = await checkQuality(context, password, user);
  if (!good.ok) return good;
  const passwordHash = await inHashingSlot(() => hashPassword(password));
  if (passwordHash === undefined) return refused("busy");
  return transact(context, client, async (tx) => {
    const account = await stillStands(tx, session);
    if (account === undefined) return refused("expired");
    await setHash(tx, user.id, passwordHash);
    await mailedCodes.resume(tx, user.id);
    await securityChanged(tx, user.id, { session });
    await attempts.unlock(tx, user.id);
    tx.record({ kind: "password.changed", actor: user.id, user: user.id, session: session.id });
    await mails.queue(tx, { kind: "password_changed", user: account.user });
    return { ok: true };
  });
}
