// Opaque tokens: `id.secret`, both base64url. The id finds the row, SHA-256 of the secret is what the row holds, so
// that a copy of the database opens nothing. The secret has 256 bits: a fast hash is enough.

import { randomFillSync, timingSafeEqual } from "node:crypto";
import { sha256 } from "./digest.ts";

const ID_BYTES = 12;
const SECRET_BYTES = 32;
const SHAPE = /^([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{43})$/;

export type Random = (bytes: number) => Uint8Array;

const POOL_BYTES = 4_096;

/**
 * Randomness of the system, fetched for many tokens at once: a call for each costs ten times the bytes. What was handed
 * out is wiped here.
 */
export function pooledRandom(): Random {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;
  return (bytes) => {
    if (bytes > POOL_BYTES) return randomFillSync(new Uint8Array(bytes));
    if (used + bytes > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const taken = new Uint8Array(pool.subarray(used, used + bytes));
    pool.fill(0, used, used + bytes);
    used += bytes;
    return taken;
  };
}

/** A new random identifier: 96 bits as 16 base64url characters. */
export function newId(random: Random): string {
  return Buffer.from(random(ID_BYTES)).toString("base64url");
}

/** What the holder gets (`token`) and what the database keeps (`id`, `secretHash`). */
export type NewToken = { id: string; token: string; secretHash: string };

/** Makes a token; with `id` it renews the secret of an existing row. */
export function newToken(random: Random, id = newId(random)): NewToken {
  const secret = Buffer.from(random(SECRET_BYTES)).toString("base64url");
  return { id, token: `${id}.${secret}`, secretHash: sha256(secret) };
}

/** Takes a presented token apart; anything that is not exactly one token gives `undefined`. */
export function parseToken(token: string | undefined): { id: string; secret: string } | undefined {
  const match = token === undefined ? null : SHAPE.exec(token);
  const [, id, secret] = match ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** Compares a presented secret with the stored hash in constant time. */
export function secretMatches(secret: string, secretHash: string): boolean {
  const given = Buffer.from(sha256(secret), "latin1");
  const stored = Buffer.from(secretHash, "latin1");
  return given.length === stored.length && timingSafeEqual(given, stored);
}
