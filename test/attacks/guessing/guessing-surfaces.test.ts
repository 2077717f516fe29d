// The attack: the sign-in is guarded, so somebody guesses elsewhere: on the page that asks for the password once more,
// on the form that turns two-factor authentication off, on the one that changes the password, in a session that was
// left open or stolen. Products have counted the sign-in and forgotten these. Every place that takes a password or a
// code is walked here, and all of them together are one budget.

import assert from "node:assert/strict";
import { test } from "node:test";
import { codeFor } from "../../../src/testing/auth.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { otherCode, submit, useArena, whoIs, wrongCode } from "../../support/attacker.ts";
import { mailedCode } from "../../support/outbox.ts";
import { allowMailedCodes } from "../../support/policies.ts";
import { type Member, onBothDatabases, PASSWORD, secretOn } from "../../support/world.ts";

const WRONG = "not the right password";
const NEW_PASSWORD = "another eleven walnut boats";

/** A place to guess at: how to get there, what a try sends, and what a success would have changed. */
type Surface = {
  /** Tries that are looked at before there is a wait. */
  free: number;
  twoFactor: boolean;
  arrive(browser: Browser, member: Member): Promise<unknown>;
  path: string;
  fields(member: Member, is: "right" | "wrong", nth: number): Record<string, string>;
};

