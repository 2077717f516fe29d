// A recovery code is a second factor on paper. The attacks are those on every one-time thing: use it twice, use it at
// the same moment, use somebody else's, guess it, find it in the database, keep it alive past its set. And those on the
// way out itself: block it for its owner, or turn it into more than it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Browser } from "../../../src/testing/browser.ts";
import { SENSITIVE, submit, useArena, whoIs } from "../../support/attacker.ts";
import { takeMails } from "../../support/outbox.ts";
import { openTables, readTables } from "../../support/tables.ts";
import { type Member, onBothKinds, PASSWORD, recoveryCodesOn } from "../../support/world.ts";

const CODES = "/account/security/recovery-codes";
const NOBODYS = "0000-0000-0000-0000";
const HOUR = 3_600_000;

onBothKinds("recovery codes", (dialect) => {
  const world = useArena(dialect);
  let people = 0;

  const sure = (member: Member) => ({ current_password: PASSWORD, current_code: world.freshCode(member) });

  /** Somebody with two-factor authentication, their browser, and the codes on their sheet. */
  async function owner(): Promise<{ ada: Member; browser: Browser; codes: string[] }> {
    const ada = await world.person(`ada${++people}`, { twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, ada);
    return { ada, browser, codes: recoveryCodesOn(await browser.post(CODES, sure(ada))) };
  }

  /** A browser that nobody knows, after the right password. */
  async function stranger({ login }: Member, address = `198.51.100.${++people % 250}`): Promise<Browser> {
    const browser = world.browser({ address });
    await browser.post("/sign-in", { login, password: PASSWORD });
    return browser;
  }

  const use = (browser: Browser, recovery_code: string) => submit(browser, "/sign-in/recovery-code", { recovery_code });

  test("open the account once, with the password, and once only (RC-03, T-12)", async () => {
    const { ada, codes } = await owner();
    const [code = ""] = codes;
    const browser = await stranger(ada);
    assert.equal((await use(browser, code.toLowerCase().replaceAll("-", " "))).status, 303);
    assert.equal(await whoIs(browser), ada.login);
    const again = await stranger(ada);
    assert.equal((await use(again, code)).status, 422);
    assert.equal(await whoIs(again), undefined);
  });

  test("one code, from many browsers at the same moment, gives one session (RC-03, T-13)", async () => {
    const { ada, codes } = await owner();
    // Two engines in one process would wait for each other's lock on SQLite; replay-parallel has processes for that.
    const other = dialect === "sqlite" ? world : await world.node();
    const browsers = await Promise.all(Array.from({ length: 5 }, () => stranger(ada)));
    const answers = await Promise.all(
      browsers.map((browser, nth) => {
        if (nth % 2 === 0) return use(browser, codes[1] ?? "");
        const form = { method: "POST", body: new URLSearchParams({ recovery_code: codes[1] ?? "" }) };
        const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
        const headers = { cookie, "sec-fetch-site": "same-origin" };
        return Promise.resolve(
          other.fetch(new Request("http://localhost:4180/sign-in/recovery-code", { ...form, headers })),
        );
      }),
    );
    assert.equal(answers.filter(({ status }) => status === 303).length, 1);
  });

  test("of somebody else open nothing (T-14)", async () => {
    const { codes } = await owner();
    const { ada: eve } = await owner();
    const browser = await stranger(eve);
    assert.equal((await use(browser, codes[0] ?? "")).status, 422);
    assert.equal(await whoIs(browser), undefined);
  });

  test("open nothing without the password (RC-04)", async () => {
    const { codes } = await owner();
    const browser = world.browser();
    const answer = await use(browser, codes[0] ?? "");
    assert.equal(answer.headers.get("location"), "/sign-in");
    assert.equal(await whoIs(browser), undefined);
  });

  test("are void, all at once, when new ones are made, and the owner is told (RC-05)", async () => {
    const { ada, browser, codes } = await owner();
    await takeMails(world);
    const next = recoveryCodesOn(await browser.post(CODES));
    assert.equal(new Set([...codes, ...next]).size, 20);
    assert.deepEqual(
      (await takeMails(world)).map(({ kind, to }) => [kind, to]),
      [["recovery_codes_made", `${ada.login}@example.org`]],
    );
    // Five at most, because a stranger's misses are counted.
    for (const code of codes.slice(0, 4)) assert.equal((await use(await stranger(ada), code)).status, 422);
    assert.equal((await use(await stranger(ada), next[9] ?? "")).status, 303);
  });

  test("used while new ones are made: either the code was still good, or it opens nothing (RC-05)", async () => {
    const { ada, browser, codes } = await owner();
    const thief = await stranger(ada);
    const [used] = await Promise.all([use(thief, codes[0] ?? ""), submit(browser, CODES)]);
    assert.equal((await whoIs(thief)) !== undefined, used.status === 303);
    assert.equal((await use(await stranger(ada), codes[1] ?? "")).status, 422);
  });

  test("when one is used, the owner is told by mail and sees when and from where, and how many are left (RC-06, RC-07)", async () => {
    const { ada, browser: own, codes } = await owner();
    await takeMails(world);
    const address = "203.0.113.77";
    const browser = await stranger(ada, address);
    const page = await browser.post("/sign-in/recovery-code", { recovery_code: codes[0] ?? "" });
    assert.equal(page.path, "/account/security/recovered");
    assert.match(page.words, /9 codes left.*Set up my authenticator app/);
    const mail = (await takeMails(world)).find(({ kind }) => kind === "recovery_code_used");
    assert.equal(mail?.to, `${ada.login}@example.org`);
    assert.equal(mail?.facts.address, address);
    const { words } = await own.get("/account/security");
    assert.match(words, /9 recovery codes left/);
    assert.ok(words.includes(address), "from where it was used");
  });

  test("leave a session that says how it came about (RC-07)", async () => {
    const { ada, codes } = await owner();
    const browser = await stranger(ada);
    await use(browser, codes[0] ?? "");
    const { method } = (await (await browser.send("/api/v1/session")).json()) as { method: string };
    assert.equal(method, "password+recovery-code");
  });

  test("cannot be guessed: five wrong ones, then an hour, then twice as long (RC-08, RL-11)", async () => {
    const { ada, codes } = await owner();
    const browser = await stranger(ada);
    for (let n = 0; n < 5; n++) assert.equal((await use(browser, NOBODYS)).status, 422);
    assert.equal((await use(await stranger(ada), codes[0] ?? "")).status, 429, "a new sign-in gains nothing");
    world.clock.advance(HOUR);
    assert.equal((await use(await stranger(ada), NOBODYS)).status, 422);
    world.clock.advance(HOUR);
    assert.equal((await use(await stranger(ada), codes[0] ?? "")).status, 429);
    world.clock.advance(HOUR);
    assert.equal((await use(await stranger(ada), codes[0] ?? "")).status, 303);
  });

  test("what is no recovery code at all costs no try", async () => {
    const { ada, codes } = await owner();
    const browser = await stranger(ada);
    for (const typed of ["", "123456", "x".repeat(5_000), "K7QF-3M9T"]) {
      assert.equal((await use(browser, typed)).status, 422);
    }
    for (let n = 0; n < 4; n++) await use(browser, NOBODYS);
    assert.equal((await use(browser, codes[0] ?? "")).status, 303);
  });

  test("stay open when wrong codes have shut the app's way, and the app's stays open when they are slowed (RL-07)", async () => {
    const { ada, codes } = await owner();
    const shut = { subject: ada.id, bucket: "strangers", kind: "code", misses: 20, blocked_until: 0 };
    await using db = await openTables(world);
    await db
      .insertInto("attempts")
      .values({ ...shut, first_at: 0, last_at: world.clock.now() })
      .execute();
    const browser = await stranger(ada);
    assert.equal((await submit(browser, "/sign-in/code", { code: world.freshCode(ada) })).status, 429);
    assert.equal((await use(browser, codes[0] ?? "")).status, 303);

    const { ada: bob } = await owner();
    const slowed = await stranger(bob);
    for (let n = 0; n < 6; n++) await use(slowed, NOBODYS);
    assert.equal((await submit(slowed, "/sign-in/code", { code: world.freshCode(bob) })).status, 303);
  });

  test("wrong ones are told to the owner like wrong codes (RL-01)", async () => {
    const { ada } = await owner();
    await takeMails(world);
    const browser = await stranger(ada);
    for (let n = 0; n < 3; n++) await use(browser, NOBODYS);
    assert.ok((await takeMails(world)).some(({ kind }) => kind === "sign_in_abandoned"));
  });

  test("confirm a sensitive act in place of the app, and are spent by it (SU-02)", async () => {
    const { ada, browser, codes } = await owner();
    world.clock.advance(11 * 60_000);
    const [code = ""] = codes;
    const confirmed = { current_password: PASSWORD, current_code: code };
    assert.equal((await submit(browser, CODES, { ...confirmed, current_code: NOBODYS })).status, 422);
    assert.equal((await submit(browser, SENSITIVE, confirmed)).status, 303);
    world.clock.advance(11 * 60_000);
    assert.equal((await submit(browser, CODES, confirmed)).status, 422);
    assert.equal((await use(await stranger(ada), code)).status, 422);
  });

  test("typing one to prove that it was kept spends nothing, and is limited like every guess", async () => {
    const { ada, browser, codes } = await owner();
    const check = (recovery_code: string) => browser.post(`${CODES}/check`, { recovery_code });
    assert.match((await check(codes[3] ?? "")).words, /in good hands/);
    assert.equal((await use(await stranger(ada), codes[3] ?? "")).status, 303);
    for (let n = 0; n < 5; n++) assert.equal((await check(NOBODYS)).status, 422);
    assert.equal((await check(codes[4] ?? "")).status, 429);
  });

  test("end with two-factor authentication, and with a reset by an administrator (AD-03)", async () => {
    const { ada, browser, codes } = await owner();
    await browser.post("/account/security/disable", sure(ada));
    await using db = await openTables(world);
    assert.equal(
      (await db.selectFrom("recovery_code_sets").selectAll().where("user_id", "=", ada.id).execute()).length,
      0,
    );
    const { ada: bob } = await owner();
    const root = await world.person(`root${people}`, { role: "administrator", twoFactor: true });
    const rootBrowser = world.browser();
    await world.signIn(rootBrowser, root);
    await rootBrowser.post(`/users/${bob.id}/reset-two-factor`, { ...sure(root), reason: "lost phone" });
    assert.equal(
      (await db.selectFrom("recovery_code_sets").selectAll().where("user_id", "=", bob.id).execute()).length,
      0,
    );
    assert.equal((await use(await stranger(ada), codes[0] ?? "")).headers.get("location"), "/", "no second step");
  });

  test("need a confirmation with both factors to be made, and two-factor authentication to exist (SU-01)", async () => {
    const { browser } = await owner();
    world.clock.advance(11 * 60_000);
    assert.equal((await submit(browser, CODES)).status, 403);
    const eve = await world.person(`eve${++people}`);
    const plain = world.browser();
    await world.signIn(plain, eve);
    const answer = await submit(plain, CODES, { current_password: PASSWORD });
    assert.equal(answer.headers.get("location"), "/account/security");
  });

  test("stand nowhere in the database, and are behind a slow hash that is sealed (RC-02, SK-01)", async () => {
    const { ada, codes } = await owner();
    await using db = await openTables(world);
    const contents = JSON.stringify(await readTables(db)).toUpperCase();
    for (const code of codes) {
      assert.ok(!contents.includes(code));
      assert.ok(!contents.includes(code.replaceAll("-", "")));
    }
    const set = await db
      .selectFrom("recovery_code_sets")
      .select("id")
      .where("user_id", "=", ada.id)
      .executeTakeFirstOrThrow();
    const rows = await db.selectFrom("recovery_codes").selectAll().where("set_id", "=", set.id).execute();
    assert.equal(rows.length, 10);
    for (const row of rows) assert.doesNotMatch(row.code_hash_sealed, /argon2/);
  });

  test("the codes are shown once: no page shows them again (RC-02)", async () => {
    const { browser, codes } = await owner();
    for (const path of ["/account/security", `${CODES}/check`, "/account/security/recovered", "/"]) {
      const { words } = await browser.get(path);
      for (const code of codes) assert.ok(!words.includes(code), path);
    }
    assert.equal((await browser.get(CODES)).status, 405);
  });
});
