// An engine for tests: in memory, with keys of its own and a clock that stands still.

import { type Auth, createAuth, type Host } from "../auth.ts";
import { decodeBase32 } from "../crypto/base32.ts";
import { newKey } from "../crypto/secret-box.ts";
import { DEFAULT_PARAMETERS, totp } from "../crypto/totp.ts";
import type { GivenOptions } from "../options.ts";
import { type Clock, fixedClock } from "./clock.ts";

export type TestAuth = { auth: Auth; clock: Clock };

/** An engine on a database that dies with it, unless the options name another. */
export async function createTestAuth(options: GivenOptions = {}, host: Partial<Host> = {}): Promise<TestAuth> {
  const clock = fixedClock();
  const key = newKey();
  const keys = { active: key, all: [key] };
  const auth = await createAuth({ database: "file::memory:", ...options }, { keys, now: clock.now, ...host });
  return { auth, clock };
}

/** The code that an authenticator with this secret (base32) shows at a time in milliseconds. */
export function codeFor(secret: string, time: number): string {
  const bytes = decodeBase32(secret);
  if (bytes === undefined) throw new TypeError("The secret is not base32");
  return totp(bytes, time, DEFAULT_PARAMETERS);
}
