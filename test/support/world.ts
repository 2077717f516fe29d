// One installation for one test: an engine on a database of its own, the pages, a clock that stands still, people.
// Every suite that touches the database runs on both.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { HostAccounts } from "../../src/accounts.ts";
import type { Auth, Host } from "../../src/auth.ts";
import type { Context } from "../../src/context.ts";
import { type Tx, transact } from "../../src/core/ground/transaction.ts";
import { hostAccounts, refresh } from "../../src/core/people/host-accounts.ts";
import { ownAccounts } from "../../src/core/people/own-accounts.ts";
import * as setup from "../../src/core/people/setup.ts";
import * as users from "../../src/core/people/users.ts";
import { encodeBase32 } from "../../src/crypto/base32.ts";
import { hashPassword } from "../../src/crypto/password.ts";
import { type Keys, newKey, seal } from "../../src/crypto/secret-box.ts";
import { newId } from "../../src/crypto/token.ts";
import { DEFAULT_PARAMETERS, SECRET_BYTES } from "../../src/crypto/totp.ts";
import { type Database, openDatabase } from "../../src/db/open.ts";
import type { Role } from "../../src/db/schema.ts";
import type { GivenOptions } from "../../src/options.ts";
import { isPassing } from "../../src/server/start.ts";
import { codeFor, createTestEngine } from "../../src/testing/auth.ts";
import {
  type Browser,
  type BrowserOptions,
  createBrowser,
  type Fetcher,
  type Page,
} from "../../src/testing/browser.ts";
import { type Clock, fixedClock } from "../../src/testing/clock.ts";
import { type AppOptions, createApp } from "../../src/web/app.ts";
import "./argon2.ts";
import { addToHost, createHost, siteOf, type TestHost } from "./host.ts";
import { assertKnownMethods } from "./methods.ts";
import { createMigratedDatabase } from "./postgres.ts";

export const PASSWORD = "seven quiet lanterns drift";
export const OPERATOR = { address: "-", userAgent: "", requestId: "test" };

export type Dialect = "sqlite" | "postgres";

export type Member = {
  id: string;
  login: string;
  /** The two-factor secret, once two-factor authentication is on. */
  secret: string | undefined;
};

type PersonOptions = { role?: Role; twoFactor?: boolean };
/** What a test may set of the host. */
type WorldHost = Partial<Host> & { keys?: Keys };

export type Node = { auth: Auth; clock: Clock; fetch: Fetcher };

export type World = Node & {
  databaseUrl: string;
  /** What core/ is given in the first node. */
  context: Context;
  /** A new browser; every browser has an address of its own unless one is given. */
  browser(options?: BrowserOptions): Browser;
  /** A person with a password, with two-factor authentication if `twoFactor` is set. */
  person(login: string, options?: PersonOptions): Promise<Member>;
  /** The code that the person's phone shows now; the clock moves first, so that it was never used. */
  freshCode(member: Member): string;
  /** Signs in by the pages, with a fresh code where one is owed. */
  signIn(browser: Browser, member: Member, password?: string): Promise<Page>;
  /** Another node of the same installation, with the same keys. */
  node(options?: { clock?: Clock; host?: Partial<Host> }): Promise<Node>;
  /** The application whose accounts they are, where they are none of ours. */
  host: TestHost | undefined;
  close(): Promise<void>;
};

/** Defines a suite once for each database. */
export function onBothDatabases(title: string, define: (dialect: Dialect) => void): void {
  for (const dialect of ["sqlite", "postgres"] as const) describe(`${title} (${dialect})`, () => define(dialect));
}

/** An installation for a suite: ours on one of the databases, or with the accounts of a host. */
export type Kind = Dialect | "host" | "host on postgres";

/** Defines a suite for both kinds of accounts: ours on each database, and those of a host. */
export function onBothKinds(title: string, define: (kind: Kind) => void): void {
  for (const kind of ["sqlite", "postgres", "host"] as const) describe(`${title} (${kind})`, () => define(kind));
}

/** `test` for what our own accounts alone have, in a suite for both kinds. */
export function ownTest(kind: Kind): (name: string, run: (t: TestContext) => Promise<void>) => void {
  return (name, run) => {
    if (!kind.startsWith("host")) test(name, run);
  };
}

/** Makes an installation. Close it in the test that made it: `await using world = await createWorld(dialect)`. */
export async function createWorld(
  kind: Kind,
  { options = {}, app = {}, host = {} }: { options?: GivenOptions; app?: AppOptions; host?: WorldHost } = {},
): Promise<World & AsyncDisposable> {
  const place = await createPlace(kind.endsWith("postgres") ? "postgres" : "sqlite");
  const { keys = newKeys(), openDatabase: open = openDatabase } = host;
  const theirs = kind.startsWith("host") ? createHost() : undefined;
  const accounts = theirs === undefined ? {} : { accounts: theirs };
  const opened: Auth[] = [];
  let database: Database | undefined;
  let people = 0;

  const node = async ({ clock = fixedClock(), host: more = {} }: { clock?: Clock; host?: Partial<Host> } = {}) => {
    const keep = async (url: string) => {
      const own = await open(url);
      database ??= own;
      return own;
    };
    const { auth } = await createTestEngine(
      { database: place.url, ...options },
      { ...host, keys, now: clock.now, openDatabase: keep, ...accounts, ...more },
    );
    opened.push(auth);
    const pages = createApp(auth, { isPassing, ...app });
    return { auth, clock, fetch: theirs === undefined ? pages.fetch : siteOf(theirs, pages) };
  };
  const first = await node();
  const { auth, clock, fetch } = first;
  assert.ok(database !== undefined);
  const context = contextOf(auth, database, keys, theirs);

  const world: World = {
    ...first,
    databaseUrl: place.url,
    context,
    node,
    host: theirs,
    browser: (given) =>
      createBrowser(fetch, { address: `192.0.2.${++people % 250}`, publicUrl: auth.options.publicUrl, ...given }),
    person: (login, given) =>
      theirs === undefined ? addPerson(context, login, given) : addHostPerson(context, theirs, login, given),
    freshCode: (member) => {
      assert.ok(member.secret !== undefined, `${member.login} has no authenticator`);
      clock.advance(30_000);
      return codeFor(member.secret, clock.now());
    },
    signIn: async (browser, member, password = PASSWORD) => {
      const page = await browser.post("/sign-in", { login: member.login, password });
      if (page.path !== "/sign-in/code") return page;
      return browser.post("/sign-in/code", { code: world.freshCode(member) });
    },
    close: async () => {
      try {
        await assertKnownMethods(context.db);
      } finally {
        await Promise.all(opened.map((each) => each.close()));
        await place.remove();
      }
    },
  };
  return { ...world, [Symbol.asyncDispose]: world.close };
}

