// A new person gets a link by mail and sets a password behind it. Nobody else ever knows or chooses that password.

import type { Client, Context } from "../context.ts";
import { hashPassword, inHashingSlot } from "../crypto/password.ts";
import { refused } from "../outcomes.ts";
import type { NewEvent } from "./events.ts";
import * as mails from "./mails.ts";
import { checkPassword } from "./password-quality.ts";
import { securityChanged } from "./sessions.ts";
import * as tickets from "./tickets.ts";
import { lockUser, type Tx, transact } from "./transaction.ts";

/** Issues the link of a person who has no password yet and mails it; it is returned for the command line alone. */
export async function invite(tx: Tx, userId: string, by: Pick<NewEvent, "actor" | "session" | "details">) {
  const user = await tx.db.selectFrom("users").selectAll().where("id", "=", userId).executeTakeFirst();
  if (user === undefined) return refused("not_found");
  if (user.password_hash !== null) return refused("already_accepted");
  const ticket = await tickets.issue(tx, "invitation", { id: user.id, securityVersion: user.security_version });
  const recipient = { ...user, timeZone: user.time_zone };
  await mails.queue(tx, { kind: "invitation", user: recipient, facts: { ticket, login: user.login } });
  tx.record({ kind: "user.invited", ...by, user: user.id });
  return { ok: true, ticket } as const;
}

/** Whom a link invites, if it could be used now. */
export async function find(context: Context, token: string): Promise<{ login: string; name: string } | undefined> {
  const ticket = await tickets.find(context, "invitation", token);
  if (ticket?.user_id == null) return undefined;
  return context.db
    .selectFrom("users")
    .select(["login", "name"])
    .where("id", "=", ticket.user_id)
    .where("disabled_at", "is", null)
    .executeTakeFirst();
}

/** Sets the first password. It does not sign in: there is one road for that. */
export async function accept(
  context: Context,
  client: Client,
  { ticket: token, password }: Record<"ticket" | "password", string>,
) {
  const ticket = await tickets.find(context, "invitation", token);
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
    tx.record({ kind: "user.accepted", actor: userId, user: userId });
    return { ok: true } as const;
  });
}
