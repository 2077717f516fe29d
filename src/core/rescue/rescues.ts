// Rescue: the way back in for somebody who lost everything that shows codes. An administrator or support resets the
// second factor, or gives a link that lets the person set up a new one (enrolment-links.ts).
//
//     asked for ──policy: at once──> done
//               ├─policy: waiting──> open ──the wait is over, and somebody carries it out──> done
//               └─policy: approval─> open ──an administrator who did not ask for it approves──> done
//                                      └──stopped by the person, withdrawn, any change of the account, a week──> gone
//
// Every reset and every link goes through `ask`, and the policy of the person decides there. What is open is one row;
// whoever deletes it decides, so of those who stop it and those who carry it out at the same moment one wins. Nothing is
// carried out by the clock: an account without a second factor must not come about while nobody is there.

import { sql } from "kysely";
import type { Client, Context } from "../../context.ts";
import { newToken, parseToken, secretMatches } from "../../crypto/token.ts";
import type { RescueTable, UserTable } from "../../db/schema.ts";
import { type Refused, refused } from "../../outcomes.ts";
import { forgetFactors } from "../factors/authenticators.ts";
import type { Author } from "../ground/event-kinds.ts";
import * as mails from "../ground/mails.ts";
import type { Over } from "../ground/sweep.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import * as emailUndo from "../people/email-undo.ts";
import * as enrolmentLinks from "../people/enrolment-links.ts";
import { type Account, accountOf, lockAccount } from "../session/account.ts";
import {
  type AdministratorReader,
  by,
  reaches,
  type SupportAuthority,
  type SupportReader,
} from "../session/authority.ts";
import * as knownBrowsers from "../session/known-browsers.ts";
import type * as policies from "../session/policies.ts";
import { type OpenRescue, type Session, securityChanged, stillStands } from "../session/sessions.ts";

/** What others can do for a person; a link is shown to whoever carries it out, or mailed to the person. */
export const WAYS = ["reset", "shown-link", "mailed-link"] as const;
export type Way = (typeof WAYS)[number];

const HOUR = 3_600_000;
/** How long something that may be carried out, or waits for an administrator, stays open. */
const OPEN_FOR = 7 * 24 * HOUR;

/** What became of it; a link that is to be shown is shown this once. */
export type Rescued =
  | { ok: true; next: "reset" | "link-mailed" | "waiting" | "approval" }
  | { ok: true; next: "link-shown"; ticket: string };

/** An open rescue, as those see it who decide about it. */
export type Rescue = OpenRescue & {
  id: string;
  reason: string;
  person: { id: string; name: string };
  /** Null where it was the person. */
  askedBy: { id: string; name: string } | null;
};

/** Whose it is to decide, under whose authority, and what they say. */
type Asked = { authority: SupportAuthority; way: Way; reason: string };
type Decided = { authority: SupportAuthority; rescue: string };

/** What somebody with authority asks for; the policy of the person says what happens next. The caller holds the lock. */
export async function ask(
  tx: Tx,
  { user, policy }: Account,
  { authority, way, reason }: Asked,
): Promise<Rescued | Refused<Impossible>> {
  const { rescue, rescue_wait_hours } = policy;
  // Whoever has the database and the keys needs nobody's leave.
  if (rescue === "at-once" || authority.actor === null) {
    // A reset ends these as well, with everything else that was earned.
    if (way !== "reset") await forget(tx, user.id);
    return perform(tx, user, { authority, way, reason });
  }
  const readyAt = rescue === "waiting" ? tx.now() + rescue_wait_hours * HOUR : null;
  const asker = await nameOf(tx, authority.actor);
  await open(tx, user, { way, reason, readyAt, asker, ...by(authority) });
  if (rescue === "approval") await notifyAdministrators(tx, user, { id: authority.actor, name: asker }, reason);
  return { ok: true, next: rescue };
}