/** What core/ is given by an engine with this database and these keys. */
export function contextOf({ now, options, log }: Auth, database: Database, keys: Keys, host?: HostAccounts): Context {
  const node = `${hostname()}:${process.pid}`;
  const accounts = host === undefined ? ownAccounts : hostAccounts(host);
  const told = { mailQueued: () => {}, jobReady: () => {} };
  return { ...database, ...told, node, now, random: randomBytes, keys, log, options, accounts };
}

function newKeys(): Keys {
  const key = newKey();
  return { active: key, all: [key] };
}

let commonHash: Promise<string> | undefined;

/**
 * Writes a person to the database as they are once they have a password and an authenticator app, because a test is
 * seldom about how they came to be. All have one hash of the common password.
 */
export async function addPerson(
  context: Context,
  login: string,
  { role = "person", twoFactor = false }: PersonOptions = {},
): Promise<Member> {
  commonHash ??= hashPassword(PASSWORD);
  const password_hash = await commonHash;
  return transact(context, OPERATOR, async (tx) => {
    const name = `${login[0]?.toUpperCase()}${login.slice(1)}`;
    const created = await users.create(tx, { login, name, email: `${login}@example.org`, role });
    assert.ok(created.ok, JSON.stringify(created));
    const { id } = created.user;
    await tx.db.updateTable("users").set({ password_hash }).where("id", "=", id).execute();
    if (role === "administrator") await setup.close(tx);
    tx.record({ kind: "user.created", actor: null, user: id, details: { role, by: "operator" } });
    return { id, login, secret: twoFactor ? await addAuthenticator(tx, id) : undefined };
  });
}

/** The same for somebody of a host, whose password is the host's. */
async function addHostPerson(
  context: Context,
  host: TestHost,
  login: string,
  { role = "person", twoFactor = false }: PersonOptions = {},
): Promise<Member> {
  const { id } = addToHost(host, login, { role, password: PASSWORD });
  const told = await refresh(context, OPERATOR, id);
  assert.ok(told.ok, JSON.stringify(told));
  const secret = twoFactor ? await transact(context, OPERATOR, (tx) => addAuthenticator(tx, id)) : undefined;
  return { id, login, secret };
}

/** Gives a person an authenticator, and tells its secret. */
async function addAuthenticator(tx: Tx, owner: string): Promise<string> {
  const secret = randomBytes(SECRET_BYTES);
  const id = newId(tx.random);
  const place = { table: "authenticators", column: "secret_sealed", row: id, owner };
  await tx.db
    .insertInto("authenticators")
    .values({
      id,
      user_id: owner,
      name: "Authenticator app",
      secret_sealed: seal(tx.keys, place, secret),
      ...DEFAULT_PARAMETERS,
      last_step: 0,
      drift_steps: 0,
      created_at: tx.now(),
      last_used_at: tx.now(),
      goes_at: null,
      replaced_by: null,
    })
    .execute();
  return encodeBase32(secret);
}

/** Turns two-factor authentication on by the pages, in a browser of its own, and remembers the secret. */
export async function enrol(world: World, member: Member, browser = world.browser()): Promise<Page> {
  await world.signIn(browser, member);
  const page = await browser.post("/account/security/enrolment", { current_password: PASSWORD });
  member.secret = secretOn(page);
  const done = await browser.post("/account/security/enrolment/confirm", {
    code: codeFor(member.secret, world.clock.now()),
  });
  assert.match(done.words, /Your account is protected/);
  return done;
}

/** The two-factor secret that an enrolment page shows. */
export function secretOn(page: Page): string {
  const secret = /((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})/.exec(page.words)?.[1];
  assert.ok(secret !== undefined, `no secret on the page: ${page.words}`);
  return secret.replaceAll(" ", "");
}

/** The recovery codes that a page shows, as they are written there. */
export function recoveryCodesOn(page: Page): string[] {
  const codes = page.words.match(/\b(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}\b/g) ?? [];
  assert.equal(codes.length, 10, `no recovery codes on the page: ${page.words}`);
  return codes;
}

async function createPlace(dialect: Dialect): Promise<{ url: string; remove(): Promise<void> }> {
  if (dialect === "postgres") {
    const { url, drop } = await createMigratedDatabase();
    return { url, remove: drop };
  }
  const folder = await mkdtemp(join(tmpdir(), "countersign-"));
  return {
    url: `file:${join(folder, "test.sqlite")}`,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
