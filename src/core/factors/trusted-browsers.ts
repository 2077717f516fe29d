// Browsers in which a person is not asked for a code again for some days. Trust replaces the code after a right
// password and nothing else: not the password, not a confirmation, not what administration asks for.
//
// The token belongs to one person and gets a new secret at each use, by one statement that decides everything: owner,
// secret, time, role and security setup. A secret that was used before shows that there is a copy, and ends the trust.

import { type ExpressionBuilder, sql } from "kysely";
import type { Client, Context } from "../../context.ts";
import { sha256 } from "../../crypto/digest.ts";
import { newToken, parseToken } from "../../crypto/token.ts";
import type { Schema, UserTable } from "../../db/schema.ts";
import { type Refused, refused } from "../../outcomes.ts";
import * as mails from "../ground/mails.ts";
import { roomFor } from "../ground/make-room.ts";
import type { Over } from "../ground/sweep.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import type { Account } from "../session/account.ts";
import { ownersOf } from "../session/account-batches.ts";
import { type RecentSession, stillStands } from "../session/sessions.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Trusted browsers of one person; the oldest makes room. */
const MOST = 20;
const makeRoom = roomFor("trusted_browsers", MOST);
/** Tokens read from one request: several people may share a browser. */
const MOST_TOKENS = 8;

export type TrustedBrowser = {
  id: string;
  userAgent: string;
  createdAt: number;
  lastUsedAt: number;
  expiresAt: number;
};

/** Trusts the browser of the person who has just entered a code; the caller holds the lock of the person. */
export async function add(tx: Tx, { user, policy: { trust_days: trustDays } }: Account): Promise<string | null> {
  const { id: userId } = user;
  if (trustDays === 0) return null;
  const { id, token, secretHash } = newToken(tx.random);
  const now = tx.now();
  const expiresAt = now + trustDays * DAY;
  await tx.db
    .insertInto("trusted_browsers")
    .values({
      id,
      secret_hash: secretHash,
      user_id: userId,
      security_version: user.security_version,
      user_agent: tx.client.userAgent,
      created_at: now,
      last_used_at: now,
      expires_at: expiresAt,
    })
    .execute();
  await makeRoom(tx, { userId, newest: id });
  tx.record({ kind: "trusted_browser.added", actor: userId, user: userId });
  await notify(tx, "browser_trusted", user);
  return token;
}

/**
 * Uses one of the presented tokens, after a right password and under the lock of the person: gives the token that
 * takes its place, or null where a code is owed.
 */
export async function use(tx: Tx, { user, policy }: Account, tokens: readonly string[]): Promise<string | null> {
  const now = tx.now();
  const { id: userId } = user;
  const { trust_days: trustDays } = policy;
  for (const presented of tokens.slice(0, MOST_TOKENS)) {
    const parsed = parseToken(presented);
    if (parsed === undefined) continue;
    const { token, secretHash } = newToken(tx.random, parsed.id);
    const { numUpdatedRows } = await tx.db
      .updateTable("trusted_browsers")
      .set({ secret_hash: secretHash, last_used_at: now })
      .where((eb) => alive(eb, tx, { userId, trustDays }))
      .where("id", "=", parsed.id)
      .where("secret_hash", "=", sha256(parsed.secret))
      .executeTakeFirst();
    if (numUpdatedRows === 1n) return token;
    const { numDeletedRows } = await tx.db
      .deleteFrom("trusted_browsers")
      .where("id", "=", parsed.id)
      .where("user_id", "=", userId)
      .where("secret_hash", "!=", sha256(parsed.secret))
      .executeTakeFirst();
    if (numDeletedRows === 0n) continue;
    tx.record({ kind: "trusted_browser.removed", user: userId, details: { reason: "used token presented again" } });
    await notify(tx, "browser_untrusted", user);
  }
  return null;
}

/** Whether one of the presented tokens is that of a browser which the person trusts now; looking uses nothing. */
export async function isTrusted(
  context: Context,
  { user, policy: { trust_days: trustDays } }: Account,
  tokens: readonly string[],
): Promise<boolean> {
  for (const parsed of tokens.slice(0, MOST_TOKENS).map(parseToken)) {
    if (parsed === undefined) continue;
    const row = await context.db
      .selectFrom("trusted_browsers")
      .select("id")
      .where((eb) => alive(eb, context, { userId: user.id, trustDays }))
      .where("id", "=", parsed.id)
      .where("secret_hash", "=", sha256(parsed.secret))
      .executeTakeFirst();
    if (row !== undefined) return true;
  }
  return false;
}