/** Approves what somebody else asked for, and does it. Whoever asked must still be allowed to. */
export async function approve(
  tx: Tx,
  { user }: Account,
  { authority, rescue }: Decided,
): Promise<Rescued | Refused<Impossible | "rescue_gone" | "own_request" | "asker_gone">> {
  const row = await named(tx, user.id, rescue).where("ready_at", "is", null).executeTakeFirst();
  if (row === undefined || row.way === "self") return refused("rescue_gone");
  if (row.asked_by === authority.actor) return refused("own_request");
  if (!(await mayStillAsk(tx, row, user))) return refused("asker_gone");
  tx.record({ kind: "rescue.approved", ...by(authority, { way: row.way }), user: user.id });
  return perform(tx, user, { authority, way: row.way, reason: row.reason });
}

/** Carries out what waited, once the wait is over. */
export async function carryOut(
  tx: Tx,
  { user, policy }: Account,
  { authority, rescue }: Decided,
): Promise<Rescued | Refused<Impossible | "rescue_gone" | "needs_approval">> {
  // A rule may have become stricter meanwhile.
  if (policy.rescue === "approval") return refused("needs_approval");
  const row = await named(tx, user.id, rescue).where("ready_at", "<=", tx.now()).executeTakeFirst();
  if (row === undefined || row.way === "self") return refused("rescue_gone");
  return perform(tx, user, { authority, way: row.way, reason: row.reason });
}

/** Takes a request back, or refuses it: administrators any, support their own and what a person began alone. */
export async function withdraw(
  tx: Tx,
  { user }: Account,
  { authority, rescue }: Decided,
): Promise<{ ok: true } | Refused<"rescue_gone" | "not_yours">> {
  const row = await named(tx, user.id, rescue).executeTakeFirst();
  if (row === undefined) return refused("rescue_gone");
  const isTheirs = row.way === "self" || row.asked_by === authority.actor;
  if (!isTheirs && authority.role !== "administrator") return refused("not_yours");
  tx.record({ kind: "rescue.withdrawn", ...by(authority, { way: row.way }), user: user.id });
  await mails.queue(tx, { kind: "rescue_withdrawn", user });
  return { ok: true };
}

/** Takes the request that is meant: by its id, so that nobody decides about a newer one that they have not seen. */
function named({ db, now }: Tx, userId: string, id: string) {
  const open = db.deleteFrom("rescues").where("user_id", "=", userId).where("expires_at", ">", now());
  return open.where("id", "=", id).returningAll();
}

/** The person stops it, from any session that reaches more than enrolment. */
export async function stop(
  context: Context,
  client: Client,
  session: Session,
): Promise<{ ok: true } | Refused<"rescue_gone" | "expired">> {
  const userId = session.user.id;
  return transact(context, client, async (tx) => {
    const account = await stillStands(tx, session);
    if (account === undefined) return refused("expired");
    const stopped = await remove(tx, { user: account.user }, { actor: userId, session: session.id });
    return stopped ? { ok: true } : refused("rescue_gone");
  });
}

/** The person stops it by the mailed link. */
export async function stopByLink(
  context: Context,
  client: Client,
  token: string,
): Promise<{ ok: true } | Refused<"rescue_gone">> {
  const row = await findByToken(context, token);
  if (row === undefined) return refused("rescue_gone");
  return transact(context, client, async (tx) => {
    const account = await lockAccount(tx, row.user_id);
    if (account === undefined) return refused("rescue_gone");
    const stopped = await remove(tx, { user: account.user, id: row.id }, { actor: null, by: "link" });
    return stopped ? { ok: true } : refused("rescue_gone");
  });
}

/** What the mailed link would stop. */
export async function findByLink(context: Context, token: string): Promise<OpenRescue | undefined> {
  const row = await findByToken(context, token);
  return row && { way: row.way, askedAt: row.asked_at, readyAt: row.ready_at };
}

