// What an attack needs besides a browser: single requests, codes that are wrong for sure, many people, and the functions of core/ where a flood by requests would take minutes of hashing.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Host } from "../../src/auth.ts";
import type { Client, Context } from "../../src/context.ts";
import { transact } from "../../src/core/transaction.ts";
import * as users from "../../src/core/users.ts";
import { encodeBase32 } from "../../src/crypto/base32.ts";
import { hashPassword } from "../../src/crypto/password.ts";
import { newKey, seal } from "../../src/crypto/secret-box.ts";
import { newId } from "../../src/crypto/token.ts";
import { DEFAULT_PARAMETERS, SECRET_BYTES } from "../../src/crypto/totp.ts";
import { type Database, openDatabase } from "../../src/db/open.ts";
import type { Role } from "../../src/db/schema.ts";
import type { GivenOptions } from "../../src/options.ts";
import { codeFor } from "../../src/testing/auth.ts";
import type { Browser } from "../../src/testing/browser.ts";
import type { AppOptions } from "../../src/web/app.ts";
import { createWorld, type Dialect, type Member, OPERATOR, PASSWORD, type World } from "./world.ts";

type WorldOptions = { options?: GivenOptions; app?: AppOptions; host?: Partial<Host> };

/** The cookies by their short names, as they travel. */
export const COOKIE = {
  session: "__Host-countersign-session",
  signIn: "__Host-countersign-sign-in",
  browsers: "__Host-countersign-browsers",
  notice: "__Host-countersign-notice",
} as const;

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
  const response = await browser.send("/api/v1/me");
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

const STEPS = Array.from({ length: 61 }, (_, index) => index - 30);

/** Somebody at an address. */
export function clientAt(address: string): Client {
  return { address, userAgent: "", requestId: "attack" };
}

/** An installation that an attack takes apart, and what core/ is given in it. */
export type Arena = World & { context: Context };

/**
 * An installation for all tests of a file. Its people are written to the database as they are after enrolling, with
 * one hash of the common password for all, because attacks need many and are not about how they came to be.
 */
export async function createArena(dialect: Dialect, given: WorldOptions = {}): Promise<Arena & AsyncDisposable> {
  const key = newKey();
  const keys = { active: key, all: [key] };
  let opened: Database | undefined;
  const open = given.host?.openDatabase ?? openDatabase;
  const host = {
    ...given.host,
    keys,
    openDatabase: async (url: string) => {
      const database = await open(url);
      opened ??= database;
      return database;
    },
  };
  const world = await createWorld(dialect, { ...given, host });
  assert.ok(opened !== undefined);
  const context: Context = {
    ...opened,
    node: "attack",
    now: world.clock.now,
    random: randomBytes,
    keys,
    mailQueued: () => {},
    log: () => {},
    options: world.auth.options,
  };
  return { ...world, context, person: (login, options) => writePerson(context, login, options) };
}

let commonHash: Promise<string> | undefined;

async function writePerson(
  context: Context,
  login: string,
  { role = "person", twoFactor = false }: { role?: Role; twoFactor?: boolean } = {},
): Promise<Member> {
  commonHash ??= hashPassword(PASSWORD);
  const password_hash = await commonHash;
  return transact(context, OPERATOR, async (tx) => {
    const name = `${login[0]?.toUpperCase()}${login.slice(1)}`;
    const created = await users.create(tx, { login, name, email: `${login}@example.org`, role });
    assert.ok(created.ok, JSON.stringify(created));
    const { id } = created;
    await tx.db.updateTable("users").set({ password_hash }).where("id", "=", id).execute();
    if (!twoFactor) return { id, login, secret: undefined };
    const secret = randomBytes(SECRET_BYTES);
    const authenticator = newId(tx.random);
    const place = { table: "authenticators", column: "secret_sealed", row: authenticator, owner: id };
    await tx.db
      .insertInto("authenticators")
      .values({
        id: authenticator,
        user_id: id,
        name: "Authenticator app",
        secret_sealed: seal(tx.keys, place, secret),
        ...DEFAULT_PARAMETERS,
        last_step: 0,
        created_at: tx.now(),
        last_used_at: tx.now(),
      })
      .execute();
    return { id, login, secret: encodeBase32(secret) };
  });
}
