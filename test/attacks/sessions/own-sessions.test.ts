// The attack: somebody sits at an open screen, or holds a stolen cookie, and logs the owner out everywhere to be alone;
// or puts another's id into the form that ends a session. And the owner who finds a session they do not know must be
// able to end it, at once and on every node. So a person sees their own sessions alone, each as what it is, and ending
// one takes a confirmation.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Browser } from "../../../src/testing/browser.ts";
import { COOKIE, SENSITIVE, submit, useArena, whoIs } from "../../support/attacker.ts";
import { openTables, readTables } from "../../support/tables.ts";
import { type Member, onBothKinds, PASSWORD } from "../../support/world.ts";

const END = "/account/security/sessions/end";
const END_OTHERS = "/account/security/sessions/end-others";
const PAGE = "/account/security";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15";

onBothKinds("one's own sessions", (dialect) => {
  const world = useArena(dialect);
  let people = 0;

  const person = () => world.person(`ada${++people}`, { twoFactor: true });
  const signedIn = async (member: Member, options = {}) => {
    const browser = world.browser(options);
    await world.signIn(browser, member);
    return browser;
  };
  const proof = (member: Member) => ({ current_password: PASSWORD, current_code: world.freshCode(member) });
  const idOf = (browser: Browser) => browser.cookies.get(COOKIE.session)?.split(".")[0] ?? "";
  const rows = async () => {
    await using db = await openTables(world);
    return await readTables(db);
  };

  test("are listed with browser, platform, address and method, the current one marked, and nobody else's (SE-07)", async () => {
    const [ada, bob] = [await person(), await world.person(`bob${people}`)];
    await signedIn(ada, { address: "203.0.113.77", userAgent: SAFARI });
    const browser = await signedIn(ada, { address: "203.0.113.78", userAgent: FIREFOX });
    await signedIn(bob, { address: "203.0.113.79" });
    const { words, text } = await browser.get(PAGE);
    assert.match(
      words,
      /Firefox on Linux This browser Signed in with your password and a code Address 203\.0\.113\.78/,
    );
    assert.match(words, /Safari on macOS Signed in with your password and a code Address 203\.0\.113\.77/);
    assert.doesNotMatch(words, /203\.0\.113\.79/);
    assert.equal(text.split(`action="${END}"`).length - 1, 1, "the current one is ended by signing out");
    for (const cookie of browser.cookies.values()) assert.ok(!text.includes(cookie));
  });

  test("that are over, by time or by a change of the security setup, are not listed (SE-07)", async () => {
    const ada = await person();
    const first = await signedIn(ada, { address: "203.0.113.80" });
    world.clock.advance(60 * 60_000);
    const browser = await signedIn(ada);
    assert.doesNotMatch((await browser.get(PAGE)).words, /203\.0\.113\.80|Sign out everywhere else/);
    assert.equal(await whoIs(first), undefined);
  });

  test("end one by one, at once on every node, after a confirmation, and others go on (SE-07, SE-04)", async () => {
    const ada = await person();
    const [lost, kept, browser] = [await signedIn(ada), await signedIn(ada), await signedIn(ada)];
    const before = await rows();
    const asked = await submit(browser, END, { id: idOf(lost) });
    assert.equal(asked.status, 403);
    assert.match(await asked.text(), /Confirm that it is you/);
    assert.deepEqual((await rows()).sessions?.length, before.sessions?.length);
    const page = await browser.post(END, { id: idOf(lost), ...proof(ada) });
    assert.match(page.words, /That browser is signed out\./);
    const second = await world.node({ clock: world.clock });
    const cookie = `${COOKIE.session}=${lost.cookies.get(COOKIE.session)}`;
    const elsewhere = await second.fetch(new Request("http://localhost:4180/api/v1/session", { headers: { cookie } }));
    assert.equal(elsewhere.status, 401);
    assert.equal(await whoIs(lost), undefined);
    assert.equal(await whoIs(kept), ada.login);
    assert.equal(await whoIs(browser), ada.login);
    assert.match((await browser.post(END, { id: idOf(lost) })).words, /signed out already/);
  });

  test("end all but the current one, with the sign-ins that are half done (SE-07)", async () => {
    const ada = await person();
    const [one, two, browser, half] = [await signedIn(ada), await signedIn(ada), await signedIn(ada), world.browser()];
    await submit(half, "/sign-in", { login: ada.login, password: PASSWORD });
    assert.equal((await submit(browser, END_OTHERS)).status, 403);
    assert.equal(await whoIs(one), ada.login);
    const page = await browser.post(END_OTHERS, proof(ada));
    assert.match(page.words, /You are signed out everywhere else\./);
    for (const other of [one, two]) assert.equal(await whoIs(other), undefined);
    assert.equal(await whoIs(browser), ada.login);
    await submit(half, "/sign-in/code", { code: world.freshCode(ada) });
    assert.equal(await whoIs(half), undefined);
  });

  test("are the only ones that the form reaches, whatever id is in it (SE-07, T-17)", async () => {
    const [ada, eve] = [await person(), await person()];
    const [victim, browser] = [await signedIn(ada), await signedIn(eve)];
    await browser.post(SENSITIVE, proof(eve));
    const before = (await rows()).sessions;
    for (const id of [idOf(victim), ada.id, idOf(browser), "", "A".repeat(16), "%", "' or 1=1 --"]) {
      const page = await browser.post(END, { id });
      assert.match(page.words, /signed out already/, id);
    }
    assert.deepEqual(
      (await rows()).sessions?.map(({ id }) => id),
      before?.map(({ id }) => id),
    );
    await browser.post(END_OTHERS);
    assert.equal(await whoIs(victim), ada.login);
    assert.equal(await whoIs(browser), eve.login);
  });

  test("are not ended by a session that was ended itself while its request waited (SE-04, SE-07)", async () => {
    const ada = await person();
    const [thief, owner] = [await signedIn(ada), await signedIn(ada)];
    const client = { address: "203.0.113.9", userAgent: "", requestId: "attack" };
    const session = await world.auth.session.find({ token: thief.cookies.get(COOKIE.session) });
    assert.ok(session);
    const { current_password: password, current_code: code } = proof(ada);
    const confirmed = await world.auth.session.confirm({ client, session, password, code });
    assert.ok(confirmed.ok);
    await owner.post(END, { id: session.id, ...proof(ada) });
    const { auth } = world;
    assert.deepEqual(await auth.session.endOthers({ client, session: confirmed.session }), {
      ok: false,
      reason: "expired",
    });
    const late = await auth.session.endOther({ client, session: confirmed.session, id: idOf(owner) });
    assert.deepEqual(late, { ok: false, reason: "expired" });
    assert.equal(await whoIs(owner), ada.login);
  });

  test("leave a record when they end, of who ended which from where (SE-07, AU-01)", async () => {
    const ada = await person();
    const [one, browser] = [await signedIn(ada), await signedIn(ada)];
    await signedIn(ada);
    await browser.post(END, { id: idOf(one), ...proof(ada) });
    await browser.post(END_OTHERS);
    const events = (await rows()).events?.filter(({ user_id }) => user_id === ada.id) ?? [];
    const ends = events.filter(({ kind }) => String(kind).match(/^sessions?\.ended$/));
    assert.deepEqual(
      ends.map(({ kind, actor_id, session_id, details }) => [kind, actor_id, session_id, details]).sort(),
      [
        ["session.ended", ada.id, idOf(browser), JSON.stringify({ ended: idOf(one) })],
        ["sessions.ended", ada.id, idOf(browser), JSON.stringify({ ended: 1 })],
      ],
    );
  });
});