/** What is open for a person, and what the policy would make of a new request; `wait` is in milliseconds. */
export type Standing = { open: Rescue | undefined; rule: policies.Policy["rescue"]; wait: number };

/** How things stand with the rescue of a person, who must exist. */
export async function find(context: Context, _reader: SupportReader, userId: string): Promise<Standing> {
  const [account, [open]] = await Promise.all([accountOf(context, userId), select(context, userId)]);
  if (account === undefined) throw new Error(`Nobody has the id ${userId}`);
  const { rescue: rule, rescue_wait_hours } = account.policy;
  return { open, rule, wait: rescue_wait_hours * HOUR };
}

/** Everything that is open, the oldest first. */
export function list(context: Context, _reader: AdministratorReader): Promise<Rescue[]> {
  return select(context);
}

/** Opens a rescue in the place of an earlier one, and tells the person how to stop it. The caller holds the lock. */
export async function open(
  tx: Tx,
  user: UserTable,
  {
    way,
    reason,
    readyAt,
    actor,
    asker,
    ...who
  }: Pick<RescueTable, "way" | "reason"> & Author & { readyAt: number | null; actor: string | null; asker: string },
): Promise<void> {
  const { id, token, secretHash } = newToken(tx.random);
  const now = tx.now();
  const row: RescueTable = {
    user_id: user.id,
    id,
    secret_hash: secretHash,
    way,
    reason,
    asked_by: actor,
    asked_at: now,
    ready_at: readyAt,
    expires_at: (readyAt ?? now) + OPEN_FOR,
  };
  await tx.db
    .insertInto("rescues")
    .values(row)
    .onConflict((conflict) => conflict.column("user_id").doUpdateSet(row))
    .execute();
  tx.record({ kind: "rescue.asked", actor, ...who, user: user.id, details: { ...who.details, way, reason } });
  const facts = { token, way, at: now, asker, ...(readyAt === null ? {} : { readyAt }) };
  await mails.queue(tx, { kind: "rescue_asked", user, facts });
  // Whoever gave the account a new address may be the one who asks.
  const earlier = await emailUndo.earlierAddress(tx, user.id);
  if (earlier !== undefined) await mails.queue(tx, { kind: "rescue_asked", user, facts, to: earlier });
}

/** Ends what is open, if anything is, and tells the person; the caller holds the lock. */
export async function remove(
  tx: Tx,
  { user, id, way }: { user: UserTable; id?: string; way?: "self" },
  { actor, session = null, by }: { actor: string | null; session?: string | null; by?: "code" | "link" },
): Promise<boolean> {
  let open = tx.db.deleteFrom("rescues").where("user_id", "=", user.id).where("expires_at", ">", tx.now());
  if (id !== undefined) open = open.where("id", "=", id);
  if (way !== undefined) open = open.where("way", "=", way);
  const row = await open.returning("way").executeTakeFirst();
  if (row === undefined) return false;
  const details = { ...(by === undefined ? {} : { by }), way: row.way };
  tx.record({ kind: "rescue.stopped", actor, session, user: user.id, details });
  await mails.queue(tx, { kind: "rescue_stopped", user });
  return true;
}

/** Forgets what is open and what was given out; the person is notified of whatever made that necessary. */
async function forget(tx: Tx, userId: string): Promise<void> {
  await tx.db.deleteFrom("rescues").where("user_id", "=", userId).execute();
  await enrolmentLinks.forget(tx, userId);
}

/** Rescues whose time is over. */
export function over({ now }: Context): Over<"rescues"> {
  return { table: "rescues", key: "user_id", when: sql`expires_at <= ${now()}` };
}

type Impossible = "not_enabled" | "no_email" | "mail_not_enough";

