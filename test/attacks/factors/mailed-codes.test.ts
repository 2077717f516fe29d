// A code by mail is a door for those without their phone, and a smaller lock: six digits, through a mailbox that others
// may read. It must open nothing without the right password, nothing in another sign-in, nothing twice, and nothing
// that matters to others; it must not be guessed, nor buy guesses elsewhere; and who holds the mailbox alone, and
// takes the password by the link of a forgotten one, must stay outside.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { masked } from "../../../src/core/factors/mailed-codes.ts";
import * as attempts from "../../../src/core/ground/attempts.ts";
import { render } from "../../../src/mail/messages.ts";
import type { Browser, Page } from "../../../src/testing/browser.ts";
import {
  type Arena,
  COOKIE,
  clientAt,
  cookiesSet,
  createArena,
  otherCode,
  submit,
  whoIs,
  wrongCode,
} from "../../support/attacker.ts";
import { mailedCode, takeMails } from "../../support/outbox.ts";
import { allowMailedCodes, setRules } from "../../support/policies.ts";
import { openTables } from "../../support/tables.ts";
import { type Member, onBothDatabases, PASSWORD, recoveryCodesOn } from "../../support/world.ts";

const STEP = "/sign-in/mailed-code";
const SEND = "/sign-in/mailed-code/send";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test("an address is masked so that its owner knows it again and nobody else learns it", () => {
  const shown = {
    "ada@example.org": "a••@e••.org",
    "a@example.org": "••@e••.org",
    "al@ex.org": "••@••.org",
    "grace.hopper@mail.navy.example.com": "g••@m••.com",
    "zoë@münchen.example": "z••@m••.example",
    "😀😀😀@example.org": "😀••@e••.org",
  };
  for (const [address, mask] of Object.entries(shown)) assert.equal(masked(address), mask);
});

