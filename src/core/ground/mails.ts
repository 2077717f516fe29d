// The outbox. Mail is queued in the transaction that causes it and sent later, so a dead mail server never blocks
// anybody. The facts of a mail may hold a one-time link: they are sealed, and erased once the mail is sent.

import { sql } from "kysely";
import type { Context } from "../../context.ts";
import { seal, unseal } from "../../crypto/secret-box.ts";
import { newId } from "../../crypto/token.ts";
import type { MailTable, UserTable } from "../../db/schema.ts";
import { statement } from "../../db/statement.ts";
import type { MailFactsOf, MailKind, NoFacts, Whence } from "./mail-kinds.ts";
import type { Over } from "./sweep.ts";
import type { Tx } from "./transaction.ts";

type MailRecipient = { id: string; name: string; email: string | null; language: string; timeZone: string };

/** A mail that is ready to be rendered in the person's language and sent. */
export type Mail<K extends MailKind = MailKind> = {
  [Kind in K]: {
    id: string;
    kind: Kind;
    to: string;
    recipient: MailRecipient;
    facts: MailFactsOf[Kind];
    at: number;
  };
}[K];

const MINUTE = 60_000;
const KEPT = 30 * 24 * 60 * MINUTE;
const RETRY_AFTER_MINUTES = [1, 5, 15, 60, 240, 720, 1440];

type Told<K extends MailKind> = {
  [Kind in K]: NoFacts extends MailFactsOf[Kind] ? { facts?: MailFactsOf[Kind] } : { facts: MailFactsOf[Kind] };
}[K];

/** Whoever is told: a row of `users`, as it was read under the person's lock or is committed now. */
type Recipient = Pick<UserTable, "id" | "name" | "email" | "language" | "time_zone">;

/** A mail to queue. `to` replaces the person's own address, for one that was theirs until now. */
export type NewMail = { [Kind in MailKind]: { kind: Kind; user: Recipient; to?: string } & Told<Kind> }[MailKind];

/** The shape of crypto/token.ts. */
const TICKET = /[\w-]{16}\.[\w-]{43}/g;

/** Queues a mail to a person; whoever has no address gets none. */
export async function queue(tx: Tx, { kind, user, facts = {}, to }: NewMail): Promise<void> {
  const address = to ?? user.email;
  if (address === null) return;
  const { id: owner, name, email, language, time_zone: timeZone } = user;
  const recipient: MailRecipient = { id: owner, name, email, language, timeZone };
  const id = newId(tx.random);
  const content_sealed = seal(tx.keys, place(id, owner), Buffer.from(JSON.stringify({ recipient, facts })));
  await insert.run(tx, { id, user_id: owner, kind, recipient: address, content_sealed, now: tx.now() });
  tx.mailQueued();
}

type New = Pick<MailTable, "id" | "user_id" | "kind" | "recipient" | "content_sealed"> & { now: number };

const insert = statement((db, { id, user_id, kind, recipient, content_sealed, now }: New) =>
  db.insertInto("mails").values({
    ...{ id, user_id, kind, recipient, content_sealed },
    ...{ created_at: now, tries: 0, next_try_at: now, sent_at: null, last_error: null },
  }),
);

/** Where the request that a mail tells of came from, and when: facts that several kinds share. */
export function whence({ client, now }: Tx): Whence {
  return { address: client.address, userAgent: client.userAgent, at: now() };
}

/**
 * Claims the next due mail for this node: one statement postpones its next try, and only one node wins it. `undefined`
 * when nothing is due.
 */
export async function claim(context: Context): Promise<Mail | undefined> {
  const { db, now, keys } = context;
  for (;;) {
    const due = await db
      .selectFrom("mails")
      .selectAll()
      .where("sent_at", "is", null)
      .where("next_try_at", "<=", now())
      .orderBy("next_try_at")
      .limit(1)
      .executeTakeFirst();
    if (due === undefined) return undefined;
    const minutes = RETRY_AFTER_MINUTES[Math.min(due.tries, RETRY_AFTER_MINUTES.length - 1)] ?? 1440;
    const { numUpdatedRows } = await db
      .updateTable("mails")
      .set({ tries: due.tries + 1, next_try_at: now() + minutes * MINUTE, last_error: null })
      .where("id", "=", due.id)
      .where("tries", "=", due.tries)
      .where("sent_at", "is", null)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n || due.content_sealed === null) continue;
    const plain = unseal(keys, place(due.id, due.user_id ?? ""), due.content_sealed);
    const { recipient, facts } = JSON.parse(Buffer.from(plain).toString());
    // Only `queue` writes these columns.
    return { id: due.id, kind: due.kind, to: due.recipient, recipient, facts, at: due.created_at } as Mail;
  }
}

/** Marks a mail as sent and erases what it said. */
export async function sent({ db, now }: Context, id: string): Promise<void> {
  const values = { sent_at: now(), content_sealed: null, last_error: null };
  await db.updateTable("mails").set(values).where("id", "=", id).execute();
}

/**
 * Keeps the error of a mail that could not be sent; the mail stays until its next try. Returns the error as it is kept:
 * short, and without the ticket of a link, which a server may quote when it refuses the mail.
 */
export async function failed({ db }: Context, id: string, error: string): Promise<string> {
  const last_error = error.replace(TICKET, "…").slice(0, 500);
  await db.updateTable("mails").set({ last_error }).where("id", "=", id).execute();
  return last_error;
}

/** Makes a claimed mail due again at once, because its node stops before it was sent. */
export async function handBack({ db, now }: Context, id: string): Promise<void> {
  await db
    .updateTable("mails")
    .set((eb) => ({ next_try_at: now(), tries: eb("tries", "-", 1) }))
    .where("id", "=", id)
    .where("sent_at", "is", null)
    .execute();
}

/** Old mails, also those that were never sent: what they tell is out of date. */
export function over({ now }: Context): Over<"mails"> {
  return { table: "mails", key: "id", when: sql`created_at <= ${now() - KEPT}` };
}

function place(id: string, owner: string) {
  return { table: "mails", column: "content_sealed", row: id, owner };
}
