// Several authenticator apps are more doors with one lock: guesses must not multiply with them, a code of one must not
// be usable twice through another, and nobody may touch those of somebody else. While a person moves to a new phone
// there is no moment at which neither works, and none at which the old one works longer than was said.

import assert from "node:assert/strict";
import { test } from "node:test";
import { codeFor } from "../../../src/testing/auth.ts";
import type { Browser, Page } from "../../../src/testing/browser.ts";
import { submit, useArena, whoIs, wrongCode } from "../../support/attacker.ts";
import { takeMails } from "../../support/outbox.ts";
import { openTables } from "../../support/tables.ts";
import { type Member, onBothKinds, PASSWORD, recoveryCodesOn, secretOn } from "../../support/world.ts";

const ENROLMENT = "/account/security/enrolment";
const LIST = "/account/security/authenticators";
const HOUR = 3_600_000;
const STEP = 30_000;

onBothKinds("several authenticators", (dialect) => {
  const world = useArena(dialect);
  let people = 0;

  const sure = (member: Member) => ({ current_password: PASSWORD, current_code: world.freshCode(member) });

  async function owner(): Promise<{ ada: Member; browser: Browser }> {
    const ada = await world.person(`ada${++people}`, { twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, ada);
    return { ada, browser };
  }

  async function rows({ id }: Member) {
    await using db = await openTables(world);
    return await db.selectFrom("authenticators").selectAll().where("user_id", "=", id).orderBy("created_at").execute();
  }

  /** Sets up one more app, or the one of a new phone, and tells its secret. */
  async function add(browser: Browser, ada: Member, replaces?: string): Promise<{ phone: Member; page: Page }> {
    const shown = await browser.post(ENROLMENT, { ...(replaces === undefined ? {} : { replaces }), ...sure(ada) });
    const phone = { ...ada, secret: secretOn(shown) };
    return { phone, page: await browser.post(`${ENROLMENT}/confirm`, { code: world.freshCode(phone) }) };
  }

  async function signIn(member: Member, code = world.freshCode(member)): Promise<string | undefined> {
    const browser = world.browser();
    await browser.post("/sign-in", { login: member.login, password: PASSWORD });
    await submit(browser, "/sign-in/code", { code });
    return whoIs(browser);
  }

  test("one more takes password and code, ends other sessions, and the owner is told (EN-01, EN-06, EN-09)", async () => {
    const { ada, browser } = await owner();
    const other = world.browser();
    await world.signIn(other, ada);
    await takeMails(world);
    assert.equal((await submit(browser, ENROLMENT)).status, 403);
    assert.equal((await submit(browser, ENROLMENT, { current_password: PASSWORD })).status, 422);
    const { phone, page } = await add(browser, ada);
    assert.match(page.words, /authenticator app is set up.*Authenticator app 2/);
    assert.equal(await whoIs(other), undefined);
    const told = (await takeMails(world)).map(({ kind, facts }) => [kind, facts.name]);
    assert.deepEqual(told, [["authenticator_added", "Authenticator app 2"]]);
    assert.equal(await signIn(phone), ada.login);
    assert.equal(await signIn(ada), ada.login);
  });

  test("a secret that no code proved opens nothing, beside one that does (EN-02)", async () => {
    const { ada, browser } = await owner();
    const phone = { ...ada, secret: secretOn(await browser.post(ENROLMENT, sure(ada))) };
    assert.equal(await signIn(phone), undefined);
    assert.equal((await rows(ada)).length, 1);
  });

  test("share one count of misses: more of them give no more guesses (RL-03)", async () => {
    const { ada, browser } = await owner();
    const { phone } = await add(browser, ada);
    const thief = world.browser();
    await thief.post("/sign-in", { login: ada.login, password: PASSWORD });
    for (let n = 0; n < 5; n++) {
      const code = wrongCode(n % 2 === 0 ? ada : phone, world.clock.now(), n);
      assert.equal((await submit(thief, "/sign-in/code", { code })).status, 422);
    }
    assert.equal(
      (await submit(thief, "/sign-in/code", { code: codeFor(phone.secret ?? "", world.clock.now()) })).status,
      429,
    );
  });

  test("the code of each works once, and using one spends nothing of the other (RP-01)", async () => {
    const { ada, browser } = await owner();
    const { phone } = await add(browser, ada);
    world.clock.advance(STEP);
    const codes = [ada, phone].map(({ secret = "" }) => codeFor(secret, world.clock.now()));
    for (const code of codes) assert.equal(await signIn(ada, code), ada.login);
    for (const code of codes) assert.equal(await signIn(ada, code), undefined);
  });

  test("five are the most, however they are begun (EN-03)", async () => {
    const { ada, browser } = await owner();
    for (let n = 2; n <= 5; n++) await add(browser, ada);
    assert.equal((await rows(ada)).length, 5);
    const page = await browser.post(ENROLMENT, sure(ada));
    assert.match(page.words, /as many authenticator apps as there can be/);
  });

  test("nobody renames, removes or replaces those of somebody else (T-17)", async () => {
    const { ada } = await owner();
    const { ada: eve, browser } = await owner();
    const [target] = await rows(ada);
    const { id = "" } = target ?? {};
    await submit(browser, `${LIST}/rename`, { authenticator: id, name: "Mine" });
    await submit(browser, `${LIST}/remove`, { authenticator: id, ...sure(eve) });
    const page = await browser.post(ENROLMENT, { replaces: id });
    assert.match(page.words, /not there any more/);
    assert.deepEqual(await rows(ada), [target]);
  });

  test("removing one takes a confirmation, ends other sessions, and leaves the last one (EN-01, EN-09, T-15)", async () => {
    const { ada, browser } = await owner();
    const { phone } = await add(browser, ada);
    const [first, second] = await rows(ada);
    world.clock.advance(11 * 60_000);
    assert.equal((await submit(browser, `${LIST}/remove`, { authenticator: first?.id ?? "" })).status, 403);
    const other = world.browser();
    await world.signIn(other, ada);
    await takeMails(world);
    await browser.post(`${LIST}/remove`, { authenticator: first?.id ?? "", ...sure(phone) });
    assert.deepEqual(
      (await rows(ada)).map(({ id }) => id),
      [second?.id],
    );
    assert.equal(await whoIs(other), undefined);
    assert.deepEqual(
      (await takeMails(world)).map(({ kind }) => kind),
      ["authenticator_removed"],
    );
    assert.equal(await signIn(ada), undefined, "the codes of the one that is gone");
    const page = await browser.post(`${LIST}/remove`, { authenticator: second?.id ?? "" });
    assert.match(page.words, /your only authenticator app/);
    assert.equal(await signIn(phone), ada.login);
  });

  test("two requests at once cannot remove both of two (EN-01)", async () => {
    const { ada, browser } = await owner();
    await add(browser, ada);
    const both = await rows(ada);
    await Promise.all(both.map(({ id }) => submit(browser, `${LIST}/remove`, { authenticator: id })));
    assert.equal((await rows(ada)).length, 1);
  });

  test("a move to a new phone leaves both working until the new one was used", async () => {
    const { ada, browser } = await owner();
    const [old] = await rows(ada);
    const { phone, page } = await add(browser, ada, old?.id);
    assert.match(page.words, /Another app replaces it/);
    assert.equal(await signIn(ada), ada.login, "the old one still works");
    await takeMails(world);
    assert.equal(await signIn(phone), ada.login);
    assert.equal(await signIn(ada), undefined, "now it does not");
    assert.deepEqual(
      (await takeMails(world)).filter(({ kind }) => kind === "authenticator_removed").map(({ facts }) => facts.name),
      ["Authenticator app"],
    );
    assert.equal((await rows(ada)).length, 1);
  });

  test("a confirmation with the new phone's code ends the old one as well", async () => {
    const { ada, browser } = await owner();
    const [old] = await rows(ada);
    const { phone } = await add(browser, ada, old?.id);
    world.clock.advance(11 * 60_000);
    await browser.post("/account/security/recovery-codes", sure(phone));
    assert.equal((await rows(ada)).length, 1);
  });

  test("a day after the move the old phone's codes open nothing, used or not, pruned or not (T-35, T-39)", async () => {
    const { ada, browser } = await owner();
    const [old] = await rows(ada);
    const { phone } = await add(browser, ada, old?.id);
    world.clock.advance(24 * HOUR - STEP - 1);
    assert.equal(await signIn(ada), ada.login);
    world.clock.advance(STEP);
    assert.equal(await signIn(ada), undefined);
    await world.auth.upkeep.run();
    assert.equal((await rows(ada)).length, 1);
    assert.equal(await signIn(phone), ada.login);
  });

  test("if the new phone is removed again, the old one stays: there is no moment without one", async () => {
    const { ada, browser } = await owner();
    const [old] = await rows(ada);
    await add(browser, ada, old?.id);
    const [, fresh] = await rows(ada);
    await browser.post(`${LIST}/remove`, { authenticator: fresh?.id ?? "" });
    world.clock.advance(25 * HOUR);
    await world.auth.upkeep.run();
    assert.deepEqual(
      (await rows(ada)).map(({ id, goes_at }) => [id, goes_at]),
      [[old?.id, null]],
    );
    assert.equal(await signIn(ada), ada.login);
  });

  test("names may be anything that is plain text, and never markup", async () => {
    const { ada, browser } = await owner();
    const [{ id } = { id: "" }] = await rows(ada);
    const rename = (name: string) => browser.post(`${LIST}/rename`, { authenticator: id, name });
    assert.match((await rename("  Ada’s   blue phone ")).words, /The name is changed.*Ada’s blue phone/);
    for (const name of ["", " ", "x".repeat(61), "a\u0000b", "a\u202eb"]) {
      assert.match((await rename(name)).words, /A name has 1 to 60 characters|not in the form we expect/);
    }
    assert.ok(
      (await (await submit(browser, `${LIST}/rename`, { authenticator: id, name: "<b>bold</b>" })).text()) === "",
    );
    const markup = await (await browser.send("/account/security")).text();
    assert.ok(markup.includes("&lt;b&gt;bold") && !markup.includes("<b>bold"));
  });

  test("a lost phone's place is taken after signing in by a recovery code, without a second one (RC-05)", async () => {
    const { ada, browser } = await owner();
    const [code = ""] = recoveryCodesOn(await browser.post("/account/security/recovery-codes", sure(ada)));
    const lost = world.browser();
    await lost.post("/sign-in", { login: ada.login, password: PASSWORD });
    await lost.post("/sign-in/recovery-code", { recovery_code: code });
    const [old] = await rows(ada);
    const phone = { ...ada, secret: secretOn(await lost.post(ENROLMENT, { replaces: old?.id ?? "" })) };
    await lost.post(`${ENROLMENT}/confirm`, { code: world.freshCode(phone) });
    assert.equal(await signIn(phone), ada.login);
    assert.equal(await signIn(ada), undefined);
  });
});
