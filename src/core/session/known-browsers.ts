// Browsers that completed a sign-in of a person. Knowing one proves acquaintance, not identity: it skips nothing, it
// only gives the browser a budget of its own, which strangers cannot use up.

import type { Context } from "../../context.ts";
import { newToken, parseToken, secretMatches } from "../../crypto/token.ts";
import * as attempts from "../ground/attempts.ts";
import * as mails from "../ground/mails.ts";
import { makeRoom } from "../ground/make-room.ts";
import type { Tx } from "../ground/transaction.ts";

const DAY = 86_400_000;
/** A browser that was not used for so long is a stranger again. */
const LIFETIME = 400 * DAY;
/** Browsers remembered for one person. */
const MOST = 20;
/** Tokens read from one request: several people may share a browser. */
const MOST_TOKENS = 10;

/** The bucket of a request: the id of the browser that this person is known by, or `strangers`. */
export async function bucketOf(
  { db, now }: Context,
  userId: string | null,
  tokens: readonly string[],
): Promise<string> {
  const parsed = tokens.slice(0, MOST_TOKENS).flatMap((token) => parseToken(token) ?? []);
  if (parsed.length === 0) return attempts.STRANGERS;
  const rows = await db
    .selectFrom("known_browsers")
    .select(["id", "secret_hash"])
    .where("user_id", "=", userId ?? "")
    .where("last_used_at", ">", now() - LIFETIME)
    .where(
      "id",
      "in",
      parsed.map(({ id }) => id),
    )
    .execute();
  const known = parsed.find(({ id, secret }) =>
    rows.some((row) => row.id === id && secretMatches(secret, row.secret_hash)),
  );
  return known?.id ?? attempts.STRANGERS;
}

/** Marks a known browser as used; a stranger stays one. */
export async function see(tx: Tx, userId: string, bucket: string): Promise<{ id: string | null; token: null }> {
  const { numUpdatedRows } = await tx.db
    .updateTable("known_browsers")
    .set({ last_used_at: tx.now(), user_agent: tx.client.userAgent })
    .where("id", "=", bucket)
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return { id: numUpdatedRows === 1n ? bucket : null, token: null };
}

/** Remembers the browser that just completed a sign-in; a token comes back only if it was not known before. */
export async function remember(tx: Tx, userId: string, bucket: string): Promise<{ id: string; token: string | null }> {
  const seen = await see(tx, userId, bucket);
  if (seen.id !== null) return { id: seen.id, token: null };
  const { id, token, secretHash } = newToken(tx.random);
  const now = tx.now();
  await tx.db
    .insertInto("known_browsers")
    .values({
      id,
      secret_hash: secretHash,
      user_id: userId,
      user_agent: tx.client.userAgent,
      created_at: now,
      last_used_at: now,
    })
    .execute();
  await makeRoom(tx, "known_browsers", { userId, newest: id, most: MOST });
  return { id, token };
}

/** Tells a person that somebody completed a sign-in in a browser that was not known; many of them stay bounded. */
export async function tell(tx: Tx, userId: string): Promise<void> {
  const allowed = await attempts.spend(tx, attempts.NEW_BROWSERS, userId);
  if (allowed.ok) await mails.queue(tx, { kind: "new_browser", user: userId, facts: mails.whence(tx) });
}

/**
 * Forgets all browsers of a person but one. When a factor is added or removed, the others were known under weaker
 * proof, and each would be a bucket of its own for guessing codes.
 */
export async function forgetOthers(tx: Tx, userId: string, keepId: string | null): Promise<void> {
  await tx.db
    .deleteFrom("known_browsers")
    .where("user_id", "=", userId)
    .where("id", "!=", keepId ?? "")
    .execute();
}

/** Forgets browsers that were not used for too long. */
export async function prune(tx: Tx): Promise<void> {
  await tx.db
    .deleteFrom("known_browsers")
    .where("last_used_at", "<=", tx.now() - LIFETIME)
    .execute();
}
