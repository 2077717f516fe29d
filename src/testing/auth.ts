// For tests: in memory, with keys of its own and a clock that stands still.

import * as engine from "../auth.ts";
import { decodeBase32 } from "../crypto/base32.ts";
import { newKey } from "../crypto/secret-box.ts";
import { DEFAULT_PARAMETERS, totp } from "../crypto/totp.ts";
import { type Auth, createAuth, type Host } from "../embed/create.ts";
import type { GivenOptions } from "../options.ts";
import { type Clock, fixedClock } from "./clock.ts";

/** What is made for a test, and the clock that it goes by. */
type Test<A> = { auth: A; clock: Clock };
export type TestAuth = Test<Auth>;

/** What an application has, pages and all, on a database that dies with it unless the options name another. */
export function createTestAuth(options: GivenOptions = {}, host: Partial<Host> = {}): Promise<TestAuth> {
  return inTest(createAuth, options, host);
}

/** The engine alone, in the same way. */
export function createTestEngine(
  options: GivenOptions = {},
  host: Partial<engine.Host> = {},
): Promise<Test<engine.Auth>> {
  return inTest(engine.createAuth, options, host);
}

async function inTest<A, H extends Pick<engine.Host, "keys" | "now">>(
  create: (options: GivenOptions, host: H) => Promise<A>,
  options: GivenOptions,
  host: Partial<H>,
): Promise<Test<A>> {
  const clock = fixedClock();
  const key = newKey();
  const own = { keys: { active: key, all: [key] }, now: clock.now, ...host };
  // All that a host must give are the keys.
  return { auth: await create({ database: "file::memory:", ...options }, own as unknown as H), clock };
}

/** The code that an authenticator with this secret (base32) shows at a time in milliseconds. */
export function codeFor(secret: string, time: number): string {
  const bytes = decodeBase32(secret);
  if (bytes === undefined) throw new TypeError("The secret is not base32");
  return totp(bytes, time, DEFAULT_PARAMETERS);
}
