// The attack: the application checks the password at a form of its own and tells us who it was. Somebody makes their
// visitor's browser send that form, plants a session before it, wants to be led elsewhere after it, skips the code
// because the form is another one, or signs in there again and again to earn guesses at others.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createApp } from "../../../src/web/app.ts";
import { COOKIE, cookiesSet, createArena, submit, useArena, whoIs } from "../../support/attacker.ts";
import { addToHost, HOSTS_FORM } from "../../support/host.ts";
import { changeAtHost } from "../../support/keeper.ts";
import { setRules } from "../../support/policies.ts";
import { createWorld, OPERATOR, PASSWORD } from "../../support/world.ts";

describe("a form of the host", () => {
  const world = useArena("host");
  let people = 0;

  const person = (twoFactor: boolean) => world.person(`ada${++people}`, { twoFactor });

  test("leads where our own form leads, with the same cookies", async () => {
    const [plain, enrolled] = [await person(false), await person(true)];
    const trusting = [await person(true), await person(true)] as const;
    const both = async (login: (nth: number) => string, browsers = [world.browser(), world.browser()] as const) => {
      const [ours, theirs] = await Promise.all(
        ["/sign-in", HOSTS_FORM].map(async (form, nth) => {
          const answer = await submit(browsers[nth] ?? world.browser(), form, {
            login: login(nth),
            password: PASSWORD,
            next: "/account/security",
          });
          return {
            status: answer.status,
            location: answer.headers.get("location"),
            cookies: Object.keys(cookiesSet(answer)).toSorted(),
            policy: answer.headers.get("content-security-policy"),
          };
        }),
      );
      assert.deepEqual(theirs, ours);
      return ours;
    };
    assert.equal((await both(() => plain.login))?.location, "/account/security");
    assert.equal((await both(() => enrolled.login))?.location, "/sign-in/code");
    const browsers = [world.browser(), world.browser()] as const;
    for (const [nth, browser] of browsers.entries()) {
      const member = trusting[nth];
      assert.ok(member);
      await submit(browser, "/sign-in", { login: member.login, password: PASSWORD });
      await submit(browser, "/sign-in/code", { code: world.freshCode(member), trust: "on" });
      await submit(browser, "/sign-out");
    }
    assert.equal((await both((nth) => trusting[nth]?.login ?? "", browsers))?.location, "/account/security");
  });

  test("lets whoever owes a second factor set one up, and nothing else (HO-06)", async () => {
    await using strict = await createArena("host");
    await setRules(strict, { requirement: "required" });
    const { login } = await strict.person("ada");
    const browser = strict.browser();
    const answer = await submit(browser, HOSTS_FORM, { login, password: PASSWORD, next: "/account/api-keys" });
    assert.match(answer.headers.get("location") ?? "", /^\/account\/security\/required\?next=/);
    assert.equal(await whoIs(browser), undefined);
    assert.equal((await browser.get("/account/api-keys")).path, "/account/security/required");
  });

  test("opens nothing before the code (HO-06, LS-01)", async () => {
    const ada = await person(true);
    const browser = world.browser();
    await submit(browser, HOSTS_FORM, { login: ada.login, password: PASSWORD, next: "/account/api-keys" });
    assert.equal(await whoIs(browser), undefined);
    const wrong = await submit(browser, "/sign-in/code", { code: "000000" });
    assert.equal(wrong.status, 422);
    const right = await submit(browser, "/sign-in/code", { code: world.freshCode(ada) });
    assert.equal(right.headers.get("location"), "/account/api-keys");
    assert.equal(await whoIs(browser), ada.login);
  });

  test("is not sent by another site, nor by a link (HO-06, LS-11)", async () => {
    const eve = await person(false);
    const fields = { login: eve.login, password: PASSWORD };
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "" },
      { "sec-fetch-site": "cross-site", origin: "http://localhost:4180" },
    ]) {
      const victim = world.browser();
      const answer = await submit(victim, HOSTS_FORM, fields, headers);
      assert.equal(answer.status, 403, JSON.stringify(headers));
      assert.deepEqual(answer.headers.getSetCookie(), []);
    }
    const victim = world.browser();
    const link = await victim.send(`${HOSTS_FORM}?${new URLSearchParams(fields)}`, {
      headers: { "sec-fetch-site": "same-origin" },
    });
    assert.equal(link.status, 403);
    assert.equal(await whoIs(victim), undefined);
    const events = await world.auth.events.list({
      reader: world.auth.operatorAuthority(),
      filter: { kind: "request.refused" },
      limit: 10,
    });
    assert.deepEqual(events[0]?.details, { route: HOSTS_FORM });
  });

  test("keeps nothing of a session that was there before it (HO-06)", async () => {
    const [eve, ada] = [await person(false), await person(false)];
    const browser = world.browser();
    await world.signIn(browser, eve);
    const planted = browser.cookies.get(COOKIE.session) ?? "";
    await submit(browser, HOSTS_FORM, { login: ada.login, password: PASSWORD });
    assert.equal(await whoIs(browser), ada.login);
    const thief = world.browser();
    thief.cookies.set(COOKIE.session, planted);
    assert.equal(await whoIs(thief), undefined);
  });

  test("leads to a page of this site alone (HO-06, CH-07)", async () => {
    const ada = await person(false);
    for (const next of ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb"]) {
      const answer = await submit(world.browser(), HOSTS_FORM, { login: ada.login, password: PASSWORD, next });
      assert.equal(answer.headers.get("location"), "/", next);
    }
  });

  test("lets in nobody whom the host has disabled, or does not know", async () => {
    const ada = await person(false);
    await changeAtHost(world, ada, { disabled: true });
    const { enter } = createApp(world.auth);
    const request = new Request(`http://localhost:4180${HOSTS_FORM}`, { method: "POST" });
    const check = async () => true;
    for (const userId of [ada.id, "nobody", "", "../etc", undefined]) {
      assert.equal(await enter(request, undefined, { userId, check }), undefined, userId);
    }
    const events = await world.auth.events.list({
      reader: world.auth.operatorAuthority(),
      filter: { kind: "sign_in.succeeded" },
      limit: 100,
    });
    assert.ok(events.every(({ user }) => user?.id !== ada.id));
  });

  test("takes nothing but a plain yes for yes, and a check that fails for an error (HO-02)", async () => {
    const { id } = await person(false);
    const enter = (check: () => Promise<unknown>) =>
      world.auth.signIn.beginFor({
        client: OPERATOR,
        userId: id,
        check: check as () => Promise<boolean>,
        wantedPage: "/",
        browserTokens: [],
      });
    for (const answer of [1, "true", {}, null, undefined]) {
      assert.deepEqual(await enter(async () => answer), { ok: false, reason: "wrong_credentials" });
    }
    await assert.rejects(
      enter(async () => {
        throw new Error("The directory does not answer");
      }),
      /does not answer/,
    );
  });

  test("opens nothing by a password that is changed while the host looks at it", async () => {
    const host = world.host ?? assert.fail();
    const newcomer = addToHost(host, `new${++people}`, { password: PASSWORD });
    for (const { id } of [await person(false), await person(true), newcomer]) {
      const check = async () => {
        const isRight = await host.verify(id, PASSWORD);
        host.setPassword(id, "another one, at last");
        assert.ok((await world.auth.people.passwordChanged({ client: OPERATOR, id })).ok);
        return isRight;
      };
      const step = { client: OPERATOR, userId: id, check, wantedPage: "/", browserTokens: [] };
      assert.deepEqual(await world.auth.signIn.beginFor(step), { ok: false, reason: "wrong_credentials" });
    }
  });

  test("earns no guesses: signing in there gives back what our form took, and not more (HO-06, RL-05)", async () => {
    const address = "203.0.113.9";
    const from = () => world.browser({ address });
    const guess = async () =>
      (await submit(from(), "/sign-in", { login: `nobody${++people}`, password: "not the right password" })).status;
    for (let miss = 0; miss < 100; miss++) assert.equal(await guess(), 422);
    assert.equal(await guess(), 429);
    const now = world.clock.now();
    for (let round = 0; round < 3; round++) {
      const [ada, bob] = [await person(true), await person(false)];
      const browser = from();
      await submit(browser, HOSTS_FORM, { login: bob.login, password: PASSWORD });
      assert.equal(await whoIs(browser), bob.login);
      const other = from();
      await submit(other, HOSTS_FORM, { login: ada.login, password: PASSWORD });
      await submit(other, "/sign-in/code", { code: world.freshCode(ada) });
      assert.equal(await whoIs(other), ada.login);
      world.clock.set(now);
      assert.equal(await guess(), 429, "by the password alone, and by password and code");
    }
  });

  test("takes over whoever comes for the first time", async () => {
    assert.ok(world.host);
    const { id, login } = addToHost(world.host, `new${++people}`, { password: PASSWORD });
    const browser = world.browser();
    await submit(browser, HOSTS_FORM, { login, password: PASSWORD });
    assert.equal(await whoIs(browser), login);
    assert.equal((await world.auth.people.find({ reader: world.auth.operatorAuthority(), id }))?.login, login);
  });

  test("is not for accounts of ours", async () => {
    await using ours = await createWorld("sqlite");
    const { id } = await ours.person("ada");
    const request = new Request(`http://localhost:4180${HOSTS_FORM}`, { method: "POST" });
    const check = async () => true;
    await assert.rejects(createApp(ours.auth).enter(request, undefined, { userId: id, check }), /accounts of its own/);
    assert.equal(
      (await ours.auth.signIn.beginFor({ client: OPERATOR, userId: id, check, wantedPage: "/", browserTokens: [] })).ok,
      false,
    );
  });
});
