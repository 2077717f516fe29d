// Recovery codes: 80 random bits, written as sixteen characters of Crockford's base32 in groups of four. The alphabet
// has no I, L, O and U; whoever reads one of them from paper is understood all the same.

import { sha256 } from "./digest.ts";
import type { Random } from "./token.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 16;
const SHAPE = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);

/** A new code in its canonical form: five random bits a character. */
export function newRecoveryCode(random: Random): string {
  return Array.from(random(LENGTH), (byte) => ALPHABET[byte & 31]).join("");
}

/** The code as people see it: `K7QF-3M9T-XW2C-B8HN`. */
export function showRecoveryCode(code: string): string {
  return (code.match(/.{4}/g) ?? []).join("-");
}

/** The canonical form of what was typed, however it was spaced and written; `undefined` if it is no recovery code. */
export function normaliseRecoveryCode(typed: string): string | undefined {
  if (typed.length > 200) return undefined;
  const code = typed
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, "")
    .replace(/[IL]/g, "1")
    .replace(/O/g, "0");
  return SHAPE.test(code) ? code : undefined;
}

/**
 * Finds the row of a code in its set, so that a try costs one slow hash and not ten. It gives 18 bits of the code away
 * to whoever has the database; 62 stay behind the hash, which is sealed as well.
 */
export function recoveryCodeSelector(setId: string, code: string): string {
  return sha256(`${setId}:${code}`).slice(0, 3);
}
