// Pending sign-ins: a right password that owes a code, for ten minutes, in one browser. Whoever stays there without
// completing has the password and no factor, so the owner is told: after three misses, or when the time is over.

import type { Client, Context } from "../../context.ts";
import { newToken, parseToken, secretMatches } from "../../crypto/token.ts";
import type { PendingSignInTable, UserTable } from "../../db/schema.ts";
import { type Refused, refused } from "../../outcomes.ts";
import * as attempts from "../ground/attempts.ts";
import * as mails from "../ground/mails.ts";
import { type Tx, transact } from "../ground/transaction.ts";

const LIFETIME = 10 * 60_000;
/** Misses in one pending sign-in after which its owner is told. */
const TELLING_MISSES = 3;
/** Pending sign-ins of one person in one bucket. */
const MOST_PENDING = 10;

/** A pending sign-in, with what the second step needs to know of its person. */
export type Pending = PendingSignInTable & Pick<UserTable, "time_zone" | "email" | "changed_by_mail_at">;

/** Finds the pending sign-in of a presented token, while it can still be completed. */
export async function find({ db, now }: Context, token: string | undefined): Promise<Pending | undefined> {
  const parsed = parseToken(token);
  if (parsed === undefined) return undefined;
  const row = await db
    .selectFrom("pending_sign_ins")
    .innerJoin("users", (join) =>
      join
        .onRef("users.id", "=", "pending_sign_ins.user_id")
        .onRef("users.security_version", "=", "pending_sign_ins.security_version"),
    )
    .selectAll("pending_sign_ins")
    .select(["time_zone", "email", "changed_by_mail_at"])
    .where("pending_sign_ins.id", "=", parsed.id)
    .where("expires_at", ">", now())
    .where("cancelled_at", "is", null)
    .where("disabled_at", "is", null)
    .executeTakeFirst();
  return row !== undefined && secretMatches(parsed.secret, row.secret_hash) ? row : undefined;
}

/** Writes the pending sign-in; the oldest of the same bucket makes room. */
export async function hold(
  tx: Tx,
  {
    user,
    bucket,
    wantedPage,
    chain,
  }: { user: UserTable; bucket: string; wantedPage: string; chain: string | undefined },
): Promise<string> {
  const { id, token, secretHash } = newToken(tx.random);
  const now = tx.now();
  await tx.db
    .insertInto("pending_sign_ins")
    .values({
      id,
      secret_hash: secretHash,
      user_id: user.id,
      security_version: user.security_version,
      bucket,
      wanted_page: wantedPage,
      address: tx.client.address,
      user_agent: tx.client.userAgent,
      chain: chain ?? id,
      misses: 0,
      created_at: now,
      expires_at: now + LIFETIME,
      cancelled_at: null,
    })
    .execute();
  const mine = tx.db
    .selectFrom("pending_sign_ins")
    .where("user_id", "=", user.id)
    .where("bucket", "=", bucket)
    .where("cancelled_at", "is", null)
    .where("id", "!=", id);
  const newest = mine
    .select("id")
    .orderBy("created_at", "desc")
    .orderBy("id")
    .limit(MOST_PENDING - 1);
  await tx.db
    .updateTable("pending_sign_ins")
    .set({ cancelled_at: now })
    .where("user_id", "=", user.id)
    .where("bucket", "=", bucket)
    .where("cancelled_at", "is", null)
    .where("id", "!=", id)
    .where("id", "not in", newest)
    .execute();
  return token;
}

/** Spends a pending sign-in: one statement that also checks expiry and the version of the security setup. */
export async function spend(tx: Tx, id: string): Promise<{ ok: true } | Refused<"expired">> {
  const { numDeletedRows } = await tx.db
    .deleteFrom("pending_sign_ins")
    .where("id", "=", id)
    .where("expires_at", ">", tx.now())
    .where("cancelled_at", "is", null)
    .where((eb) =>
      eb(
        "security_version",
        "=",
        eb
          .selectFrom("users")
          .select("security_version")
          .whereRef("users.id", "=", "pending_sign_ins.user_id")
          .where("disabled_at", "is", null),
      ),
    )
    .executeTakeFirst();
  return numDeletedRows === 1n ? { ok: true } : refused("expired");
}

/**
 * Whoever completes the sign-in is no cause for alarm about the tries that the same browser began before. Only its own
 * cookie shows that it is the same: a thief may well share the owner's address.
 */
export async function forgetChain(tx: Tx, { user_id, chain }: PendingSignInTable): Promise<void> {
  await tx.db
    .deleteFrom("pending_sign_ins")
    .where("user_id", "=", user_id)
    .where("chain", "=", chain)
    .where("misses", "<", TELLING_MISSES)
    .execute();
}

/** Counts a wrong code; its owner is told of the third. */
export async function miss(context: Context, client: Client, pending: PendingSignInTable): Promise<void> {
  await transact(context, client, async (tx) => {
    const row = await tx.db
      .updateTable("pending_sign_ins")
      .set((eb) => ({ misses: eb("misses", "+", 1) }))
      .where("id", "=", pending.id)
      .returningAll()
      .executeTakeFirst();
    tx.record({ kind: "sign_in.code_refused", user: pending.user_id });
    if (row?.misses === TELLING_MISSES) await tell(tx, row);
  });
}

/**
 * The person goes back. The row stays until it expires, dead: otherwise whoever has the password could cancel to
 * keep its owner from being told.
 */
export async function cancel(context: Context, client: Client, pendingToken: string | undefined): Promise<void> {
  const pending = await find(context, pendingToken);
  if (pending === undefined) return;
  await transact(context, client, async (tx) => {
    await tx.db.updateTable("pending_sign_ins").set({ cancelled_at: tx.now() }).where("id", "=", pending.id).execute();
    tx.record({ kind: "sign_in.cancelled", user: pending.user_id });
  });
}

/** Ends sign-ins that nobody completed in time, and tells their owners. */
export async function expire(context: Context, client: Client): Promise<void> {
  const rows = await context.db
    .selectFrom("pending_sign_ins")
    .select("id")
    .where("expires_at", "<=", context.now())
    .limit(500)
    .execute();
  for (const { id } of rows) {
    await transact(context, client, async (tx) => {
      // Several nodes may see the row; the one that deletes it tells the owner.
      const [row] = await tx.db.deleteFrom("pending_sign_ins").where("id", "=", id).returningAll().execute();
      if (row !== undefined && row.misses < TELLING_MISSES) await tell(tx, row);
    });
  }
}

/** Somebody had the password but no code: the owner hears of it, by mail and in the account. */
async function tell(tx: Tx, pending: PendingSignInTable): Promise<void> {
  const { user_id: userId, address, user_agent: userAgent, created_at: at } = pending;
  tx.record({ kind: "sign_in.abandoned", user: userId, details: { address, userAgent, at } });
  const allowed = await attempts.spend(tx, attempts.WARNINGS, userId);
  if (!allowed.ok) return;
  await mails.queue(tx, { kind: "sign_in_abandoned", user: userId, facts: { address, userAgent, at } });
}
