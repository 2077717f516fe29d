// The attack: somebody found a browser that was left open, or has a copy of its cookie. They are in, and want to stay:
// a new password, another address, two-factor authentication off, an account of their own. Whatever would let them
// stay asks once more for everything that the account has, and that lasts ten minutes, in that one session, from that
// one moment.

import assert from "node:assert/strict";
import { test } from "node:test";
import { codeFor } from "../../../src/testing/auth.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { ROUTES } from "../../../src/web/app.ts";
import type { Route } from "../../../src/web/route.ts";
import { COOKIE, cookiesSet, SENSITIVE, submit, useArena, whoIs, wrongCode } from "../../support/attacker.ts";
import { readTables } from "../../support/tables.ts";
import { type Member, onBothKinds, ownTest, PASSWORD } from "../../support/world.ts";

const MINUTE = 60_000;
const NEW_PASSWORD = "another eleven walnut boats";

/** Forms that need no confirmation, and why. */
const NOT_SENSITIVE: Record<string, string> = {
  "/warnings/read": "hides a notice that stays in the record",
  "/sign-in": "proves the password itself",
  "/sign-in/code": "proves the code itself",
  "/sign-in/recovery-code": "proves the code itself",
  "/sign-in/mailed-code": "proves the code itself",
  "/sign-in/mailed-code/send": "asks for a mail to the owner, after the password",
  "/sign-in/cancel": "gives up a sign-in",
  "/sign-out": "gives up a session",
  "/setup": "proves a one-time ticket",
  "/invitation": "proves a one-time ticket",
  "/forgotten-password": "asks for a mail to the owner, and changes nothing",
  "/email-undo": "proves a one-time ticket",
  "/password-reset": "proves a one-time ticket",
  "/enrolment-link": "proves a one-time ticket and the password",
  "/rescue-stop": "keeps what there is, by a link that was mailed",
  "/account/rescue/stop": "keeps what there is",
  "/sign-in/lost": "comes after the password, and only starts a wait",
  "/sign-in/lost/enrolment": "comes after the password, and takes a wait that is over",
  "/account": "changes the name, language and time zone that the person sees",
  "/account/security/authenticators/rename": "changes a name that its owner alone sees",
  "/account/security/recovery-codes/check": "proves a recovery code and spends nothing",
  "/account/api-keys/revoke": "takes a right away and gives none",
  "/events/export": "reads what the same administrator reads in pages",
  "/api/v1/introspect": "changes nothing, and takes no session",
  "/account/security/enrolment/cancel": "forgets a secret that protects nothing yet",
};

test("every form either asks for a confirmation or is listed with the reason why not (SU-01)", () => {
  const forms = ROUTES.filter(({ method }) => method === "POST");
  const asking = forms.filter((route) => "confirmation" in route).map(({ path }) => path);
  const others = forms.filter((route) => !("confirmation" in route)).map(({ path }) => path);
  assert.deepEqual(others.toSorted(), Object.keys(NOT_SENSITIVE).toSorted());
  assert.ok(asking.length >= 12, "the others ask");
  for (const route of forms) {
    if ((route.who === "support" || route.who === "administrator") && route.path !== "/events/export")
      assert.ok("confirmation" in route, `${route.path} changes somebody else's account`);
  }
});

