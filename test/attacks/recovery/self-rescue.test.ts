// The attack: where people may rescue themselves, a stolen password and patience are all that it takes. The thief starts
// the wait, starts it over and over, hurries, comes back before it is over, goes on at the moment when the owner stops
// it, or tries it on those who were never to have it. Off unless a rule says otherwise, and loud all the time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { codeFor } from "../../../src/testing/auth.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { createArena, submit } from "../../support/attacker.ts";
import { resetPassword, setRole } from "../../support/keeper.ts";
import { takeMails } from "../../support/outbox.ts";
import { setRules } from "../../support/policies.ts";
import { administratorOf } from "../../support/staff.ts";
import { openTables } from "../../support/tables.ts";
import {
  enrol,
  type Member,
  OPERATOR,
  onBothKinds,
  PASSWORD,
  recoveryCodesOn,
  secretOn,
  type World,
} from "../../support/world.ts";

const DAY = 86_400_000;
const REQUIRED = "/account/security/required";
const ENROLMENT = "/account/security/enrolment";

/** Somebody with the password, at the second step. */
async function atSecondStep(world: World, { login }: Member) {
  const browser = world.browser();
  await submit(browser, "/sign-in", { login, password: PASSWORD });
  return browser;
}

const begin = async (world: World, member: Member) => (await atSecondStep(world, member)).post("/sign-in/lost");

/** Goes on after the wait; `isIn` says whether it led to a session that may enrol. */
async function goOn(world: World, member: Member, at?: Browser) {
  const page = await (at ?? (await atSecondStep(world, member))).post("/sign-in/lost/enrolment");
  return { ...page, isIn: page.path.split("?")[0] === REQUIRED };
}