/** A link by mail proves nothing beside a password that came by mail: both say who reads the mailbox. */
function isPossible({ email, changed_by_mail_at }: UserTable, way: Way): { ok: true } | Refused<Impossible> {
  if (way !== "mailed-link") return { ok: true };
  if (email === null) return refused("no_email");
  return changed_by_mail_at === null ? { ok: true } : refused("mail_not_enough");
}

/** Does it. The one place that takes a second factor from somebody else, or makes a link. */
async function perform(
  tx: Tx,
  user: UserTable,
  { authority, way, reason }: Asked,
): Promise<Rescued | Refused<Impossible>> {
  const possible = isPossible(user, way);
  if (!possible.ok) return possible;
  const { id } = user;
  const who = { ...by(authority, { reason }), user: id };
  if (way !== "reset") {
    const ticket = await enrolmentLinks.issue(tx, user, { isMailed: way === "mailed-link", who });
    return way === "shown-link" ? { ok: true, next: "link-shown", ticket } : { ok: true, next: "link-mailed" };
  }
  if (!(await forgetFactors(tx, id))) return refused("not_enabled");
  await securityChanged(tx, id);
  await knownBrowsers.forgetOthers(tx, id, null);
  tx.record({ kind: "two_factor.reset", ...who });
  await mails.queue(tx, { kind: "two_factor_reset", user });
  return { ok: true, next: "reset" };
}

/** Two people must want it at the moment when it happens; one who was demoted meanwhile is none. */
async function mayStillAsk(tx: Tx, { asked_by }: RescueTable, { role: other }: UserTable): Promise<boolean> {
  const asker = asked_by === null ? undefined : (await accountOf(tx, asked_by))?.user;
  return asker?.disabled_at === null && asker.role !== "person" && reaches(asker.role, other);
}

async function notifyAdministrators(
  tx: Tx,
  person: UserTable,
  asker: { id: string; name: string },
  reason: string,
): Promise<void> {
  const others = await tx.db
    .selectFrom("users")
    .selectAll()
    .where("role", "=", "administrator")
    .where("disabled_at", "is", null)
    .where("id", "not in", [asker.id, person.id])
    .execute();
  const facts = { person: person.name, personId: person.id, asker: asker.name, reason };
  for (const user of others) await mails.queue(tx, { kind: "rescue_approval_wanted", user, facts });
}

async function nameOf(context: Context, id: string | null): Promise<string> {
  return (id !== null && (await accountOf(context, id))?.user.name) || "";
}

async function findByToken({ db, now }: Context, token: string): Promise<RescueTable | undefined> {
  const parsed = parseToken(token);
  if (parsed === undefined) return undefined;
  const row = await db
    .selectFrom("rescues")
    .selectAll()
    .where("id", "=", parsed.id)
    .where("expires_at", ">", now())
    .executeTakeFirst();
  return row !== undefined && secretMatches(parsed.secret, row.secret_hash) ? row : undefined;
}

async function select({ db, now }: Context, userId?: string): Promise<Rescue[]> {
  const all = db
    .selectFrom("rescues")
    // In this order on SQLite, too: there are few rescues and many people.
    .crossJoin("users as person")
    .whereRef("person.id", "=", "rescues.user_id")
    .leftJoin("users as asker", "asker.id", "rescues.asked_by")
    .select(["rescues.id", "way", "reason", "rescues.asked_at", "ready_at", "person.id as person_id"])
    .select(["person.name as person_name", "asker.id as asker_id", "asker.name as asker_name"])
    .where("expires_at", ">", now())
    .orderBy("rescues.asked_at")
    .orderBy("rescues.id");
  const rows = await (userId === undefined ? all : all.where("rescues.user_id", "=", userId)).execute();
  return rows.map((row) => ({
    id: row.id,
    way: row.way,
    reason: row.reason,
    askedAt: row.asked_at,
    readyAt: row.ready_at,
    person: { id: row.person_id, name: row.person_name },
    askedBy: row.asker_id === null ? null : { id: row.asker_id, name: row.asker_name ?? "" },
  }));
}
