// One installation for one test: an engine on a database of its own, the pages, a clock that stands still, people.
// Every suite that touches the database runs on both.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "node:test";
import type { Auth, Host } from "../../src/auth.ts";
import { newKey } from "../../src/crypto/secret-box.ts";
import type { GivenOptions } from "../../src/options.ts";
import { isPassing } from "../../src/server/start.ts";
import { codeFor, createTestAuth } from "../../src/testing/auth.ts";
import { type Browser, type BrowserOptions, createBrowser, type Page } from "../../src/testing/browser.ts";
import { type Clock, fixedClock } from "../../src/testing/clock.ts";
import { type AppOptions, createApp } from "../../src/web/app.ts";
import { createDatabase } from "./postgres.ts";

export const PASSWORD = "seven quiet lanterns drift";
export const OPERATOR = { address: "-", userAgent: "", requestId: "test" };

export type Dialect = "sqlite" | "postgres";

export type Member = {
  id: string;
  login: string;
  /** The two-factor secret, once two-factor authentication is on. */
  secret: string | undefined;
};

export type Node = { auth: Auth; clock: Clock; fetch: ReturnType<typeof createApp>["fetch"] };

export type World = Node & {
  databaseUrl: string;
  /** A new browser; every browser has an address of its own unless one is given. */
  browser(options?: BrowserOptions): Browser;
  /** A person with a password, with two-factor authentication if `twoFactor` is set. */
  person(login: string, options?: { role?: "person" | "administrator"; twoFactor?: boolean }): Promise<Member>;
  /** The code that the person's phone shows now; the clock moves first, so that it was never used. */
  freshCode(member: Member): string;
  /** Signs in by the pages, with a fresh code where one is owed. */
  signIn(browser: Browser, member: Member, password?: string): Promise<Page>;
  /** Another node of the same installation, with the same keys. */
  node(options?: { clock?: Clock; host?: Partial<Host> }): Promise<Node>;
  close(): Promise<void>;
};

/** Defines a suite once for each database. */
export function onBothDatabases(title: string, define: (dialect: Dialect) => void): void {
  for (const dialect of ["sqlite", "postgres"] as const) describe(`${title} (${dialect})`, () => define(dialect));
}

/** Makes an installation. Close it in the test that made it: `await using world = await createWorld(dialect)`. */
export async function createWorld(
  dialect: Dialect,
  { options = {}, app = {}, host = {} }: { options?: GivenOptions; app?: AppOptions; host?: Partial<Host> } = {},
): Promise<World & AsyncDisposable> {
  const place = await createPlace(dialect);
  const key = newKey();
  const keys = { active: key, all: [key] };
  const opened: Auth[] = [];
  let people = 0;

  const node = async ({ clock = fixedClock(), host: more = {} }: { clock?: Clock; host?: Partial<Host> } = {}) => {
    const { auth } = await createTestAuth(
      { database: place.url, ...options },
      { keys, now: clock.now, ...host, ...more },
    );
    opened.push(auth);
    return { auth, clock, fetch: createApp(auth, { isPassing, ...app }).fetch };
  };
  const first = await node();
  const { auth, clock, fetch } = first;

  const world: World = {
    ...first,
    databaseUrl: place.url,
    node,
    browser: (given) =>
      createBrowser(fetch, { address: `192.0.2.${++people % 250}`, publicUrl: auth.options.publicUrl, ...given }),
    person: async (login, { role = "person", twoFactor = false } = {}) => {
      const email = `${login}@example.org`;
      const profile = { login, name: `${login[0]?.toUpperCase()}${login.slice(1)}`, email, role, password: PASSWORD };
      const added = await auth.administration.addPerson(OPERATOR, auth.operatorAuthority(), profile);
      assert.ok(added.ok, JSON.stringify(added));
      const member: Member = { id: added.id, login, secret: undefined };
      if (twoFactor) await enrol(world, member);
      return member;
    },
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
      await Promise.all(opened.map((each) => each.close()));
      await place.remove();
    },
  };
  return { ...world, [Symbol.asyncDispose]: world.close };
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

async function createPlace(dialect: Dialect): Promise<{ url: string; remove(): Promise<void> }> {
  if (dialect === "postgres") {
    const { url, drop } = await createDatabase();
    return { url, remove: drop };
  }
  const folder = await mkdtemp(join(tmpdir(), "countersign-"));
  return {
    url: `file:${join(folder, "test.sqlite")}`,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
