// A forgotten password: a link by mail, and a new password behind it.
//
// Asking does not look the name up. It stores what was typed, sealed, and that is all the work there is, whether
// somebody has that name or not; `answerNext` finds out later, beside the delivery of mails, where no stranger can
// measure. Only then is a link made, and only for whoever accepted their invitation and is not disabled.
//
// The link proves a mailbox and nothing else. It never signs in and touches no second factor. It forgives wrong
// passwords, but not wrong codes: a thief of the mailbox could otherwise buy twenty more codes with every link.

import { sql } from "kysely";
import type { Client, Context } from "../../context.ts";
import { seal, UnsealError, unseal } from "../../crypto/secret-box.ts";
import { newId } from "../../crypto/token.ts";
import type { UserTable } from "../../db/schema.ts";
import type { TooMany } from "../../outcomes.ts";
import * as mailedCodes from "../factors/mailed-codes.ts";
import * as attempts from "../ground/attempts.ts";
import * as mails from "../ground/mails.ts";
import type { Over } from "../ground/sweep.ts";
import * as tickets from "../ground/tickets.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import { accountOf, lockAccount } from "../session/account.ts";
import { setByTicket } from "./passwords.ts";
import * as users from "./users.ts";

/** A request that nobody answered for so long is dropped: whoever made it has asked again. */
const LIFETIME = 60 * 60_000;
/** What is kept of a typed name; no name is longer. */
const NAME_LENGTH = 254;

/** Takes down that somebody asks for a link. It cannot tell whether there will be one. */
export function request(context: Context, client: Client, name: string): Promise<{ ok: true } | TooMany> {
  return transact(context, client, async (tx) => {
    const allowed = await attempts.chargeResetRequest(tx);
    if (!allowed.ok) return allowed;
    const id = newId(tx.random);
    // Sealed, because people type all kinds of things into the wrong field.
    const typed = Buffer.from(name.slice(0, NAME_LENGTH).replaceAll("\0", "").toWellFormed());
    await tx.db
      .insertInto("password_reset_requests")
      .values({
        id,
        name_sealed: seal(tx.keys, place(id), typed),
        address: client.address,
        user_agent: client.userAgent,
        request_id: client.requestId,
        created_at: tx.now(),
      })
      .execute();
    tx.mailQueued();
    return { ok: true };
  });
}

/** Answers the oldest request, on one node alone; false when there is none. */
export async function answerNext(context: Context): Promise<boolean> {
  const row = await context.db
    .selectFrom("password_reset_requests")
    .selectAll()
    .orderBy("created_at")
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return false;
  const client: Client = { address: row.address, userAgent: row.user_agent, requestId: row.request_id };
  const found = await users.findByName(context, typedName(context, row.id, row.name_sealed));
  await transact(context, client, async (tx) => {
    const account = found && (await lockAccount(tx, found.id));
    const taken = await tx.db.deleteFrom("password_reset_requests").where("id", "=", row.id).executeTakeFirst();
    if (taken.numDeletedRows !== 1n) return;
    tx.record({ kind: "password.reset_requested", user: found?.id ?? null });
    if (account !== undefined && row.created_at > tx.now() - LIFETIME) await mailLink(tx, account.user, row.created_at);
  });
  return true;
}

/** A damaged name is nobody's: it must not stop the requests behind it. */
function typedName({ keys, log }: Context, id: string, sealed: string): string {
  try {
    return Buffer.from(unseal(keys, place(id), sealed)).toString();
  } catch (error) {
    if (!(error instanceof UnsealError)) throw error;
    log("request for a new password not readable, dropped", { request: id });
    return "";
  }
}

async function mailLink(tx: Tx, user: UserTable, at: number): Promise<void> {
  const { id: userId } = user;
  if (user.email === null || user.password_hash === null || user.disabled_at !== null) return;
  const allowed = await attempts.spend(tx, attempts.RESET_MAILS, userId);
  if (!allowed.ok) return;
  const ticket = await tickets.issue(tx, "password-reset", { id: userId, securityVersion: user.security_version });
  const facts = { ticket, at, address: tx.client.address, userAgent: tx.client.userAgent };
  await mails.queue(tx, { kind: "password_reset", user, facts });
}

/** Whose password a link would set, if it could be used now. */
export async function find(context: Context, token: string): Promise<{ login: string } | undefined> {
  const ticket = await tickets.find(context, "password-reset", token);
  if (ticket?.user_id == null) return undefined;
  const user = (await accountOf(context, ticket.user_id))?.user;
  const isTheirs = user?.disabled_at === null && user.security_version === ticket.security_version;
  return isTheirs ? { login: user.login } : undefined;
}

/** Sets the new password and ends every session and half-done sign-in. */
export function complete(context: Context, client: Client, given: Record<"ticket" | "password", string>) {
  return setByTicket(context, client, { purpose: "password-reset", ...given }, async (tx, user) => {
    await attempts.forgivePasswords(tx, user.id);
    await mailedCodes.suspend(tx, user.id);
    tx.record({ kind: "password.reset", actor: user.id, user: user.id });
    await mails.queue(tx, { kind: "password_changed", user });
  });
}

/** Requests that nobody answered in time. */
export function over({ now }: Context): Over<"password_reset_requests"> {
  return { table: "password_reset_requests", key: "id", when: sql`created_at <= ${now() - LIFETIME}` };
}

function place(id: string) {
  return { table: "password_reset_requests", column: "name_sealed", row: id, owner: "" };
}