/** The browsers that a person trusts now, the newest first. */
export async function list(
  context: Context,
  { user, policy: { trust_days: trustDays } }: Account,
): Promise<TrustedBrowser[]> {
  const rows = await context.db
    .selectFrom("trusted_browsers")
    .select(["id", "user_agent", "created_at", "last_used_at", "expires_at"])
    .where((eb) => alive(eb, context, { userId: user.id, trustDays }))
    .orderBy("created_at", "desc")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    userAgent: row.user_agent,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
  }));
}

/** Ends the trust in one browser of the person, or in all. */
export async function remove(
  context: Context,
  client: Client,
  session: RecentSession,
  which: { id: string } | "all",
): Promise<{ ok: true } | Refused<"not_found" | "expired">> {
  const userId = session.user.id;
  return transact(context, client, async (tx) => {
    const account = await stillStands(tx, session);
    if (account === undefined) return refused("expired");
    const mine = tx.db.deleteFrom("trusted_browsers").where("user_id", "=", userId);
    const { numDeletedRows } = await (which === "all" ? mine : mine.where("id", "=", which.id)).executeTakeFirst();
    if (numDeletedRows === 0n) return refused("not_found");
    const details = { removed: Number(numDeletedRows) };
    tx.record({ kind: "trusted_browser.removed", actor: userId, user: userId, session: session.id, details });
    await notify(tx, "browser_untrusted", account.user);
    return { ok: true };
  });
}

/** Ends all trust of a person as part of something larger, which tells the person and has its own record. */
export async function forgetAll(tx: Tx, userId: string): Promise<void> {
  await tx.db.deleteFrom("trusted_browsers").where("user_id", "=", userId).execute();
}

/**
 * Ends the trust that the rules do not give. It is dead already, so this comes before a change by which they may give
 * more: that must revive none. It takes its time, some people after the other, and no trust dies between this and the
 * time that it tells.
 */
export async function settle(context: Context): Promise<number> {
  const until = context.now() + MINUTE;
  const given = { table: "trusted_browsers", when: sql<boolean>`expires_at > ${context.now()}` } as const;
  for await (const some of ownersOf(context, given)) {
    const byDays = Map.groupBy(some, ({ policy }) => policy.trust_days);
    for (const [days, alike] of byDays) {
      const ids = alike.map(({ user }) => user.id);
      const dead = givenBy(ids, until - days * DAY);
      const found = await context.reports.selectFrom("trusted_browsers").select("id").where(dead).limit(1).execute();
      if (found.length > 0) await context.db.deleteFrom("trusted_browsers").where(dead).execute();
    }
  }
  return until;
}

/** The same for one person, as rules come to mean them, and before rules no longer do. */
export async function settleOf(tx: Tx, { user, policy }: Account): Promise<void> {
  const dead = givenBy([user.id], tx.now() - policy.trust_days * DAY);
  await tx.db.deleteFrom("trusted_browsers").where(dead).execute();
}

/** Whether one of these people gave trust, until this time. */
function givenBy(userIds: readonly string[], time: number) {
  return (eb: ExpressionBuilder<Schema, "trusted_browsers">) =>
    eb.and([eb("user_id", "in", userIds), eb("created_at", "<=", time)]);
}

/** Trust whose time is over. */
export function over({ now }: Context): Over<"trusted_browsers"> {
  return { table: "trusted_browsers", key: "id", when: sql`expires_at <= ${now()}` };
}

/** What must hold of a row for its trust to stand: the time that it was given, and that the policy gives now. */
function alive(
  eb: ExpressionBuilder<Schema, "trusted_browsers">,
  { now }: Context,
  { userId, trustDays }: { userId: string; trustDays: number },
) {
  return eb.and([
    eb("user_id", "=", userId),
    eb("expires_at", ">", now()),
    eb("created_at", ">", now() - trustDays * DAY),
    eb.exists(
      eb
        .selectFrom("users")
        .select("users.id")
        .whereRef("users.id", "=", "trusted_browsers.user_id")
        .whereRef("users.security_version", "=", "trusted_browsers.security_version")
        .where("users.disabled_at", "is", null),
    ),
  ]);
}

function notify(tx: Tx, kind: "browser_trusted" | "browser_untrusted", user: UserTable): Promise<void> {
  return mails.queue(tx, { kind, user, facts: mails.whence(tx) });
}
