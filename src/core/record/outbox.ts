// The outbox as administrators see it: who is told of what, and how far it is. Never what a mail says: it may hold a
// link, and whoever reads the links of others can be them.

import type { Client, Context } from "../../context.ts";
import type { MailKind } from "../ground/mail-kinds.ts";
import { type AdministratorAuthority, type AdministratorReader, by, withAuthority } from "../session/authority.ts";

/** A mail from outside. */
export type MailState = {
  id: string;
  kind: MailKind;
  to: string;
  userId: string | null;
  createdAt: number;
  tries: number;
  nextTryAt: number;
  sentAt: number | null;
  /** Why the last try failed. */
  error: string | null;
};

/** Which mails to list: all or those that are not sent, older than one of them. */
export type MailFilter = { unsent: boolean; before?: { createdAt: number; id: string } | undefined };

/** Lists mails, newest first. */
export async function list(
  { reports }: Context,
  _reader: AdministratorReader,
  { unsent, before }: MailFilter,
  limit: number,
): Promise<MailState[]> {
  let query = reports
    .selectFrom("mails")
    .select(["id", "kind", "recipient as to", "user_id as userId", "created_at as createdAt"])
    .select(["tries", "next_try_at as nextTryAt", "sent_at as sentAt", "last_error as error"])
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(limit);
  if (unsent) query = query.where("sent_at", "is", null);
  if (before !== undefined) {
    const { createdAt, id } = before;
    query = query
      .where("created_at", "<=", createdAt)
      .where((eb) => eb.or([eb("created_at", "<", createdAt), eb("id", "<", id)]));
  }
  // Only `mails.queue` writes the kind.
  return (await query.execute()).map((row) => ({ ...row, kind: row.kind as MailKind }));
}

/** Makes every mail due at once whose last try failed; one that is under way has no error. */
export async function retry(context: Context, client: Client, authority: AdministratorAuthority) {
  return withAuthority(context, client, authority, async (tx) => {
    const { numUpdatedRows } = await tx.db
      .updateTable("mails")
      .set({ next_try_at: tx.now() })
      .where("sent_at", "is", null)
      .where("last_error", "is not", null)
      .where("next_try_at", ">", tx.now())
      .executeTakeFirst();
    const mails = Number(numUpdatedRows);
    if (mails > 0) {
      tx.record({ kind: "mails.retried", ...by(authority, { mails }) });
      tx.mailQueued();
    }
    return { ok: true, mails } as const;
  });
}
