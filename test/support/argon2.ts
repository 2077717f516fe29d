// argon2 is slow on purpose, and tests ask it the same thing thousands of times: whether the common password fits the
// common hash. The answer depends on these two alone, so in a process of tests each is worked out once, by the real
// thing, and remembered. Hashes are made anew each time, and servers in processes of their own remember nothing.

import { createRequire } from "node:module";
import { setImmediate } from "node:timers/promises";
import type { verify as Verify } from "@node-rs/argon2";

const argon2: { verify: typeof Verify } = createRequire(import.meta.url)("@node-rs/argon2");
const verify = argon2.verify;
const answers = new Map<string, Promise<boolean>>();
let remembers = true;

argon2.verify = async (hash, password, ...more) => {
  if (!remembers) return verify(hash, password, ...more);
  const question = JSON.stringify([hash, password, ...more]);
  const answer = answers.get(question) ?? verify(hash, password, ...more);
  answers.set(question, answer);
  // What else is due has its turn, as it has while argon2 works.
  const [isRight] = await Promise.all([answer, setImmediate()]);
  return isRight;
};

/** For tests that measure what a check costs: while they run, every one is worked out. */
export function rememberPasswords(whether: boolean): void {
  remembers = whether;
}
