// Checking and changing the password of a person who is known already. Signing in has its own rules (sign-in.ts).

import type { Client, Context } from "../../context.ts";
import { hashPassword, inHashingSlot, verifyPassword } from "../../crypto/password.ts";
import type { TicketPurpose, UserTable } from "../../db/schema.ts";
import { type Refused, refused, type TooMany } from "../../outcomes.ts";
import * as attempts from "../ground/attempts.ts";
import * as mails from "../ground/mails.ts";
import { checkPassword, type PasswordReason } from "../ground/password-quality.ts";
import * as tickets from "../ground/tickets.ts";
import { lockUser, type Tx, transact } from "../ground/transaction.ts";
import { type RecentSession, securityChanged, stillStands } from "../session/sessions.ts";

type Checked = { ok: true; charge: attempts.Charge };
type Miss = Refused<"wrong_password"> & { charge: attempts.Charge };

/**
 * Charges an attempt and checks a password. The charge is made inside the hashing slot: then no more attempts are
 * under way than hashes, and honest ones at the same time do not use up each other's allowance.
 */
export async function check(
  context: Context,
  client: Client,
  { userId, bucket, password }: { userId: string; bucket: string; password: string },
): Promise<Checked | Miss | Refused<"busy"> | TooMany> {
  const wait = await attempts.blocked(context, userId, bucket, attempts.PASSWORD);
  if (wait !== undefined) return wait;
  const outcome = await inHashingSlot(async () => {
    const charge = await transact(context, client, (tx) => attempts.chargePassword(tx, userId, bucket));
    if (!charge.ok) return charge;
    const user = await context.db
      .selectFrom("users")
      .select("password_hash")
      .where("id", "=", userId)
      .executeTakeFirst();
    if (await verifyPassword(password, user?.password_hash ?? null)) return { ok: true, charge } as const;
    return { ...refused("wrong_password"), charge };
  });
  return outcome ?? refused("busy");
}

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
  const user = await context.db.selectFrom("users").selectAll().where("id", "=", userId).executeTakeFirstOrThrow();
  const good = await checkPassword(password, [user.login, user.name, user.email, context.options.name, "countersign"]);
  if (!good.ok) return good;
  const passwordHash = await inHashingSlot(() => hashPassword(password));
  if (passwordHash === undefined) return refused("busy");
  return transact(context, client, async (tx) => {
    await lockUser(tx, userId);
    const consumed = await tickets.consume(tx, ticket);
    if (!consumed.ok) return consumed;
    await tx.db.updateTable("users").set({ password_hash: passwordHash }).where("id", "=", userId).execute();
    await securityChanged(tx, userId);
    await also(tx, user);
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
  const good = await checkPassword(password, [user.login, user.name, user.email, context.options.name, "countersign"]);
  if (!good.ok) return good;
  const passwordHash = await inHashingSlot(() => hashPassword(password));
  if (passwordHash === undefined) return refused("busy");
  return transact(context, client, async (tx) => {
    if (!(await stillStands(tx, session))) return refused("expired");
    const { numUpdatedRows } = await tx.db
      .updateTable("users")
      .set({ password_hash: passwordHash, changed_by_mail_at: null })
      .where("id", "=", user.id)
      .where("disabled_at", "is", null)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return refused("expired");
    await securityChanged(tx, user.id, { session });
    await attempts.unlock(tx, user.id);
    tx.record({ kind: "password.changed", actor: user.id, user: user.id, session: session.id });
    await mails.queue(tx, { kind: "password_changed", user: user.id });
    return { ok: true };
  });
}
