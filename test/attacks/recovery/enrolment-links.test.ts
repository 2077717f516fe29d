// The attack: a link that lets somebody set up a new second factor is a key to the account. It is found on a desk, read
// in a mailbox, used twice, kept for later, taken to another account; and whoever gets in by it tries everything else
// that a session can do. It must be worth nothing without the password, and lead to enrolment alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { codeFor } from "../../../src/testing/auth.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { ROUTES } from "../../../src/web/app.ts";
import { COOKIE, submit, useArena } from "../../support/attacker.ts";
import { changePassword, disable, enable, setEmail, setRole } from "../../support/keeper.ts";
import { takeMails } from "../../support/outbox.ts";
import { authorityOf } from "../../support/staff.ts";
import { openTables, readTables } from "../../support/tables.ts";
import { type Member, OPERATOR, onBothKinds, PASSWORD, recoveryCodesOn, secretOn } from "../../support/world.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const REQUIRED = "/account/security/required";
const ENROLMENT = "/account/security/enrolment";
const NEXT = "another eleven walnut boats";
const FORM = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" };

onBothKinds("an enrolment link", (dialect) => {
  const world = useArena(dialect);
  let people = 0;

  const person = () => world.person(`ada${++people}`, { twoFactor: true });
  const linkFor = async (
    { id }: Member,
    act: "show-enrolment-link" | "mail-enrolment-link" = "show-enrolment-link",
  ): Promise<string> => {
    const asked = { id, act, reason: "lost phone" };
    const made = await world.auth.people.act({ client: OPERATOR, authority: world.auth.operatorAuthority(), ...asked });
    assert.ok(made.ok);
    if (made.next === "link-shown") return made.ticket ?? "";
    const mail = (await takeMails(world)).findLast(({ kind }) => kind === "enrolment_link");
    return String(mail?.facts.ticket);
  };
  const use = async ({ login }: Member, ticket: string, browser: Browser = world.browser(), password = PASSWORD) => {
    await submit(browser, "/enrolment-link", { ticket, login, password });
    return browser;
  };
  /** Where the start page leads now. */
  const start = async (browser: Browser) => (await browser.get("/")).path;
  const works = async (member: Member, ticket: string) => (await start(await use(member, ticket))) === REQUIRED;

  test("leads to a new phone, with the password, and what was lost ends in that moment (RC-10)", async () => {
    const ada = await person();
    const owner = world.browser();
    await world.signIn(owner, ada);
    await takeMails(world);
    const ticket = await linkFor(ada);
    const browser = await use(ada, ticket);
    assert.match((await browser.get(REQUIRED)).words, /Set up your new phone/);
    const page = await browser.post(ENROLMENT);
    assert.match(page.words, /Set up two-factor authentication anew/);
    const secret = secretOn(page);
    assert.equal(await start(owner), "/", "until the new one is proved, nothing changes");
    await world.signIn(world.browser(), ada);
    const done = await browser.post(`${ENROLMENT}/confirm`, { code: codeFor(secret, world.clock.now()) });
    assert.equal(recoveryCodesOn(done).length, 10);
    assert.equal(await start(browser), "/", "the link, the password and the new app are a whole sign-in");
    assert.equal(await start(owner), "/sign-in");
    const old = world.browser();
    await world.signIn(old, ada);
    assert.notEqual(await start(old), "/", "the lost phone opens nothing");
    await world.signIn(old, { ...ada, secret });
    assert.equal(await start(old), "/");
    const kinds = (await takeMails(world)).map(({ kind }) => kind).filter((kind) => kind !== "new_browser");
    assert.deepEqual(kinds.toSorted(), ["enrolment_link_made", "rescue_entered", "two_factor_replaced"]);
  });

  test("voids the recovery codes of before, and all of several apps (RC-05, T-35)", async () => {
    const ada = await person();
    const owner = world.browser();
    await world.signIn(owner, ada);
    const proof = { current_password: PASSWORD, current_code: world.freshCode(ada) };
    const [old = ""] = recoveryCodesOn(await owner.post("/account/security/recovery-codes", proof));
    const second = secretOn(await owner.post(ENROLMENT));
    await owner.post(`${ENROLMENT}/confirm`, { code: codeFor(second, world.clock.now()) });
    const browser = await use(ada, await linkFor(ada));
    const secret = secretOn(await browser.post(ENROLMENT));
    await browser.post(`${ENROLMENT}/confirm`, { code: codeFor(secret, world.clock.now()) });
    await using db = await openTables(world);
    const left = await db.selectFrom("authenticators").select("id").where("user_id", "=", ada.id).execute();
    assert.equal(left.length, 1);
    const thief = world.browser();
    await submit(thief, "/sign-in", { login: ada.login, password: PASSWORD });
    await submit(thief, "/sign-in/recovery-code", { recovery_code: old });
    assert.equal(await start(thief), "/sign-in");
    await submit(thief, "/sign-in/code", { code: world.freshCode({ ...ada, secret: second }) });
    assert.equal(await start(thief), "/sign-in");
  });

  test("works once, also for eight at once (ML-01, RP-05, T-27)", async () => {
    const ada = await person();
    const ticket = await linkFor(ada);
    const browsers = await Promise.all(Array.from({ length: 8 }, () => use(ada, ticket)));
    const inside = [];
    for (const browser of browsers) if ((await start(browser)) === REQUIRED) inside.push(browser);
    assert.equal(inside.length, 1);
    assert.equal(await works(ada, ticket), false);
  });

  test("is for its own person, by name and password (T-14)", async () => {
    const [ada, eve] = [await person(), await person()];
    const ticket = await linkFor(ada);
    assert.equal(await works(eve, ticket), false, "somebody else's");
    const strangers = await use(ada, ticket, world.browser(), "not this one at all");
    assert.equal(await start(strangers), "/sign-in", "no password");
    const found = await world.browser().get(`/enrolment-link?ticket=${ticket}`);
    assert.doesNotMatch(found.text, new RegExp(ada.login), "nor does it say whose it is");
    assert.equal(await works(ada, ticket), true, "misses spend nothing");
  });

  test("counts wrong passwords where signing in counts them (RL-11, RL-03)", async () => {
    const ada = await person();
    const ticket = await linkFor(ada);
    const browser = world.browser();
    for (let n = 0; n < 5; n++) {
      await use(ada, ticket, browser, "wrong password for the link");
      await submit(browser, "/sign-in", { login: ada.login, password: "wrong password at the door" });
    }
    const answer = await submit(browser, "/enrolment-link", { ticket, login: ada.login, password: PASSWORD });
    assert.equal(answer.status, 429);
    world.clock.advance(MINUTE);
    assert.equal(await works(ada, ticket), true, "and they lock nobody out");
  });

  test("lives for a day, to the millisecond, and a newer one voids it (ML-01, T-39)", async () => {
    const ada = await person();
    const first = await linkFor(ada);
    const ticket = await linkFor(ada, "mail-enrolment-link");
    assert.equal(await works(ada, first), false);
    world.clock.advance(DAY - 1);
    assert.equal(await works(ada, ticket), true);
    const eve = await person();
    const late = await linkFor(eve);
    world.clock.advance(DAY);
    assert.equal(await works(eve, late), false);
  });

  test("dies with a change of password, factors, address or role, and with the account (ML-01, SE-06)", async () => {
    const { operatorAuthority } = world.auth;
    const changes: Record<string, (ada: Member) => Promise<unknown>> = {
      password: async (ada) => {
        const browser = world.browser();
        await world.signIn(browser, ada);
        const proof = { current_password: PASSWORD, current_code: world.freshCode(ada) };
        await changePassword(world, ada, { owner: browser, proof, password: NEXT });
      },
      factor: (ada) =>
        world.auth.people.act({
          client: OPERATOR,
          authority: operatorAuthority(),
          id: ada.id,
          act: "reset-two-factor",
          reason: "after all",
        }),
      address: (ada) => setEmail(world, ada, `new${ada.login}@example.org`),
      role: (ada) => setRole(world, ada, "support"),
      account: async (ada) => {
        await disable(world, ada);
        await enable(world, ada);
      },
    };
    for (const [what, make] of Object.entries(changes)) {
      const ada = await person();
      const ticket = await linkFor(ada);
      await make(ada);
      assert.equal(await works(ada, ticket), false, what);
      assert.notEqual(await start(await use(ada, ticket, undefined, NEXT)), REQUIRED, what);
    }
  });

  test("is not spent by looking, however often a scanner does (ML-02)", async () => {
    const ada = await person();
    const ticket = await linkFor(ada);
    await using db = await openTables(world);
    const before = await readTables(db);
    for (const method of ["GET", "HEAD", "GET"]) {
      assert.equal((await world.browser().send(`/enrolment-link?ticket=${ticket}`, { method })).status, 200);
    }
    assert.deepEqual(await readTables(db), before);
    assert.equal(await works(ada, ticket), true);
  });

  test("gives a session that reaches nothing but enrolment and signing out (AD-04, T-21)", async () => {
    const ada = await person();
    const browser = await use(ada, await linkFor(ada));
    await using db = await openTables(world);
    const tables = async () => {
      const all = await readTables(db);
      for (const row of all.sessions ?? []) delete row.last_seen_at;
      return all;
    };
    const before = await tables();
    for (const route of ROUTES) {
      if (route.who === "anybody" || route.who === "enrolling") continue;
      if (dialect === "host" && route.accounts === "own") continue;
      const path = route.path.replace(":id", ada.id);
      const fields = { current_password: PASSWORD, current_code: world.freshCode(ada) };
      const body = route.method === "POST" ? { body: new URLSearchParams(fields).toString() } : {};
      const answer = await browser.send(path, { method: route.method, headers: FORM, ...body });
      if (route.who === "program") assert.equal(answer.status, 401, path);
      else assert.deepEqual([answer.status, answer.headers.get("location")], [303, REQUIRED], path);
    }
    assert.deepEqual(await tables(), before);
    const token = browser.cookies.get(COOKIE.session);
    assert.equal(await world.auth.session.find({ token }), undefined, "nor is it a session for a host application");
  });

  test("never asks for the phone that is lost, but again for the password, and is over in an hour (SU-01)", async () => {
    const ada = await person();
    const browser = await use(ada, await linkFor(ada));
    world.clock.advance(10 * MINUTE);
    const asked = await browser.post(ENROLMENT);
    assert.match(asked.words, /Confirm that it is you/);
    assert.doesNotMatch(asked.text, /current_code/);
    const refused = await browser.post(ENROLMENT, { current_password: "not this one at all" });
    assert.match(refused.words, /That password is not right/);
    secretOn(await browser.post(ENROLMENT, { current_password: PASSWORD }));
    world.clock.advance(50 * MINUTE - 1);
    assert.equal(await start(browser), REQUIRED);
    world.clock.advance(1);
    assert.equal(await start(browser), "/sign-in");
  });

  test("loses its session when anything of the account changes meanwhile (SE-06, T-36)", async () => {
    const ada = await person();
    const owner = world.browser();
    await world.signIn(owner, ada);
    const thief = await use(ada, await linkFor(ada));
    const secret = secretOn(await thief.post(ENROLMENT));
    const proof = { current_password: PASSWORD, current_code: world.freshCode(ada) };
    await changePassword(world, ada, { owner, proof, password: NEXT });
    await thief.post(`${ENROLMENT}/confirm`, { code: codeFor(secret, world.clock.now()) });
    assert.equal(await start(thief), "/sign-in");
    assert.equal(await start(owner), dialect === "host" ? "/sign-in" : "/");
  });

  test("cannot be had for somebody above support, nor for oneself (AD-03, AD-08)", async () => {
    const sue = await world.person(`sue${++people}`, { role: "support", twoFactor: true });
    const root = await world.person(`root${++people}`, { role: "administrator", twoFactor: true });
    const { authority } = await authorityOf(world, sue);
    const ask = async ({ id }: Member) => {
      const outcome = await world.auth.people.act({
        client: OPERATOR,
        authority,
        id,
        act: "show-enrolment-link",
        reason: "because",
      });
      return outcome.ok ? outcome.next : outcome.reason;
    };
    assert.equal(await ask(root), "beyond_support");
    assert.equal(await ask(sue), "yourself");
    assert.equal(await ask(await person()), "link-shown");
  });

  test("that support gave dies when its person rises above support (AD-08)", async () => {
    const sue = await world.person(`sue${++people}`, { role: "support", twoFactor: true });
    const ada = await person();
    const { authority } = await authorityOf(world, sue);
    const made = await world.auth.people.act({
      client: OPERATOR,
      authority,
      id: ada.id,
      act: "show-enrolment-link",
      reason: "lost",
    });
    assert.ok(made.ok && made.next === "link-shown");
    await setRole(world, ada, "administrator");
    assert.equal(await works(ada, made.ticket ?? ""), false);
  });

  for (const [what, change] of [
    ["rises above support", (ada: Member) => setRole(world, ada, "administrator")],
    ["gets another address", (ada: Member) => setEmail(world, ada, `${ada.login}@elsewhere.org`)],
  ] as const)
    test(`and the session that came of it end when its person ${what} (AD-08, SE-06, T-36)`, async () => {
      const ada = await person();
      const thief = await use(ada, await linkFor(ada));
      const secret = secretOn(await thief.post(ENROLMENT));
      await change(ada);
      await thief.post(`${ENROLMENT}/confirm`, { code: codeFor(secret, world.clock.now()) });
      assert.equal(await start(thief), "/sign-in");
      const owner = world.browser();
      await world.signIn(owner, ada);
      assert.equal(await start(owner), "/", "what they had before is whole");
    });
});
