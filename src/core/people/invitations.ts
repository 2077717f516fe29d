// A new person gets a link by mail and sets a password behind it. Nobody else ever knows or chooses that password.

import type { Client, Context } from "../../context.ts";
import type { UserTable } from "../../db/schema.ts";
import type { Author } from "../ground/event-kinds.ts";
import * as mails from "../ground/mails.ts";
import * as tickets from "../ground/tickets.ts";
import type { Tx } from "../ground/transaction.ts";
import { accountOf } from "../session/account.ts";
import { setByTicket } from "./passwords.ts";

/** Issues the link of a person who has no password yet and mails it; it is returned for the command line alone. */
export async function invite(tx: Tx, user: UserTable, by: Author): Promise<{ ok: true; ticket: string }> {
  const ticket = await tickets.issue(tx, "invitation", { id: user.id, securityVersion: user.security_version });
  await mails.queue(tx, { kind: "invitation", user, facts: { ticket, login: user.login } });
  tx.record({ kind: "user.invited", ...by, user: user.id });
  return { ok: true, ticket };
}

/** Whom a link invites, if it could be used now. */
export async function find(context: Context, token: string): Promise<{ login: string; name: string } | undefined> {
  const ticket = await tickets.find(context, "invitation", token);
  if (ticket?.user_id == null) return undefined;
  const user = (await accountOf(context, ticket.user_id))?.user;
  return user?.disabled_at === null ? { login: user.login, name: user.name } : undefined;
}

/** Sets the first password. */
export function accept(context: Context, client: Client, given: Record<"ticket" | "password", string>) {
  return setByTicket(context, client, { purpose: "invitation", ...given }, async (tx, { id }) => {
    tx.record({ kind: "user.accepted", actor: id, user: id });
  });
}
