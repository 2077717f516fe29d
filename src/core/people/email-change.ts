// A new e-mail address. Notices and links for a forgotten password go there from then on, so whoever changes it could
// shut the owner out: both addresses are told, and the old one gets a link to undo it (email-undo.ts).

import type { Client, Context } from "../../context.ts";
import type { UserTable } from "../../db/schema.ts";
import { type Refused, refused } from "../../outcomes.ts";
import { joinParts } from "../ground/event-kinds.ts";
import * as mails from "../ground/mails.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import { type RecentSession, stillStands } from "../session/sessions.ts";
import * as emailUndo from "./email-undo.ts";
import * as enrolmentLinks from "./enrolment-links.ts";
import * as users from "./users.ts";

/** A person changes their e-mail address. */
export async function change(
  context: Context,
  client: Client,
  session: RecentSession,
  email: string,
): Promise<{ ok: true } | Refused<users.ProfileReason | "expired">> {
  return transact(context, client, async (tx) => {
    const account = await stillStands(tx, session);
    if (account === undefined) return refused("expired");
    const saved = await update(tx, account.user, { email: email.trim() === "" ? null : email }, { mayUndo: true });
    if (!saved.ok) return saved;
    if (saved.changed.length === 0) return { ok: true };
    const details = { what: joinParts(["email"]) };
    tx.record({ kind: "profile.changed", actor: session.user.id, user: session.user.id, session: session.id, details });
    return { ok: true };
  });
}

/**
 * Changes a part of a person's profile; if that is the address, both are told. `mayUndo` is false where an
 * administrator says that the old mailbox is in the wrong hands. The caller has decided that the actor may.
 */
export async function update(
  tx: Tx,
  before: UserTable,
  profile: users.Change,
  { mayUndo }: { mayUndo: boolean },
): Promise<users.Updated | Refused<users.ProfileReason>> {
  const saved = await users.update(tx, before, profile);
  if (!saved.ok || !saved.changed.includes("email")) return saved;
  // Whoever came by a link to the old address came by what is theirs no longer.
  const { user } = saved;
  await enrolmentLinks.forget(tx, user.id);
  await mails.queue(tx, { kind: "email_set", user, facts: tx.accounts.kind === "host" ? { accounts: "host" } : {} });
  if (before.email === null) return saved;
  // Whoever was invited and never came has proved no address.
  const isOffered = mayUndo && before.password_hash !== null;
  const ticket = isOffered ? await emailUndo.offer(tx, { userId: user.id, email: before.email }) : undefined;
  const facts = ticket === undefined ? {} : { ticket };
  await mails.queue(tx, { kind: "email_changed", user, to: before.email, facts });
  return saved;
}
