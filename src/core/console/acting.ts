// How an act of acts.ts is done to somebody: what it needs is got before the transaction, who may and who is meant is
// decided under the locks of core/session/authority.ts, and the event and the mail are written with the change.

import { type RawBuilder, sql } from "kysely";
import type { Client, Context } from "../../context.ts";
import { hashPassword, inHashingSlot } from "../../crypto/password.ts";
import { type Refused, refused } from "../../outcomes.ts";
import type { NewEvent } from "../ground/events.ts";
import { MAIL_KINDS, type MailKind } from "../ground/mail-kinds.ts";
import * as mails from "../ground/mails.ts";
import { statedReason } from "../ground/names.ts";
import type { Tx } from "../ground/transaction.ts";
import type { Account } from "../session/account.ts";
import { type AdministratorAuthority, by, onOther, type SupportAuthority } from "../session/authority.ts";
import { hasFactor as hasFactorNow } from "../session/policies.ts";
import type { Acted, ActReason, Against, Needed } from "./act.ts";
import { ACTS, type Act, isOffered, needsOf, type SupportAct } from "./acts.ts";

/** What whoever asks for an act says; what the act does not need is not looked at. */
export type Said = { reason?: string | undefined; from?: number | undefined; rescue?: string | undefined };

/** An act to one person, with the authority that it takes: support may do some, administrators all. */
export type Asked = Said & { id: string } & (
    | { authority: SupportAuthority; act: SupportAct }
    | { authority: AdministratorAuthority; act: Act }
  );

/** Why nothing was done to somebody. */
export type ActRefused = Refused<
  ActReason | "beyond_support" | "busy" | "no_authority" | "not_allowed" | "not_found" | "reason_missing" | "yourself"
>;

/** Does an act to one person. Acts of administrators take the authority of one. */
export async function act(
  context: Context,
  client: Client,
  { authority, act: name, id, ...said }: Asked,
): Promise<Acted | ActRefused> {
  if (!isOffered(name, context.accounts.kind)) return refused("not_allowed");
  const prepared = await prepare(context, name, said);
  if (!prepared.ok) return prepared;
  const { needed } = prepared;
  const work = (tx: Tx, account: Account) => perform(tx, account, { act: name, authority, needed });
  return onOther(context, client, { authority, least: ACTS[name].who, id }, work);
}

/** Gets what an act needs, before any transaction: hashing takes long, and everybody else would wait. */
export async function prepare(
  context: Context,
  name: Act,
  said: Said,
): Promise<{ ok: true; needed: Partial<Needed> } | Refused<"reason_missing" | "busy">> {
  const needs = needsOf(name);
  const needed: Partial<Needed> = {};
  if (needs.includes("reason")) {
    const reason = statedReason(said.reason ?? "");
    if (reason === undefined) return refused("reason_missing");
    needed.reason = reason;
  }
  if (needs.includes("from")) needed.from = said.from ?? context.now();
  if (needs.includes("rescue")) needed.rescue = said.rescue ?? "";
  if (needs.includes("deadHash")) {
    // Checking it takes as long as checking any other.
    const hash = await inHashingSlot(() => hashPassword(Buffer.from(context.random(32)).toString("base64")));
    if (hash === undefined) return refused("busy");
    needed.deadHash = hash;
  }
  return { ok: true, needed };
}

/** Does an act, unless something is against it, and records and tells it; the lock of the person is held. */
export async function perform(
  tx: Tx,
  account: Account,
  { act: name, authority, needed }: { act: Act; authority: SupportAuthority; needed: Partial<Needed> },
): Promise<Acted | Refused<ActReason>> {
  const entry = ACTS[name];
  const { user } = account;
  const against = entry.against.find((each) => holds(each, account));
  if (against !== undefined) return refused(against[0]);
  // `prepare` has got what this entry needs; the others look at nothing else.
  const done = await entry.perform(tx, account, { ...(needed as Needed), authority });
  if (done === undefined) return { ok: true };
  if (!done.ok || !isPlain(entry)) return done;
  // `act` in acts.ts ties what is told to the kinds of the entry.
  const { details = {}, mail = {} } = done as { details?: object; mail?: object | null };
  tx.record({ kind: entry.records, ...by(authority, details), user: user.id } as NewEvent);
  if (mail !== null && isMail(entry.notifies)) {
    await mails.queue(tx, { kind: entry.notifies, user, facts: mail } as mails.NewMail);
  }
  return { ok: true };
}

type Entry = (typeof ACTS)[Act];
type Plain = Extract<Entry, { records: string }>;

/** Whether the event and the mail of an act are written here. */
function isPlain(entry: Entry): entry is Plain {
  return typeof entry.records === "string";
}

function isMail(notifies: Plain["notifies"]): notifies is MailKind {
  return MAIL_KINDS.some((kind) => kind === notifies);
}

function holds([, column, state]: Against, { user, hasFactor }: Account): boolean {
  const isSet = column === "factor" ? hasFactor : user[column] !== null;
  return isSet === (state === "set");
}

/** Why an act is not for somebody as they are, for a query of `users`: a reason, or null where nothing is against it. */
export function obstacle(name: Act): RawBuilder<ActReason | null> {
  const conditions = ACTS[name].against.map(([reason, column, state]) => {
    const isSet = column === "factor" ? hasFactorNow : sql<boolean>`${sql.ref(column)} is not null`;
    return sql`when ${state === "set" ? isSet : sql`not ${isSet}`} then ${sql.lit(reason)}`;
  });
  return conditions.length === 0 ? sql`cast(null as text)` : sql`case ${sql.join(conditions, sql` `)} end`;
}
