// Browsers that completed a sign-in of a person. Knowing one proves acquaintance, not identity: it skips nothing, it
// only gives the browser a budget of its own, which strangers cannot use up.

import { sql } from "kysely";
import type { Context } from "../../context.ts";
import { newToken, parseToken, secretMatches } from "../../crypto/token.ts";
import type { KnownBrowserTable, UserTable } from "../../db/schema.ts";
import { pick, statement } from "../../db/statement.ts";
import * as attempts from "../ground/attempts.ts";
import * as mails from "../ground/mails.ts";
import { roomFor } from "../ground/make-room.ts";
import type { Over } from "../ground/sweep.ts";
import type { Tx } from "../ground/transaction.ts";

const DAY = 86_400_000;
/** A browser that was not used for so long is a stranger again. */
const LIFETIME = 400 * DAY;
/** Browsers remembered for one person. */
const MOST = 20;
const makeRoom = roomFor("known_browsers", MOST);
/** Tokens read from one request: several people may share a browser. */
const MOST_TOKENS = 10;

/** The bucket of a request: the id of the browser that this person is known by, or `strangers`. */
export async function bucketOf(context: Context, userId: string | null, tokens: readonly string[]): Promise<string> {
  const parsed = tokens.slice(0, MOST_TOKENS).flatMap((token) => parseToken(token) ?? []);
  if (parsed.length === 0) return attempts.STRANGERS;
  const usedAfter = context.now() - LIFETIME;
  const places = Object.fromEntries(PLACES.map((place, index) => [place, parsed[index]?.id ?? ""])) as Places;
  const rows = await find.all(context, { ...places, userId: userId ?? "", usedAfter });
  const known = parsed.find(({ id, secret }) =>
    rows.some((row) => row.id === id && secretMatches(secret, row.secret_hash)),
  );
  return known?.id ?? attempts.STRANGERS;
}

/** A stranger can name ten browsers, and one statement looks for them all. */
const PLACES = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] as const;
type Places = Record<(typeof PLACES)[number], string>;

const find = statement((db, given: Places & { userId: string; usedAfter: number }) =>
  db
    .selectFrom("known_browsers")
    .select(["id", "secret_hash"])
    .where(
      "id",
      "in",
      PLACES.map((place) => given[place]),
    )
    .where("user_id", "=", given.userId)
    .where("last_used_at", ">", given.usedAfter),
);

/** Marks a known browser as used; a stranger stays one. */
export async function see(tx: Tx, userId: string, bucket: string): Promise<{ id: string | null; token: null }> {
  if (bucket === attempts.STRANGERS) return { id: null, token: null };
  const seen = await markUsed.run(tx, { id: bucket, userId, now: tx.now(), userAgent: tx.client.userAgent });
  return { id: seen === 1 ? bucket : null, token: null };
}

const markUsed = statement((db, used: { id: string; userId: string; now: number; userAgent: string }) =>
  db
    .updateTable("known_browsers")
    .set({ last_used_at: used.now, user_agent: used.userAgent })
    .where("id", "=", used.id)
    .where("user_id", "=", used.userId),
);

/** Remembers the browser that just completed a sign-in; a token comes back only if it was not known before. */
export async function remember(tx: Tx, userId: string, bucket: string): Promise<{ id: string; token: string | null }> {
  const seen = await see(tx, userId, bucket);
  if (seen.id !== null) return { id: seen.id, token: null };
  const { id, token, secretHash } = newToken(tx.random);
  const now = tx.now();
  const user_agent = tx.client.userAgent;
  const row = { id, secret_hash: secretHash, user_id: userId, user_agent, created_at: now, last_used_at: now };
  tx.send(insert.run(tx, row));
  tx.send(makeRoom(tx, { userId, newest: id }));
  return { id, token };
}

const COLUMNS = ["id", "secret_hash", "user_id", "user_agent", "created_at", "last_used_at"] as const;

const insert = statement((db, row: KnownBrowserTable) => db.insertInto("known_browsers").values(pick(row, COLUMNS)));

/** Tells a person that somebody completed a sign-in in a browser that was not known; many of them stay bounded. */
export async function notify(tx: Tx, user: UserTable): Promise<void> {
  const allowed = await attempts.spend(tx, attempts.NEW_BROWSERS, user.id);
  if (allowed.ok) await mails.queue(tx, { kind: "new_browser", user, facts: mails.whence(tx) });
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

/** Browsers that nobody came in for long. */
export function over({ now }: Context): Over<"known_browsers"> {
  return { table: "known_browsers", key: "id", when: sql`last_used_at <= ${now() - LIFETIME}` };
}
