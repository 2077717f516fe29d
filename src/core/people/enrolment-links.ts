// A link that lets somebody who lost everything set up a new second factor, once, within a day. It was given by hand or
// by mail, so it is worth nothing without the name and the password of its person, and what it leads to reaches
// enrolment alone. Until the new factor is confirmed the old ones go on working.

import type { Client, Context } from "../../context.ts";
import type { UserTable } from "../../db/schema.ts";
import { type Refused, refused, type TooMany } from "../../outcomes.ts";
import * as attempts from "../ground/attempts.ts";
import type { Author } from "../ground/event-kinds.ts";
import * as mails from "../ground/mails.ts";
import * as tickets from "../ground/tickets.ts";
import { recordOnly, type Tx, transact } from "../ground/transaction.ts";
import { accountOf, lockAccount } from "../session/account.ts";
import * as knownBrowsers from "../session/known-browsers.ts";
import * as sessions from "../session/sessions.ts";
import * as passwords from "./passwords.ts";

/** Who made it, and why. */
type Maker = Author & { details: { reason: string } };

/** Makes the link, and mails it, or tells the person that somebody has it for them. The caller holds the lock. */
export async function issue(
  tx: Tx,
  user: UserTable,
  { isMailed, who }: { isMailed: boolean; who: Maker },
): Promise<string> {
  const { id: userId, security_version: securityVersion } = user;
  const ticket = await tickets.issue(tx, "enrolment-link", { id: userId, securityVersion });
  const details = { ...who.details, given: isMailed ? "by mail" : "by hand" } as const;
  tx.record({ kind: "enrolment_link.made", ...who, user: userId, details });
  await mails.queue(
    tx,
    isMailed ? { kind: "enrolment_link", user, facts: { ticket } } : { kind: "enrolment_link_made", user },
  );
  return ticket;
}

/** Whether a link could be used now. Whose it is stays untold: it may have been found. */
export async function isUsable(context: Context, token: string): Promise<boolean> {
  return (await tickets.find(context, "enrolment-link", token)) !== undefined;
}

/** Takes the link, the name and the password for a session that may only enrol. A miss costs what it costs to sign in. */
export async function enter(
  context: Context,
  client: Client,
  {
    ticket: token,
    name,
    password,
    browserTokens,
  }: { ticket: string; name: string; password: string; browserTokens: readonly string[] },
): Promise<sessions.Issued | Refused<"expired" | "wrong_credentials" | "busy"> | TooMany> {
  const ticket = await tickets.find(context, "enrolment-link", token);
  if (ticket?.user_id == null) return refused("expired");
  const { user_id: userId, security_version: securityVersion } = ticket;
  const bucket = await knownBrowsers.bucketOf(context, userId, browserTokens);
  const named = await context.accounts.find(context, name);
  const account = await accountOf(context, userId);
  const hash = account?.user.password_hash ?? null;
  const mayPass = named?.id === userId && !named.isDisabled;
  const given = { subject: userId, bucket, password, id: userId, hash, mayPass };
  const entered = await passwords.check(context, client, given, async (checked) => {
    await named?.settle(client);
    const issued = await transact(context, client, async (tx) => {
      const locked = await lockAccount(tx, userId);
      if (locked === undefined || !(await passwords.stillHolds(tx, locked, checked, securityVersion)))
        return refused("expired");
      const consumed = await tickets.consume(tx, ticket);
      if (!consumed.ok) return consumed;
      const issued = await sessions.issue(tx, { method: "enrolment-link", account: locked, securityVersion, bucket });
      if (!issued.ok) return issued;
      await attempts.forgivePassword(tx, userId, bucket);
      await notifyEntered(tx, locked.user);
      return issued;
    });
    if (!issued.ok) await transact(context, client, (tx) => attempts.refund(tx, checked.charge));
    return issued;
  });
  if (entered.ok || entered.reason !== "wrong_password") return entered;
  await recordOnly(context, client, { kind: "sign_in.password_refused", user: userId });
  return refused("wrong_credentials");
}

/** Somebody came in to set up a new second factor: the owner hears of it. */
export async function notifyEntered(tx: Tx, user: UserTable): Promise<void> {
  const { address, userAgent } = tx.client;
  await mails.queue(tx, { kind: "rescue_entered", user, facts: { address, userAgent, at: tx.now() } });
}

/** Forgets a link that was given out, and sessions that it, or a waiting period, led to and that have not enrolled. */
export async function forget(tx: Tx, userId: string): Promise<void> {
  await tx.db.deleteFrom("tickets").where("user_id", "=", userId).where("purpose", "=", "enrolment-link").execute();
  await sessions.forgetEnrolling(tx, userId);
}
