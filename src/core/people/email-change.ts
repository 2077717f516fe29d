// A new e-mail address. Notices and links for a forgotten password go there from then on, so whoever changes it could
// shut the owner out: both addresses are told, and the old one gets a link to undo it (email-undo.ts).

import type { Client, Context } from "../../context.ts";
import { type Refused, refused } from "../../outcomes.ts";
import { joinParts } from "../ground/event-kinds.ts";
import * as mails from "../ground/mails.ts";
import { lockUser, type Tx, transact } from "../ground/transaction.ts";
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
    if (!(await stillStands(tx, session))) return refused("expired");
    const saved = await update(tx, session.user.id, { email: email.trim() === "" ? null : email }, { mayUndo: true });
    if (!saved.ok || saved.changed.length === 0) return saved;
    const details = { what: joinParts(["email"]) };
    tx.record({ kind: "profile.changed", actor: session.user.id, user: session.user.id, session: session.id, details });
    return saved;
  });
}

/**
 * Changes a part of a person's profile; if that is the address, both are told. `mayUndo` is false where an
 * administrator says that the old mailbox is in the wrong hands. The caller has decided that the actor may.
 */
export async function update(
  tx: Tx,
  id: string,
  profile: Partial<users.Profile>,
  { mayUndo }: { mayUndo: boolean },
): Promise<users.Updated | Refused<users.ProfileReason>> {
  await lockUser(tx, id);
  const before = await tx.db
    .selectFrom("users")
    .select(["email", "password_hash"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  const saved = await users.update(tx, id, profile);
  if (!saved.ok || !saved.changed.includes("email")) return saved;
  // Whoever came by a link to the old address came by what is theirs no longer.
  await enrolmentLinks.forget(tx, id);
  await mails.queue(tx, { kind: "email_set", user: id });
  if (before.email === null) return saved;
  // Whoever was invited and never came has proved no address.
  const isOffered = mayUndo && before.password_hash !== null;
  const ticket = isOffered ? await emailUndo.offer(tx, { userId: id, email: before.email }) : undefined;
  const facts = ticket === undefined ? {} : { ticket };
  await mails.queue(tx, { kind: "email_changed", user: id, to: before.email, facts });
  return saved;
}
