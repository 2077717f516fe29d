// Undoing a change of the e-mail address, by a link that went to the old one. It is what is left to an owner whose
// account was taken over: the thief has the password, the sessions and the new address. So the link outlives every
// change of the security setup, and using it ends all that the account is used with. It proves a mailbox and nothing
// else: it never signs in and touches no factor.
//
// One link a person, and it belongs to the address that was there first: while it is open, a further change makes no
// other. Else a thief who changes the address twice would hold one, too, and undo what the owner undid. And nobody else
// can take that address meanwhile (users.ts), or a colleague could make undoing impossible.

import { sql } from "kysely";
import type { Client, Context } from "../../context.ts";
import { newToken, parseToken, secretMatches } from "../../crypto/token.ts";
import { type Refused, refused } from "../../outcomes.ts";
import * as mailedCodes from "../factors/mailed-codes.ts";
import * as mails from "../ground/mails.ts";
import type { Over } from "../ground/sweep.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import { lockAccount } from "../session/account.ts";
import * as knownBrowsers from "../session/known-browsers.ts";
import { securityChanged } from "../session/sessions.ts";
import * as apiKeys from "./api-keys.ts";
import * as users from "./users.ts";

const HOUR = 60 * 60_000;
const LIFETIME = 72 * HOUR;

/** Makes the link for an address that was the person's until now, unless an earlier address has one. */
export async function offer(tx: Tx, { userId, email }: { userId: string; email: string }): Promise<string | undefined> {
  const { id, token, secretHash } = newToken(tx.random);
  const link = { id, secret_hash: secretHash, email, expires_at: tx.now() + LIFETIME };
  const { numInsertedOrUpdatedRows } = await tx.db
    .insertInto("email_undos")
    .values({ user_id: userId, ...link })
    .onConflict((conflict) =>
      conflict
        .column("user_id")
        .doUpdateSet(link)
        .where((eb) => eb.or([eb("email_undos.expires_at", "<=", tx.now()), eb("email_undos.email", "=", email)])),
    )
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n ? token : undefined;
}

/** Forgets the open link of a person; false if there was none. */
export async function forget(tx: Tx, userId: string): Promise<boolean> {
  const { numDeletedRows } = await tx.db
    .deleteFrom("email_undos")
    .where("user_id", "=", userId)
    .where("expires_at", ">", tx.now())
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

/** Whose address a link would restore, and which, if it could be used now. */
export async function find(context: Context, token: string): Promise<{ login: string; email: string } | undefined> {
  const row = await findRow(context, token);
  return row && { login: row.login, email: row.email };
}

/** The address that a person had before the open link, which hears of what could be a thief's next step. */
export async function earlierAddress({ db, now }: Context, userId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("email_undos")
    .select("email")
    .where("user_id", "=", userId)
    .where("expires_at", ">", now())
    .executeTakeFirst();
  return row?.email;
}

/** Restores the old address and ends everything that the account is used with. */
export async function complete(
  context: Context,
  client: Client,
  token: string,
): Promise<{ ok: true } | Refused<users.ProfileReason | "expired">> {
  const link = await findRow(context, token);
  if (link === undefined) return refused("expired");
  const { id, user_id: userId, email } = link;
  return transact<{ ok: true } | Refused<users.ProfileReason | "expired">>(context, client, async (tx) => {
    const account = await lockAccount(tx, userId);
    if (account === undefined || account.user.disabled_at !== null) return refused("expired");
    const { email: given } = account.user;
    const spent = await tx.db
      .deleteFrom("email_undos")
      .where("id", "=", id)
      .where("expires_at", ">", tx.now())
      .executeTakeFirst();
    if (spent.numDeletedRows !== 1n) return refused("expired");
    const saved = await users.update(tx, account.user, { email });
    if (!saved.ok) return saved;
    const { user } = saved;
    await securityChanged(tx, userId);
    await mailedCodes.suspend(tx, userId);
    await knownBrowsers.forgetOthers(tx, userId, null);
    await apiKeys.revokeAll(tx, userId, {});
    tx.record({ kind: "email.undone", user: userId });
    await mails.queue(tx, { kind: "email_restored", user });
    if (given !== null && given !== email) await mails.queue(tx, { kind: "email_changed", user, to: given });
    return { ok: true };
  });
}

/** Links whose time is over. */
export function over({ now }: Context): Over<"email_undos"> {
  return { table: "email_undos", key: "user_id", when: sql`expires_at <= ${now()}` };
}

async function findRow({ db, now }: Context, token: string) {
  const parsed = parseToken(token);
  if (parsed === undefined) return undefined;
  const row = await db
    .selectFrom("email_undos")
    .innerJoin("users", "users.id", "email_undos.user_id")
    .select(["email_undos.id", "email_undos.user_id", "email_undos.secret_hash", "email_undos.email", "users.login"])
    .where("email_undos.id", "=", parsed.id)
    .where("email_undos.expires_at", ">", now())
    .where("users.disabled_at", "is", null)
    .executeTakeFirst();
  return row !== undefined && secretMatches(parsed.secret, row.secret_hash) ? row : undefined;
}