onBothDatabases("a code by mail", (dialect) => {
  let world: Arena & AsyncDisposable;
  let people = 0;
  before(async () => {
    world = await createArena(dialect);
  });
  beforeEach(async () => {
    await allowMailedCodes(world);
    // What one test used of the allowance of all strangers is not the next one's to miss.
    await world.context.db.deleteFrom("rates").execute();
  });
  after(() => world[Symbol.asyncDispose]());

  const owner = (role: "person" | "administrator" = "person") =>
    world.person(`ada${++people}`, { twoFactor: true, role });

  async function half({ login }: Member, browser = world.browser(), password = PASSWORD): Promise<Browser> {
    const page = await browser.post("/sign-in", { login, password });
    assert.equal(page.path, "/sign-in/code");
    return browser;
  }

  /** A half sign-in with a code under way. */
  async function asked(member: Member): Promise<{ browser: Browser; code: string }> {
    const browser = await half(member);
    assert.equal((await browser.post(SEND)).path, STEP);
    return { browser, code: await mailedCode(world, member) };
  }

  const enter = (browser: Browser, mailed_code: string): Promise<Page> => browser.post(STEP, { mailed_code });
  const eventsOf = async ({ id }: Member, kind: string) =>
    (
      await world.context.db
        .selectFrom("events")
        .select("id")
        .where("user_id", "=", id)
        .where("kind", "=", kind)
        .execute()
    ).length;
  const missesOf = ({ id }: Member, kind: string) =>
    world.context.db.selectFrom("attempts").selectAll().where("subject", "=", id).where("kind", "=", kind).execute();

  test("signs its owner in, once, and tells of it as of any new browser (RP-05, LS-10)", async () => {
    const ada = await owner();
    await world.signIn(world.browser(), ada);
    const { browser, code } = await asked(ada);
    const home = await enter(browser, ` ${code.slice(0, 3)}-${code.slice(3)} `);
    assert.equal(home.path, "/");
    assert.match(home.words, /Signed in with your password and a code by email/);
    assert.equal(await whoIs(browser), ada.login);
    assert.deepEqual(
      (await takeMails(world)).map(({ kind }) => kind),
      ["new_browser"],
    );
    assert.match(
      (await enter(await half(ada), code)).words,
      /That code is not right, or it works no longer|We send a six/,
    );
    assert.equal(await eventsOf(ada, "mailed_code.sent"), 1);
  });

  test("does not exist where the policy does not name it: nothing offered, sent or taken (RC-09)", async () => {
    for (const rules of [[], [{ factors: "authenticator recovery-code" }]]) {
      const ada = await owner();
      await allowMailedCodes(world);
      const { browser, code } = await asked(ada);
      await setRules(world, ...rules);
      assert.doesNotMatch((await browser.get("/sign-in/code")).words, /Email me a code/);
      assert.equal((await browser.get(STEP)).path, "/sign-in/code");
      assert.equal((await browser.post(SEND)).path, "/sign-in/code");
      assert.equal((await enter(browser, code)).path, "/sign-in/code");
      assert.equal(await whoIs(browser), undefined);
      assert.deepEqual(await takeMails(world), []);
    }
  });

  test("is sent to no one by looking, and to nobody without the right password (LS-08, ML-02, ML-05)", async () => {
    const ada = await owner();
    const stranger = world.browser();
    for (const path of [SEND, STEP])
      assert.equal((await stranger.post(path, { mailed_code: "123456" })).path, "/sign-in");
    assert.equal((await stranger.get(STEP)).path, "/sign-in");
    await stranger.post("/sign-in", { login: ada.login, password: "not this one" });
    assert.equal((await stranger.post(SEND)).path, "/sign-in");
    const browser = await half(ada);
    for (let times = 0; times < 3; times++) {
      assert.match((await browser.get(STEP)).words, /We send a six-digit code to a••@e••\.org/);
      assert.equal((await browser.send(SEND)).status, 405);
    }
    assert.deepEqual(await takeMails(world), []);
  });

  test("never stands in an answer, and the address only masked (T-28)", async () => {
    const ada = await owner();
    const browser = await half(ada);
    const answers = [await submit(browser, SEND), await browser.send(STEP), await browser.send("/sign-in/code")];
    const code = await mailedCode(world, ada);
    answers.push(await submit(browser, STEP, { mailed_code: otherCode(code) }));
    for (const answer of answers) {
      const text = `${JSON.stringify([...answer.headers])} ${await answer.text()}`;
      assert.ok(!text.includes(code));
      assert.ok(!text.includes(`${ada.login}@`));
    }
  });

  test("belongs to its pending sign-in: that of another, of the same person or not, is refused (LS-03)", async () => {
    const ada = await owner();
    const bob = await owner();
    const first = await asked(ada);
    const second = await asked(ada);
    const bobs = await asked(bob);
    assert.match((await enter(second.browser, first.code)).words, /That code is not right/);
    assert.match((await enter(bobs.browser, first.code)).words, /That code is not right/);
    assert.match((await enter(first.browser, bobs.code)).words, /That code is not right/);
    assert.equal((await enter(first.browser, first.code)).path, "/");
    assert.equal((await enter(second.browser, second.code)).path, "/");
  });

  test("is dead once a new one was sent, and a new one is sent after a minute at the earliest (ML-01, ML-05)", async () => {
    const ada = await owner();
    const { browser, code } = await asked(ada);
    const early = await browser.post(SEND);
    assert.equal(early.status, 429);
    assert.match(early.words, /Another code can be sent in 60 seconds/);
    assert.deepEqual(await takeMails(world), []);
    world.clock.advance(MINUTE);
    assert.equal((await browser.post(SEND)).path, STEP);
    const newer = await mailedCode(world, ada);
    if (newer !== code) assert.match((await enter(browser, code)).words, /That code is not right/);
    assert.equal((await enter(browser, newer)).path, "/");
  });

  test("floods no mailbox, however many sign-ins are begun and however many ask at once (ML-05, RL-11)", async () => {
    const ada = await owner();
    const browsers = await Promise.all(Array.from({ length: 9 }, () => half(ada)));
    await takeMails(world);
    const answers = await Promise.all(browsers.flatMap((browser) => [submit(browser, SEND), submit(browser, SEND)]));
    assert.equal(answers.filter(({ status }) => status === 303).length, 4);
    assert.ok(answers.every(({ status }) => status === 303 || status === 429));
    assert.equal((await takeMails(world)).filter(({ kind }) => kind === "mailed_code").length, 4);
    assert.equal(await eventsOf(ada, "mailed_code.sent"), 4);
  });

  test("lives for ten minutes, and no longer than the sign-in that it is for (LS-03, ML-01)", async () => {
    const ada = await owner();
    const late = await half(ada);
    world.clock.advance(4 * MINUTE);
    await late.post(SEND);
    const code = await mailedCode(world, ada);
    await using db = await openTables(world);
    world.clock.advance(6 * MINUTE);
    assert.equal((await enter(late, code)).path, "/sign-in");
    const { browser, code: second } = await asked(ada);
    // A sign-in that lived on would not keep the code alive.
    await db
      .updateTable("pending_sign_ins")
      .set({ expires_at: world.clock.now() + HOUR })
      .where("user_id", "=", ada.id)
      .execute();
    world.clock.advance(10 * MINUTE);
    assert.match((await enter(browser, second)).words, /That code is not right, or it works no longer|We send a six/);
    assert.equal(await whoIs(browser), undefined);
    await world.auth.upkeep.run();
    assert.deepEqual(await db.selectFrom("mailed_codes").selectAll().where("user_id", "=", ada.id).execute(), []);
  });

  test("makes one session, however often it is sent at once (LS-04, RP-05)", async () => {
    const ada = await owner();
    const { browser, code } = await asked(ada);
    const answers = await Promise.all(Array.from({ length: 5 }, () => submit(browser, STEP, { mailed_code: code })));
    assert.equal(answers.filter((answer) => Boolean(cookiesSet(answer)[COOKIE.session])).length, 1);
    const sessions = await world.context.db.selectFrom("sessions").select("id").where("user_id", "=", ada.id).execute();
    assert.equal(sessions.length, 1);
  });

  test("dies with a change of the address, and with the sign-in (ML-01)", async () => {
    const ada = await owner();
    const session = world.browser();
    await world.signIn(session, ada);
    const { browser, code } = await asked(ada);
    const sure = { current_password: PASSWORD, current_code: world.freshCode(ada) };
    await session.post("/account/email", { ...sure, email: `${ada.login}@elsewhere.example` });
    assert.match((await browser.get(STEP)).words, /We send a six-digit code to a••@e••\.example/);
    await enter(browser, code);
    assert.equal(await whoIs(browser), undefined);

    const other = await asked(ada);
    await other.browser.post("/sign-in/cancel");
    assert.equal((await enter(other.browser, other.code)).path, "/sign-in");
    const third = await asked(ada);
    const again = { current_password: PASSWORD, current_code: world.freshCode(ada) };
    await session.post("/account/password", { ...again, new_password: "another eleven walnut boats" });
    assert.equal((await enter(third.browser, third.code)).path, "/sign-in");
    for (const each of [other, third]) assert.equal(await whoIs(each.browser), undefined);
  });

  test("is offered to nobody without an address", async () => {
    const ada = await owner();
    await world.context.db.updateTable("users").set({ email: null }).where("id", "=", ada.id).execute();
    const browser = await half(ada);
    assert.doesNotMatch((await browser.get("/sign-in/code")).words, /Email me a code/);
    assert.equal((await browser.post(SEND)).path, "/sign-in/code");
  });

  test("has a count of its own: five tries, then growing waits, twenty in all, and new codes forgive none (RL-01, RL-02, RL-13)", async () => {
    const ada = await owner();
    let tried = 0;
    for (let rounds = 0; rounds < 40 && tried < 20; rounds++) {
      await world.context.db.deleteFrom("rates").execute();
      const { browser, code } = await asked(ada);
      const page = await enter(browser, otherCode(code));
      if (page.status === 422) tried++;
      if (tried === 5) assert.equal((await enter(browser, code)).status, 429, "the right code has to wait as well");
      world.clock.advance(HOUR);
    }
    assert.equal(tried, 20);
    const { browser, code } = await asked(ada);
    assert.equal((await enter(browser, code)).status, 429);
    assert.deepEqual(
      (await attempts.locked(world.context, ada.id)).map(({ kind, until }) => ({ kind, until })),
      [{ kind: "mailed-code", until: null }],
    );
    assert.deepEqual((await missesOf(ada, "code")).length, 0, "the phone's codes are counted apart");
    assert.equal((await browser.post("/sign-in/code", { code: world.freshCode(ada) })).path, "/");
  });

  test("that is no code costs nothing, and the owner hears of three that were wrong (LS-10, TC-09)", async () => {
    const ada = await owner();
    const { browser, code } = await asked(ada);
    for (const text of [
      "",
      "12345",
      "1234567",
      `${code}\n`,
      `0x${code}`,
      [...code].map((d) => String.fromCodePoint(0xff10 + Number(d))).join(""),
    ]) {
      assert.equal((await enter(browser, text)).status, 422);
    }
    assert.deepEqual(await missesOf(ada, "mailed-code"), []);
    for (let nth = 1; nth <= 3; nth++) await enter(browser, otherCode(code, nth));
    assert.deepEqual(
      (await takeMails(world)).map(({ kind }) => kind),
      ["sign_in_abandoned"],
    );
    assert.equal((await enter(browser, code)).path, "/");
  });

  test("forgives no wrong code of the phone, and makes no browser a bucket of its own for more guesses (RL-03)", async () => {
    const ada = await owner();
    const thief = await half(ada);
    for (let nth = 0; nth < 4; nth++)
      await thief.post("/sign-in/code", { code: wrongCode(ada, world.clock.now(), nth) });
    for (let times = 0; times < 3; times++) {
      const { browser, code } = await asked(ada);
      assert.equal((await enter(browser, code)).path, "/");
      assert.equal(browser.cookies.get(COOKIE.browsers), undefined);
      assert.equal(browser.cookies.get(COOKIE.trust), undefined);
    }
    assert.deepEqual(
      (await missesOf(ada, "code")).map(({ misses }) => misses),
      [4],
    );
    const known = await world.context.db
      .selectFrom("known_browsers")
      .select("id")
      .where("user_id", "=", ada.id)
      .execute();
    assert.deepEqual(known, []);
    // Guesses at a confirmation add to those at the door, and add up over the sessions that mail gave.
    for (let times = 0; times < 20; times++) {
      await world.context.db.deleteFrom("rates").execute();
      const { browser, code } = await asked(ada);
      await enter(browser, code);
      for (let nth = 0; nth < 5; nth++) {
        const sent = { current_password: PASSWORD, current_code: wrongCode(ada, world.clock.now(), nth) };
        if ((await submit(browser, "/account/security/disable", sent)).status !== 422) break;
      }
      world.clock.advance(2 * HOUR);
    }
    assert.deepEqual(
      (await missesOf(ada, "code")).map(({ misses }) => misses),
      [20],
    );
  });

  test("makes no browser a trusted one, whatever is sent with it (TD-05)", async () => {
    const ada = await owner();
    const { browser, code } = await asked(ada);
    await browser.post(STEP, { mailed_code: code, trust: "on" });
    assert.equal(await whoIs(browser), ada.login);
    assert.equal(browser.cookies.get(COOKIE.trust), undefined);
    assert.deepEqual(
      await world.context.db.selectFrom("trusted_browsers").select("id").where("user_id", "=", ada.id).execute(),
      [],
    );
  });

  test("confirms nothing: neither the sign-in by it nor the code itself (SU-01, SU-02, EN-01)", async () => {
    const ada = await owner();
    const { browser, code } = await asked(ada);
    const another = await asked(ada);
    await enter(browser, code);
    for (const path of ["/account/email", "/account/security/enrolment", "/account/security/recovery-codes"]) {
      assert.equal((await submit(browser, path)).status, 403, path);
      const sent = { current_password: PASSWORD, current_code: another.code };
      assert.equal((await submit(browser, path, sent)).status, 422, path);
    }
    assert.equal(
      (await submit(browser, "/account/security/disable", { current_password: PASSWORD, current_code: code })).status,
      422,
    );
  });

  test("admits no administrator to other people's accounts (AD-01)", async () => {
    const boss = await owner("administrator");
    const { browser, code } = await asked(boss);
    assert.equal((await enter(browser, code)).path, "/");
    for (const path of ["/users", "/events", `/users/${boss.id}`]) {
      const page = await browser.get(path);
      assert.equal(page.path, "/account/security", path);
    }
    const phone = world.browser();
    await world.signIn(phone, boss);
    assert.equal((await phone.get("/users")).path, "/users");
  });

  test("is no second factor beside a password that came by mail: the mailbox alone opens nothing (LS-06, RC-04, RC-09)", async () => {
    const ada = await owner();
    const owners = world.browser();
    await world.signIn(owners, ada);
    const sure = { current_password: PASSWORD, current_code: world.freshCode(ada) };
    const [recovery_code = ""] = recoveryCodesOn(await owners.post("/account/security/recovery-codes", sure));
    const mine = await half(ada);
    await takeMails(world);
    await world.browser().post("/forgotten-password", { login: ada.login });
    const ticket = (await takeMails(world)).find(({ kind }) => kind === "password_reset")?.facts.ticket;
    const password = "another eleven walnut boats";
    await world.browser().post("/password-reset", { ticket: String(ticket), new_password: password });

    const thief = await half(ada, world.browser(), password);
    assert.doesNotMatch((await thief.get("/sign-in/code")).words, /Email me a code/);
    assert.equal((await thief.post(SEND)).path, "/sign-in/code");
    assert.equal((await mine.post(SEND)).path, "/sign-in", "what was begun before is over");
    assert.deepEqual(
      (await takeMails(world)).filter(({ kind }) => kind === "mailed_code"),
      [],
    );
    // The owner shows a factor that is not mail, and mail may stand in for the phone again.
    const lost = await half(ada, world.browser(), password);
    await lost.post("/sign-in/recovery-code", { recovery_code });
    assert.equal(await whoIs(lost), ada.login);
    const later = await half(ada, world.browser(), password);
    assert.equal((await later.post(SEND)).path, STEP);
    assert.equal((await enter(later, await mailedCode(world, ada))).path, "/");
  });

  test("is not sent after a mailed link brought back an old address, until another factor was shown (ML-01)", async () => {
    const ada = await owner();
    const session = world.browser();
    await world.signIn(session, ada);
    const sure = { current_password: PASSWORD, current_code: world.freshCode(ada) };
    await session.post("/account/email", { ...sure, email: `${ada.login}@elsewhere.example` });
    const told = (await takeMails(world)).find(
      ({ kind, facts }) => kind === "email_changed" && facts.ticket !== undefined,
    );
    assert.ok((await world.auth.emailUndo.complete(clientAt("192.0.2.8"), String(told?.facts.ticket))).ok);
    const thief = await half(ada);
    assert.equal((await thief.post(SEND)).path, "/sign-in/code");
    assert.equal((await thief.post("/sign-in/code", { code: world.freshCode(ada) })).path, "/");
    assert.equal((await (await half(ada)).post(SEND)).path, STEP);
  });

  test("is not in the database, and its hash opens only where it was put (AU-02, SK-02)", async () => {
    const ada = await owner();
    const bob = await owner();
    const hers = await asked(ada);
    const his = await asked(bob);
    await using db = await openTables(world);
    const rows = await db.selectFrom("mailed_codes").selectAll().execute();
    assert.ok(!JSON.stringify(rows).includes(hers.code));
    const [row, other] = [ada, bob].map(({ id }) => rows.find(({ user_id }) => user_id === id));
    assert.ok(row && other);
    assert.match(row.code_hash_sealed, /^v1\./);
    // Whoever may write to the database puts a hash whose code they know into the row of somebody else.
    await db
      .updateTable("mailed_codes")
      .set({ code_hash_sealed: other.code_hash_sealed })
      .where("user_id", "=", ada.id)
      .execute();
    assert.equal((await submit(hers.browser, STEP, { mailed_code: his.code })).status, 500);
    assert.equal(await whoIs(hers.browser), undefined);
  });

  test("tells where it was asked for, and stands in no subject (CH-08)", async () => {
    const ada = await owner();
    const browser = world.browser({ address: "203.0.113.7" });
    await half(ada, browser);
    await browser.post(SEND);
    const [mail] = await takeMails(world);
    assert.ok(mail);
    const { subject, text, html } = render(mail, world.auth.options);
    assert.equal(mail.to, `${ada.login}@example.org`);
    assert.ok(!subject.includes(String(mail.facts.code)));
    for (const body of [text, html]) {
      assert.ok(body.includes(`Your code is ${mail.facts.code}.`));
      assert.match(body, /203\.0\.113\.7/);
      assert.match(body, /somebody knows your password/);
    }
  });
});
