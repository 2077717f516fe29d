// What a new password must be: long enough where it may be the only factor (NIST SP 800-63B §3.1.1.2), not on the
// list of known-breached and common ones, not made of the person's or the product's name. No rules of composition.

import { type Reason, type Refused, refused } from "../../outcomes.ts";

/** Code points, after NFC. */
export const SHORTEST = 15;
const LONGEST = 256;
/** zxcvbn's estimate of the guesses needed, as a power of ten; 10 resists an offline attack for a while. */
const LEAST_GUESSES_LOG10 = 10;
/** The estimate grows with the square of the length; the rest of a long password only adds to it. */
const ESTIMATED_LENGTH = 64;

/** What can be wrong with a password. */
export type PasswordReason = Extract<Reason, `password_${string}`>;

/** Judges a new password; `words` are what a person who knows the account would try first. */
export async function checkPassword(
  password: string,
  words: readonly (string | null)[],
): Promise<{ ok: true } | Refused<PasswordReason>> {
  const normal = password.normalize("NFC");
  const points = Array.from(normal);
  if (points.length < SHORTEST) return refused("password_too_short");
  if (points.length > LONGEST) return refused("password_too_long");
  if (isPersonal(normal, words)) return refused("password_personal");
  const estimate = await estimator();
  const { guessesLog10, sequence } = estimate.check(
    points.slice(0, ESTIMATED_LENGTH).join(""),
    words.filter((word) => word !== null),
  );
  if (guessesLog10 >= LEAST_GUESSES_LOG10) return { ok: true };
  return refused(weakness(sequence));
}

/** The reason for a password that is easy to guess: what it mostly consists of. */
function weakness(sequence: Estimate["sequence"]): PasswordReason {
  if (sequence.every(({ pattern }) => pattern === "dictionary")) return "password_too_common";
  const [longest] = sequence.toSorted((one, other) => other.j - other.i - (one.j - one.i));
  if (longest?.pattern === "repeat") return "password_repeats";
  if (longest?.pattern === "sequence") return "password_sequence";
  return longest?.pattern === "spatial" ? "password_keys" : "password_easy";
}

/** Whether little remains of the password when the context words are taken out of it. */
function isPersonal(password: string, words: readonly (string | null)[]): boolean {
  let rest = password.toLowerCase();
  for (const word of words.flatMap((text) => (text ?? "").toLowerCase().split(/[\s@.]+/))) {
    if (word.length >= 4) rest = rest.replaceAll(word, "");
  }
  return Array.from(rest.replace(/[\d\s\p{P}]/gu, "")).length < 6 && rest.length < password.length;
}

let loaded: Promise<{ check(password: string, words: string[]): Estimate }> | undefined;
type Estimate = { guessesLog10: number; sequence: { pattern: string; i: number; j: number }[] };

/** The word lists are large: they are loaded when the first password is set, not at start. */
function estimator() {
  loaded ??= Promise.all([import("@zxcvbn-ts/core"), import("@zxcvbn-ts/language-common")]).then(
    ([{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }]) =>
      new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs }),
  );
  return loaded;
}
