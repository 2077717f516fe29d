// The attack: somebody has a session that they should not have, or plants one, or keeps one. A cookie out of a backup
// of the database, an identifier chosen beforehand, a browser left open over lunch, an account that was disabled on
// another node a second ago, a session from before the password was changed. A session is an unguessable cookie, and
// every request asks the database whether it still stands.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { transact } from "../../../src/core/ground/transaction.ts";
import { lockAccount } from "../../../src/core/session/account.ts";
import * as sessions from "../../../src/core/session/sessions.ts";
import { sha256 } from "../../../src/crypto/digest.ts";
import { codeFor } from "../../../src/testing/auth.ts";
import { type Browser, createBrowser } from "../../../src/testing/browser.ts";
import {
  type Arena,
  COOKIE,
  clientAt,
  cookiesSet,
  createArena,
  SENSITIVE,
  submit,
  whoIs,
} from "../../support/attacker.ts";
import { changePassword, disable, enable, setRole } from "../../support/keeper.ts";
import { readTables } from "../../support/tables.ts";
import { type Member, type Node, OPERATOR, onBothKinds, ownTest, PASSWORD, secretOn } from "../../support/world.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const NEW_PASSWORD = "another eleven walnut boats";

onBothKinds("sessions", (dialect) => {
  const testOwn = ownTest(dialect);
  let world: Arena & AsyncDisposable;
  let second: Node;
  let people = 0;
  before(async () => {
    world = await createArena(dialect);
    second = await world.node({ clock: world.clock });
  });
  after(() => world[Symbol.asyncDispose]());

  type Options = { role?: "person" | "administrator"; twoFactor?: boolean };
  const person = (options: Options = { twoFactor: true }) => world.person(`ada${++people}`, options);
  const signedIn = async (member: Member) => {
    const browser = world.browser();
    await world.signIn(browser, member);
    assert.equal(await whoIs(browser), member.login);
    return browser;
  };
  const copyOf = (browser: Browser, fetch = world.fetch) => {
    const copy = createBrowser(fetch, { address: "203.0.113.9" });
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
    return copy;
  };
  /** Who the cookies of a browser are on each node, without changing them. */
  const everywhere = async (browser: Browser) => [
    await whoIs(copyOf(browser)),
    await whoIs(copyOf(browser, second.fetch)),
  ];
  const tokenOf = (browser: Browser) => browser.cookies.get(COOKIE.session) ?? "";
  const proof = (member: Member) => ({ current_password: PASSWORD, current_code: world.freshCode(member) });
  const authority = () => ({ client: OPERATOR, authority: world.auth.operatorAuthority() });

  test("a cookie is 256 random bits, and the database holds no cookie of anybody (SE-01)", async () => {
    const ada = await person({});
    const secrets: string[] = [];
    for (let time = 0; time < 8; time++) {
      const browser = await signedIn(ada);
      const tokens = [tokenOf(browser), browser.cookies.get(COOKIE.browsers) ?? ""];
      for (const token of tokens) {
        assert.match(token, /^[\w-]{16}\.[\w-]{43}$/);
        secrets.push(token.split(".")[1] ?? "");
      }
    }
    assert.equal(new Set(secrets).size, 16);
    const content = JSON.stringify(await readTables(world.context.db));
    for (const secret of secrets) {
      assert.ok(content.includes(sha256(secret)), "its hash is there");
      assert.ok(!content.includes(secret));
      // What is in the database opens nothing, in place of the secret or of the whole.
      assert.ok(!content.includes(secret.slice(0, 22)) && !content.includes(secret.slice(-22)));
    }
  });

  test("what a copy of the database holds opens nothing (SE-01)", async () => {
    const ada = await person({});
    const browser = await signedIn(ada);
    const [id = "", secret = ""] = tokenOf(browser).split(".");
    const row = await world.context.db
      .selectFrom("sessions")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    assert.equal(row.secret_hash, sha256(secret));
    for (const token of [`${id}.${row.secret_hash}`, row.secret_hash, id, `${id}.`, `${row.user_id}.${secret}`]) {
      const thief = world.browser();
      thief.cookies.set(COOKIE.session, token);
      assert.equal(await whoIs(thief), undefined, token);
    }
    assert.equal(await whoIs(browser), ada.login);
  });

  test("an identifier that was planted beforehand is not taken over (SE-02, T-46)", async () => {
    const ada = await person();
    const planted = "AAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
    const victim = world.browser();
    victim.cookies.set(COOKIE.session, planted);
    await world.signIn(victim, ada);
    assert.equal(await whoIs(victim), ada.login);
    assert.notEqual(tokenOf(victim).split(".")[0], planted.split(".")[0]);
    const thief = world.browser();
    thief.cookies.set(COOKIE.session, planted);
    assert.equal(await whoIs(thief), undefined);
  });

  test("a session that was planted in somebody's browser ends when they sign in there (SE-02, T-46)", async () => {
    const [ada, eve] = [await person(), await person()];
    const thief = await signedIn(eve);
    const victim = copyOf(thief);
    await world.signIn(victim, ada);
    assert.equal(await whoIs(victim), ada.login);
    assert.deepEqual(await everywhere(thief), [undefined, undefined]);
  });

  test("signing in again gives a new cookie, and the old one is dead (SE-02)", async () => {
    const ada = await person();
    const browser = await signedIn(ada);
    const before = copyOf(browser);
    await world.signIn(browser, ada);
    assert.equal(await whoIs(browser), ada.login);
    assert.notEqual(tokenOf(browser), tokenOf(before));
    assert.deepEqual(await everywhere(before), [undefined, undefined]);
  });

  for (const twoFactor of [true, false]) {
    const kind = twoFactor ? "two factors" : "a password";
    test(`a session of ${kind} ends after an hour without a request, to the second (SE-03)`, async () => {
      const ada = await person({ twoFactor });
      const browser = await signedIn(ada);
      world.clock.advance(HOUR - SECOND);
      assert.deepEqual(await everywhere(browser), [ada.login, ada.login]);
      world.clock.advance(HOUR - SECOND);
      await world.auth.upkeep.run();
      assert.deepEqual(await everywhere(browser), [ada.login, ada.login], "a request in time begins a new hour");
      world.clock.advance(HOUR + SECOND);
      assert.deepEqual(await everywhere(browser), [undefined, undefined]);
      const answer = await browser.get("/account/security");
      assert.equal(answer.path, "/sign-in?next=%2Faccount%2Fsecurity");
      assert.match(answer.words, /You were signed out because nothing happened for a while/);
    });

    test(`a session of ${kind} ends after a day, however busy, and a confirmation adds nothing (SE-03)`, async () => {
      const ada = await person({ twoFactor });
      const browser = await signedIn(ada);
      const started = world.clock.now();
      for (let hours = 0.9; hours < 24; hours += 0.9) {
        world.clock.set(started + hours * HOUR);
        assert.equal(await whoIs(browser), ada.login);
      }
      const fields = twoFactor ? proof(ada) : { current_password: PASSWORD };
      assert.equal((await submit(browser, SENSITIVE, fields)).status, 303);
      world.clock.set(started + 24 * HOUR - SECOND);
      assert.deepEqual(await everywhere(browser), [ada.login, ada.login]);
      world.clock.set(started + 24 * HOUR + SECOND);
      assert.deepEqual(await everywhere(browser), [undefined, undefined]);
    });
  }

  test("the cookie says no more than a day either (SE-03)", async () => {
    const ada = await person({});
    const answer = await submit(world.browser(), "/sign-in", { login: ada.login, password: PASSWORD });
    const line = answer.headers.getSetCookie().find((each) => each.startsWith(COOKIE.session));
    assert.match(line ?? "", /; Max-Age=86400$/);
  });

  const ends: Record<string, (scene: { ada: Member; browser: Browser }) => Promise<unknown>> = {
    "signing out": ({ browser }) => submit(copyOf(browser), "/sign-out"),
    "signing out on another node": ({ browser }) => submit(copyOf(browser, second.fetch), "/sign-out"),
    "an administrator logging the person out everywhere": ({ ada }) =>
      world.auth.people.act({ ...authority(), act: "sign-out", id: ada.id }),
    "the account being disabled": ({ ada }) => disable(world, ada),
    "the account being disabled on another node": ({ ada }) => disable({ ...world, auth: second.auth }, ada),
    "the account being disabled and enabled again": async ({ ada }) => {
      await disable(world, ada);
      await enable(world, ada);
    },
    "an administrator resetting two-factor authentication": ({ ada }) =>
      world.auth.people.act({ ...authority(), id: ada.id, act: "reset-two-factor", reason: "lost phone" }),
    "a change of the password in another session": async ({ ada }) => {
      const owner = await signedIn(ada);
      await changePassword(world, ada, { owner, proof: proof(ada), password: NEW_PASSWORD });
    },
    "turning two-factor authentication off in another session": async ({ ada }) => {
      assert.equal((await submit(await signedIn(ada), "/account/security/disable", proof(ada))).status, 303);
    },
  };
  for (const [what, end] of Object.entries(ends)) {
    test(`a session is over on every node at once after ${what} (SE-04, SE-05, SE-06, RP-09)`, async () => {
      const ada = await person();
      const browser = await signedIn(ada);
      assert.deepEqual(await everywhere(browser), [ada.login, ada.login]);
      await end({ ada, browser });
      assert.deepEqual(await everywhere(browser), [undefined, undefined]);
      assert.equal((await copyOf(browser).send("/")).headers.get("location"), "/sign-in");
      assert.equal((await submit(copyOf(browser), "/warnings/read")).headers.get("location"), "/sign-in");
    });
  }

  test("turning two-factor authentication on ends the sessions of the password alone (SE-06, EN-09)", async () => {
    const ada = await person({});
    const [owner, other] = [await signedIn(ada), await signedIn(ada)];
    const page = await owner.post("/account/security/enrolment", { current_password: PASSWORD });
    const code = codeFor(secretOn(page), world.clock.now());
    await owner.post("/account/security/enrolment/confirm", { code });
    assert.deepEqual(await everywhere(other), [undefined, undefined]);
    assert.deepEqual(await everywhere(owner), [ada.login, ada.login], "the one that turned it on goes on");
  });

  testOwn(
    "the session that changes the password goes on with a new cookie; a copy of the old one does not (SE-06)",
    async () => {
      const ada = await person();
      const browser = await signedIn(ada);
      const copy = copyOf(browser);
      const fields = { ...proof(ada), new_password: NEW_PASSWORD };
      assert.equal((await submit(browser, "/account/password", fields)).status, 303);
      assert.deepEqual(await everywhere(browser), [ada.login, ada.login]);
      assert.deepEqual(await everywhere(copy), [undefined, undefined]);
      await submit(world.browser(), "/sign-in", { login: ada.login, password: PASSWORD });
      assert.equal(await whoIs(copy), undefined);
    },
  );

  test("signing out takes the cookie away and has the browser forget what it keeps (SE-04)", async () => {
    const browser = await signedIn(await person({}));
    const answer = await submit(browser, "/sign-out");
    assert.equal(cookiesSet(answer)[COOKIE.session], "");
    assert.match(answer.headers.get("clear-site-data") ?? "", /"cache"/);
  });

  test("a row that outlived a change of the security setup, or the account, opens nothing (SE-05, SE-06, T-35)", async () => {
    const { db } = world.context;
    for (const change of [{ security_version: 2 }, { disabled_at: world.clock.now() }]) {
      const ada = await person();
      const browser = await signedIn(ada);
      const half = world.browser();
      await submit(half, "/sign-in", { login: ada.login, password: PASSWORD });
      // As a restored backup, a hand in the database or an older version of the program would leave it.
      await db.updateTable("users").set(change).where("id", "=", ada.id).execute();
      assert.deepEqual(await everywhere(browser), [undefined, undefined]);
      assert.equal((await half.send("/sign-in/code")).headers.get("location"), "/sign-in");
      await submit(half, "/sign-in/code", { code: world.freshCode(ada) });
      assert.equal(await whoIs(half), undefined);
    }
  });

  test("every change of the security setup raises its version, so that nothing older can be used (SE-06, T-35)", async () => {
    const ada = await person({});
    const browser = await signedIn(ada);
    const version = async () => {
      const { db } = world.context;
      const row = await db.selectFrom("users").select("security_version").where("id", "=", ada.id).executeTakeFirst();
      return row?.security_version;
    };
    assert.equal(await version(), 1);
    ada.secret = secretOn(await browser.post("/account/security/enrolment", { current_password: PASSWORD }));
    await browser.post("/account/security/enrolment/confirm", { code: codeFor(ada.secret, world.clock.now()) });
    assert.equal(await version(), 2);
    await changePassword(world, ada, { owner: browser, proof: proof(ada), password: NEW_PASSWORD });
    assert.equal(await version(), 3);
    const fields = { current_password: NEW_PASSWORD, current_code: world.freshCode(ada) };
    const owner = dialect === "host" ? world.browser() : browser;
    if (dialect === "host") await world.signIn(owner, ada, NEW_PASSWORD);
    fields.current_code = world.freshCode(ada);
    await submit(owner, "/account/security/disable", fields);
    assert.equal(await version(), 4);
    await disable(world, ada);
    assert.equal(await version(), 5);
  });

  test("a role that is taken away is gone with the next request, on every node (SE-05)", async () => {
    const ada = await person({ role: "administrator", twoFactor: true });
    const browser = await signedIn(ada);
    const statuses = async () => [
      (await copyOf(browser).send("/users")).status,
      (await copyOf(browser, second.fetch).send("/users")).status,
    ];
    assert.deepEqual(await statuses(), [200, 200]);
    await person({ role: "administrator", twoFactor: true });
    await setRole(world, ada, "person");
    assert.deepEqual(await statuses(), [404, 404]);
    assert.equal((await submit(browser, "/jobs", { ...proof(ada), act: "sign-out" })).status, 404);
  });

  testOwn("a request that came before the role was taken away does not bring it back (SE-05)", async () => {
    const ada = await person({ role: "administrator", twoFactor: true });
    await person({ role: "administrator", twoFactor: true });
    const browser = await signedIn(ada);
    const early = await world.auth.session.find({ token: tokenOf(browser) });
    assert.ok(early !== undefined);
    const profile = { id: ada.id, login: `${ada.login}-renamed`, name: "Ada", email: null, role: "person" as const };
    assert.ok((await world.auth.people.change({ ...authority(), ...profile })).ok);
    const typed = { name: "Ada L.", language: "en", timeZone: "UTC" };
    await world.auth.users.changePreferences(clientAt("192.0.2.1"), early, typed);
    const row = await world.context.db.selectFrom("users").selectAll().where("id", "=", ada.id).executeTakeFirst();
    assert.deepEqual([row?.role, row?.login, row?.email], ["person", `${ada.login}-renamed`, null]);
  });

  test("what a session had begun when it was ended is not finished (SE-04)", async () => {
    const client = clientAt("192.0.2.1");
    const acts = {
      "a new password": (session: sessions.RecentSession) => world.auth.passwords.change(client, session, NEW_PASSWORD),
      "another address": (session: sessions.RecentSession) =>
        world.auth.users.changeEmail(client, session, "thief@example.net"),
      "two-factor authentication off": (session: sessions.RecentSession) =>
        world.auth.account.disable({ client, session }),
    };
    const finished: string[] = [];
    for (const [what, act] of Object.entries(acts)) {
      const ada = await person();
      const browser = await signedIn(ada);
      assert.equal((await submit(browser, SENSITIVE, proof(ada))).status, 303);
      const session = await world.auth.session.find({ token: tokenOf(browser) });
      const recent = session && world.auth.session.recent({ session });
      assert.ok(recent !== undefined);
      const state = async () => {
        const { users, authenticators } = await readTables(world.context.db);
        return JSON.stringify([users, authenticators]);
      };
      await world.auth.people.act({ ...authority(), act: "sign-out", id: ada.id });
      const before = await state();
      await act(recent);
      if ((await state()) !== before) finished.push(what);
    }
    assert.deepEqual(finished, []);
  });

  for (const [what, change] of Object.entries<(ada: Member, owner: Browser) => Promise<unknown>>({
    "the account is disabled": (ada) => disable(world, ada),
    "the password is changed": (ada, owner) =>
      changePassword(world, ada, { owner, proof: { current_password: PASSWORD }, password: NEW_PASSWORD }),
  })) {
    test(`a sign-in that is under way while ${what} leaves no session (SE-05, SE-06, T-36)`, async () => {
      for (let time = 0; time < 4; time++) {
        const ada = await person({});
        const owner = await signedIn(ada);
        const browsers = Array.from({ length: 4 }, () => world.browser());
        await Promise.all([
          ...browsers.map((browser) => submit(browser, "/sign-in", { login: ada.login, password: PASSWORD })),
          change(ada, owner),
        ]);
        assert.deepEqual(await Promise.all(browsers.map(whoIs)), Array(4).fill(undefined));
      }
    });
  }

  test("a sign-in by the password alone that is under way while two-factor is turned on leaves no session (LS-01, EN-09)", async () => {
    for (let time = 0; time < 4; time++) {
      const ada = await person({});
      const owner = await signedIn(ada);
      const page = await owner.post("/account/security/enrolment", { current_password: PASSWORD });
      const code = codeFor(secretOn(page), world.clock.now());
      const browsers = Array.from({ length: 4 }, () => world.browser());
      await Promise.all([
        ...browsers.map((browser) => submit(browser, "/sign-in", { login: ada.login, password: PASSWORD })),
        submit(owner, "/account/security/enrolment/confirm", { code }),
      ]);
      assert.equal((await owner.get("/account/security")).words.includes("Your account is protected"), true);
      assert.deepEqual(await Promise.all(browsers.map(whoIs)), Array(4).fill(undefined));
    }
  });

  /** A session as a sign-in makes it, without the hashing. */
  const issue = ({ id }: Member) =>
    transact(world.context, clientAt("192.0.2.1"), async (tx) => {
      const account = await lockAccount(tx, id);
      assert.ok(account !== undefined);
      return sessions.issue(tx, { method: "password", account, securityVersion: 1, bucket: "strangers" });
    });
  const alive = async (token: string) => (await world.auth.session.find({ token })) !== undefined;

  test("a person has fifty sessions at most, and the oldest make room (SE-10)", async () => {
    const [ada, eve] = [await person({}), await person({})];
    const tokens: string[] = [];
    const others = await issue(eve);
    for (let time = 0; time < 53; time++) {
      world.clock.advance(1);
      const issued = await issue(ada);
      assert.ok(issued.ok);
      tokens.push(issued.sessionToken);
    }
    const living = await Promise.all(tokens.map(alive));
    assert.deepEqual(living, [...Array(3).fill(false), ...Array(50).fill(true)]);
    assert.ok(others.ok && (await alive(others.sessionToken)), "another person's are not counted");
  });

  test("the session that was just made stays, even if a clock lags or stands still (SE-10, RP-06)", async () => {
    for (const lag of [0, 45 * SECOND]) {
      const ada = await person({});
      for (let time = 0; time < 50; time++) await issue(ada);
      world.clock.advance(-lag);
      for (let time = 0; time < 5; time++) {
        const issued = await issue(ada);
        assert.ok(issued.ok && (await alive(issued.sessionToken)), `with a lag of ${lag} ms`);
      }
      world.clock.advance(lag);
    }
  });

  test("the half sign-in that was just made stays, however many there are (LS-03, RP-06)", async () => {
    const ada = await person();
    for (let time = 0; time < 10; time++) {
      await submit(world.browser(), "/sign-in", { login: ada.login, password: PASSWORD });
    }
    world.clock.advance(-SECOND);
    const browser = world.browser();
    await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD });
    assert.equal((await browser.send("/sign-in/code")).status, 200);
    world.clock.advance(SECOND);
  });

  test("the token counts in its cookie alone: not in the address, a form or another header (SE-11)", async () => {
    const ada = await person({});
    const token = tokenOf(await signedIn(ada));
    const attempts: [string, RequestInit][] = [
      [`/api/v1/session?session=${token}`, {}],
      [`/api/v1/session?${COOKIE.session}=${token}`, {}],
      [`/api/v1/session;${COOKIE.session}=${token}`, {}],
      ["/api/v1/session", { headers: { authorization: `Bearer ${token}` } }],
      ["/api/v1/session", { headers: { authorization: `Basic ${btoa(token.replace(".", ":"))}` } }],
      ["/api/v1/session", { headers: { [COOKIE.session]: token } }],
      ["/api/v1/session", { headers: { "x-session": token, "x-auth-token": token, "x-session-token": token } }],
      ["/api/v1/session", { headers: { cookie2: `${COOKIE.session}=${token}` } }],
      ["/api/v1/session", { headers: { cookie: `session=${token}` } }],
      ["/api/v1/session", { headers: { cookie: token } }],
    ];
    for (const [path, init] of attempts) {
      const response = await world.browser().send(path, init);
      assert.ok(response.status === 401 || response.status === 404, `${path} ${JSON.stringify(init)}`);
    }
    const fields = { session: token, [COOKIE.session]: token, name: "X", language: "en", time_zone: "UTC" };
    assert.equal((await submit(world.browser(), "/warnings/read", fields)).headers.get("location"), "/sign-in");
  });

  test("no page shows a token, and no identifier on a page is one (SE-07, SE-11)", async () => {
    const ada = await person({ role: "administrator", twoFactor: true });
    const browser = await signedIn(ada);
    const secrets = [...browser.cookies.values()]
      .flatMap((value) => value.split("~"))
      .map((token) => token.split(".")[1]);
    for (const path of [
      "/",
      ...(dialect === "host" ? [] : ["/account"]),
      "/account/security",
      "/users",
      `/users/${ada.id}`,
      "/events",
      "/api/v1/session",
    ]) {
      const { status, text } = await browser.get(path);
      assert.equal(status, 200, path);
      for (const secret of secrets) if (secret) assert.ok(!text.includes(secret), path);
    }
  });
});
