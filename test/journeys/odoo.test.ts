// What the tests of another system show of its two-factor authentication, done here. The number in each name is that
// system's scenario. Where this product decided otherwise, the test says so and why. Scenarios 20 to 25 are about
// passkeys, which this product does not have.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { codeFor } from "../../src/testing/auth.ts";
import type { Browser } from "../../src/testing/browser.ts";
import { type Arena, COOKIE, createArena, submit, whoIs, wrongCode } from "../support/attacker.ts";
import { takeMails } from "../support/outbox.ts";
import { setRules } from "../support/policies.ts";
import { openTables } from "../support/tables.ts";
import { enrol, type Member, onBothDatabases, PASSWORD, recoveryCodesOn, secretOn } from "../support/world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ENROLMENT = "/account/security/enrolment";

onBothDatabases("the scenarios of another system", (dialect) => {
  let world: Arena & AsyncDisposable;
  let people = 0;
  before(async () => {
    world = await createArena(dialect);
  });
  after(() => world[Symbol.asyncDispose]());

  const person = (options?: Parameters<Arena["person"]>[1]) => world.person(`ada${++people}`, options);
  const signedIn = async (member: Member, browser = world.browser()) => {
    await world.signIn(browser, member);
    assert.equal(await whoIs(browser), member.login);
    return browser;
  };
  const sure = (member: Member) => ({ current_password: PASSWORD, current_code: world.freshCode(member) });
  const byPassword = (member: Member, browser: Browser = world.browser()) =>
    browser.post("/sign-in", { login: member.login, password: PASSWORD });
  const eventsOf = async (member: Member) => {
    await using db = await openTables(world);
    const rows = await db.selectFrom("events").select("kind").where("user_id", "=", member.id).orderBy("id").execute();
    return rows.map(({ kind }) => kind);
  };
  /** Makes a key, whose page may ask for a code besides the password. */
  const makeKey = async (browser: Browser, proof: Record<string, string>, days = "1") => {
    const [, form_number = ""] =
      /name="form_number" value="([^"]+)"/.exec((await browser.get("/account/api-keys")).text) ?? [];
    const page = await browser.post("/account/api-keys", {
      ...{ name: "report", scope_profile_read: "on", days, form_number },
      ...proof,
    });
    return /cs_[a-z2-7]{40}/.exec(page.words)?.[0] ?? "";
  };
  const withKey = async (key: string) => {
    const answer = await world.browser().send("/api/v1/me", { headers: { authorization: `Bearer ${key}` } });
    return answer.status;
  };

  test("1: a person turns it on with the password and the code of a secret that they read", async () => {
    const ada = await person();
    const browser = await signedIn(ada);
    assert.match((await browser.get("/account/security")).words, /Enable two-factor authentication/);
    const page = await browser.post(ENROLMENT, { current_password: PASSWORD });
    assert.match(page.words, /Show the code/, "for those who cannot scan it");
    ada.secret = secretOn(page);
    const done = await browser.post(`${ENROLMENT}/confirm`, { code: codeFor(ada.secret, world.clock.now()) });
    assert.match(done.words, /Your account is protected/);
    assert.match((await browser.get("/account/security")).words, /Turn off two-factor authentication|Disable/);
  });

  // Other: a password is worth nothing to a program here, before and after, so there is nothing to shut and to open again.
  test("2 and 6: the password opens nothing to programs, with two-factor authentication on or off", async () => {
    for (const member of [await person({ twoFactor: true }), await person()]) {
      const basic = Buffer.from(`${member.login}:${PASSWORD}`).toString("base64");
      for (const path of ["/api/v1/me", "/api/v1/introspect", "/account", "/"]) {
        const answer = await world.browser().send(path, { headers: { authorization: `Basic ${basic}` } });
        assert.ok([303, 401, 404, 405].includes(answer.status), `${path}: ${answer.status}`);
        assert.equal(answer.headers.getSetCookie().filter((line) => line.includes("session=")).length, 0);
      }
    }
  });

  // Other: one text for every refused code at the second step, because a stranger with the password reads it, too.
  test("3: a wrong code and the code of the enrolment are refused, the next one lets in", async () => {
    const ada = await person();
    await enrol(world, ada);
    const used = codeFor(ada.secret ?? "", world.clock.now());
    const browser = world.browser();
    assert.equal((await byPassword(ada, browser)).path, "/sign-in/code");
    const wrong = await browser.post("/sign-in/code", { code: wrongCode(ada, world.clock.now()) });
    assert.equal(wrong.path, "/sign-in/code");
    assert.match(wrong.words, /That code is not right/);
    const reused = await browser.post("/sign-in/code", { code: used });
    assert.match(reused.words, /That code is not right/);
    assert.equal((await eventsOf(ada)).filter((kind) => kind === "sign_in.code_reused").length, 1);
    assert.equal((await browser.post("/sign-in/code", { code: world.freshCode(ada) })).path, "/");
  });

  // Other: turning it off takes a code besides the password, also in a trusted browser.
  test("4: a remembered browser is not asked again, and forgets with two-factor authentication", async () => {
    const ada = await person({ twoFactor: true });
    const browser = world.browser();
    await byPassword(ada, browser);
    await browser.post("/sign-in/code", { code: world.freshCode(ada), trust: "on" });
    await browser.post("/sign-out");
    assert.equal((await byPassword(ada, browser)).path, "/");
    const half = await browser.post("/account/security/disable", { current_password: PASSWORD });
    assert.match(half.words, /Enter your code|code/i);
    assert.equal(half.status, 422);
    const off = await browser.post("/account/security/disable", sure(ada));
    assert.match(off.words, /Two-factor authentication is off/);
    assert.match(off.words, /Enable two-factor authentication/);
    await using db = await openTables(world);
    assert.deepEqual(await db.selectFrom("trusted_browsers").where("user_id", "=", ada.id).selectAll().execute(), []);
  });

  test("5: without it, the password leads in directly", async () => {
    assert.equal((await byPassword(await person())).path, "/");
  });

  test("7: an administrator turns it off for somebody, with their own password, and a code", async () => {
    const root = await person({ role: "administrator", twoFactor: true });
    const ada = await person({ twoFactor: true });
    const browser = await signedIn(root);
    const reset = `/users/${ada.id}/reset-two-factor`;
    assert.match((await browser.post(reset, { reason: "lost phone" })).words, /Confirm that it is you/);
    const done = await browser.post(reset, { reason: "lost phone", ...sure(root) });
    assert.doesNotMatch(done.words, /Enable two-factor authentication/, "nor could it be turned on for somebody");
    assert.equal((await byPassword(ada)).path, "/");
  });

  test("8: half a sign-in is nobody to a program", async () => {
    const ada = await person({ twoFactor: true });
    const browser = world.browser();
    await byPassword(ada, browser);
    const answer = await browser.send("/api/v1/session");
    assert.equal(answer.status, 401);
    assert.ok(!(await answer.text()).includes(ada.login));
  });

  test("9: the list of people filters by it, and each is in one of the two lists", async () => {
    const root = await person({ role: "administrator", twoFactor: true });
    const [on, off] = [await person({ twoFactor: true }), await person()];
    const browser = await signedIn(root);
    const listed = async (filter: string, member: Member) =>
      (await browser.get(`/users?${new URLSearchParams({ search: member.login, state: filter })}`)).text.includes(
        `/users/${member.id}"`,
      );
    assert.deepEqual([await listed("two-factor", on), await listed("two-factor", off)], [true, false]);
    assert.deepEqual([await listed("no-second-factor", on), await listed("no-second-factor", off)], [false, true]);
    assert.deepEqual([await listed("", on), await listed("", off)], [true, true]);
  });

  // Other: to revoke a key takes no password. It takes power away, and must be quick when a key has leaked.
  test("10: a key is made with the password, shown once, works, and is gone when it is revoked", async () => {
    const ada = await person();
    const browser = await signedIn(ada);
    assert.equal(await makeKey(browser, {}), "", "not without the password");
    const key = await makeKey(browser, { current_password: PASSWORD });
    const list = await browser.get("/account/api-keys");
    assert.ok(!list.text.includes(key) && list.words.includes(key.slice(-4)));
    assert.equal(await withKey(key), 200);
    const [, id = ""] = /name="key" value="([\w-]+)"/.exec(list.text) ?? [];
    const left = await browser.post("/account/api-keys/revoke", { key: id });
    assert.doesNotMatch(left.text, /name="key"/);
    assert.equal(await withKey(key), 401);
  });

  test("11 and 12: a key works on when two-factor authentication is turned on or required; a password does not", async () => {
    const [ada, eve] = [await person(), await person()];
    const keys = [];
    for (const member of [ada, eve]) keys.push(await makeKey(await signedIn(member), { current_password: PASSWORD }));
    await enrol(world, ada);
    await using own = await createArena(dialect);
    const bob = await own.person("bob");
    const bobs = own.browser();
    await own.signIn(bobs, bob);
    const page = await bobs.post("/account/api-keys", {
      ...{
        name: "report",
        scope_profile_read: "on",
        days: "1",
        form_number: "A".repeat(16),
        current_password: PASSWORD,
      },
    });
    const [key = ""] = /cs_[a-z2-7]{40}/.exec(page.words) ?? [];
    await setRules(own, { requirement: "required" });
    assert.equal(await whoIs(bobs), undefined, "the session that a password opened");
    const answer = await own.browser().send("/api/v1/me", { headers: { authorization: `Bearer ${key}` } });
    assert.equal(answer.status, 200);
    for (const each of keys) assert.equal(await withKey(each), 200);
  });

  test("13: an administrator invites others to use it, and not themselves", async () => {
    const [root, ada] = [await person({ role: "administrator", twoFactor: true }), await person()];
    const browser = await signedIn(root);
    const invitation = (member: Member) => `/users/${member.id}/two-factor-invitation`;
    assert.ok((await browser.get(`/users/${ada.id}`)).text.includes(`action="${invitation(ada)}"`));
    assert.ok(!(await browser.get(`/users/${root.id}`)).text.includes("two-factor-invitation"));
    await browser.post(invitation(ada), sure(root));
    assert.equal((await takeMails(world)).filter(({ recipient }) => recipient.id === ada.id).length, 1);
    assert.equal((await browser.post(invitation(root))).status, 422, "nor by hand");
  });

  test("14: turning it on and off is told by one mail each", async () => {
    const ada = await person();
    const browser = world.browser();
    await enrol(world, ada, browser);
    const told = async () => (await takeMails(world)).filter(({ recipient }) => recipient.id === ada.id);
    const on = (await told()).filter(({ kind }) => kind.startsWith("two_factor"));
    assert.deepEqual(
      on.map(({ kind, to }) => [kind, to]),
      [["two_factor_enabled", `${ada.login}@example.org`]],
    );
    await browser.post("/account/security/disable", sure(ada));
    const off = (await told()).filter(({ kind }) => kind.startsWith("two_factor"));
    assert.deepEqual(
      off.map(({ kind }) => kind),
      ["two_factor_disabled"],
    );
  });

  // Other: a browser that becomes trusted is told as well, because that is what a thief would do first.
  test("15: trust in a browser is told when it is given and when it is taken", async () => {
    const ada = await person({ twoFactor: true });
    const browser = world.browser();
    await byPassword(ada, browser);
    await browser.post("/sign-in/code", { code: world.freshCode(ada), trust: "on" });
    const kinds = async () =>
      (await takeMails(world)).filter(({ recipient }) => recipient.id === ada.id).map(({ kind }) => kind);
    assert.ok((await kinds()).includes("browser_trusted"));
    await browser.post("/account/security/trusted-browsers/end-all", sure(ada));
    assert.deepEqual(await kinds(), ["browser_untrusted"]);
  });

  // Other: nobody signs up by themselves here; people are invited.
  test("16: an invitation is accepted where two-factor authentication is required, and leads to its set-up", async () => {
    await using own = await createArena(dialect);
    await setRules(own, { requirement: "required" });
    const profile = { login: "bob", name: "Bob", email: "bob@example.org", role: "person" } as const;
    const operator = { address: "-", userAgent: "", requestId: "test" };
    const invited = await own.auth.people.invite({
      client: operator,
      authority: own.auth.operatorAuthority(),
      ...profile,
    });
    assert.ok(invited.ok);
    const browser = own.browser();
    const accepted = await browser.post("/invitation", { ticket: invited.ticket, new_password: PASSWORD });
    assert.equal(accepted.status, 200);
    const member: Member = { id: invited.id, login: "bob", secret: undefined };
    assert.match((await own.signIn(browser, member)).words, /Protect your account with a code from your phone/);
    await enrol(own, member, browser);
    assert.equal((await browser.get("/account")).path, "/account");
  });

  test("17 to 19: all of it is the same for whoever is no administrator, from My profile", async () => {
    const ada = await person();
    const browser = await signedIn(ada);
    assert.match((await browser.get("/account")).text, /href="\/account\/security"/);
    await enrol(world, ada, browser);
    const again = world.browser();
    assert.equal((await byPassword(ada, again)).path, "/sign-in/code");
    await again.post("/sign-in/code", { code: world.freshCode(ada) });
    await again.post("/account/security/disable", sure(ada));
    assert.match((await again.get("/account/security")).words, /Enable two-factor authentication/);
    assert.equal((await byPassword(ada)).path, "/");
  });

  test("26: what a confirmation asks for follows from what the account has", async () => {
    const fields = async (member: Member) => {
      const page = await (await signedIn(member)).post("/account/email", { email: `${member.login}@example.com` });
      return [...page.text.matchAll(/name="(current_\w+)"/g)].map(([, name]) => name);
    };
    assert.deepEqual(await fields(await person()), ["current_password"]);
    assert.deepEqual(await fields(await person({ twoFactor: true })), ["current_password", "current_code"]);
  });

  test("27: of the limits of several groups the shortest holds", async () => {
    await using own = await createArena(dialect);
    const bob = await own.person("bob");
    await using db = await openTables(own);
    for (const id of ["one", "two"]) {
      await db.insertInto("groups").values({ id, name: id, name_key: id, created_at: 0 }).execute();
      await db.insertInto("group_members").values({ group_id: id, user_id: bob.id }).execute();
    }
    const hours = async (...rules: { scope: string; session_hours: number }[]) => {
      await setRules(own, ...rules);
      const browser = own.browser();
      await own.signIn(browser, bob);
      const { expiresAt } = (await (await browser.send("/api/v1/session")).json()) as { expiresAt: number };
      return (expiresAt - own.clock.now()) / HOUR;
    };
    const everyone = { scope: "everyone", session_hours: 12 };
    assert.equal(await hours(everyone), 12);
    assert.equal(await hours(everyone, { scope: "group:one", session_hours: 8 }), 8);
    assert.equal(await hours({ scope: "group:one", session_hours: 8 }, { scope: "group:two", session_hours: 3 }), 3);
    assert.equal(await hours({ scope: "everyone", session_hours: 2 }, { scope: "group:two", session_hours: 3 }), 2);
  });

  // Other: who is idle for an hour signs in anew, with all that the account has, rather than by a lock over the page.
  test("28 and 32: whoever is idle, or signed in for a day, signs in again and comes back to the page", async () => {
    const ada = await person({ twoFactor: true });
    const idle = await signedIn(ada);
    world.clock.advance(HOUR - 1);
    assert.equal((await idle.get("/account")).path, "/account");
    world.clock.advance(HOUR + MINUTE);
    const page = await idle.get("/account/api-keys");
    assert.equal(page.path, "/sign-in?next=%2Faccount%2Fapi-keys");
    assert.equal(await whoIs(idle), undefined);
    await idle.post("/sign-in", { login: ada.login, password: PASSWORD, next: "/account/api-keys" });
    assert.equal((await idle.post("/sign-in/code", { code: world.freshCode(ada) })).path, "/account/api-keys");
    for (let minutes = 0; minutes < 24 * 60; minutes += 50) {
      assert.equal(await whoIs(idle), ada.login, `after ${minutes} minutes`);
      world.clock.advance(50 * MINUTE);
    }
    assert.equal(await whoIs(idle), undefined);
  });

  test("29: each factor that the account has confirms, and none of another kind", async () => {
    const ada = await person();
    const browser = world.browser();
    const [recovery = ""] = recoveryCodesOn(await enrol(world, ada, browser));
    const asksAgain = async (current_code: string) => {
      world.clock.advance(11 * MINUTE);
      const fields = { email: `${ada.login}@example.com`, current_password: PASSWORD, current_code };
      return /Confirm that it is you/.test((await browser.post("/account/email", fields)).words);
    };
    assert.equal(await asksAgain(""), true);
    assert.equal(await asksAgain(recovery), false);
    assert.equal(await asksAgain(recovery), true, "a recovery code confirms once");
    world.clock.advance(11 * MINUTE);
    const done = await browser.post("/account/email", { email: `${ada.login}@example.net`, ...sure(ada) });
    assert.match(done.words, /Your email address is changed/);
  });

  // Other: there is no time in which a password alone confirms where an app is on; sensitive acts ask for both.
  test("30: the password alone never confirms, however short the time since", async () => {
    const ada = await person({ twoFactor: true });
    const browser = await signedIn(ada);
    for (const minutes of [0, 15, 16, 30]) {
      world.clock.advance(minutes * MINUTE);
      const page = await browser.post("/account/email", { email: "new@example.org", current_password: PASSWORD });
      assert.match(page.words, /Confirm that it is you/, `after ${minutes} minutes`);
    }
    const done = await browser.post("/account/email", { email: `${ada.login}@example.net`, ...sure(ada) });
    assert.match(done.words, /Your email address is changed/);
  });

  test("31: a browser is trusted for as long as the policy says, and not a millisecond more", async () => {
    await using own = await createArena(dialect);
    await setRules(own, { trust_days: 1 });
    const bob = await own.person("bob", { twoFactor: true });
    const browser = own.browser();
    await submit(browser, "/sign-in", { login: "bob", password: PASSWORD });
    await submit(browser, "/sign-in/code", { code: own.freshCode(bob), trust: "on" });
    await using db = await openTables(own);
    const row = await db.selectFrom("trusted_browsers").selectAll().executeTakeFirstOrThrow();
    assert.equal(row.expires_at - row.created_at, 24 * HOUR);
    const path = async () => {
      browser.cookies.delete(COOKIE.session);
      return (await browser.post("/sign-in", { login: "bob", password: PASSWORD })).path;
    };
    own.clock.advance(24 * HOUR - 1);
    assert.equal(await path(), "/");
    own.clock.advance(1);
    assert.equal(await path(), "/sign-in/code");
  });
});
