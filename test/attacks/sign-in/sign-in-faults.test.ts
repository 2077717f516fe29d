// The attack: somebody waits for a bad day, or makes one. A database that is full, busy or gone in the middle of a
// sign-in has let people in elsewhere: the look-up of the second factor fails and counts as "none", the miss is rolled
// back with the request that failed. Here every single call of the database fails once, before or after it took
// effect, and nobody may get in, nor get a guess for free.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "../../../src/testing/browser.ts";
import { type Arena, COOKIE, cookiesSet, createArena, submit, whoIs, wrongCode } from "../../support/attacker.ts";
import { type Fault, noFault, openFaulty } from "../../support/faulty-database.ts";
import { type Member, onBothKinds, PASSWORD } from "../../support/world.ts";

onBothKinds("a database that fails", (dialect) => {
  const fault = noFault();
  let world: Arena & AsyncDisposable;
  let people = 0;
  before(async () => {
    world = await createArena(dialect, { host: { openDatabase: (url) => openFaulty(url, fault) } });
  });
  after(() => world[Symbol.asyncDispose]());

  const enrolled = () => world.person(`ada${++people}`, { twoFactor: true });

  /**
   * Prepares and acts again and again, each time with the next call failing, until an act runs through. Tells how
   * many calls there are.
   */
  async function failEverywhere<P>(
    when: Fault["when"],
    prepare: () => Promise<P>,
    act: (prepared: P) => Promise<Response>,
    check: (answer: Response, prepared: P) => Promise<void>,
  ): Promise<number> {
    for (let call = 0; ; call++) {
      const prepared = await prepare();
      Object.assign(fault, { in: call, when, calls: [] });
      const answer = await act(prepared);
      const struck = fault.in === undefined;
      fault.in = undefined;
      if (!struck) return call;
      assert.ok(call < 100, "a request with a hundred calls");
      assert.ok(answer.status >= 500, `status ${answer.status} after ${fault.calls.join("; ")}`);
      assert.ok(!cookiesSet(answer)[COOKIE.session], fault.calls.join("; "));
      await check(answer, prepared);
    }
  }

  const half = async () => {
    const [ada, browser] = [await enrolled(), world.browser()];
    await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD });
    assert.ok(browser.cookies.has(COOKIE.signIn));
    return { ada, browser };
  };
  const outside = async (_: Response, { browser }: { browser: Browser }) => {
    assert.equal(await whoIs(browser), undefined);
  };

  for (const when of ["before", "after"] as const) {
    test(`a right password where a code is owed never becomes a session, if any call fails ${when} its effect (LS-09, T-42, T-43)`, async () => {
      const calls = await failEverywhere(
        when,
        async () => ({ ada: await enrolled(), browser: world.browser() }),
        ({ ada, browser }) => submit(browser, "/sign-in", { login: ada.login, password: PASSWORD }),
        outside,
      );
      assert.ok(calls > 8, `only ${calls} calls were seen`);
    });

    test(`a right code gives a session or an error, if any call fails ${when} its effect (LS-09, T-42)`, async () => {
      const calls = await failEverywhere(
        when,
        half,
        ({ ada, browser }) => submit(browser, "/sign-in/code", { code: world.freshCode(ada) }),
        outside,
      );
      assert.ok(calls > 8, `only ${calls} calls were seen`);
    });
  }

  test("the charge for a wrong code survives whatever fails after it (T-06, RL-04)", async () => {
    let survived = 0;
    await failEverywhere(
      "before",
      half,
      ({ ada, browser }) => submit(browser, "/sign-in/code", { code: wrongCode(ada, world.clock.now()) }),
      async (_, { ada }) => {
        // The last call is the one that failed.
        const done = fault.calls.slice(0, -1);
        const charged = done.findIndex((call) => /^\s*insert into attempts/.test(call));
        const committed = charged >= 0 && done.indexOf("commit", charged) >= 0;
        assert.equal(await missesOf(ada), committed ? 1 : 0, fault.calls.join("; "));
        if (committed) survived++;
      },
    );
    assert.ok(survived > 2, "calls after the charge have failed");
  });

  test("while the database is away nobody signs in and nothing is taken for signed in; afterwards all goes on (RL-12, LS-09)", async () => {
    const { ada, browser } = await half();
    const inside = world.browser();
    await world.signIn(inside, await world.person(`eve${++people}`));
    const away = async (work: () => Promise<Response>) => {
      Object.assign(fault, { in: 0, when: "before", calls: [] });
      const answer = await work();
      fault.in = undefined;
      assert.ok(answer.status >= 500);
      assert.deepEqual(answer.headers.getSetCookie(), []);
      assert.doesNotMatch(await answer.text(), /the disk is full|\.ts\b|node_modules/);
    };
    await away(() => inside.send("/"));
    await away(() => inside.send("/api/v1/session"));
    await away(() => submit(inside, "/account/security/disable", { current_password: PASSWORD }));
    await away(() => submit(browser, "/sign-in", { login: ada.login, password: PASSWORD }));
    await away(() => submit(browser, "/sign-in/code", { code: world.freshCode(ada) }));
    assert.ok(await whoIs(inside));
    await submit(browser, "/sign-in/code", { code: world.freshCode(ada) });
    assert.equal(await whoIs(browser), ada.login);
  });

  async function missesOf({ id }: Member): Promise<number> {
    const row = await world.context.db
      .selectFrom("attempts")
      .select("misses")
      .where("subject", "=", id)
      .where("kind", "=", "code")
      .executeTakeFirst();
    return row?.misses ?? 0;
  }
});