onBothKinds("rescuing oneself", (dialect) => {
  test("is off unless a rule turns it on, and never there for those who help (AD-04)", async () => {
    await using world = await createArena(dialect);
    const [ada, root, sue] = [
      await world.person("ada", { twoFactor: true }),
      await world.person("root", { role: "administrator", twoFactor: true }),
      await world.person("sue", { role: "support", twoFactor: true }),
    ];
    await using db = await openTables(world);
    const tryAll = async (...members: Member[]) => {
      for (const member of members) {
        const browser = await atSecondStep(world, member);
        assert.doesNotMatch((await browser.get("/sign-in/code")).text, /sign-in\/lost/);
        assert.equal((await browser.get("/sign-in/lost")).status, 404);
        assert.equal((await browser.post("/sign-in/lost")).status, 404);
        world.clock.advance(30_000);
        assert.equal((await goOn(world, member, browser)).isIn, false);
      }
      assert.deepEqual(await db.selectFrom("rescues").select("id").execute(), []);
    };
    await tryAll(ada, root, sue);
    await setRules(world, { self_rescue: 1 });
    await tryAll(root, sue);
    await setRules(world, { self_rescue: 1, rescue: "approval" });
    await tryAll(ada);
    await setRules(world, { self_rescue: 1 });
    const person = world.host?.people.get(ada.id);
    if (person !== undefined) world.host?.people.set(ada.id, { ...person, email: null });
    await db.updateTable("users").set({ email: null }).where("id", "=", ada.id).execute();
    await tryAll(ada);
  });

  test("leads to a new phone after the wait, not a millisecond before, and once (RC-10)", async () => {
    await using world = await createArena(dialect);
    await setRules(world, { self_rescue: 1 });
    const ada = await world.person("ada", { twoFactor: true });
    assert.match((await (await atSecondStep(world, ada)).get("/sign-in/code")).text, /sign-in\/lost/);
    assert.match((await begin(world, ada)).words, /The wait has begun/);
    assert.deepEqual(
      (await takeMails(world)).map(({ kind }) => kind),
      ["rescue_asked"],
    );
    world.clock.advance(DAY - 1);
    assert.match((await goOn(world, ada)).words, /not possible now/);
    world.clock.advance(1);
    const browser = await atSecondStep(world, ada);
    assert.equal((await goOn(world, ada, browser)).isIn, true);
    assert.equal((await goOn(world, ada)).isIn, false, "once");
    const secret = secretOn(await browser.post(ENROLMENT));
    await browser.post(`${ENROLMENT}/confirm`, { code: codeFor(secret, world.clock.now()) });
    assert.equal((await browser.get("/")).path, "/");
    const kinds = (await takeMails(world)).map(({ kind }) => kind);
    assert.ok(kinds.includes("rescue_entered") && kinds.includes("two_factor_replaced"), kinds.join());
  });

  test("gives one session to all who go on at once (RP-05, LS-04)", async () => {
    await using world = await createArena(dialect);
    await setRules(world, { self_rescue: 1 });
    const ada = await world.person("ada", { twoFactor: true });
    await begin(world, ada);
    world.clock.advance(DAY);
    const browsers = await Promise.all(Array.from({ length: 5 }, () => atSecondStep(world, ada)));
    const pages = await Promise.all(browsers.map((browser) => goOn(world, ada, browser)));
    assert.equal(pages.filter(({ isIn }) => isIn).length, 1);
  });

  test("cannot be begun without the password, nor gone on with (LS-02)", async () => {
    await using world = await createArena(dialect);
    await setRules(world, { self_rescue: 1 });
    const ada = await world.person("ada", { twoFactor: true });
    await begin(world, ada);
    world.clock.advance(DAY);
    const stranger = world.browser();
    await submit(stranger, "/sign-in", { login: ada.login, password: "not this one at all" });
    assert.equal((await stranger.post("/sign-in/lost")).path, "/sign-in");
    assert.equal((await stranger.post("/sign-in/lost/enrolment")).path, "/sign-in");
    assert.equal((await goOn(world, ada)).isIn, true, "and nothing of it was spent");
  });

  test("is begun once: asking again neither puts it off nor fills a mailbox (ML-05)", async () => {
    await using world = await createArena(dialect);
    await setRules(world, { self_rescue: 1 });
    const ada = await world.person("ada", { twoFactor: true });
    await begin(world, ada);
    world.clock.advance(DAY / 2);
    for (let n = 0; n < 5; n++) await begin(world, ada);
    const asked = (await takeMails(world)).filter(({ kind }) => kind === "rescue_asked");
    assert.equal(asked.length, 1);
    world.clock.advance(DAY / 2);
    assert.equal((await goOn(world, ada)).isIn, true);
  });

  test("that the owner stops over and over can be begun twice, then once a day (ML-05, RL-11)", async () => {
    await using world = await createArena(dialect);
    await setRules(world, { self_rescue: 1 });
    const ada = await world.person("ada", { twoFactor: true });
    const round = async () => {
      const page = await begin(world, ada);
      const mail = (await takeMails(world)).find(({ kind }) => kind === "rescue_asked");
      if (mail !== undefined) await world.browser().post("/rescue-stop", { ticket: String(mail.facts.token) });
      return page.status;
    };
    assert.deepEqual([await round(), await round(), await round()], [200, 200, 429]);
    world.clock.advance(DAY);
    assert.deepEqual([await round(), await round()], [200, 429]);
  });

  test("is stopped by the owner who signs in with a code, and by a click in a trusted browser (AD-07)", async () => {
    await using world = await createArena(dialect);
    await setRules(world, { self_rescue: 1 });
    const ada = await world.person("ada", { twoFactor: true });
    const owner = world.browser();
    await submit(owner, "/sign-in", { login: ada.login, password: PASSWORD });
    await submit(owner, "/sign-in/code", { code: world.freshCode(ada), trust: "on" });
    await begin(world, ada);
    assert.match((await owner.get("/")).words, /Somebody with your password wants to set up/);
    await owner.post("/sign-out");
    await owner.post("/sign-in", { login: ada.login, password: PASSWORD });
    assert.match((await owner.get("/")).words, /Somebody with your password/, "who may have lost the phone indeed");
    assert.match((await owner.post("/account/rescue/stop")).words, /It is stopped/);
    await begin(world, ada);
    await takeMails(world);
    await world.signIn(world.browser(), ada);
    assert.ok((await takeMails(world)).some(({ kind }) => kind === "rescue_stopped"));
    world.clock.advance(DAY);
    assert.equal((await goOn(world, ada)).isIn, false);
  });

  test("is stopped by a recovery code, too, for not everything is lost (AD-07)", async () => {
    await using world = await createArena(dialect);
    await setRules(world, { self_rescue: 1 });
    const ada = await world.person("ada");
    const [recovery_code = ""] = recoveryCodesOn(await enrol(world, ada));
    await begin(world, ada);
    await (await atSecondStep(world, ada)).post("/sign-in/recovery-code", { recovery_code });
    world.clock.advance(DAY);
    assert.equal((await goOn(world, ada)).isIn, false);
  });

  test("is over when the rule is, or the person rises (SE-05)", async () => {
    await using world = await createArena(dialect);
    await setRules(world, { self_rescue: 1 });
    const [ada, bob] = [await world.person("ada", { twoFactor: true }), await world.person("bob", { twoFactor: true })];
    await begin(world, ada);
    await begin(world, bob);
    world.clock.advance(DAY);
    await setRole(world, bob, "support");
    assert.equal((await goOn(world, bob)).isIn, false);
    await setRules(world, { self_rescue: 0 });
    assert.equal((await goOn(world, ada)).isIn, false);
  });

  test("neither replaces nor shows what an administrator has in hand, and gives way to it (AD-07)", async () => {
    await using world = await createArena(dialect);
    await setRules(world, { self_rescue: 1, rescue: "waiting" });
    const ada = await world.person("ada", { twoFactor: true });
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    await begin(world, ada);
    const { authority } = await administratorOf(world, root);
    const asked = { id: ada.id, act: "reset-two-factor", reason: "lost phone" } as const;
    assert.ok((await world.auth.people.act({ client: OPERATOR, authority, ...asked })).ok);
    assert.equal((await (await atSecondStep(world, ada)).get("/sign-in/lost")).status, 404);
    assert.equal((await begin(world, ada)).status, 404);
    world.clock.advance(DAY);
    assert.equal((await goOn(world, ada)).isIn, false);
    const standing = await world.auth.rescues.find(world.auth.operatorAuthority(), ada.id);
    assert.equal(standing.open?.way, "reset");
  });

  test("forgives no wrong codes (RL-05)", async () => {
    await using world = await createArena(dialect);
    await setRules(world, { self_rescue: 1 });
    const ada = await world.person("ada", { twoFactor: true });
    await begin(world, ada);
    world.clock.advance(DAY);
    await using db = await openTables(world);
    const browser = await atSecondStep(world, ada);
    for (let n = 0; n < 3; n++) await submit(browser, "/sign-in/code", { code: "000000" });
    const misses = () => db.selectFrom("attempts").select("misses").where("kind", "=", "code").execute();
    const before = await misses();
    assert.equal(before[0]?.misses, 3);
    assert.equal((await goOn(world, ada, browser)).isIn, true);
    assert.deepEqual(await misses(), before);
  });

  test("is not there with a password that came by mail: the mailbox alone opens nothing (LS-06, RC-09)", async () => {
    await using world = await createArena(dialect);
    await setRules(world, { self_rescue: 1 });
    const ada = await world.person("ada", { twoFactor: true });
    const password = "another eleven walnut boats";
    await resetPassword(world, ada, password);
    const tryIt = async () => {
      const browser = world.browser();
      assert.equal((await submit(browser, "/sign-in", { login: ada.login, password })).status, 303);
      return (await browser.post("/sign-in/lost")).status;
    };
    assert.equal(await tryIt(), 404);
    await world.signIn(world.browser(), ada, password);
    assert.equal(await tryIt(), 200, "once something else was shown, it is there again");
  });
});
