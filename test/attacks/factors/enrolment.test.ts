// The attack: somebody who has the password, or a browser that was left open, tries to become the owner of the second
// factor, or to lock the owner out with a secret that nobody has. A secret that no code has proved yet must be worth
// nothing: it asks nobody for a code, satisfies none, belongs to one session, dies in ten minutes, and never comes from
// the browser. Of two tabs that prove it at once, one does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase32, encodeBase32 } from "../../../src/crypto/base32.ts";
import { codeFor } from "../../../src/testing/auth.ts";
import type { Browser, Page } from "../../../src/testing/browser.ts";
import { clientAt, submit, whoIs, wrongCode } from "../../support/attacker.ts";
import { openTables } from "../../support/tables.ts";
import { createWorld, enrol, type Member, onBothKinds, PASSWORD, secretOn, type World } from "../../support/world.ts";

const ENROLMENT = "/account/security/enrolment";
const CONFIRM = "/account/security/enrolment/confirm";

/** Starts an enrolment in a browser that is signed in; gives the secret that the page shows. */
async function begin(browser: Browser, fields: Record<string, string> = {}): Promise<string> {
  return secretOn(await browser.post(ENROLMENT, { current_password: PASSWORD, ...fields }));
}

/** Sends the code that a secret shows now. */
function confirm(world: World, browser: Browser, secret: string, fields: Record<string, string> = {}): Promise<Page> {
  return browser.post(CONFIRM, { code: codeFor(secret, world.clock.now()), ...fields });
}

async function loggedIn(world: World, member: Member): Promise<Browser> {
  const browser = world.browser();
  await world.signIn(browser, member);
  return browser;
}

async function authenticatorsOf(world: World, { id }: Member): Promise<number> {
  await using db = await openTables(world);
  return (await db.selectFrom("authenticators").select("id").where("user_id", "=", id).execute()).length;
}

