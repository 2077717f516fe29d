// What an attack needs besides a browser: single requests, codes that are wrong for sure, and a place to attack.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Client } from "../../src/context.ts";
import { codeFor } from "../../src/testing/auth.ts";
import type { Browser } from "../../src/testing/browser.ts";
import { createWorld, type Kind, type Member, type World } from "./world.ts";

/** The cookies by their short names, as they travel. */
export const COOKIE = {
  session: "__Host-countersign-session",
  signIn: "__Host-countersign-sign-in",
  browsers: "__Host-countersign-browsers",
  trust: "__Host-countersign-trust",
  notice: "__Host-countersign-notice",
} as const;

/** A sensitive act of one's own that can be repeated, whoever keeps the accounts: it begins an enrolment anew. */
export const SENSITIVE = "/account/security/enrolment";

/** One form submission of this site, without following where it leads. */
export function submit(
  browser: Pick<Browser, "send">,
  path: string,
  fields: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  return browser.send(path, {
    method: "POST",
    body: new URLSearchParams(fields).toString(),
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "sec-fetch-site": "same-origin",
      ...headers,
    },
  });
}

/** Who the application takes this browser for: a login, or `undefined` for nobody. */
export async function whoIs(browser: Pick<Browser, "send">): Promise<string | undefined> {
  const response = await browser.send("/api/v1/session");
  if (response.status !== 200) return undefined;
  const { user } = (await response.json()) as { user: { login: string } };
  return user.login;
}

/** The names and values that an answer sets, without attributes; a removed cookie has an empty value. */
export function cookiesSet(response: Response): Record<string, string> {
  const pairs = response.headers.getSetCookie().map((line) => {
    const [pair = ""] = line.split(";");
    return [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
  });
  return Object.fromEntries(pairs);
}

const shown = new Map<string, Set<string>>();

/** A code that the person's phone shows at no time within a quarter of an hour; `nth` gives different ones. */
export function wrongCode({ secret = "" }: Pick<Member, "secret">, time: number, nth = 0): string {
  const key = `${secret} ${Math.floor(time / 30_000)}`;
  const right = shown.get(key) ?? new Set(STEPS.map((step) => codeFor(secret, time + step * 30_000)));
  shown.set(key, right);
  let left = nth;
  for (let number = 0; ; number++) {
    const code = String(number).padStart(6, "0");
    if (!right.has(code) && left-- === 0) return code;
  }
}

/** A code of as many digits that is another one; `nth` gives different ones. */
export function otherCode(code: string, nth = 1): string {
  return String((Number(code) + nth) % 10 ** code.length).padStart(code.length, "0");
}

const STEPS = Array.from({ length: 61 }, (_, index) => index - 30);

/** Somebody at an address. */
export function clientAt(address: string): Client {
  return { address, userAgent: "", requestId: "attack" };
}

/** An installation that an attack takes apart; one is made for all tests of a file. */
export type Arena = World;
export const createArena = createWorld;

/** The arena of a suite: opened before its first test, closed behind its last. */
export function useArena(kind: Kind): Arena {
  let arena: (Arena & AsyncDisposable) | undefined;
  before(async () => {
    arena = await createArena(kind);
  });
  after(() => arena?.[Symbol.asyncDispose]());
  const opened = () => arena ?? assert.fail("Nothing is open before the first test");
  // Suites are defined before anything is open; whatever a test asks goes to what is open then.
  return new Proxy({} as Arena, {
    get: (_, name) => Reflect.get(opened(), name),
    has: (_, name) => Reflect.has(opened(), name),
    ownKeys: () => Reflect.ownKeys(opened()),
    getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(opened(), name),
  });
}
