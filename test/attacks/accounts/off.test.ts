// The attack: names, passwords and who gets in belong to the application around us. Somebody does by our pages, by a
// form that was kept, by an act of an administrator or by the command line what the application would not let them do:
// sets a password, changes an address, adds an administrator, lets a disabled person in again.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { AccountsError, BULK_ACTS } from "../../../src/auth.ts";
import { transact } from "../../../src/core/ground/transaction.ts";
import { setHash } from "../../../src/core/people/passwords.ts";
import { createTestEngine } from "../../../src/testing/auth.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { ROUTES } from "../../../src/web/app.ts";
import { type Arena, createArena, submit } from "../../support/attacker.ts";
import { createHost } from "../../support/host.ts";
import { administratorOf } from "../../support/staff.ts";
import { readTables } from "../../support/tables.ts";
import { createWorld, type Member, OPERATOR, PASSWORD } from "../../support/world.ts";

const NEW_PASSWORD = "another eleven walnut boats";

/** What the application does, by method and path. */
const THEIRS = [
  "GET /account",
  "POST /account",
  "POST /account/email",
  "POST /account/password",
  "GET /email-undo",
  "POST /email-undo",
  "GET /forgotten-password",
  "POST /forgotten-password",
  "GET /invitation",
  "POST /invitation",
  "GET /password-reset",
  "POST /password-reset",
  "GET /setup",
  "POST /setup",
  "GET /users/new",
  "POST /users",
  "POST /users/:id",
  "POST /users/:id/disable",
  "POST /users/:id/enable",
  "POST /users/:id/invitation",
  "POST /users/:id/void-password",
];