onBothKinds("a secret that no code has proved", (dialect) => {
  test("asks nobody for a code, and satisfies nobody who is asked for one (EN-02)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const first = await loggedIn(world, ada);
    const secret = await begin(first);
    await submit(first, "/sign-out");

    const again = world.browser();
    const home = await again.post("/sign-in", { login: "ada", password: PASSWORD });
    assert.equal(home.path, "/", "the password alone still opens the account");
    assert.match(home.words, /protected by a password alone/);
    const page = await again.post("/account/security/recovery-codes", { current_password: PASSWORD });
    assert.equal(page.path, "/account/security", "and alone confirms");

    const stranger = world.browser();
    const code = codeFor(secret, world.clock.now());
    assert.equal((await stranger.post("/sign-in/code", { code })).path, "/sign-in");
    assert.equal(await whoIs(stranger), undefined);
  });

  test("does not stand in for one that was proved (EN-02)", async () => {
    await using world = await createWorld(dialect);
    const [ada, mallory] = [await world.person("ada", { twoFactor: true }), await world.person("mallory")];
    const pending = await begin(await loggedIn(world, mallory));
    const browser = world.browser();
    await browser.post("/sign-in", { login: "ada", password: PASSWORD });
    const page = await browser.post("/sign-in/code", { code: codeFor(pending, world.clock.now()) });
    assert.match(page.words, /That code is not right/);

    // Somebody who has proved one starts another beside it by both factors alone.
    const owner = await loggedIn(world, ada);
    const refused = await owner.post(ENROLMENT, { current_password: PASSWORD });
    assert.equal(refused.status, 422);
    assert.doesNotMatch(refused.words, /Your two-factor secret/);
    assert.equal(await authenticatorsOf(world, ada), 1);
  });

  test("belongs to the session that began it: no other one sees it or proves it (EN-03)", async () => {
    await using world = await createWorld(dialect);
    const [ada, mallory] = [await world.person("ada"), await world.person("mallory")];
    const [owner, second, stranger] = [
      await loggedIn(world, ada),
      await loggedIn(world, ada),
      await loggedIn(world, mallory),
    ];
    const secret = await begin(owner);
    for (const browser of [second, stranger]) {
      const shown = await browser.get(ENROLMENT);
      assert.equal(shown.path, "/account/security");
      assert.doesNotMatch(shown.text, new RegExp(secret.slice(0, 8)));
      const page = await confirm(world, browser, secret, { current_password: PASSWORD, user_id: ada.id });
      assert.match(page.words, /Start again/);
    }
    assert.equal(await authenticatorsOf(world, ada), 0);
    assert.equal(await authenticatorsOf(world, mallory), 0);
    assert.match((await confirm(world, owner, secret)).words, /Your account is protected/);
  });

  test("is void once another is begun, in the same session or in another one (EN-03)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const [first, second] = [await loggedIn(world, ada), await loggedIn(world, ada)];
    const secrets = [await begin(first), await begin(first)];
    assert.notEqual(secrets[0], secrets[1]);
    assert.match((await confirm(world, first, secrets[0] ?? "")).words, /That code is not right/);
    secrets.push(await begin(second));
    for (const secret of secrets) assert.match((await confirm(world, first, secret)).words, /Start again/);
    assert.equal(await authenticatorsOf(world, ada), 0);
    assert.match((await confirm(world, second, secrets[2] ?? "")).words, /Your account is protected/);
  });

  test("lives ten minutes, to the millisecond, however often its page is read (EN-03)", async () => {
    await using world = await createWorld(dialect);
    const [ada, bob] = [await world.person("ada"), await world.person("bob")];
    const [early, late] = [await loggedIn(world, ada), await loggedIn(world, bob)];
    const [hers, his] = [await begin(early), await begin(late)];
    world.clock.advance(300_000);
    assert.equal(secretOn(await late.get(ENROLMENT)), his);
    world.clock.advance(299_999);
    assert.equal(secretOn(await late.get(ENROLMENT)), his);
    assert.match((await confirm(world, early, hers)).words, /Your account is protected/);
    world.clock.advance(1);
    const gone = await late.get(ENROLMENT);
    assert.equal(gone.path, "/account/security");
    assert.match(gone.words, /took too long, so that secret is no longer valid. Start again/);
    const page = await confirm(world, late, his, { current_password: PASSWORD });
    assert.match(page.words, /Two-factor authentication is off/);
    assert.equal(await authenticatorsOf(world, bob), 0);
  });

  test("ends with its session, and with every change of the security setup (EN-03, SE-04)", async () => {
    await using world = await createWorld(dialect);
    const { auth } = world;
    const ada = await world.person("ada");
    const client = clientAt("192.0.2.7");
    const ends: [what: string, end: (browser: Browser) => Promise<unknown>][] = [
      ["cancelling", (browser) => browser.post("/account/security/enrolment/cancel")],
      ["signing out", (browser) => browser.post("/sign-out")],
      [
        "signing out everywhere",
        () => auth.people.act({ client, authority: auth.operatorAuthority(), act: "sign-out", id: ada.id }),
      ],
      [
        "a password that was changed elsewhere",
        async () => {
          if (world.host !== undefined) return void (await auth.people.passwordChanged({ client, id: ada.id }));
          const fields = { current_password: PASSWORD, new_password: PASSWORD };
          assert.match((await (await loggedIn(world, ada)).post("/account/password", fields)).words, /password/i);
        },
      ],
    ];
    for (const [what, end] of ends) {
      const browser = await loggedIn(world, ada);
      const secret = await begin(browser);
      // What a request that was under way has in its hands.
      const token = [...browser.cookies].find(([name]) => name.endsWith("-session"))?.[1];
      const session = (await auth.session.find({ token })) ?? assert.fail(what);
      const recent = auth.session.recent({ session }) ?? assert.fail(what);
      await end(browser);
      assert.doesNotMatch((await browser.get(ENROLMENT)).text, /Your two-factor secret/, what);
      const code = codeFor(secret, world.clock.now());
      assert.equal(
        (await auth.account.confirmEnrolment({ client, session: recent, code, nameOf: String })).ok,
        false,
        what,
      );
      assert.equal(await authenticatorsOf(world, ada), 0, what);
    }
  });

  test("is proved by one of the tabs that send their code at once (EN-03, RP-05)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const ada = await world.person("ada");
    const browser = await loggedIn(world, ada);
    const secret = await begin(browser);
    world.clock.advance(30_000);
    // Two of them send the same code, two those of the steps beside it: all are right.
    const codes = [0, 0, -30_000, 30_000].map((drift) => codeFor(secret, world.clock.now() + drift));
    const answers = await Promise.all(codes.map((code) => submit(browser, CONFIRM, { code })));
    assert.ok(answers.every(({ status }) => status < 500));
    assert.equal(await authenticatorsOf(world, ada), 1);
    const enabled = db.selectFrom("events").select("id").where("kind", "=", "two_factor.enabled");
    assert.equal((await enabled.execute()).length, 1);
    assert.equal(await whoIs(browser), "ada", "the session that proved it goes on");
  });

  test("is one for each person, though many are begun at once (EN-03)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const ada = await world.person("ada");
    const browser = await loggedIn(world, ada);
    await begin(browser);
    await Promise.all(Array.from({ length: 8 }, () => submit(browser, ENROLMENT)));
    assert.equal((await db.selectFrom("enrolments").select("id").execute()).length, 1);
    const shown = secretOn(await browser.get(ENROLMENT));
    assert.match((await confirm(world, browser, shown)).words, /Your account is protected/);
  });

  test("is 160 random bits of the server's making; one that the browser sends is ignored (TC-06, T-48)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const browser = await loggedIn(world, ada);
    const own = encodeBase32(Buffer.alloc(20, 7));
    const wanted = { secret: own, secret_sealed: own, key: own, keyUri: `otpauth://totp/x?secret=${own}`, id: "mine" };
    const shown = new Set<string>();
    for (let round = 0; round < 5; round++) {
      const secret = await begin(browser, wanted);
      assert.equal(decodeBase32(secret)?.length, 20);
      shown.add(secret);
    }
    assert.equal(shown.size, 5);
    assert.ok(!shown.has(own));
    assert.match((await confirm(world, browser, own, wanted)).words, /That code is not right/);
    assert.equal(await authenticatorsOf(world, ada), 0);
  });

  test("needs the password once more, freshly, before it is begun and while it is proved (EN-01)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const browser = await loggedIn(world, ada);
    assert.equal((await submit(browser, ENROLMENT)).status, 403);
    assert.equal((await submit(browser, ENROLMENT, { current_password: `${PASSWORD}!` })).status, 422);
    assert.equal((await submit(browser, CONFIRM, { code: "123456" })).status, 403);
    const secret = await begin(browser);
    world.clock.advance(599_999);
    assert.equal((await submit(browser, CONFIRM, { code: wrongCode({ secret }, world.clock.now()) })).status, 422);
    world.clock.advance(1);
    assert.equal((await submit(browser, CONFIRM, { code: codeFor(secret, world.clock.now()) })).status, 403);
    assert.equal((await submit(browser, ENROLMENT)).status, 403);
    assert.equal(await authenticatorsOf(world, ada), 0);
  });

  test("cannot be begun, seen or proved by a half sign-in or by nobody (EN-01, LS-02)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    await enrol(world, ada);
    const browser = world.browser();
    assert.equal((await browser.post("/sign-in", { login: "ada", password: PASSWORD })).path, "/sign-in/code");
    for (const visitor of [browser, world.browser()]) {
      for (const path of [ENROLMENT, CONFIRM, "/account/security/disable"]) {
        const answer = await submit(visitor, path, { current_password: PASSWORD, code: "123456" });
        assert.equal(answer.status, 303, path);
        assert.match(answer.headers.get("location") ?? "", /^\/sign-in/, path);
      }
      assert.match((await visitor.get(ENROLMENT)).path, /^\/sign-in/);
    }
  });
});
