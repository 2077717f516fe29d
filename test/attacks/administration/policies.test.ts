// The attack: somebody who owes a second factor has a password that may be stolen, and wants to go on without one. They
// ask for every page by hand, send every form, come with the session that they had before the rule, ask for the API,
// or wait for the rule to forget them. What the policy says must hold on every method, at the next request.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Browser } from "../../../src/testing/browser.ts";
import { ROUTES } from "../../../src/web/app.ts";
import { COOKIE, createArena, submit } from "../../support/attacker.ts";
import { takeMails } from "../../support/outbox.ts";
import { setRules } from "../../support/policies.ts";
import { openTables, readTables } from "../../support/tables.ts";
import {
  enrol,
  type Member,
  OPERATOR,
  onBothDatabases,
  PASSWORD,
  recoveryCodesOn,
  type World,
} from "../../support/world.ts";

const DAY = 86_400_000;
const REQUIRED = "/account/security/required";
const FORM = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" };

async function contents(world: World) {
  await using db = await openTables(world);
  const tables = await readTables(db);
  for (const row of tables.sessions ?? []) delete row.last_seen_at;
  return tables;
}

/** Where the start page leads now. */
const start = async (browser: Browser) => (await browser.get("/")).path;

onBothDatabases("a second factor that is owed", (dialect) => {
  test("leaves nothing but enrolment and signing out, whatever is asked for (AD-04, T-18, T-20)", async () => {
    await using world = await createArena(dialect);
    const root = await world.person("root", { role: "administrator" });
    const other = await world.person("other", { twoFactor: true });
    await setRules(world, { requirement: "required" });
    const browser = world.browser();
    const page = await world.signIn(browser, root);
    assert.equal(page.path.split("?")[0], REQUIRED);
    const before = await contents(world);
    let tried = 0;
    for (const route of ROUTES) {
      if (route.who === "anybody" || route.who === "enrolling") continue;
      const path = route.path.replace(":id", other.id);
      const body =
        route.method === "POST" ? { body: new URLSearchParams({ current_password: PASSWORD }).toString() } : {};
      const answer = await browser.send(path, { method: route.method, headers: FORM, ...body });
      if (route.who === "program") assert.equal(answer.status, 401, path);
      else
        assert.deepEqual([answer.status, answer.headers.get("location")], [303, REQUIRED], `${route.method} ${path}`);
      tried++;
    }
    assert.ok(tried > 30, `${tried} routes`);
    assert.deepEqual(await contents(world), before, "and nothing was done");
    const home = await browser.get("/");
    assert.doesNotMatch(home.text, /href="\/(users|events|account)"/, "nor do its pages lead elsewhere");
    assert.equal((await browser.post("/sign-out")).path, "/sign-in");
  });

  test("is owed by one person alone, from the day on that an administrator says, and is not put off (AD-04)", async () => {
    await using world = await createArena(dialect);
    const { people } = world.auth;
    const operator = world.auth.operatorAuthority();
    const [ada, bob] = [await world.person("ada"), await world.person("bob")];
    const [adas, bobs] = [world.browser(), world.browser()];
    await world.signIn(adas, ada);
    await world.signIn(bobs, bob);
    const from = world.clock.now() + 600_000;
    const require = (time: number) =>
      people.act({ client: OPERATOR, authority: operator, act: "require-two-factor", id: ada.id, from: time });
    assert.deepEqual(await require(from), { ok: true });
    assert.match((await adas.get("/")).words, /your account needs two-factor authentication/);
    assert.deepEqual(await require(from + DAY), { ok: false, reason: "already_required" });
    assert.equal((await adas.get("/account")).path, "/account");
    world.clock.advance(600_000);
    assert.equal(await start(adas), REQUIRED);
    assert.equal(await start(bobs), "/");
    assert.deepEqual(await people.act({ client: OPERATOR, authority: operator, act: "stop-requiring", id: ada.id }), {
      ok: true,
    });
    assert.equal(await start(adas), "/");
    const refused = await people.act({ client: OPERATOR, authority: operator, act: "stop-requiring", id: ada.id });
    assert.deepEqual(refused, { ok: false, reason: "not_required" });
    const kinds = (await takeMails(world)).map(({ kind, to }) => [kind, to]);
    assert.deepEqual(kinds, [["second_factor_asked", "ada@example.org"]]);
  });

  test("is no owner of enrolment routes besides the list that is written here (AD-04)", () => {
    const reached = ROUTES.filter(({ who }) => who === "enrolling").map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(reached.sort(), [
      "GET /account/security/enrolment",
      `GET ${REQUIRED}`,
      "POST /account/security/enrolment",
      "POST /account/security/enrolment/cancel",
      "POST /account/security/enrolment/confirm",
      "POST /sign-out",
    ]);
  });

  test("catches a session from before the rule at its next request, and lets it go with the rule (AD-04)", async () => {
    await using world = await createArena(dialect);
    const ada = await world.person("ada");
    const browser = world.browser();
    await world.signIn(browser, ada);
    assert.equal(await start(browser), "/");
    await setRules(world, { requirement: "required" });
    assert.equal(await start(browser), REQUIRED);
    await setRules(world, { scope: "role:administrator", requirement: "required" });
    assert.equal(await start(browser), "/", "a rule for others is none");
  });

  test("is paid by setting up an app, with the password of this sign-in, and then everything is open (AD-04)", async () => {
    await using world = await createArena(dialect);
    const ada = await world.person("ada");
    await setRules(world, { requirement: "required" });
    const browser = world.browser();
    await enrol(world, ada, browser);
    assert.equal(await start(browser), "/");
    assert.equal((await browser.get(REQUIRED)).path, "/account/security");
  });

  test("asks the password again for an app, when the sign-in was more than ten minutes ago (ST-01)", async () => {
    await using world = await createArena(dialect);
    const ada = await world.person("ada");
    await setRules(world, { requirement: "required" });
    const browser = world.browser();
    await world.signIn(browser, ada);
    world.clock.advance(601_000);
    assert.match((await browser.post("/account/security/enrolment")).words, /Confirm that it is you/);
  });

  test("counts the sign-ins that a rule leaves, not the pages, and in any browser (AD-04)", async () => {
    await using world = await createArena(dialect);
    const ada = await world.person("ada");
    await setRules(world, { requirement: "required", skips: 2 });
    const [one, two, three] = [world.browser(), world.browser(), world.browser()];
    assert.match((await world.signIn(one, ada)).words, /One sign-in without it is left/);
    assert.equal(await start(one), "/");
    assert.match((await world.signIn(two, ada)).words, /No sign-in without it is left/);
    assert.equal(await start(two), "/");
    await world.signIn(three, ada);
    assert.equal(await start(three), REQUIRED);
    assert.equal(await start(one), REQUIRED, "earlier sign-ins do not outlast it");
  });

  test("does not lock out the administrators who made the rule (AD-03, AD-04)", async () => {
    await using world = await createArena(dialect);
    const root = await world.person("root", { role: "administrator" });
    await setRules(world, { scope: "role:administrator", requirement: "required" });
    const browser = world.browser();
    await enrol(world, root, browser);
    const saved = await browser.post("/policy", {
      scope: "role:administrator",
      grace_days: "9",
      requirement: "required",
    });
    assert.match(saved.words, /The policy is saved/, "with the password and the code of ten minutes at most");
  });

  test("counts every one of many sign-ins at once (AD-04)", async () => {
    await using world = await createArena(dialect);
    const ada = await world.person("ada");
    await setRules(world, { requirement: "required", skips: 2 });
    const pages = await Promise.all(Array.from({ length: 6 }, () => world.signIn(world.browser(), ada)));
    const stopped = pages.filter(({ words }) => !/without it (is|are) left/.test(words));
    assert.ok(stopped.length >= 4);
    await using db = await openTables(world);
    assert.deepEqual((await db.selectFrom("askings").select("sign_ins").execute()).map(Object.values), [[6]]);
  });

  test("is not put off by a later rule, or a group that leaves more time (AD-04)", async () => {
    await using world = await createArena(dialect);
    const authority = world.auth.operatorAuthority();
    const ada = await world.person("ada");
    await setRules(world, { requirement: "required", skips: 0, grace_days: 9 });
    const browser = world.browser();
    await world.signIn(browser, ada);
    await world.signIn(browser, ada);
    assert.equal(await start(browser), REQUIRED);
    world.clock.advance(1000);
    const group = await world.auth.groups.create(OPERATOR, authority, "Sales");
    assert.ok(group.ok);
    assert.ok((await world.auth.groups.addMember(OPERATOR, authority, { id: group.id, person: ada })).ok);
    const empty = await world.auth.policy.find({ reader: authority, scope: `group:${group.id}` });
    assert.ok(empty);
    const later = { ...empty, requirement: "required", graceDays: 300, skips: 100 } as const;
    assert.deepEqual(await world.auth.policy.save({ client: OPERATOR, authority, rule: later }), { ok: true });
    assert.equal(await start(browser), REQUIRED);
    await world.signIn(browser, ada);
    assert.equal(await start(browser), REQUIRED);
  });

  test("falls due so many days after the first sign-in under the rule, to the millisecond (AD-04)", async () => {
    await using world = await createArena(dialect);
    const ada = await world.person("ada");
    await setRules(world, { requirement: "required", grace_days: 1, required_since: world.clock.now() });
    world.clock.advance(40 * DAY);
    const browser = world.browser();
    await world.signIn(browser, ada);
    const since = world.clock.now();
    world.clock.advance(DAY - 1);
    const again = world.browser();
    await world.signIn(again, ada);
    assert.equal(await start(again), "/");
    world.clock.advance(1);
    assert.equal(world.clock.now() - since, DAY);
    assert.equal(await start(again), REQUIRED);
  });

  test("comes back when an administrator resets the factor (AD-03, AD-04)", async () => {
    await using world = await createArena(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    await setRules(world, { requirement: "required" });
    const browser = world.browser();
    await world.signIn(browser, ada);
    assert.equal(await start(browser), "/");
    const { auth } = world;
    const operator = { address: "-", userAgent: "", requestId: "test" };
    const reset = { id: ada.id, act: "reset-two-factor", reason: "lost the phone" } as const;
    assert.ok((await auth.people.act({ client: operator, authority: auth.operatorAuthority(), ...reset })).ok);
    await world.signIn(browser, { ...ada, secret: undefined });
    assert.equal(await start(browser), REQUIRED);
  });

  test("does not let an embedding application take such a session for one (AD-04)", async () => {
    await using world = await createArena(dialect);
    const ada = await world.person("ada");
    await setRules(world, { requirement: "required" });
    const browser = world.browser();
    await world.signIn(browser, ada);
    const token = browser.cookies.get(COOKIE.session);
    assert.equal(await world.auth.session.find({ token }), undefined);
    assert.equal((await world.auth.sessions.findLiving(token))?.mayOnlyEnrol, true);
  });
});

onBothDatabases("a policy", (dialect) => {
  test("of a group holds for its members alone (AD-04)", async () => {
    await using world = await createArena(dialect);
    const [ada, eve] = [await world.person("ada"), await world.person("eve")];
    await using db = await openTables(world);
    await db.insertInto("groups").values({ id: "staff", name: "Staff", name_key: "staff", created_at: 0 }).execute();
    await db.insertInto("group_members").values({ group_id: "staff", user_id: ada.id }).execute();
    await setRules(world, { scope: "group:staff", requirement: "required" });
    const [mine, hers] = [world.browser(), world.browser()];
    await world.signIn(mine, ada);
    await world.signIn(hers, eve);
    assert.deepEqual([await start(mine), await start(hers)], [REQUIRED, "/"]);
  });

  test("that does not count recovery codes takes none, to sign in or to confirm (AD-04)", async () => {
    await using world = await createArena(dialect);
    const ada = await world.person("ada");
    const browser = world.browser();
    const [first = "", second = ""] = recoveryCodesOn(await enrol(world, ada, browser));
    await setRules(world, { factors: "authenticator" });
    const thief = world.browser();
    const step = await thief.post("/sign-in", { login: ada.login, password: PASSWORD });
    assert.doesNotMatch(step.text, /recovery-code/, "nor is one asked for");
    assert.doesNotMatch((await browser.get("/account/security")).text, /recovery-codes/);
    assert.match((await thief.post("/sign-in/recovery-code", { recovery_code: first })).words, /not right/);
    world.clock.advance(601_000);
    const confirm = { current_password: PASSWORD, current_code: second, email: "new@example.org" };
    assert.match((await browser.post("/account/email", confirm)).words, /not right/);
    await setRules(world);
    await submit(thief, "/sign-in", { login: ada.login, password: PASSWORD });
    assert.equal(
      (await thief.post("/sign-in/recovery-code", { recovery_code: first })).path,
      "/account/security/recovered",
    );
  });

  test("that trusts no browser ends the trust there is, at the next sign-in (TD-06)", async () => {
    await using world = await createArena(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    const browser = world.browser();
    await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD });
    await submit(browser, "/sign-in/code", { code: world.freshCode(ada), trust: "on" });
    const byPassword = async () => {
      browser.cookies.delete(COOKIE.session);
      return (await browser.post("/sign-in", { login: ada.login, password: PASSWORD })).path;
    };
    assert.equal(await byPassword(), "/");
    await setRules(world, { trust_days: 9 });
    const other = world.browser();
    const step = await other.post("/sign-in", { login: ada.login, password: PASSWORD });
    assert.match(step.words, /For 9 days/);
    await setRules(world, { trust_days: 0 });
    assert.equal(await byPassword(), "/sign-in/code");
    assert.doesNotMatch((await browser.get("/sign-in/code")).text, /name="trust"/);
  });

  test("ends trust for good: no looser rule, and no way out of a group, revives it (TD-04)", async () => {
    await using world = await createArena(dialect);
    const { auth } = world;
    const authority = auth.operatorAuthority();
    const [ada, bob] = [await world.person("ada", { twoFactor: true }), await world.person("bob", { twoFactor: true })];
    const trusting = async (person: Member) => {
      const browser = world.browser();
      await submit(browser, "/sign-in", { login: person.login, password: PASSWORD });
      await submit(browser, "/sign-in/code", { code: world.freshCode(person), trust: "on" });
      return async () => {
        browser.cookies.delete(COOKIE.session);
        return (await browser.post("/sign-in", { login: person.login, password: PASSWORD })).path;
      };
    };
    const save = async (scope: string, trust_days: number | null) => {
      const empty = await auth.policy.find({ reader: authority, scope });
      assert.ok(empty);
      assert.deepEqual(await auth.policy.save({ client: OPERATOR, authority, rule: { ...empty, trust_days } }), {
        ok: true,
      });
    };
    const [adas, bobs] = [await trusting(ada), await trusting(bob)];
    const group = await auth.groups.create(OPERATOR, authority, "Sales");
    assert.ok(group.ok);
    await save(`group:${group.id}`, 0);
    await auth.groups.addMember(OPERATOR, authority, { id: group.id, person: ada });
    await auth.groups.removeMember(OPERATOR, authority, { id: group.id, userId: ada.id });
    assert.deepEqual([await adas(), await bobs()], ["/sign-in/code", "/"]);
    await save("everyone", 0);
    await save("everyone", null);
    assert.equal(await bobs(), "/sign-in/code");
    // Time ends it as well, and nobody had to come by for that.
    await save(`group:${group.id}`, 3);
    await auth.groups.addMember(OPERATOR, authority, { id: group.id, person: ada });
    const adasNext = await trusting(ada);
    await save("role:person", 3);
    const bobsNext = await trusting(bob);
    world.clock.advance(3 * DAY);
    await auth.groups.removeMember(OPERATOR, authority, { id: group.id, userId: ada.id });
    await save("role:person", null);
    assert.deepEqual([await adasNext(), await bobsNext()], ["/sign-in/code", "/sign-in/code"]);
  });

  test("for sessions ends them after its hours, in the database and in the browser (SE-03)", async () => {
    await using world = await createArena(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    await setRules(world, { session_hours: 1 });
    const browser = world.browser();
    await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD });
    const body = new URLSearchParams({ code: world.freshCode(ada) }).toString();
    const answer = await browser.send("/sign-in/code", { method: "POST", headers: FORM, body });
    assert.match(answer.headers.getSetCookie().join("\n"), /countersign-session=[^;]+;.*Max-Age=3600(;|\n|$)/);
    world.clock.advance(1_800_000);
    assert.equal(await start(browser), "/");
    world.clock.advance(1_799_999);
    assert.equal(await start(browser), "/");
    world.clock.advance(1);
    assert.equal((await browser.get("/")).path, "/sign-in");
  });
});