describe("what belongs to the host", () => {
  let world: Arena & AsyncDisposable;
  let root: Member;
  let ada: Member;
  before(async () => {
    world = await createArena("host");
    root = await world.person("root", { role: "administrator", twoFactor: true });
    ada = await world.person("ada");
  });
  after(() => world[Symbol.asyncDispose]());

  /** All but what a request leaves behind, whatever it wants. */
  const state = async () => {
    const { attempts, rates, events, event_head, sessions, installation, ...rest } = await readTables(world.context.db);
    return JSON.stringify(rest);
  };

  test("is on no route, for anybody (HO-01)", async () => {
    const gone = ROUTES.filter(({ accounts }) => accounts === "own");
    assert.deepEqual(gone.map(({ method, path }) => `${method} ${path}`).toSorted(), THEIRS.toSorted());
    const { browser: administrator } = await administratorOf(world, root);
    const person = world.browser();
    await world.signIn(person, ada);
    const before = await state();
    for (const browser of [administrator, person, world.browser()]) {
      for (const { method, path } of gone) {
        const answer = await ask(browser, method, path.replace(":id", ada.id));
        // A path of which another method is there says so, and `new` is a person whom nobody knows.
        const isThere = ROUTES.some((route) => route.path === path && route.accounts !== "own");
        const expected = path === "/users/new" ? (await browser.send("/users/nobody")).status : isThere ? 405 : 404;
        assert.equal(answer.status, expected, `${method} ${path}`);
      }
    }
    assert.equal(await state(), before);
  });

  test("is in no operation (HO-01)", async () => {
    const { auth } = world;
    const { authority, browser } = await administratorOf(world, root);
    const session = await auth.session.find({ token: browser.cookies.get("__Host-countersign-session") });
    assert.ok(session);
    const recent = auth.session.recent({ session });
    assert.ok(recent);
    const profile = { login: "eve", name: "Eve", email: "eve@example.org", role: "administrator" as const };
    const ticket = `${"a".repeat(16)}.${"b".repeat(43)}`;
    const before = await state();
    for (const given of [authority, auth.operatorAuthority()]) {
      const outcomes: unknown[] = await Promise.all([
        auth.people.invite({ client: OPERATOR, authority: given, ...profile }),
        auth.people.add({ client: OPERATOR, authority: given, ...profile, password: NEW_PASSWORD }),
        auth.people.change({ client: OPERATOR, authority: given, ...profile, id: ada.id }),
        ...(["disable", "enable", "invite", "void-password"] as const).map((act) =>
          auth.people.act({ client: OPERATOR, authority: given, act, id: ada.id }),
        ),
        auth.passwords.change(OPERATOR, recent, NEW_PASSWORD),
        auth.passwordReset.request(OPERATOR, ada.login),
        auth.passwordReset.complete(OPERATOR, { ticket, password: NEW_PASSWORD }),
        auth.users.changePreferences(OPERATOR, session, { name: "Eve", language: "en", timeZone: "UTC" }),
        auth.users.changeEmail(OPERATOR, recent, "eve@example.org"),
        auth.emailUndo.complete(OPERATOR, ticket),
        auth.setup.complete(OPERATOR, { ...profile, ticket, password: NEW_PASSWORD }),
        auth.invitations.accept(OPERATOR, { ticket, password: NEW_PASSWORD }),
      ]);
      for (const outcome of outcomes) assert.deepEqual(outcome, { ok: false, reason: "not_allowed" });
    }
    assert.equal(await auth.setup.isOpen(), false);
    await assert.rejects(auth.people.issueSetupTicket({ client: OPERATOR }), /comes from the host/);
    for (const act of BULK_ACTS) assert.ok(!["disable", "enable", "invite", "void-password"].includes(act));
    assert.equal(await state(), before);
  });

  test("is not reached from inside either: no hash is set, whoever wants to (HO-01)", async () => {
    const set = transact(world.context, OPERATOR, (tx) => setHash(tx, ada.id, "$argon2id$v=19$"));
    await assert.rejects(set, /belong to the host/);
  });

  test("is offered by no page (HO-01)", async () => {
    const routes = ROUTES.filter(({ accounts }) => accounts !== "own").map(({ method, path }) => ({
      method,
      pattern: new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+")}$`),
    }));
    const isThere = (method: string, href: string) => {
      const { pathname } = new URL(href, "http://site.invalid");
      return (
        pathname.startsWith("/assets/") ||
        routes.some((route) => route.method === method && route.pattern.test(pathname))
      );
    };
    const owing = await world.person("owing");
    const visitors = [world.browser(), (await administratorOf(world, root)).browser, world.browser()];
    await world.signIn(visitors[2] as Browser, owing);
    let forms = 0;
    for (const browser of visitors) {
      const [queue, seen] = [["/", "/sign-in"], new Set<string>()];
      for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
        if (seen.has(path)) continue;
        seen.add(path);
        const page = await browser.get(path);
        assert.equal(page.status, 200, path);
        for (const [, href = ""] of page.text.matchAll(/<a [^>]*href="(\/[^"]*)"/g)) {
          assert.ok(isThere("GET", href), `${path} leads to ${href}`);
          const [plain = "/"] = href.replaceAll("&amp;", "&").split("#");
          if (!plain.includes("page=") && !plain.includes("before=")) queue.push(plain);
        }
        for (const [, tag = ""] of page.text.matchAll(/<form ([^>]*)>/g)) {
          const action = /action="([^"]*)"/.exec(tag)?.[1] ?? "";
          assert.ok(isThere(/method="post"/i.test(tag) ? "POST" : "GET", action), `${path} sends to ${action}`);
          forms++;
        }
        assert.doesNotMatch(page.words, /Forgot your password/, path);
      }
    }
    assert.ok(forms > 20, `${forms} forms`);
  });

  test("is out of reach without the host, too: at the command line, and in a process that only sends mail", async () => {
    const { auth } = await createTestEngine(
      { database: world.databaseUrl },
      { keys: world.context.keys, now: world.clock.now },
    );
    try {
      assert.equal(auth.accounts, "host");
      const authority = auth.operatorAuthority();
      const disabled = await auth.people.act({ client: OPERATOR, authority, act: "disable", id: ada.id });
      assert.deepEqual(disabled, { ok: false, reason: "not_allowed" });
      assert.ok((await auth.people.act({ client: OPERATOR, authority, act: "sign-out", id: ada.id })).ok);
      const step = { name: ada.login, password: PASSWORD, wantedPage: "/", browserTokens: [] };
      await assert.rejects(auth.signIn.begin({ client: OPERATOR, ...step }), AccountsError);
    } finally {
      await auth.close();
    }
  });

  test("is not mixed with people of ours: such a database is not opened with a host's accounts", async () => {
    await using ours = await createWorld("sqlite");
    await ours.person("ada");
    const opened = createTestEngine(
      { database: ours.databaseUrl },
      { keys: ours.context.keys, accounts: createHost() },
    );
    await assert.rejects(opened, AccountsError);
    const { people, signIn } = ours.auth;
    assert.deepEqual(await people.refresh({ client: OPERATOR, id: "ada" }), { ok: false, reason: "not_allowed" });
    assert.deepEqual(await people.passwordChanged({ client: OPERATOR, id: "ada" }), {
      ok: false,
      reason: "not_allowed",
    });
    const step = { userId: "ada", check: async () => true, wantedPage: "/", browserTokens: [] };
    assert.deepEqual(await signIn.beginFor({ client: OPERATOR, ...step }), { ok: false, reason: "not_allowed" });
  });
});

function ask(browser: Browser, method: string, path: string): Promise<Response> {
  if (method === "GET") return browser.send(path);
  return submit(browser, path, {
    new_password: NEW_PASSWORD,
    password: PASSWORD,
    email: "eve@example.org",
    login: "eve",
    name: "Eve",
    role: "administrator",
  });
}
