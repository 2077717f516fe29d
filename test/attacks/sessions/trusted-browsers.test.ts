// The attack: a trusted browser is a code that somebody need not enter, so its cookie is worth stealing, swapping,
// copying and keeping. A thief has the password and the cookie of another person, or a copy from last week, or the
// right cookie after the owner changed everything. Trust is for one person in one browser for a fixed time, each token
// works once, and whatever changes the account's security ends it.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as signIn from "../../../src/core/sign-in/sign-in.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { COOKIE, createArena, SENSITIVE, submit, useArena, whoIs, wrongCode } from "../../support/attacker.ts";
import { changePassword, disable, enable, resetPassword, setRole } from "../../support/keeper.ts";
import { takeMails } from "../../support/outbox.ts";
import { openTables, readTables } from "../../support/tables.ts";
import { type Member, OPERATOR, onBothKinds, ownTest, PASSWORD, recoveryCodesOn } from "../../support/world.ts";

const DAY = 86_400_000;
const NEXT = "another eleven walnut boats";
const END = "/account/security/trusted-browsers/end";

onBothKinds("a trusted browser", (dialect) => {
  const testOwn = ownTest(dialect);
  const world = useArena(dialect);
  let people = 0;

  const person = () => world.person(`ada${++people}`, { twoFactor: true });
  const proof = (member: Member) => ({ current_password: PASSWORD, current_code: world.freshCode(member) });
  /** A browser that the person has told not to ask again, signed in still. */
  const trusting = async (member: Member, browser = world.browser()) => {
    await submit(browser, "/sign-in", { login: member.login, password: PASSWORD });
    await submit(browser, "/sign-in/code", { code: world.freshCode(member), trust: "on" });
    assert.equal(await whoIs(browser), member.login);
    return browser;
  };
  /** Signs in anew by the password alone, and tells who that makes one. */
  const byPassword = async (browser: Browser, member: Member, password = PASSWORD) => {
    browser.cookies.delete(COOKIE.session);
    await submit(browser, "/sign-in", { login: member.login, password });
    return whoIs(browser);
  };
  const withTrust = (value: string | undefined) => {
    const browser = world.browser();
    if (value !== undefined) browser.cookies.set(COOKIE.trust, value);
    return browser;
  };
  const tokenOf = (browser: Browser) => browser.cookies.get(COOKIE.trust);
  const tables = async () => {
    await using db = await openTables(world);
    return await readTables(db);
  };

  test("asks for the password alone, signed out or not, and counts as one factor (TD-01)", async () => {
    const ada = await person();
    const browser = await trusting(ada);
    await submit(browser, "/sign-out");
    assert.equal(await byPassword(browser, ada), ada.login);
    const me = (await (await browser.send("/api/v1/session")).json()) as { method: string };
    assert.equal(me.method, "password+trusted-browser");
    assert.equal(await byPassword(browser, ada, "not this one"), undefined);
    assert.equal(await byPassword(world.browser(), ada), undefined, "and other browsers are asked");
  });

  test("is made by the checkbox alone", async () => {
    const ada = await person();
    for (const trust of ["", "off", "true", "1"]) {
      const browser = world.browser();
      await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD });
      await submit(browser, "/sign-in/code", { code: world.freshCode(ada), trust });
      assert.equal(await whoIs(browser), ada.login);
      assert.equal(tokenOf(browser), undefined);
    }
    const wrong = world.browser();
    await submit(wrong, "/sign-in", { login: ada.login, password: PASSWORD });
    const page = await wrong.post("/sign-in/code", { code: wrongCode(ada, world.clock.now()), trust: "on" });
    assert.match(page.text, /name="trust"[^>]*checked/, "what was ticked is kept beside the error");
    assert.equal(tokenOf(wrong), undefined);
  });

  testOwn("is nothing for administrators, before or after they become one (TD-01)", async () => {
    const root = await world.person(`root${++people}`, { role: "administrator", twoFactor: true });
    const browser = world.browser();
    const page = await browser.post("/sign-in", { login: root.login, password: PASSWORD });
    assert.doesNotMatch(page.text, /name="trust"/);
    await submit(browser, "/sign-in/code", { code: world.freshCode(root), trust: "on" });
    assert.equal(await whoIs(browser), root.login);
    assert.equal(tokenOf(browser), undefined);

    const ada = await person();
    const trusted = await trusting(ada);
    const token = tokenOf(trusted);
    await using db = await openTables(world);
    await db.updateTable("users").set({ role: "administrator" }).where("id", "=", ada.id).execute();
    assert.equal(await byPassword(trusted, ada), undefined, "even if the row was left behind");
    await db.updateTable("users").set({ role: "person" }).where("id", "=", ada.id).execute();
    assert.equal(await byPassword(withTrust(token), ada), ada.login);
    await db.updateTable("users").set({ role: "administrator" }).where("id", "=", ada.id).execute();
  });

  test("is a token of 256 bits of which the database holds a hash (TD-02)", async () => {
    const browser = await trusting(await person());
    const [id, secret = ""] = tokenOf(browser)?.split(".") ?? [];
    assert.match(secret, /^[\w-]{43}$/);
    const all = await tables();
    assert.ok(all.trusted_browsers?.some((row) => row.id === id));
    assert.ok(!JSON.stringify(all).includes(secret));
    const page = await browser.get("/account/security");
    assert.ok(!page.text.includes(secret));
  });

  test("is good for one person: swapped cookies open nothing and harm nobody (TD-02)", async () => {
    const [ada, eve] = [await person(), await person()];
    const [hers, his] = [await trusting(ada), await trusting(eve)];
    assert.equal(await byPassword(withTrust(tokenOf(hers)), eve), undefined);
    assert.equal(await byPassword(withTrust(tokenOf(his)), ada), undefined);
    const [id] = tokenOf(hers)?.split(".") ?? [];
    assert.equal(await byPassword(withTrust(`${id}.${tokenOf(his)?.split(".")[1]}`), eve), undefined);
    assert.equal(await byPassword(hers, ada), ada.login);
    assert.equal(await byPassword(his, eve), eve.login);
  });

  test("can be shared: each person has their own trust in it (TD-02)", async () => {
    const [ada, eve, bob] = [await person(), await person(), await person()];
    const browser = await trusting(eve, await trusting(ada));
    for (const member of [ada, eve, ada]) assert.equal(await byPassword(browser, member), member.login);
    assert.equal(await byPassword(browser, bob), undefined);
    assert.equal(tokenOf(browser)?.split("~").length, 2, "a renewed token takes the place of the one before");
  });

  test("gets a new token at each use; a copy of a used one ends the trust, and the owner is told (TD-03)", async () => {
    const ada = await person();
    const browser = await trusting(ada);
    const stolen = tokenOf(browser);
    assert.equal(await byPassword(browser, ada), ada.login);
    assert.notEqual(tokenOf(browser), stolen);
    await takeMails(world);
    assert.equal(await byPassword(withTrust(stolen), ada, "not this one"), undefined);
    assert.equal(await byPassword(browser, ada), ada.login, "without the password, a copy harms nothing");
    assert.equal(await byPassword(withTrust(stolen), ada), undefined);
    assert.equal(await byPassword(browser, ada), undefined);
    assert.deepEqual(
      (await takeMails(world)).map(({ kind }) => kind),
      ["browser_untrusted"],
    );
    const event = (await tables()).events?.findLast(
      ({ kind, user_id }) => kind === "trusted_browser.removed" && user_id === ada.id,
    );
    assert.match(String(event?.details), /presented again/);
  });

  test("gives one session to who presents one token many times at once (TD-03)", async () => {
    const ada = await person();
    const token = tokenOf(await trusting(ada));
    const copies = Array.from({ length: 6 }, () => withTrust(token));
    const who = await Promise.all(copies.map((copy) => byPassword(copy, ada)));
    assert.equal(who.filter((login) => login === ada.login).length, 1);
  });

  test("is trusted for thirty days from the code to the millisecond, however often it is used (TD-03)", async () => {
    const ada = await person();
    const browser = await trusting(ada);
    const start = world.clock.now();
    world.clock.advance(20 * DAY);
    assert.equal(await byPassword(browser, ada), ada.login);
    world.clock.advance(start + 30 * DAY - 1 - world.clock.now());
    assert.equal(await byPassword(browser, ada), ada.login);
    world.clock.advance(1);
    assert.equal(await byPassword(browser, ada), undefined);
    world.clock.advance(1);
    assert.equal(await byPassword(browser, ada), undefined);
    await world.auth.upkeep.run();
    assert.equal((await tables()).trusted_browsers?.filter((row) => row.user_id === ada.id).length, 0);
  });

  const operator = () => ({ client: OPERATOR, authority: world.auth.operatorAuthority() });
  const ends: Record<string, (ada: Member, browser: Browser) => Promise<string | undefined>> = {
    "a change of the password": async (ada, browser) => {
      await changePassword(world, ada, { owner: browser, proof: proof(ada), password: NEXT });
      return NEXT;
    },
    "a forgotten password that was set anew": async (ada) => {
      await resetPassword(world, ada, NEXT);
      return NEXT;
    },
    "a recovery code that was used": async (ada) => {
      const owner = world.browser();
      await world.signIn(owner, ada);
      const [recovery_code = ""] = recoveryCodesOn(await owner.post("/account/security/recovery-codes", proof(ada)));
      const lost = world.browser();
      await submit(lost, "/sign-in", { login: ada.login, password: PASSWORD });
      await submit(lost, "/sign-in/recovery-code", { recovery_code });
      assert.equal(await whoIs(lost), ada.login);
      return undefined;
    },
    "an account that was disabled, and enabled again": async (ada) => {
      await disable(world, ada);
      await enable(world, ada);
      return undefined;
    },
    "a role that was given, and taken again": async (ada) => {
      await world.person(`root${++people}`, { role: "administrator" });
      await setRole(world, ada, "administrator");
      await setRole(world, ada, "person");
      return undefined;
    },
    "its owner, who ends this one": async (ada, browser) => {
      const id = tokenOf(browser)?.split(".")[0] ?? "";
      assert.equal((await submit(browser, END, { id, ...proof(ada) })).status, 303);
      return undefined;
    },
    "its owner, who ends all": async (ada, browser) => {
      assert.equal((await submit(browser, `${END}-all`, proof(ada))).status, 303);
      return undefined;
    },
    "a newer version of the security setup, though the row was left behind": async ({ id }) => {
      await using db = await openTables(world);
      await db
        .updateTable("users")
        .set((eb) => ({ security_version: eb("security_version", "+", 1) }))
        .where("id", "=", id)
        .execute();
      return undefined;
    },
  };
  for (const [what, end] of Object.entries(ends)) {
    test(`is trusted no more after ${what} (TD-04, T-34)`, async () => {
      const ada = await person();
      const browser = await trusting(ada);
      const password = (await end(ada, browser)) ?? PASSWORD;
      assert.equal(await byPassword(browser, ada, password), undefined);
      const page = await browser.get("/sign-in/code");
      assert.equal(page.status, 200, "a code is owed");
    });
  }

  for (const [what, remove] of Object.entries({
    "turned off": async (ada: Member, browser: Browser) => {
      assert.equal((await submit(browser, "/account/security/disable", proof(ada))).status, 303);
    },
    "reset by an administrator": async ({ id }: Member) => {
      const reset = { id, act: "reset-two-factor", reason: "lost phone" } as const;
      assert.ok((await world.auth.people.act({ ...operator(), ...reset })).ok);
    },
  })) {
    test(`leaves nothing behind when two-factor authentication is ${what} (TD-04, T-34)`, async () => {
      const ada = await person();
      const browser = await trusting(ada);
      await remove(ada, browser);
      assert.equal((await tables()).trusted_browsers?.filter((row) => row.user_id === ada.id).length, 0);
      await byPassword(browser, ada);
      const me = (await (await browser.send("/api/v1/session")).json()) as { method: string };
      assert.equal(me.method, "password");
    });
  }

  test("confirms nothing: what is sensitive takes password and code (TD-05)", async () => {
    const ada = await person();
    const browser = await trusting(ada);
    await byPassword(browser, ada);
    const id = tokenOf(browser)?.split(".")[0] ?? "";
    for (const fields of [{}, { current_password: PASSWORD }, { current_password: PASSWORD, current_code: "" }]) {
      for (const path of [END, SENSITIVE, "/account/security/disable"]) {
        const answer = await submit(browser, path, { id, ...fields });
        assert.ok([403, 422].includes(answer.status), `${path}: ${answer.status}`);
      }
    }
    assert.equal(await byPassword(browser, ada), ada.login);
  });

  test("is never made by a recovery code (TD-05)", async () => {
    const ada = await person();
    const owner = world.browser();
    await world.signIn(owner, ada);
    const [recovery_code = ""] = recoveryCodesOn(await owner.post("/account/security/recovery-codes", proof(ada)));
    const browser = world.browser();
    await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD });
    assert.doesNotMatch((await browser.get("/sign-in/recovery-code")).text, /name="trust"/);
    await submit(browser, "/sign-in/recovery-code", { recovery_code, trust: "on" });
    assert.equal(await whoIs(browser), ada.login);
    assert.equal(tokenOf(browser), undefined);
  });

  test("forgives no misses of codes when it is used, and charges none (TD-05)", async () => {
    const ada = await person();
    const browser = await trusting(ada);
    // A pending sign-in of the same browser, from before, whose code somebody guesses.
    const guess = world.browser();
    guess.cookies.set(COOKIE.browsers, browser.cookies.get(COOKIE.browsers) ?? "");
    await submit(guess, "/sign-in", { login: ada.login, password: PASSWORD });
    for (const nth of [0, 1, 2]) await submit(guess, "/sign-in/code", { code: wrongCode(ada, world.clock.now(), nth) });
    const misses = async () =>
      (await tables()).attempts?.filter(({ subject, kind }) => subject === ada.id && kind === "code");
    const before = await misses();
    assert.equal(before?.[0]?.misses, 3);
    assert.equal(await byPassword(browser, ada), ada.login);
    assert.deepEqual(await misses(), before);
  });

  test("is listed for its owner alone, and the owner is told when one comes and goes (TD-06)", async () => {
    const [ada, eve] = [await person(), await person()];
    await takeMails(world);
    const browser = await trusting(ada);
    const other = await trusting(eve);
    assert.deepEqual(
      (await takeMails(world)).map(({ kind, recipient }) => [kind, recipient.id]),
      [
        ["browser_trusted", ada.id],
        ["browser_trusted", eve.id],
      ],
    );
    assert.match(
      (await browser.get("/account/security")).words,
      /Trusted browsers .* Firefox on Linux Added .* Last used now Until .* Stop trusting/,
    );
    const theirs = tokenOf(other)?.split(".")[0] ?? "";
    assert.match((await browser.post(END, { id: theirs, ...proof(ada) })).words, /was not trusted any more/);
    assert.equal(await byPassword(other, eve), eve.login);
    const id = tokenOf(browser)?.split(".")[0] ?? "";
    const page = await browser.post(END, { id });
    assert.match(page.words, /Signing in there asks for a code again/);
    assert.doesNotMatch(page.words, /Trusted browsers/);
    assert.deepEqual(
      (await takeMails(world)).map(({ kind, recipient }) => [kind, recipient.id]),
      [["browser_untrusted", ada.id]],
    );
  });

  test("is trusted no longer than the operator allows now, whatever was allowed when it was made (TD-04)", async () => {
    const ada = await person();
    const token = tokenOf(await trusting(ada)) ?? "";
    world.clock.advance(8 * DAY);
    const next = async (trustDays: number) => {
      const context = { ...world.context, options: { ...world.context.options, trustDays } };
      const step = { name: ada.login, password: PASSWORD, wantedPage: "/", browserTokens: [], trustTokens: [token] };
      const outcome = await signIn.begin(context, OPERATOR, step);
      return outcome.ok && outcome.next;
    };
    for (const trustDays of [0, 7, 8]) assert.equal(await next(trustDays), "code", `${trustDays} days`);
    assert.equal(await next(9), "session");
  });

  test("is not offered or made where the operator turned it off (TD-04)", async () => {
    await using off = await createArena(dialect, { options: { trustDays: 0 } });
    const ada = await off.person("ada", { twoFactor: true });
    const browser = off.browser();
    const page = await browser.post("/sign-in", { login: "ada", password: PASSWORD });
    assert.doesNotMatch(page.text, /name="trust"/);
    await submit(browser, "/sign-in/code", { code: off.freshCode(ada), trust: "on" });
    assert.equal(await whoIs(browser), "ada");
    assert.equal(tokenOf(browser), undefined);
  });
});
