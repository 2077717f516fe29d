// The attack: somebody has the password and nothing else. They take whatever the first step handed out and look for a
// door that it opens: another page, another cookie name, an old copy of a cookie, the second step of somebody else,
// fifty requests at once, a step left out. Only one thing may ever come of a right password where a code is owed: the
// page that asks for the code, for ten minutes, in that browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "../../../src/crypto/digest.ts";
import type { Role } from "../../../src/db/schema.ts";
import { codeFor } from "../../../src/testing/auth.ts";
import { type Browser, createBrowser } from "../../../src/testing/browser.ts";
import { ROUTES } from "../../../src/web/app.ts";
import { type Arena, COOKIE, cookiesSet, submit, useArena, whoIs, wrongCode } from "../../support/attacker.ts";
import { changePassword, disable, enable } from "../../support/keeper.ts";
import { readTables } from "../../support/tables.ts";
import { type Member, OPERATOR, onBothKinds, PASSWORD, type World } from "../../support/world.ts";

/** A browser that has passed the first step; its second is still owed. */
async function halfSignedIn(world: World, { login }: Member, browser = world.browser()): Promise<Browser> {
  const answer = await submit(browser, "/sign-in", { login, password: PASSWORD });
  assert.equal(answer.headers.get("location"), "/sign-in/code");
  return browser;
}

/** Another browser with a copy of the cookies. */
function copyOf(world: World, browser: Browser): Browser {
  const copy = world.browser();
  for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
  return copy;
}

