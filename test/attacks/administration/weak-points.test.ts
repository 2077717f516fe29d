// The attacks that work on another system's two-factor authentication, one by one, tried here. Each test names the weak
// point that it is about; most have a file of their own that goes further.

import assert from "node:assert/strict";
import { test } from "node:test";
import { codeFor } from "../../../src/testing/auth.ts";
import { type Arena, COOKIE, otherCode, submit, useArena, whoIs, wrongCode } from "../../support/attacker.ts";
import { mailedCode, takeMails } from "../../support/outbox.ts";
import { allowMailedCodes, setRules } from "../../support/policies.ts";
import { openTables, readTables } from "../../support/tables.ts";
import {
  createWorld,
  enrol,
  type Member,
  onBothDatabases,
  PASSWORD,
  recoveryCodesOn,
  secretOn,
} from "../../support/world.ts";

const MINUTE = 60_000;
const NEXT = "another eleven walnut boats";

onBothDatabases("a weak point of another system", (dialect) => {
  const world = useArena(dialect);
  let people = 0;

  const person = (options?: Parameters<Arena["person"]>[1]) => world.person(`ada${++people}`, options);
  const sure = (member: Member) => ({ current_password: PASSWORD, current_code: world.freshCode(member) });
  const atSecondStep = async (member: Member, browser = world.browser()) => {
    await submit(browser, "/sign-in", { login: member.login, password: PASSWORD });
    return browser;
  };
  /** A browser that trusts, signed in. */
  const trusting = async (member: Member) => {
    const browser = await atSecondStep(member);
    await submit(browser, "/sign-in/code", { code: world.freshCode(member), trust: "on" });
    assert.equal(await whoIs(browser), member.login);
    return browser;
  };
  /** Where the password alone leads in this browser. */
  const byPassword = async (member: Member, browser = world.browser(), password = PASSWORD) => {
    browser.cookies.delete(COOKIE.session);
    return (await browser.post("/sign-in", { login: member.login, password })).path;
  };

  test("the secret in clear text in the database: it is sealed (SK-01)", async () => {
    const ada = await person();
    await enrol(world, ada);
    await using db = await openTables(world);
    const everything = JSON.stringify(await readTables(db));
    assert.ok(ada.secret !== undefined && !everything.includes(ada.secret));
  });

  test("no recovery codes: ten of them, and one opens the account once (RC-01, RC-03)", async () => {
    const ada = await person();
    const [code = "", ...others] = recoveryCodesOn(await enrol(world, ada));
    assert.equal(others.length, 9);
    const browser = await atSecondStep(ada);
    await submit(browser, "/sign-in/recovery-code", { recovery_code: code });
    assert.equal(await whoIs(browser), ada.login);
    const again = await atSecondStep(ada);
    await submit(again, "/sign-in/recovery-code", { recovery_code: code });
    assert.equal(await whoIs(again), undefined);
  });

  test("one authenticator only: a second phone works beside the first", async () => {
    const ada = await person({ twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, ada);
    const secret = secretOn(await browser.post("/account/security/enrolment", sure(ada)));
    await browser.post("/account/security/enrolment/confirm", { code: codeFor(secret, world.clock.now()) });
    for (const member of [{ ...ada, secret }, ada]) {
      const other = await atSecondStep(ada);
      await submit(other, "/sign-in/code", { code: world.freshCode(member) });
      assert.equal(await whoIs(other), ada.login);
    }
  });

  test("turning it off by the password alone: it takes a code as well (ST-01)", async () => {
    const ada = await person({ twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, ada);
    await browser.post("/account/security/disable", { current_password: PASSWORD });
    assert.equal(await byPassword(ada), "/sign-in/code");
  });

  test("the issuer in the app is the host: it is the name that the operator gave", async () => {
    await using own = await createWorld(dialect, { options: { name: "Rosewood Ltd" } });
    const bob = await own.person("bob");
    const browser = own.browser();
    await own.signIn(browser, bob);
    const page = await browser.post("/account/security/enrolment", { current_password: PASSWORD });
    assert.match(page.text, /otpauth:\/\/totp\/Rosewood%20Ltd(:|%3A)bob/);
  });

  test("no way for an administrator to unlock: the person's page has one (RL-06)", async () => {
    const [root, ada] = [await person({ role: "administrator", twoFactor: true }), await person({ twoFactor: true })];
    for (let shut = false, nth = 0; !shut && nth < 100; nth++) {
      const answer = await submit(await atSecondStep(ada), "/sign-in/code", {
        code: wrongCode(ada, world.clock.now(), nth),
      });
      // A bucket that opens by itself says when.
      shut = answer.status === 429 && !answer.headers.has("retry-after");
      world.clock.advance(20 * MINUTE);
    }
    const right = async () => {
      const browser = await atSecondStep(ada);
      await submit(browser, "/sign-in/code", { code: world.freshCode(ada) });
      return whoIs(browser);
    };
    assert.equal(await right(), undefined);
    const browser = world.browser();
    await world.signIn(browser, root);
    await browser.post(`/users/${ada.id}/unlock`, sure(root));
    assert.equal(await right(), ada.login);
  });

  test("a count of misses in memory, which a right password resets: it is in the database and stays (RL-02)", async () => {
    const ada = await person({ twoFactor: true });
    const misses = async () => {
      await using db = await openTables(world);
      const rows = await db.selectFrom("attempts").selectAll().where("subject", "=", ada.id).execute();
      return rows.filter(({ kind }) => kind === "code").reduce((sum, row) => sum + row.misses, 0);
    };
    for (let nth = 0; nth < 3; nth++) {
      const browser = await atSecondStep(ada);
      await submit(browser, "/sign-in/code", { code: wrongCode(ada, world.clock.now(), nth) });
    }
    const before = await misses();
    assert.equal(before, 3);
    await atSecondStep(ada);
    assert.equal(await misses(), before);
  });

  test("a confirmation that can be guessed without end: a few misses end the session (ST-04)", async () => {
    const ada = await person({ twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, ada);
    let tries = 0;
    while ((await whoIs(browser)) !== undefined && tries < 20) {
      const code = wrongCode(ada, world.clock.now(), tries++);
      await submit(browser, "/account/email", {
        email: "x@example.org",
        current_password: PASSWORD,
        current_code: code,
      });
    }
    assert.ok(tries <= 10, `${tries} tries`);
  });

  test("trust that outlives a new password: every way to one ends it (TD-04)", async () => {
    const ways: ((member: Member) => Promise<string>)[] = [
      async (ada) => {
        const browser = world.browser();
        await world.signIn(browser, ada);
        await browser.post("/account/password", { ...sure(ada), new_password: NEXT });
        return NEXT;
      },
      async (ada) => {
        const browser = world.browser();
        await browser.post("/forgotten-password", { login: ada.login });
        const mail = (await takeMails(world)).find(
          ({ kind, recipient }) => kind === "password_reset" && recipient.id === ada.id,
        );
        await browser.post("/password-reset", { ticket: String(mail?.facts.ticket), new_password: NEXT });
        return NEXT;
      },
    ];
    for (const way of ways) {
      const ada = await person({ twoFactor: true });
      const browser = await trusting(ada);
      assert.equal(await byPassword(ada, browser), "/");
      assert.equal(await byPassword(ada, browser, await way(ada)), "/sign-in/code");
    }
  });

  test("one cookie of trust for all people of a browser, sent in the clear: each has an own one, over TLS (TD-02)", async () => {
    const [ada, eve] = [await person({ twoFactor: true }), await person({ twoFactor: true })];
    const browser = await trusting(ada);
    assert.equal(await byPassword(eve, browser), "/sign-in/code");
    const answer = await submit(browser, "/sign-in/code", { code: world.freshCode(eve), trust: "on" });
    const [cookie = ""] = answer.headers.getSetCookie().filter((line) => line.startsWith(COOKIE.trust));
    assert.match(cookie, /; Secure; HttpOnly; SameSite=Lax/);
    assert.equal(await byPassword(ada, browser), "/", "and trusting a second time leaves the first");
  });

  test("an alarm by mail before the second factor: the password alone sends none (ML-06)", async () => {
    const ada = await person({ twoFactor: true });
    await takeMails(world);
    await atSecondStep(ada);
    assert.deepEqual(await takeMails(world), []);
  });

  test("enforcement with two levels and no time: rules for groups, with days and sign-ins (AD-04)", async () => {
    await using own = await createWorld(dialect);
    const bob = await own.person("bob");
    await setRules(own, { scope: "role:person", requirement: "required", grace_days: 14, skips: 2 });
    const browser = own.browser();
    const page = await own.signIn(browser, bob);
    assert.match(page.words, /One sign-in without it is left/);
    assert.equal((await browser.get("/account")).path, "/account");
  });

  test("half a sign-in that lasts for a week: it is over after ten minutes (SE-06)", async () => {
    const ada = await person({ twoFactor: true });
    const browser = await atSecondStep(ada);
    world.clock.advance(10 * MINUTE);
    await submit(browser, "/sign-in/code", { code: world.freshCode(ada) });
    assert.equal(await whoIs(browser), undefined);
  });

  test("a mailed code for two hours, the same again, a mail for each miss, the address in full: none of it (LS-03, ML-01)", async () => {
    await using own = await createWorld(dialect);
    await allowMailedCodes(own);
    const bob = await own.person("bob", { twoFactor: true });
    const browser = own.browser();
    await browser.post("/sign-in", { login: "bob", password: PASSWORD });
    const ask = () => browser.post("/sign-in/mailed-code/send");
    const page = await ask();
    assert.ok(page.words.includes("b••@e••.org") && !page.text.includes("bob@example.org"));
    const first = await mailedCode(own, bob);
    for (let tries = 0; tries < 3; tries++)
      await browser.post("/sign-in/mailed-code", { mailed_code: otherCode(first) });
    assert.deepEqual(
      (await takeMails(own)).filter(({ kind }) => kind === "mailed_code"),
      [],
      "a miss sends no code",
    );
    own.clock.advance(2 * MINUTE);
    await ask();
    const second = await mailedCode(own, bob);
    assert.notEqual(second, first);
    await browser.post("/sign-in/mailed-code", { mailed_code: first });
    assert.equal(await whoIs(browser), undefined, "a newer one voids it");
    own.clock.advance(10 * MINUTE);
    await browser.post("/sign-in/mailed-code", { mailed_code: second });
    assert.equal(await whoIs(browser), undefined, "and ten minutes end it");
  });

  test("no page of what happened: administrators see every event, and find one person's", async () => {
    const [root, ada] = [await person({ role: "administrator", twoFactor: true }), await person()];
    await world.signIn(world.browser(), ada);
    const browser = world.browser();
    await world.signIn(browser, root);
    const page = await browser.get(`/events?${new URLSearchParams({ person: ada.login })}`);
    assert.match(page.words, /Signed in/);
  });
});
