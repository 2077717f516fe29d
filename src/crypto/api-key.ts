// The text of an API key: `cs_`, 160 random bits, and 40 bits of SHA-256 over both, in small base32. The prefix lets
// scanners find a key that somebody published; the checksum tells a mistyped or invented one without a database.

import { encodeBase32 } from "./base32.ts";
import { sha256 } from "./digest.ts";
import type { Random } from "./token.ts";

const PREFIX = "cs_";
const RANDOM_BYTES = 20;
const CHECKSUM_BYTES = 5;
const SHAPE = /^(cs_[a-z2-7]{32})([a-z2-7]{8})$/;

/** Makes a key: what its holder gets, and what the database keeps. */
export function newApiKey(random: Random): { key: string; keyHash: string; lastFour: string } {
  const body = PREFIX + encodeBase32(random(RANDOM_BYTES)).toLowerCase();
  const key = body + checksum(body);
  return { key, keyHash: sha256(key), lastFour: key.slice(-4) };
}

/** The hash under which a presented key is stored; `undefined` for anything that we never made. */
export function apiKeyHash(presented: string): string | undefined {
  const [, body, sum] = SHAPE.exec(presented) ?? [];
  return body === undefined || checksum(body) !== sum ? undefined : sha256(presented);
}

function checksum(body: string): string {
  return encodeBase32(Buffer.from(sha256(body), "base64url").subarray(0, CHECKSUM_BYTES)).toLowerCase();
}