onBothKinds("the password alone", (dialect) => {
  const world = useArena(dialect);
  let people = 0;
  const enrolled = (role: Role = "person") => world.person(`ada${++people}`, { role, twoFactor: true });

  test("no cookie of the first step opens anything on any route, under any name (LS-02, LS-01, T-01)", async () => {
    const ada = await enrolled("administrator");
    const thief = world.browser();
    const answer = await submit(thief, "/sign-in", { login: ada.login, password: PASSWORD });
    const given = cookiesSet(answer);
    assert.deepEqual(Object.keys(given), [COOKIE.signIn]);
    const token = given[COOKIE.signIn] ?? "";

    const stranger = world.browser();
    for (const { method, path } of ROUTES) {
      const at = path.replace(":id", ada.id);
      const visit = async (browser: Browser, cookie?: string) => {
        const headers = cookie === undefined ? {} : { cookie };
        const response =
          method === "GET" ? await browser.send(at, { headers }) : await submit(browser, at, {}, headers);
        assert.ok(!cookiesSet(response)[COOKIE.session], `${method} ${at} gave a session`);
        return [response.status, response.headers.get("location")];
      };
      const expected = await visit(stranger);
      const all = Object.values(COOKIE).map((name) => `${name}=${token}`);
      for (const cookie of [...all, all.filter((pair) => !pair.startsWith(COOKIE.signIn)).join("; ")]) {
        // The second step itself may be seen with its own cookie; what it then shows is the next test.
        if (cookie.startsWith(COOKIE.signIn) && path.startsWith("/sign-in/")) continue;
        assert.deepEqual(await visit(world.browser(), cookie), expected, `${method} ${at} with ${cookie}`);
      }
    }
    assert.equal((await thief.get("/sign-in/code")).status, 200, "the half sign-in lives, so the answers above count");
  });

  test("the first step tells nothing about the person (LS-02)", async () => {
    const ada = await enrolled();
    const thief = world.browser();
    const answer = await submit(thief, "/sign-in", { login: ada.login, password: PASSWORD });
    const page = await thief.get("/sign-in/code");
    const told = [
      await answer.text(),
      JSON.stringify([...answer.headers]),
      page.text,
      JSON.stringify([...page.headers]),
    ];
    for (const text of told) {
      for (const fact of [/example\.org/i, new RegExp(ada.login, "i"), new RegExp(ada.id)])
        assert.doesNotMatch(text, fact);
    }
  });

  test("the second step is asked of nobody who has not passed the first (LS-08, LS-01)", async () => {
    const ada = await enrolled();
    for (const cookie of [undefined, "", "x", "AAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"]) {
      const stranger = world.browser();
      if (cookie !== undefined) stranger.cookies.set(COOKIE.signIn, cookie);
      const shown = await stranger.send("/sign-in/code");
      assert.equal(shown.headers.get("location"), "/sign-in");
      // Even the right code is worth nothing without the password, neither now nor when the password follows.
      const code = world.freshCode(ada);
      const answer = await submit(stranger, "/sign-in/code", { code, login: ada.login, pending: "1" });
      assert.equal(answer.headers.get("location"), "/sign-in");
      assert.equal(await whoIs(stranger), undefined);
      const late = await stranger.post("/sign-in", { login: ada.login, password: PASSWORD, code });
      assert.equal(late.path, "/sign-in/code");
      assert.equal(await whoIs(stranger), undefined);
    }
  });

  test("the token of a half sign-in counts in its cookie alone (LS-03, SE-11)", async () => {
    const ada = await enrolled();
    const thief = await halfSignedIn(world, ada);
    const token = thief.cookies.get(COOKIE.signIn) ?? "";
    const other = world.browser();
    const code = world.freshCode(ada);
    for (const [path, headers] of [
      [`/sign-in/code?sign-in=${token}&${COOKIE.signIn}=${token}`, {}],
      ["/sign-in/code", { authorization: `Bearer ${token}` }],
      ["/sign-in/code", { "x-sign-in": token, [COOKIE.signIn]: token }],
    ] as const) {
      const fields = { code, "sign-in": token, [COOKIE.signIn]: token, pending_token: token };
      const answer = await submit(other, path, fields, headers);
      assert.equal(answer.headers.get("location"), "/sign-in");
      assert.equal(await whoIs(other), undefined);
    }
    await submit(thief, "/sign-in/code", { code });
    assert.equal(await whoIs(thief), ada.login, "the code was right all the time");
  });

  test("one person's half sign-in takes no other person's code (LS-03, T-44)", async () => {
    const ada = await enrolled();
    const eve = await enrolled();
    const thief = await halfSignedIn(world, ada);
    const own = codeFor(eve.secret ?? "", world.clock.now() + 30_000);
    world.clock.advance(30_000);
    assert.equal((await submit(thief, "/sign-in/code", { code: own })).status, 422);
    assert.equal(await whoIs(thief), undefined);
    // And both codes of one moment count for their own persons.
    const honest = await halfSignedIn(world, eve);
    await submit(honest, "/sign-in/code", { code: own });
    assert.equal(await whoIs(honest), eve.login);
    await submit(thief, "/sign-in/code", { code: codeFor(ada.secret ?? "", world.clock.now()) });
    assert.equal(await whoIs(thief), ada.login);
  });

  test("a half sign-in lives ten minutes and not a millisecond longer (LS-03, T-39)", async () => {
    const ada = await enrolled();
    const [inTime, late] = [await halfSignedIn(world, ada), await halfSignedIn(world, ada)];
    const end = world.clock.now() + 10 * 60_000;
    world.clock.set(end - 1);
    assert.equal((await late.send("/sign-in/code")).status, 200);
    await submit(inTime, "/sign-in/code", { code: codeFor(ada.secret ?? "", end) });
    assert.equal(await whoIs(inTime), ada.login);
    world.clock.set(end);
    const jar = new Map(late.cookies);
    assert.equal((await late.send("/sign-in/code")).headers.get("location"), "/sign-in");
    for (const [name, value] of jar) late.cookies.set(name, value);
    const answer = await submit(late, "/sign-in/code", { code: codeFor(ada.secret ?? "", end + 30_000) });
    assert.equal(answer.headers.get("location"), "/sign-in");
    assert.equal(await whoIs(late), undefined);
    // Cleaning up later does not bring it back.
    await world.auth.upkeep.run();
    for (const [name, value] of jar) late.cookies.set(name, value);
    assert.equal((await late.send("/sign-in/code")).headers.get("location"), "/sign-in");
  });

  test("a half sign-in that runs out while its code is being checked gives no session (LS-03, T-39)", async () => {
    const ada = await enrolled();
    const thief = await halfSignedIn(world, ada);
    world.clock.advance(10 * 60_000 - 1);
    // A node on which a second passes each time it looks at the clock.
    let now = world.clock.now();
    const clock = {
      ...world.clock,
      now: () => {
        now += 1_000;
        return now - 1_000;
      },
    };
    const { fetch } = await world.node({ clock });
    now = world.clock.now();
    const late = createBrowser(fetch);
    late.cookies.set(COOKIE.signIn, thief.cookies.get(COOKIE.signIn) ?? "");
    const answer = await submit(late, "/sign-in/code", { code: codeFor(ada.secret ?? "", now) });
    assert.ok(!cookiesSet(answer)[COOKIE.session]);
    assert.equal(answer.headers.get("location"), "/sign-in");
    const rows = await world.context.db.selectFrom("sessions").select("id").where("user_id", "=", ada.id).execute();
    assert.deepEqual(rows, []);
  });

  test("a wrong code leaves the half sign-in as it was: nothing more is open, nothing is lost", async () => {
    const ada = await enrolled();
    const browser = await halfSignedIn(world, ada);
    const wrong = await submit(browser, "/sign-in/code", { code: wrongCode(ada, world.clock.now()) });
    assert.equal(wrong.status, 422);
    assert.deepEqual(wrong.headers.getSetCookie(), []);
    assert.equal(await whoIs(browser), undefined);
    await submit(browser, "/sign-in/code", { code: world.freshCode(ada) });
    assert.equal(await whoIs(browser), ada.login);
  });

  type Scene = { world: Arena; ada: Member; owner: Browser; thief: Browser };
  const authority = ({ world }: Scene) => ({ client: OPERATOR, authority: world.auth.operatorAuthority() });
  const confirmed = ({ world, ada }: Scene) => ({ current_password: PASSWORD, current_code: world.freshCode(ada) });

  const deaths: Record<string, (scene: Scene) => Promise<unknown>> = {
    "it was completed": ({ world, ada, thief }) =>
      submit(copyOf(world, thief), "/sign-in/code", { code: world.freshCode(ada) }),
    "it was cancelled": ({ world, thief }) => submit(copyOf(world, thief), "/sign-in/cancel"),
    "the owner changed the password": (scene) => {
      const { world, ada, owner } = scene;
      return changePassword(world, ada, { owner, proof: confirmed(scene), password: "another eleven walnut boats" });
    },
    "the owner turned two-factor authentication off": (scene) =>
      submit(scene.owner, "/account/security/disable", confirmed(scene)),
    "the account was disabled": ({ world, ada }) => disable(world, ada),
    "the account was disabled and enabled again": async ({ world, ada }) => {
      await disable(world, ada);
      await enable(world, ada);
    },
    "an administrator reset two-factor authentication": (scene) =>
      scene.world.auth.people.act({
        ...authority(scene),
        id: scene.ada.id,
        act: "reset-two-factor",
        reason: "lost phone",
      }),
    "an administrator logged the person out everywhere": (scene) =>
      scene.world.auth.people.act({ ...authority(scene), act: "sign-out", id: scene.ada.id }),
  };
  for (const [what, happen] of Object.entries(deaths)) {
    test(`a half sign-in is dead after ${what} (LS-03, T-33, T-35, T-36)`, async () => {
      const ada = await enrolled();
      const owner = world.browser();
      await world.signIn(owner, ada);
      const thief = await halfSignedIn(world, ada);
      assert.equal((await thief.send("/sign-in/code")).status, 200);
      await happen({ world, ada, owner, thief });

      const copy = copyOf(world, thief);
      assert.equal((await copy.send("/sign-in/code")).headers.get("location"), "/sign-in");
      const answer = await submit(thief, "/sign-in/code", { code: world.freshCode(ada) });
      assert.equal(answer.headers.get("location"), "/sign-in");
      assert.ok(!cookiesSet(answer)[COOKIE.session]);
      assert.equal(await whoIs(thief), undefined);
    });
  }

  test("signing out ends a half sign-in of the same browser too (LS-03, T-33)", async () => {
    const ada = await enrolled();
    const browser = world.browser();
    await world.signIn(browser, ada);
    await halfSignedIn(world, ada, browser);
    const before = copyOf(world, browser);
    assert.equal((await submit(browser, "/sign-out")).status, 303);
    const answer = await submit(before, "/sign-in/code", { code: world.freshCode(ada) });
    assert.ok(!cookiesSet(answer)[COOKIE.session]);
    assert.equal(await whoIs(before), undefined);
  });

  test("fifty requests at once with one right code give one session (LS-04, T-04)", async () => {
    const ada = await enrolled();
    const { clock } = world;
    const nodes = [
      world,
      ...(dialect === "postgres" ? [await world.node({ clock }), await world.node({ clock })] : []),
    ];
    const thief = await halfSignedIn(world, ada);
    const code = world.freshCode(ada);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => {
        const { fetch } = nodes[index % nodes.length] ?? world;
        const browser = createBrowser(fetch, { address: "192.0.2.200" });
        browser.cookies.set(COOKIE.signIn, thief.cookies.get(COOKIE.signIn) ?? "");
        return submit(browser, "/sign-in/code", { code });
      }),
    );
    const sessions = answers.filter((answer) => cookiesSet(answer)[COOKIE.session]);
    assert.equal(sessions.length, 1);
    assert.deepEqual(
      [...new Set(answers.map(({ status }) => status))].filter((status) => status >= 500),
      [],
    );
    const rows = await world.context.db.selectFrom("sessions").selectAll().where("user_id", "=", ada.id).execute();
    assert.equal(rows.length, 1);
  });

  test("one code in ten half sign-ins at once gives one session (LS-04, T-02, T-04)", async () => {
    const ada = await enrolled();
    const browsers = await Promise.all(Array.from({ length: 10 }, () => halfSignedIn(world, ada)));
    const code = world.freshCode(ada);
    await Promise.all(browsers.map((browser) => submit(browser, "/sign-in/code", { code })));
    const inside = (await Promise.all(browsers.map(whoIs))).filter((login) => login !== undefined);
    assert.deepEqual(inside, [ada.login]);
  });

  test("one half sign-in with three right codes at once gives one session (LS-04)", async () => {
    const ada = await enrolled();
    world.clock.advance(90_000);
    const thief = await halfSignedIn(world, ada);
    const answers = await Promise.all(
      [-30_000, 0, 30_000].map((offset) =>
        submit(copyOf(world, thief), "/sign-in/code", { code: codeFor(ada.secret ?? "", world.clock.now() + offset) }),
      ),
    );
    assert.equal(answers.filter((answer) => cookiesSet(answer)[COOKIE.session]).length, 1);
  });

  test("the half sign-in is a random token of 256 bits, and the database holds neither it nor the password (LS-03, T-32)", async () => {
    const ada = await enrolled();
    const tokens = await Promise.all(
      Array.from({ length: 5 }, async () => (await halfSignedIn(world, ada)).cookies.get(COOKIE.signIn) ?? ""),
    );
    assert.equal(new Set(tokens).size, tokens.length);
    const content = JSON.stringify(await readTables(world.context.db));
    assert.ok(!content.includes(PASSWORD));
    for (const token of tokens) {
      // 43 characters of base64url are 256 bits.
      const [, id = "", secret = ""] = /^([\w-]{16})\.([\w-]{43})$/.exec(token) ?? [];
      assert.ok(content.includes(id) && content.includes(sha256(secret)), "the row of the half sign-in is there");
      assert.ok(!content.includes(secret));
    }
  });

  test("a stranger's page cannot log a person in as somebody else (LS-11)", async () => {
    const eve = await world.person("eve");
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site", origin: world.auth.options.publicUrl },
    ]) {
      const victim = world.browser();
      const answer = await submit(victim, "/sign-in", { login: eve.login, password: PASSWORD }, headers);
      assert.equal(answer.status, 403);
      assert.deepEqual(answer.headers.getSetCookie(), []);
      assert.equal(await whoIs(victim), undefined);
    }
    const attempts = await world.context.db.selectFrom("attempts").selectAll().where("subject", "=", eve.id).execute();
    assert.deepEqual(attempts, [], "a refused request is not even counted as an attempt");
  });

  test("the page that was wanted is opened after the second step, and only a page of this site (CH-07, T-31)", async () => {
    const wanted = async (next: string, tamper?: string) => {
      const ada = await enrolled();
      const browser = world.browser();
      const answer = await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD, next });
      assert.equal(answer.headers.get("location"), "/sign-in/code");
      if (tamper !== undefined) {
        // As if a page had been written there that was taken for ours once.
        const { db } = world.context;
        await db.updateTable("pending_sign_ins").set({ wanted_page: tamper }).where("user_id", "=", ada.id).execute();
      }
      const done = await submit(browser, "/sign-in/code", { code: world.freshCode(ada), next: "//evil.example" });
      assert.equal(await whoIs(browser), ada.login);
      return done.headers.get("location");
    };
    assert.equal(await wanted("/account?tab=1"), "/account?tab=1");
    for (const evil of [
      "//evil.example",
      "https://evil.example/",
      "/\\evil.example",
      "/%2f/evil.example",
      "javascript:alert(1)",
    ]) {
      assert.equal(await wanted(evil), "/", evil);
      assert.equal(await wanted("/account", evil), "/", `${evil}, checked again`);
    }
  });

  test("a page that was wanted before signing in leads nowhere else for those who are signed in already (CH-07)", async () => {
    const { login } = await world.person(`ada${++people}`);
    const browser = world.browser();
    await submit(browser, "/sign-in", { login, password: PASSWORD, next: "//evil.example" });
    for (const next of ["//evil.example", "/\\evil.example", "https://evil.example", "/sign-in?next=//evil.example"]) {
      const answer = await browser.send(`/sign-in?${new URLSearchParams({ next })}`);
      assert.equal(answer.status, 303);
      assert.equal(
        new URL(answer.headers.get("location") ?? "", "http://localhost:4180").origin,
        "http://localhost:4180",
      );
      assert.doesNotMatch(answer.headers.get("location") ?? "", /^\/[/\\]/);
    }
  });
});