onBothKinds("confirming who you are", (dialect) => {
  const testOwn = ownTest(dialect);
  const world = useArena(dialect);
  let people = 0;

  type Options = { role?: "person" | "administrator"; twoFactor?: boolean };
  const signedIn = async (options: Options = { twoFactor: true }) => {
    const member = await world.person(`ada${++people}`, options);
    const browser = world.browser();
    await world.signIn(browser, member);
    assert.equal(await whoIs(browser), member.login);
    return { member, browser };
  };
  const another = async (member: Member) => {
    const browser = world.browser();
    await world.signIn(browser, member);
    return browser;
  };
  const proof = (member: Member) => ({
    current_password: PASSWORD,
    ...(member.secret === undefined ? {} : { current_code: world.freshCode(member) }),
  });
  /** A sensitive act of one's own that can be repeated: whether it is done tells whether the session is fresh. */
  const act = (browser: Browser, fields: Record<string, string> = {}) => submit(browser, SENSITIVE, fields);
  const isFresh = async (browser: Browser) => {
    const { status } = await act(browser);
    assert.ok(status === 303 || status === 403, String(status));
    return status === 303;
  };
  const confirm = async (browser: Browser, member: Member) => {
    assert.equal((await act(browser, proof(member))).status, 303);
  };
  /** Everything that an act could have changed. */
  const state = async () => {
    const { events, event_head, rates, attempts, sessions, ...rest } = await readTables(world.context.db);
    return JSON.stringify([rest, sessions?.map(({ id }) => id)]);
  };

  /** Every form that asks, aimed at another person, with fields that would do something. */
  const asking = ROUTES.filter(
    (route): route is Route & { confirmation: { kind: string } } =>
      "confirmation" in route && (dialect !== "host" || route.accounts !== "own"),
  );
  const fieldsOf = (nth: number) => ({
    email: `other${nth}@example.net`,
    login: `other${nth}`,
    name: "Other",
    role: "administrator",
    new_password: NEW_PASSWORD,
    reason: "because",
    code: "000000",
  });

  test("no sensitive form does anything in a session that was not confirmed (SU-01, T-15)", async () => {
    const { browser } = await signedIn({ role: "administrator", twoFactor: true });
    const { id } = await world.person(`victim${++people}`, { twoFactor: true });
    const before = await state();
    for (const { path, confirmation } of asking) {
      const answer = await submit(browser, path.replace(":id", id), fieldsOf(++people));
      const expected = confirmation.kind === "first" ? 403 : 422;
      assert.equal(answer.status, expected, path);
      assert.ok(!cookiesSet(answer)[COOKIE.session]);
      assert.equal(await state(), before, path);
    }
  });

  test("where there is a second factor, the password alone confirms nothing (SU-02, EN-01, T-15)", async () => {
    const { browser } = await signedIn({ role: "administrator", twoFactor: true });
    const { id } = await world.person(`victim${++people}`, { twoFactor: true });
    const before = await state();
    for (const { path } of asking) {
      for (const current_code of ["", "abc", "12345"]) {
        const fields = { ...fieldsOf(++people), current_password: PASSWORD, current_code };
        const answer = await submit(browser, path.replace(":id", id), fields);
        assert.equal(answer.status, 422, path);
        assert.equal(await state(), before, path);
      }
    }
  });

  test("a code that was used to sign in confirms nothing (SU-02, RP-01, T-02)", async () => {
    const member = await world.person(`ada${++people}`, { twoFactor: true });
    const browser = world.browser();
    await submit(browser, "/sign-in", { login: member.login, password: PASSWORD });
    const code = world.freshCode(member);
    await submit(browser, "/sign-in/code", { code });
    const answer = await act(browser, { current_password: PASSWORD, current_code: code });
    assert.equal(answer.status, 422);
    assert.match(await answer.text(), /already used/);
    assert.ok(!(await isFresh(browser)));
  });

  test("having just signed in is no confirmation (SU-01)", async () => {
    for (const options of [{ twoFactor: true }, { twoFactor: false }]) {
      const { browser } = await signedIn(options);
      assert.ok(!(await isFresh(browser)));
    }
  });

  test("it lasts ten minutes to the millisecond, and use does not make it longer (SU-01, SU-03)", async () => {
    const { member, browser } = await signedIn();
    await confirm(browser, member);
    const until = world.clock.now() + 10 * MINUTE;
    for (const left of [9 * MINUTE, 5 * MINUTE, MINUTE, 1]) {
      world.clock.set(until - left);
      assert.ok(await isFresh(browser), `${left} ms before the end`);
      assert.equal((await browser.get("/account/security")).status, 200);
    }
    world.clock.set(until);
    assert.ok(!(await isFresh(browser)));
    assert.equal(await whoIs(browser), member.login, "the session itself goes on");
  });

  test("turning two-factor authentication off and changing the password ask every time (SU-01, EN-10)", async () => {
    const { member, browser } = await signedIn();
    await confirm(browser, member);
    for (const [path, fields] of [
      ["/account/security/disable", {}],
      ["/account/password", { new_password: NEW_PASSWORD }],
    ] as const) {
      if (dialect === "host" && path === "/account/password") continue;
      assert.ok(await isFresh(browser));
      const before = await state();
      const answer = await submit(browser, path, fields);
      assert.equal(answer.status, 422, path);
      assert.equal(await state(), before);
    }
  });

  test("a clock that is set back makes nothing last longer (SU-05)", async () => {
    const { member, browser } = await signedIn();
    await confirm(browser, member);
    const at = world.clock.now();
    world.clock.set(at - 1);
    assert.ok(!(await isFresh(browser)), "before the confirmation");
    world.clock.set(at + 9 * MINUTE);
    assert.ok(await isFresh(browser));
    world.clock.set(at + 4 * MINUTE);
    assert.ok(!(await isFresh(browser)), "set back within the ten minutes");
    world.clock.set(at + 11 * MINUTE);
    assert.ok(!(await isFresh(browser)));
    world.clock.set(at + 5 * MINUTE);
    assert.ok(!(await isFresh(browser)), "set back after they were over");
    world.clock.set(at + 12 * MINUTE);
  });

  test("it belongs to the one session, and gives that a new cookie; the old one is dead (SU-03, SE-02)", async () => {
    const { member, browser } = await signedIn();
    const other = await another(member);
    const copy = world.browser();
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
    const before = browser.cookies.get(COOKIE.session);
    await confirm(browser, member);
    assert.notEqual(browser.cookies.get(COOKIE.session), before);
    assert.ok(await isFresh(browser));
    assert.ok(!(await isFresh(other)));
    assert.equal(await whoIs(other), member.login);
    assert.equal(await whoIs(copy), undefined, "a cookie that was copied before is worthless now");
    assert.equal((await act(copy)).headers.get("location"), "/sign-in");
  });

  test("nothing that a browser sends makes a session fresh (SU-05, T-29)", async () => {
    const { browser } = await signedIn();
    const soon = String(world.clock.now());
    for (const fields of [{ confirmed_at: soon, confirmed: "1", recent: "true" }, { current_password: "" }]) {
      const { status } = await act(browser, fields);
      assert.ok(status === 403 || status === 422, String(status));
    }
    const headers = { "x-confirmed-at": soon, authorization: `Basic ${btoa(`ada:${PASSWORD}`)}` };
    assert.equal((await submit(browser, `${SENSITIVE}?confirmed_at=${soon}`, {}, headers)).status, 403);
    browser.cookies.set("__Host-countersign-confirmed", soon);
    assert.ok(!(await isFresh(browser)));
  });

  for (const [what, misses, fields] of [
    ["passwords", 10, () => ({ current_password: "not the right password" })],
    [
      "codes",
      5,
      (member: Member, nth: number) => ({
        current_password: PASSWORD,
        current_code: wrongCode(member, world.clock.now(), nth),
      }),
    ],
  ] as const) {
    test(`${misses} wrong ${what} end the session, and no other one (SU-04, T-10)`, async () => {
      const { member, browser } = await signedIn();
      const other = await another(member);
      for (let nth = 0; nth < misses - 1; nth++) assert.equal((await act(browser, fields(member, nth))).status, 422);
      assert.equal(await whoIs(browser), member.login);
      const last = await act(browser, fields(member, misses));
      assert.equal(last.headers.get("location"), "/sign-in");
      assert.equal(cookiesSet(last)[COOKIE.session], "");
      assert.match((await browser.get("/sign-in")).words, /signed out after too many wrong tries/);
      assert.equal(await whoIs(browser), undefined);
      assert.equal(await whoIs(other), member.login);
      await confirm(other, member);
    });
  }

  test("misses of the confirmation count at the sign-in of that browser, and the other way round (SU-04, RL-03)", async () => {
    const { member, browser } = await signedIn();
    for (let nth = 0; nth < 3; nth++) {
      const current_code = wrongCode(member, world.clock.now(), nth);
      assert.equal((await act(browser, { current_password: PASSWORD, current_code })).status, 422);
    }
    await submit(browser, "/sign-in", { login: member.login, password: PASSWORD });
    for (let nth = 3; nth < 5; nth++) {
      const code = wrongCode(member, world.clock.now(), nth);
      assert.equal((await submit(browser, "/sign-in/code", { code })).status, 422);
    }
    const code = codeFor(member.secret ?? "", world.clock.now() + 30_000);
    assert.equal((await submit(browser, "/sign-in/code", { code })).status, 429);
    const answer = await act(browser, { current_password: PASSWORD, current_code: code });
    assert.match(await answer.text(), /Too many tries/);
    assert.ok(!(await isFresh(browser)));
  });

  test("one code confirms one of twenty requests at once (SU-02, RP-01, T-04)", async () => {
    const { member } = await signedIn();
    const browsers: Browser[] = [];
    for (let nth = 0; nth < 4; nth++) browsers.push(await another(member));
    const fields = proof(member);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, nth) => act(browsers[nth % browsers.length] ?? world.browser(), fields)),
    );
    // A request that is looked at after its session got a new cookie is one of nobody, and led to sign in.
    const done = answers.filter(({ status, headers }) => status === 303 && headers.get("location") === SENSITIVE);
    assert.equal(done.length, 1);
    assert.equal(answers.filter((answer) => cookiesSet(answer)[COOKIE.session]).length, 1);
    assert.equal(answers.filter(({ status }) => status >= 500).length, 0);
  });

  testOwn(
    "what was interrupted goes on after the confirmation, and no password or code waits in the page",
    async () => {
      const { member, browser } = await signedIn();
      const asked = await browser.post("/account/email", {
        email: "new.address@example.net",
        password: "typed-password",
        new_password: "typed-new-password",
        code: "123456",
      });
      assert.equal(asked.status, 403);
      assert.match(asked.text, /name="email" value="new\.address@example\.net"/);
      assert.doesNotMatch(asked.text, /typed-password|typed-new-password|123456/);
      const wrong = await browser.post("/account/email", {
        email: "x@example.net",
        current_password: "typed-wrong",
        current_code: "654321",
      });
      assert.equal(wrong.status, 422);
      assert.doesNotMatch(wrong.text, /typed-wrong|654321/);
      await submit(browser, "/account/email", { email: "new.address@example.net", ...proof(member) });
      const row = await world.context.db
        .selectFrom("users")
        .select("email")
        .where("id", "=", member.id)
        .executeTakeFirst();
      assert.equal(row?.email, "new.address@example.net");
    },
  );

  test("an administrator confirms with both factors before touching anybody, and then may (SU-01, AD-01)", async () => {
    const { member, browser } = await signedIn({ role: "administrator", twoFactor: true });
    const victim = await world.person(`victim${++people}`);
    const path = `/users/${victim.id}/require-two-factor`;
    assert.equal((await submit(browser, path)).status, 403);
    const required = async () =>
      (
        await world.context.db
          .selectFrom("users")
          .select("required_from")
          .where("id", "=", victim.id)
          .executeTakeFirst()
      )?.required_from;
    assert.equal(await required(), null);
    assert.equal((await submit(browser, path, proof(member))).headers.get("location"), `/users/${victim.id}`);
    assert.equal(await required(), world.clock.now());
  });
});
