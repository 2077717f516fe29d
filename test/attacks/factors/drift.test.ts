// A phone's clock runs ahead or behind, and the codes that are right move along with it. The attacks: to drag them
// where the attacker wants them, by codes seen before, by guesses, or by codes typed late; and to find more than three
// codes right at one moment. A phone whose clock was mended must not be locked out.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { codeFor } from "../../../src/testing/auth.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { clientAt, useArena, wrongCode } from "../../support/attacker.ts";
import { openTables } from "../../support/tables.ts";
import { type Member, onBothKinds, PASSWORD, secretOn } from "../../support/world.ts";

const STEP = 30_000;

onBothKinds("a phone's clock that is off", (dialect) => {
  const world = useArena(dialect);
  let people = 0;

  const owner = () => world.person(`ada${++people}`, { twoFactor: true });

  /** The code that a phone shows whose clock is so many steps off. */
  const shownAt = ({ secret = "" }: Member, offset: number) => codeFor(secret, world.clock.now() + offset * STEP);

  /** Signs in with a code, and tells what became of it. */
  async function use({ login }: Member, code: string, browserTokens: string[] = []): Promise<string> {
    const client = clientAt("192.0.2.9");
    const begun = await world.auth.signIn.begin({
      client,
      name: login,
      password: PASSWORD,
      wantedPage: "/",
      browserTokens,
    });
    assert.ok(begun.ok && begun.next === "code");
    const done = await world.auth.signIn.confirmCode({ client, pendingToken: begun.pendingToken, code });
    return done.ok ? "ok" : done.reason;
  }

  /** Signs in as somebody whose clock is so many steps off, some time after the last time. */
  function later(member: Member, offset: number): Promise<string> {
    world.clock.advance(20 * STEP);
    return use(member, shownAt(member, offset));
  }

  async function row({ id }: Member) {
    await using db = await openTables(world);
    return await db.selectFrom("authenticators").selectAll().where("user_id", "=", id).executeTakeFirstOrThrow();
  }
  const driftOf = async (member: Member) => (await row(member)).drift_steps;

  /** A phone whose clock went off step by step, and was followed. */
  async function drifted(offset: number): Promise<Member> {
    const ada = await owner();
    for (let at = Math.sign(offset); Math.abs(at) <= Math.abs(offset); at += Math.sign(offset)) {
      assert.equal(await later(ada, at), "ok");
      assert.equal(await later(ada, at), "ok");
    }
    assert.equal(await driftOf(ada), offset);
    return ada;
  }

  /** A browser in which somebody signed in whose clock is so many steps off. */
  async function signedIn(member: Member, offset: number): Promise<Browser> {
    const browser = world.browser();
    world.clock.advance(20 * STEP);
    await browser.post("/sign-in", { login: member.login, password: PASSWORD });
    assert.equal((await browser.post("/sign-in/code", { code: shownAt(member, offset) })).path, "/");
    return browser;
  }

  test("is followed step by step once two codes in a row agree, both ways (TC-14)", async () => {
    for (const direction of [1, -1]) {
      const ada = await owner();
      assert.equal(await later(ada, direction), "ok");
      assert.equal(await driftOf(ada), 0, "one code may have been typed late");
      assert.equal(await later(ada, 0), "ok");
      assert.equal(await later(ada, direction), "ok");
      assert.equal(await driftOf(ada), 0, "those two did not agree");
      assert.equal(await later(ada, direction), "ok");
      assert.equal(await driftOf(ada), direction);
      assert.equal(await later(ada, 3 * direction), "wrong_code");
      assert.equal(await later(ada, 2 * direction), "ok");
      assert.equal(await later(ada, 2 * direction), "ok");
      assert.equal(await driftOf(ada), 2 * direction);
    }
  });

  test("is followed for four steps and no further (TC-14)", async () => {
    for (const most of [4, -4]) {
      const ada = await drifted(most);
      const beyond = most + Math.sign(most);
      for (let times = 0; times < 3; times++) assert.equal(await later(ada, beyond), "ok");
      assert.equal(await driftOf(ada), most);
      assert.equal(await later(ada, beyond + Math.sign(most)), "wrong_code");
    }
  });

  test("makes no fourth code right, wherever it is (TC-07, TC-14)", async () => {
    for (const drift of [0, 1, -2, 4]) {
      const right: number[] = [];
      for (let offset = -8; offset <= 8; offset++) {
        const ada = await owner();
        await using db = await openTables(world);
        await db.updateTable("authenticators").set({ drift_steps: drift }).where("user_id", "=", ada.id).execute();
        if ((await use(ada, shownAt(ada, offset))) === "ok") right.push(offset);
      }
      assert.deepEqual(right, [drift - 1, drift, drift + 1]);
    }
  });

  test("that was mended costs one code, and the next one works (TC-14)", async () => {
    for (const off of [4, 2, -2, -4]) {
      for (const late of [0, -1].filter((each) => Math.abs(each - off) > 1)) {
        const ada = await drifted(off);
        assert.equal(await later(ada, late), "wrong_code");
        assert.equal(await driftOf(ada), 0);
        world.clock.advance(STEP);
        assert.equal(await use(ada, shownAt(ada, late)), "ok", `${off} ${late}`);
      }
    }
  });

  test("gives a code that it refused for the drift no second chance (RP-01, TC-14)", async () => {
    const ada = await drifted(4);
    world.clock.advance(20 * STEP);
    const seen = shownAt(ada, 0);
    assert.equal(await use(ada, seen), "wrong_code");
    assert.equal(await driftOf(ada), 0);
    assert.equal(await use(ada, seen), "used_code");
    assert.equal(await use(ada, shownAt(ada, -1)), "used_code");
  });

  test("is dragged by no code that was spent, and by no guess (RP-01, RP-03, TC-14)", async () => {
    const ada = await drifted(2);
    world.clock.advance(20 * STEP);
    const spent = shownAt(ada, 2);
    assert.equal(await use(ada, spent), "ok");
    const before = await row(ada);
    // The spent code comes of age: it lies at the edge, then outside, then where a mended clock would show it.
    for (let steps = 0; steps < 5; steps++) {
      assert.notEqual(await use(ada, spent), "ok");
      assert.notEqual(await use(ada, wrongCode(ada, world.clock.now(), steps)), "ok");
      assert.deepEqual(await row(ada), before);
      world.clock.advance(STEP);
    }
  });

  test("is learned once from codes used at the same moment, a step at most (RP-02, TC-14)", async () => {
    const ada = await owner();
    assert.equal(await later(ada, 1), "ok");
    world.clock.advance(20 * STEP);
    const used = await Promise.all(Array.from({ length: 3 }, () => use(ada, shownAt(ada, 1))));
    assert.equal(used.filter((each) => each === "ok").length, 1, used.join(" "));
    assert.equal(await driftOf(ada), 1);
  });

  test("never goes back a step nor jumps, whatever order codes come in (RP-03, TC-14)", async () => {
    const uses = fc.array(
      fc.record({ steps: fc.integer({ min: 0, max: 6 }), offset: fc.integer({ min: -7, max: 7 }) }),
      {
        minLength: 4,
        maxLength: 14,
      },
    );
    await fc.assert(
      fc.asyncProperty(uses, async (sequence) => {
        const ada = await owner();
        for (const { steps, offset } of sequence) {
          world.clock.advance(steps * STEP);
          const was = await row(ada);
          const outcome = await use(ada, shownAt(ada, offset));
          const is = await row(ada);
          assert.ok(is.last_step >= was.last_step);
          if (outcome === "ok") {
            assert.ok(Math.abs(offset - was.drift_steps) <= 1);
            assert.ok(is.last_step > was.last_step);
            assert.ok(Math.abs(is.drift_steps - was.drift_steps) <= 1);
          } else {
            assert.ok(is.drift_steps === was.drift_steps || is.drift_steps === 0);
          }
          assert.ok(Math.abs(is.drift_steps) <= 4);
          if (outcome === "too_many_attempts") break;
        }
      }),
      { numRuns: 12 },
    );
  });

  test("belongs to one phone: another of the same person keeps its own (TC-14)", async () => {
    const ada = await drifted(2);
    const browser = await signedIn(ada, 2);
    world.clock.advance(STEP);
    const sure = { current_password: PASSWORD, current_code: shownAt(ada, 2) };
    const second = { ...ada, secret: secretOn(await browser.post("/account/security/enrolment", sure)) };
    await browser.post("/account/security/enrolment/confirm", { code: shownAt(second, 0) });
    assert.equal(await later(second, 2), "wrong_code");
    assert.equal(await later(second, 0), "ok");
    assert.equal(await later(ada, 3), "ok");
  });

  test("is not taken over at enrolment: the phone is at hand, and the page says how to mend it (TC-14)", async () => {
    const ada = await world.person(`ada${++people}`);
    const browser = world.browser();
    await world.signIn(browser, ada);
    const page = await browser.post("/account/security/enrolment", { current_password: PASSWORD });
    ada.secret = secretOn(page);
    for (const offset of [-4, -2, 2, 4]) {
      const refused = await browser.post("/account/security/enrolment/confirm", { code: shownAt(ada, offset) });
      assert.match(refused.words, offset < 0 ? /clock is behind/ : /clock is ahead/);
    }
    await browser.post("/account/security/enrolment/confirm", { code: shownAt(ada, 1) });
    assert.equal(await driftOf(ada), 0);
  });

  test("is told to its owner from a minute on", async () => {
    for (const [off, words] of [
      [1, undefined],
      [-2, /This phone's clock is about 60 seconds behind\. Turn on automatic time/],
      [4, /This phone's clock is about 120 seconds ahead\. Turn on automatic time/],
    ] as const) {
      const ada = await drifted(off);
      const page = await (await signedIn(ada, off)).get("/account/security");
      assert.match(page.words, /Your account is protected/);
      if (words === undefined) assert.doesNotMatch(page.words, /This phone's clock/);
      else assert.match(page.words, words);
    }
  });
});