onBothDatabases("places to guess at", (dialect) => {
  const world = useArena(dialect);
  let people = 0;

  const signIn = (browser: Browser, member: Member) => world.signIn(browser, member);
  // The clock stands, so the last code that was used to sign in is spent; the next step's is accepted already.
  const next = ({ secret = "" }: Member) => codeFor(secret, world.clock.now() + 30_000);
  const wrong = (member: Member, nth: number) => wrongCode(member, world.clock.now(), nth);

  /** The forms of somebody who is signed in, each guessed at by its password and by its code. */
  const forms: Record<string, Record<string, string>> = {
    "/account/email": { email: "" },
    "/account/password": { new_password: NEW_PASSWORD },
    "/account/security/disable": {},
  };
  let mailed = "";
  const surfaces: Record<string, Surface> = {
    "the password at the sign-in": {
      free: 10,
      twoFactor: false,
      arrive: async () => {},
      path: "/sign-in",
      fields: ({ login }, is) => ({ login, password: is === "right" ? PASSWORD : WRONG }),
    },
    "the code at the sign-in": {
      free: 5,
      twoFactor: true,
      arrive: (browser, { login }) => submit(browser, "/sign-in", { login, password: PASSWORD }),
      path: "/sign-in/code",
      fields: (member, is, nth) => ({ code: is === "right" ? next(member) : wrong(member, nth) }),
    },
    "the code by mail at the sign-in": {
      free: 5,
      twoFactor: true,
      arrive: async (browser, member) => {
        await allowMailedCodes(world);
        await submit(browser, "/sign-in", { login: member.login, password: PASSWORD });
        await submit(browser, "/sign-in/mailed-code/send");
        mailed = await mailedCode(world, member);
      },
      path: "/sign-in/mailed-code",
      fields: (_, is, nth) => ({ mailed_code: is === "right" ? mailed : otherCode(mailed, nth + 1) }),
    },
    "the code that turns two-factor authentication on": {
      free: 10,
      twoFactor: false,
      arrive: async (browser, member) => {
        await signIn(browser, member);
        const page = await browser.post("/account/security/enrolment", { current_password: PASSWORD });
        member.secret = secretOn(page);
      },
      path: "/account/security/enrolment/confirm",
      fields: (member, is, nth) => ({ code: is === "right" ? next(member) : wrong(member, nth) }),
    },
  };
  for (const [path, rest] of Object.entries(forms)) {
    surfaces[`the password on ${path}`] = {
      free: 10,
      twoFactor: true,
      arrive: signIn,
      path,
      fields: (member, is) => ({
        ...rest,
        current_password: is === "right" ? PASSWORD : WRONG,
        current_code: next(member),
      }),
    };
    surfaces[`the code on ${path}`] = {
      free: 5,
      twoFactor: true,
      arrive: signIn,
      path,
      fields: (member, is, nth) => ({
        ...rest,
        current_password: PASSWORD,
        current_code: is === "right" ? next(member) : wrong(member, nth),
      }),
    };
  }

  /** What a success of any kind would change. */
  const state = async ({ id }: Member) => {
    const { db } = world.context;
    const user = await db
      .selectFrom("users")
      .select(["email", "password_hash"])
      .where("id", "=", id)
      .executeTakeFirst();
    const authenticators = await db.selectFrom("authenticators").select("id").where("user_id", "=", id).execute();
    return JSON.stringify([user, authenticators]);
  };
  const isEvaluated = (page: string) => /is not right|do not match/.test(page);

  for (const [name, { free, twoFactor, arrive, path, fields }] of Object.entries(surfaces)) {
    test(`${name}: ${free} tries are looked at, then not even the right one is (RL-11, WILD-4, T-10)`, async () => {
      const member = await world.person(`ada${++people}`, { twoFactor });
      const browser = world.browser();
      await arrive(browser, member);
      const before = await state(member);
      const login = await whoIs(browser);
      const jar = new Map(browser.cookies);
      let evaluated = 0;
      for (let nth = 0; nth < free + 5; nth++) {
        const answer = await submit(browser, path, fields(member, "wrong", nth));
        if (answer.status === 422 && isEvaluated(await answer.text())) evaluated++;
      }
      // The last miss of somebody who is signed in ends the session, and is no more than that.
      assert.ok(
        evaluated === free || (evaluated === free - 1 && (await whoIs(browser)) === undefined),
        `${evaluated} tries`,
      );
      // The same cookies once more, whatever happened to them: nothing opens.
      for (const [key, value] of jar) browser.cookies.set(key, value);
      const answer = await submit(browser, path, fields(member, "right", 0));
      assert.ok([429, 422, 303].includes(answer.status));
      assert.equal(await state(member), before);
      assert.ok([login, undefined].includes(await whoIs(browser)));
      if (login === undefined) assert.equal(await whoIs(browser), undefined);
    });

    test(`${name}: the right one opens, so the refusals mean something (RL-11)`, async () => {
      const member = await world.person(`ada${++people}`, { twoFactor });
      const browser = world.browser();
      await arrive(browser, member);
      const before = await state(member);
      await submit(browser, path, fields(member, "wrong", 0));
      await submit(browser, path, fields(member, "right", 0));
      const changed = (await state(member)) !== before;
      assert.ok(path.startsWith("/sign-in") ? (await whoIs(browser)) === member.login : changed);
    });
  }

  test("codes tried in four places are one budget (RL-03, RL-11)", async () => {
    const ada = await world.person(`ada${++people}`, { twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, ada);
    const session = new Map(browser.cookies);
    const confirmWrong = (path: string, nth: number) =>
      submit(browser, path, { ...forms[path], current_password: PASSWORD, current_code: wrong(ada, nth) });
    for (const [nth, path] of Object.keys(forms).entries()) assert.equal((await confirmWrong(path, nth)).status, 422);
    await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD });
    assert.equal((await submit(browser, "/sign-in/code", { code: wrong(ada, 3) })).status, 422);
    // The fifth miss, wherever it is, ends the session; after it no place looks at a code any more.
    for (const [name, value] of session) browser.cookies.set(name, value);
    assert.equal((await confirmWrong("/account/email", 4)).headers.get("location"), "/sign-in");
    assert.equal(await whoIs(browser), undefined);
    await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD });
    const answer = await submit(browser, "/sign-in/code", { code: next(ada) });
    assert.equal(answer.status, 429);
    assert.equal(await whoIs(browser), undefined);
  });

  test("two sessions of one browser are one budget (RL-03, T-08)", async () => {
    const ada = await world.person(`ada${++people}`, { twoFactor: true });
    const one = world.browser();
    await world.signIn(one, ada);
    const two = world.browser();
    for (const [name, value] of one.cookies) if (name.endsWith("browsers")) two.cookies.set(name, value);
    await world.signIn(two, ada);
    const miss = (browser: Browser, nth: number) =>
      submit(browser, "/account/email", {
        ...forms["/account/email"],
        current_password: PASSWORD,
        current_code: wrong(ada, nth),
      });
    for (const nth of [0, 1, 2]) assert.equal((await miss(one, nth)).status, 422);
    assert.equal((await miss(two, 3)).status, 422);
    assert.equal((await miss(two, 4)).headers.get("location"), "/sign-in");
    const before = await state(ada);
    await submit(one, "/account/email", {
      ...forms["/account/email"],
      current_password: PASSWORD,
      current_code: next(ada),
    });
    assert.equal(await state(ada), before, "the other session's right code is not looked at either");
    assert.equal(await whoIs(one), ada.login, "though it lives");
  });

  test("starting over with a new secret gives no new tries (RL-03, RL-13)", async () => {
    const ada = await world.person(`ada${++people}`);
    const browser = world.browser();
    await world.signIn(browser, ada);
    const confirm = { current_password: PASSWORD };
    for (let nth = 0; nth < 10; nth++) {
      const secret = secretOn(await browser.post("/account/security/enrolment", confirm));
      const code = wrongCode({ secret }, world.clock.now(), nth);
      assert.equal((await submit(browser, "/account/security/enrolment/confirm", { code })).status, 422);
    }
    const secret = secretOn(await browser.post("/account/security/enrolment", confirm));
    const code = codeFor(secret, world.clock.now());
    assert.equal((await submit(browser, "/account/security/enrolment/confirm", { code })).status, 429);
    assert.match((await browser.get("/account/security")).words, /Two-factor authentication is off/);
  });

  for (const [path, rest] of Object.entries(forms)) {
    test(`${path} says 429 and how long to wait, as the sign-in does (RL-14)`, async () => {
      const ada = await world.person(`ada${++people}`, { twoFactor: true });
      const browser = world.browser();
      await world.signIn(browser, ada);
      await world.context.db
        .insertInto("attempts")
        .values({
          subject: ada.id,
          bucket: await bucketOf(ada),
          kind: "code",
          misses: 5,
          blocked_until: world.clock.now() + 30_000,
          first_at: 0,
          last_at: world.clock.now(),
        })
        .execute();
      const fields = { ...rest, current_password: PASSWORD, current_code: next(ada) };
      const answer = await submit(browser, path, fields);
      assert.match(await answer.text(), /Too many tries. Try again in 30 seconds/);
      assert.equal(answer.status, 429);
      assert.equal(answer.headers.get("retry-after"), "30");
    });
  }

  test("the enrolment says 429 and how long to wait, as the sign-in does (RL-14)", async () => {
    const ada = await world.person(`ada${++people}`);
    const browser = world.browser();
    await world.signIn(browser, ada);
    ada.secret = secretOn(await browser.post("/account/security/enrolment", { current_password: PASSWORD }));
    const path = "/account/security/enrolment/confirm";
    for (let nth = 0; nth < 10; nth++) await submit(browser, path, { code: wrong(ada, nth) });
    const answer = await submit(browser, path, { code: next(ada) });
    assert.equal(answer.status, 429);
    assert.equal(answer.headers.get("retry-after"), "30");
  });

  async function bucketOf({ id }: Member): Promise<string> {
    const row = await world.context.db
      .selectFrom("known_browsers")
      .select("id")
      .where("user_id", "=", id)
      .executeTakeFirstOrThrow();
    return row.id;
  }
});
