// Pending sign-ins: a right password that owes a code, for ten minutes, in one browser. Whoever stays there without
// completing has the password and no factor, so the owner is told: after three misses, or when the time is over.

import { sql } from "kysely";
import type { Client, Context } from "../../context.ts";
import { newToken, parseToken, secretMatches } from "../../crypto/token.ts";
import type { PendingSignInTable, UserTable } from "../../db/schema.ts";
import { pick, statement } from "../../db/statement.ts";
import { type Refused, refused } from "../../outcomes.ts";
import * as attempts from "../ground/attempts.ts";
import * as mails from "../ground/mails.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import { type Account, accountIn, accounts, lockAccount } from "./account.ts";

const LIFETIME = 10 * 60_000;
/** Misses in one pending sign-in after which its owner is told. */
const NOTIFIED_MISSES = 3;
/** Pending sign-ins of one person in one bucket. */
const MOST_PENDING = 10;

/** A pending sign-in, and the account that it is to open. */
export type Pending = PendingSignInTable & { account: Account };

/** Finds the pending sign-in of a presented token, while it can still be completed. */
export async function find(context: Context, token: string | undefined): Promise<Pending | undefined> {
  const parsed = parseToken(token);
  if (parsed === undefined) return undefined;
  const rows = await byToken.all(context, { id: parsed.id, now: context.now() });
  const [row] = rows;
  const account = accountIn(context, rows);
  if (row === undefined || account === undefined || !secretMatches(parsed.secret, row.secret_hash)) return undefined;
  return { ...pick(row, COLUMNS), account };
}

/** The same under the lock of its person, once more for whoever found it before. */
export async function findLocked(tx: Tx, token: string | undefined, userId: string): Promise<Pending | undefined> {
  await lockAccount(tx, userId);
  return find(tx, token);
}

// biome-ignore format: in the order of the table
const COLUMNS = [
  "id", "secret_hash", "user_id", "security_version", "bucket", "wanted_page", "address", "user_agent",
  "chain", "misses", "created_at", "expires_at", "cancelled_at",
] as const satisfies readonly (keyof PendingSignInTable)[];

const byToken = statement((db, { id, now }: { id: string; now: number }) =>
  accounts(db)
    .innerJoin("pending_sign_ins as pending", (join) =>
      join.onRef("pending.user_id", "=", "users.id").onRef("pending.security_version", "=", "users.security_version"),
    )
    .select(COLUMNS.map((column) => `pending.${column}` as const))
    .where("pending.id", "=", id)
    .where("pending.expires_at", ">", now)
    .where("pending.cancelled_at", "is", null)
    .where("users.disabled_at", "is", null),
);

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
  await insert.run(tx, {
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
  });
  await cancelOldest.run(tx, { id, userId: user.id, bucket, now });
  return token;
}

const insert = statement((db, row: PendingSignInTable) => db.insertInto("pending_sign_ins").values(pick(row, COLUMNS)));

const cancelOldest = statement((db, kept: { id: string; userId: string; bucket: string; now: number }) => {
  const others = db
    .selectFrom("pending_sign_ins")
    .select("id")
    .where("user_id", "=", kept.userId)
    .where("bucket", "=", kept.bucket)
    .where("cancelled_at", "is", null)
    .where("id", "!=", kept.id)
    .orderBy("created_at", "desc")
    .orderBy("id");
  // All but the newest; SQLite takes an offset after a limit alone.
  const oldest = others.limit(sql.lit(2 ** 31 - 1)).offset(sql.lit(MOST_PENDING - 1));
  return db.updateTable("pending_sign_ins").set({ cancelled_at: kept.now }).where("id", "in", oldest);
});

/**
 * Spends a pending sign-in: one statement that also checks expiry and the version of the security setup. With it go the
 * tries that the same browser began before: whoever completes the sign-in is no cause for alarm about them. Only its
 * own cookie shows that it is the same browser: a thief may well share the owner's address.
 */
export async function spend(tx: Tx, pending: PendingSignInTable): Promise<{ ok: true } | Refused<"expired">> {
  const { id, user_id: userId, chain } = pending;
  const gone = await take.all(tx, { id, userId, chain, now: tx.now() });
  return gone.some((row) => row.id === id) ? { ok: true } : refused("expired");
}

const take = statement((db, spent: { id: string; userId: string; chain: string; now: number }) =>
  db
    .deleteFrom("pending_sign_ins")
    .where("user_id", "=", spent.userId)
    .where((eb) =>
      eb.or([
        eb.and([
          eb("id", "=", spent.id),
          eb("expires_at", ">", spent.now),
          eb("cancelled_at", "is", null),
          eb(
            "security_version",
            "=",
            eb
              .selectFrom("users")
              .select("users.security_version")
              .where("users.id", "=", spent.userId)
              .where("users.disabled_at", "is", null),
          ),
        ]),
        eb.and([eb("id", "!=", spent.id), eb("chain", "=", spent.chain), eb("misses", "<", NOTIFIED_MISSES)]),
      ]),
    )
    .returning("id"),
);

/** Counts a wrong code; its owner is told of the third. */
export async function miss(context: Context, client: Client, pending: Pending): Promise<void> {
  await transact(context, client, async (tx) => {
    const row = await tx.db
      .updateTable("pending_sign_ins")
      .set((eb) => ({ misses: eb("misses", "+", 1) }))
      .where("id", "=", pending.id)
      .returningAll()
      .executeTakeFirst();
    tx.record({ kind: "sign_in.code_refused", user: pending.user_id });
    if (row?.misses === NOTIFIED_MISSES) await notify(tx, pending.account.user, row);
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
  const rows = await context.reports
    .selectFrom("pending_sign_ins")
    .select(["id", "user_id"])
    .where("expires_at", "<=", context.now())
    .limit(500)
    .execute();
  for (const { id, user_id } of rows) {
    await transact(context, client, async (tx) => {
      const account = await lockAccount(tx, user_id);
      // Several nodes may see the row; the one that deletes it tells the owner.
      const [row] = await tx.db.deleteFrom("pending_sign_ins").where("id", "=", id).returningAll().execute();
      if (row !== undefined && account !== undefined && row.misses < NOTIFIED_MISSES)
        await notify(tx, account.user, row);
    });
  }
}

/** Somebody had the password but no code: the owner hears of it, by mail and in the account. */
async function notify(tx: Tx, user: UserTable, pending: PendingSignInTable): Promise<void> {
  const { address, user_agent: userAgent, created_at: at } = pending;
  tx.record({ kind: "sign_in.abandoned", user: user.id, details: { address, userAgent, at } });
  const allowed = await attempts.spend(tx, attempts.WARNINGS, user.id);
  if (!allowed.ok) return;
  await mails.queue(tx, { kind: "sign_in_abandoned", user, facts: { address, userAgent, at } });
}
