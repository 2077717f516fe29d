// The attack: if guessing locks, then guessing can be used to lock. Somebody without the password types wrong ones for
// the owner's name all day, so that the owner cannot work. Or they send more requests than the server can hash, or fill
// its tables with invented names. What strangers do slows strangers down, for a quarter of an hour at most; the browsers
// that a person used before, and the sessions that live, have nothing to do with it. And honest people who sign in at
// the same moment are no attack.

import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import * as attempts from "../../../src/core/ground/attempts.ts";
import { transact } from "../../../src/core/ground/transaction.ts";
import { inHashingSlot } from "../../../src/crypto/password.ts";
import { codeFor } from "../../../src/testing/auth.ts";
import { type Browser, createBrowser } from "../../../src/testing/browser.ts";
import { COOKIE, clientAt, SENSITIVE, submit, useArena, whoIs } from "../../support/attacker.ts";
import { type Member, onBothKinds, PASSWORD } from "../../support/world.ts";

const MINUTE = 60_000;
const WRONG = "not the right password";

onBothKinds("keeping the owner out", (dialect) => {
  const world = useArena(dialect);
  let people = 0;

  const person = (twoFactor = true) => world.person(`ada${++people}`, { twoFactor });
  /** The owner, signed in with a browser that is known from now on. */
  const known = async (member: Member): Promise<Browser> => {
    const browser = world.browser();
    await world.signIn(browser, member);
    assert.equal(await whoIs(browser), member.login);
    return browser;
  };
  const typeWrong = (browser: Browser, { login }: Member) => submit(browser, "/sign-in", { login, password: WRONG });
  /** Wrong passwords of strangers, one after the other as soon as each may be, counted without being hashed. */
  const flood = ({ id }: Member, misses: number) =>
    transact(world.context, clientAt("203.0.113.1"), async (tx) => {
      let now = world.clock.now();
      for (let miss = 0; miss < misses; miss++) {
        const charged = await attempts.charge({ ...tx, now: () => now }, id, attempts.STRANGERS, attempts.PASSWORD);
        assert.ok(charged.ok);
        now = Math.max(now, charged.blockedUntil);
      }
      return { lastsUntil: now };
    });
  const rowsOf = ({ id }: Member) =>
    world.context.db.selectFrom("attempts").select(["bucket", "kind", "misses"]).where("subject", "=", id).execute();

  test("while strangers type wrong passwords, the owner's known browser signs in and the session works (RL-07)", async () => {
    const ada = await person();
    const [owner, session] = [await known(ada), await known(ada)];
    await submit(owner, "/sign-out");
    await flood(ada, 40);
    assert.equal((await typeWrong(world.browser(), ada)).status, 429);

    assert.equal(await whoIs(session), ada.login);
    const fields = { current_password: PASSWORD, current_code: world.freshCode(ada) };
    assert.equal((await submit(session, SENSITIVE, fields)).status, 303, "what is sensitive can be confirmed too");
    await world.signIn(owner, ada);
    assert.equal(await whoIs(owner), ada.login);
  });

  test("the longest wait is a quarter of an hour, then a new browser of the owner gets in (RL-07)", async () => {
    const ada = await person();
    const { lastsUntil } = await flood(ada, 60);
    world.clock.set(lastsUntil - 15 * MINUTE);
    const browser = world.browser();
    const answer = await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD });
    assert.equal(answer.status, 429);
    assert.equal(answer.headers.get("retry-after"), String(15 * 60));
    world.clock.set(lastsUntil);
    await world.signIn(browser, ada);
    assert.equal(await whoIs(browser), ada.login);
  });

  test("wrong passwords never touch the budget of codes, and shut nothing (RL-07, RL-01, T-38)", async () => {
    const ada = await person();
    await flood(ada, 200);
    await typeWrong(world.browser(), ada);
    assert.deepEqual([...new Set((await rowsOf(ada)).map(({ kind }) => kind))], ["password"]);
    const authority = world.auth.operatorAuthority();
    const lockout = await world.auth.lockout.find(authority, { ...ada, role: "person" });
    assert.ok(lockout?.locks.every(({ kind, until }) => kind === "password" && until !== null));
    world.clock.advance(24 * 60 * MINUTE * 30);
    const browser = world.browser();
    await world.signIn(browser, ada);
    assert.equal(await whoIs(browser), ada.login);
  });

  test("codes cannot be used up by somebody without the password (RL-07)", async () => {
    const ada = await person();
    for (const cookie of ["", "x", "AAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"]) {
      const stranger = world.browser();
      stranger.cookies.set(COOKIE.signIn, cookie);
      for (let guess = 0; guess < 10; guess++) {
        await submit(stranger, "/sign-in/code", { code: "000000", login: ada.login });
      }
    }
    assert.deepEqual(await rowsOf(ada), []);
  });

  test("each known browser has a budget of its own: one that was lost slows down no other (RL-07)", async () => {
    const ada = await person();
    const [lost, other] = [await known(ada), await known(ada)];
    for (let miss = 0; miss < 10; miss++) assert.equal((await typeWrong(lost, ada)).status, 422);
    assert.equal((await typeWrong(lost, ada)).status, 429);
    assert.equal((await typeWrong(world.browser(), ada)).status, 422, "strangers have not missed yet");
    await submit(other, "/sign-out");
    await world.signIn(other, ada);
    assert.equal(await whoIs(other), ada.login);
  });

  test("a browser is known for its person alone, and by its whole secret (T-24)", async () => {
    const [ada, eve] = [await person(), await person()];
    const [adas, eves] = [await known(ada), await known(eve)];
    await flood(ada, 30);
    const token = adas.cookies.get(COOKIE.browsers) ?? "";
    const [id = "", secret = ""] = token.split(".");
    for (const cookie of [
      eves.cookies.get(COOKIE.browsers) ?? "",
      `${id}.${"A".repeat(43)}`,
      `${id}.${secret.slice(0, -1)}`,
      id,
      `${id}.`,
      `.${secret}`,
      token.toUpperCase(),
      `"${token}"`,
      // Ours is the ninth, and eight are read.
      [...Array(8).fill(eves.cookies.get(COOKIE.browsers)), token].join("~"),
    ]) {
      const thief = world.browser();
      thief.cookies.set(COOKIE.browsers, cookie);
      assert.equal((await typeWrong(thief, ada)).status, 429, cookie);
    }
    const shared = world.browser();
    shared.cookies.set(COOKIE.browsers, `${eves.cookies.get(COOKIE.browsers)}~${token}`);
    assert.equal((await typeWrong(shared, ada)).status, 422, "two people may share a browser");
  });

  test("knowing a browser skips nothing (RL-07, SU-02)", async () => {
    const ada = await person();
    const owner = await known(ada);
    const thief = world.browser();
    thief.cookies.set(COOKIE.browsers, owner.cookies.get(COOKIE.browsers) ?? "");
    assert.equal(await whoIs(thief), undefined);
    const answer = await submit(thief, "/sign-in", { login: ada.login, password: PASSWORD });
    assert.equal(answer.headers.get("location"), "/sign-in/code");
    assert.equal((await submit(thief, SENSITIVE)).headers.get("location"), "/sign-in");
  });

  test("a browser is a stranger again after a change of the second factor (T-34)", async () => {
    const ada = await person();
    const [owner, other] = [await known(ada), await known(ada)];
    const fields = { current_password: PASSWORD, current_code: world.freshCode(ada) };
    assert.equal((await submit(owner, "/account/security/disable", fields)).status, 303);
    await flood(ada, 30);
    assert.equal((await typeWrong(other, ada)).status, 429);
    assert.equal((await typeWrong(owner, ada)).status, 422, "the one that changed it is known as before");
  });

  test("thirty right passwords of one person at once all pass (RL-04, WILD-20)", async () => {
    const ada = await person(false);
    const { clock } = world;
    const nodes = [
      world,
      ...(dialect === "postgres" ? [await world.node({ clock }), await world.node({ clock })] : []),
    ];
    const browsers = Array.from({ length: 30 }, (_, nth) =>
      createBrowser((nodes[nth % nodes.length] ?? world).fetch, { address: `198.51.100.${nth}` }),
    );
    const answers = await Promise.all(
      browsers.map((browser) => submit(browser, "/sign-in", { login: ada.login, password: PASSWORD })),
    );
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [303]);
    assert.deepEqual([...new Set(await Promise.all(browsers.map(whoIs)))], [ada.login]);
    assert.deepEqual(await rowsOf(ada), [], "nothing is left that would count against the next one");
  });

  test("thirty right passwords of one person with two-factor authentication at once all reach the second step (WILD-20)", async () => {
    const ada = await person();
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, nth) =>
        submit(world.browser({ address: `198.51.100.${nth}` }), "/sign-in", { login: ada.login, password: PASSWORD }),
      ),
    );
    assert.deepEqual([...new Set(answers.map(({ headers }) => headers.get("location")))], ["/sign-in/code"]);
    assert.deepEqual(
      (await rowsOf(ada)).filter(({ misses }) => misses > 0),
      [],
    );
  });

  test("people of one company sign in at once behind one address (RL-08, WILD-20)", async () => {
    const members = await Promise.all(Array.from({ length: 30 }, () => person(false)));
    const browsers = members.map(() => world.browser({ address: "198.51.100.250" }));
    await Promise.all(
      browsers.map((browser, nth) =>
        submit(browser, "/sign-in", { login: members[nth]?.login ?? "", password: PASSWORD }),
      ),
    );
    assert.deepEqual(
      await Promise.all(browsers.map(whoIs)),
      members.map(({ login }) => login),
    );
  });

  test("when more passwords wait than can be hashed, a sign-in is told so and not counted, and sessions go on (RL-10)", async () => {
    const ada = await person();
    const session = await known(ada);
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const works: Promise<unknown>[] = [];
    const capacity = availableParallelism() * 65 + 1;
    for (let work = 0; work < capacity; work++) works.push(inHashingSlot(() => held));
    try {
      const browser = world.browser();
      const answer = await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD });
      assert.equal(answer.status, 503);
      assert.match(await answer.text(), /The server is busy/);
      assert.equal(await whoIs(browser), undefined);
      assert.deepEqual(await rowsOf(ada), []);
      const confirmation = await submit(session, SENSITIVE, { current_password: PASSWORD });
      assert.match(await confirmation.text(), /The server is busy/);
      assert.equal(await whoIs(session), ada.login);
      assert.equal((await session.get("/account/security")).status, 200);
    } finally {
      release();
      await Promise.all(works);
    }
    const browser = world.browser();
    await world.signIn(browser, ada);
    assert.equal(await whoIs(browser), ada.login);
  });

  test("who has to wait is told so before anything is hashed (RL-10)", async () => {
    const ada = await person();
    await flood(ada, 30);
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const works = Array.from({ length: availableParallelism() + 1 }, () => inHashingSlot(() => held));
    try {
      // Every slot is taken, so a request that hashed first would wait for ever.
      const patience = setTimeout(10_000, undefined, { ref: false });
      const answer = await Promise.race([typeWrong(world.browser(), ada), patience]);
      assert.equal(answer?.status, 429);
    } finally {
      release();
      await Promise.all(works);
    }
  });

  test("a flood of refused requests leaves a bounded record, from one address and from many (RL-15)", async () => {
    const refused = async (count: number, address: (nth: number) => string) => {
      const before = await records();
      for (let nth = 0; nth < count; nth++) {
        const browser = createBrowser(world.fetch, { address: address(nth) });
        const answer = await submit(browser, "/sign-in", {}, { "sec-fetch-site": "cross-site" });
        assert.equal(answer.status, 403);
      }
      return (await records()) - before;
    };
    const fromOne = await refused(60, () => "203.0.113.7");
    assert.ok(fromOne > 0 && fromOne <= 20, `${fromOne} records`);
    await refused(250, () => "203.0.113.8");
    assert.equal(await refused(1, () => "203.0.113.9"), 1, "and it does not keep another address out of the record");
    const fromMany = await refused(1_100, (nth) => `2001:db8:${nth.toString(16)}::1`);
    assert.ok(fromMany > 0 && fromMany <= 1_000, `${fromMany} records`);
  });

  async function records(): Promise<number> {
    const { db } = world.context;
    const rows = await db.selectFrom("events").select("id").where("kind", "=", "request.refused").execute();
    return rows.length;
  }

  test("a code that is shown once signs in one of two honest windows, and the other may try again (WILD-20)", async () => {
    const ada = await person();
    const [one, two] = [world.browser(), world.browser()];
    for (const browser of [one, two]) await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD });
    const code = world.freshCode(ada);
    await Promise.all([one, two].map((browser) => submit(browser, "/sign-in/code", { code })));
    const inside = await Promise.all([one, two].map(whoIs));
    assert.deepEqual(inside.toSorted(), [ada.login, undefined]);
    const [late] = [one, two].filter((_, nth) => inside[nth] === undefined);
    assert.ok(late !== undefined);
    world.clock.advance(30_000);
    await submit(late, "/sign-in/code", { code: codeFor(ada.secret ?? "", world.clock.now()) });
    assert.equal(await whoIs(late), ada.login);
  });
});

test("one server never looks at as many passwords at once as are free, or honest people would block each other (WILD-20)", async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  let started = 0;
  const works = Array.from({ length: availableParallelism() * 2 }, () =>
    inHashingSlot(() => {
      started++;
      return held;
    }),
  );
  release();
  const atOnce = started;
  await Promise.all(works);
  assert.ok(atOnce > 0 && atOnce < attempts.PASSWORD.free, `${atOnce} at once, ${attempts.PASSWORD.free} are free`);
});
