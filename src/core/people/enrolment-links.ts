// A link that lets somebody who lost everything set up a new second factor, once, within a day. It was given by hand or
// by mail, so it is worth nothing without the name and the password of its person, and what it leads to reaches
// enrolment alone. Until the new factor is confirmed the old ones go on working.

import type { Client, Context } from "../../context.ts";
import { type Refused, refused, type TooMany } from "../../outcomes.ts";
import * as attempts from "../ground/attempts.ts";
import type { Author } from "../ground/event-kinds.ts";
import * as mails from "../ground/mails.ts";
import * as tickets from "../ground/tickets.ts";
import { lockUser, recordOnly, type Tx, transact } from "../ground/transaction.ts";
import * as knownBrowsers from "../session/known-browsers.ts";
import * as sessions from "../session/sessions.ts";
import * as passwords from "./passwords.ts";
import * as users from "./users.ts";

/** Who made it, and why. */
type Maker = Author & { details: { reason: string } };

/** Makes the link, and mails it, or tells the person that somebody has it for them. The caller holds the lock. */
export async function issue(
  tx: Tx,
  userId: string,
  { isMailed, who }: { isMailed: boolean; who: Maker },
): Promise<string> {
  const { security_version: securityVersion } = await tx.db
    .selectFrom("users")
    .select("security_version")
    .where("id", "=", userId)
    .executeTakeFirstOrThrow();
  const ticket = await tickets.issue(tx, "enrolment-link", { id: userId, securityVersion });
  const details = { ...who.details, given: isMailed ? "by mail" : "by hand" } as const;
  tx.record({ kind: "enrolment_link.made", ...who, user: userId, details });
  await mails.queue(
    tx,
    isMailed
      ? { kind: "enrolment_link", user: userId, facts: { ticket } }
      : { kind: "enrolment_link_made", user: userId },
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
  given: { ticket: string; name: string; password: string; browserTokens: readonly string[] },
): Promise<sessions.Issued | Refused<"expired" | "wrong_credentials" | "busy"> | TooMany> {
  const ticket = await tickets.find(context, "enrolment-link", given.ticket);
  if (ticket?.user_id == null) return refused("expired");
  const { user_id: userId, security_version: securityVersion } = ticket;
  const bucket = await knownBrowsers.bucketOf(context, userId, given.browserTokens);
  const named = await users.findByName(context, given.name);
  const checked = await passwords.check(context, client, { userId, bucket, password: given.password });
  if (!checked.ok && checked.reason !== "wrong_password") return checked;
  if (!checked.ok || named?.id !== userId) {
    await recordOnly(context, client, { kind: "sign_in.password_refused", user: userId });
    return refused("wrong_credentials");
  }
  const entered = await transact(context, client, async (tx) => {
    await lockUser(tx, userId);
    const consumed = await tickets.consume(tx, ticket);
    if (!consumed.ok) return consumed;
    const issued = await sessions.issue(tx, { method: "enrolment-link", userId, securityVersion, bucket });
    if (!issued.ok) return issued;
    await attempts.forgivePassword(tx, userId, bucket);
    await tellEntered(tx, userId);
    return issued;
  });
  if (!entered.ok) await transact(context, client, (tx) => attempts.refund(tx, checked.charge));
  return entered;
}

/** Somebody came in to set up a new second factor: the owner hears of it. */
export async function tellEntered(tx: Tx, userId: string): Promise<void> {
  const { address, userAgent } = tx.client;
  await mails.queue(tx, { kind: "rescue_entered", user: userId, facts: { address, userAgent, at: tx.now() } });
}

/** Voids a link that was given out, and ends what it, or a waiting period, has led to and that has not enrolled yet. */
export async function forget(tx: Tx, userId: string): Promise<void> {
  await tx.db.deleteFrom("tickets").where("user_id", "=", userId).where("purpose", "=", "enrolment-link").execute();
  await sessions.endEnrolling(tx, userId);
}
