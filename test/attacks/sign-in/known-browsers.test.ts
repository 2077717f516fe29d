// The attack: somebody who has everything that it takes signs in from their own browser, and the owner does not notice.
// They wear a cookie of somebody else's known browser, come by another method, or make so many sign-ins that the owner
// stops reading. And the notice itself must not tell a thief of the password alone anything, or cry wolf.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { COOKIE, submit, useArena, wrongCode } from "../../support/attacker.ts";
import { takeMails } from "../../support/outbox.ts";
import { type Member, OPERATOR, onBothKinds, PASSWORD } from "../../support/world.ts";

const HOUR = 3_600_000;
const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

onBothKinds("a sign-in from a new browser", (dialect) => {
  const world = useArena(dialect);
  let people = 0;
  beforeEach(() => takeMails(world));

  /** Somebody who has signed in once, from the browser that comes with them. */
  const settled = async (options = {}) => {
    const member = await world.person(`ada${++people}`, options);
    const home = world.browser();
    await world.signIn(home, member);
    return { member, home };
  };
  const notices = async ({ login }: Member) => {
    const mails = await takeMails(world);
    return mails.filter(({ kind, to }) => kind === "new_browser" && to === `${login}@example.org`);
  };

  test("is told of, with when and where; the first of all and known browsers are not (LS-10)", async () => {
    const { member, home } = await settled();
    assert.deepEqual(await notices(member), [], "nothing to compare with");
    await home.post("/sign-out");
    world.clock.advance(HOUR);
    await world.signIn(home, member);
    assert.deepEqual(await notices(member), [], "the same browser again");
    const thief = world.browser({ address: "203.0.113.66", userAgent: FIREFOX });
    await world.signIn(thief, member);
    const [notice, ...more] = await notices(member);
    assert.deepEqual(notice?.facts, { address: "203.0.113.66", userAgent: FIREFOX, at: world.clock.now() });
    assert.deepEqual(more, []);
    await thief.post("/sign-out");
    await world.signIn(thief, member);
    assert.deepEqual(await notices(member), [], "told once");
  });

  test("is told of after the second factor and never before (LS-10, LS-02)", async () => {
    const { member } = await settled({ twoFactor: true });
    const thief = world.browser();
    await thief.post("/sign-in", { login: member.login, password: PASSWORD });
    await thief.post("/sign-in/code", { code: wrongCode(member, world.clock.now()) });
    await thief.post("/sign-in/cancel");
    assert.deepEqual(await notices(member), []);
    await world.signIn(thief, member);
    assert.equal((await notices(member)).length, 1);
  });

  test("is told of once, however many codes arrive at once (LS-10, LS-04)", async () => {
    const { member } = await settled({ twoFactor: true });
    const thief = world.browser();
    await thief.post("/sign-in", { login: member.login, password: PASSWORD });
    const code = world.freshCode(member);
    await Promise.all(Array.from({ length: 6 }, () => submit(thief, "/sign-in/code", { code })));
    assert.equal((await notices(member)).length, 1);
  });

  test("is not hidden by a browser that somebody else is known by (LS-10)", async () => {
    const [ada, eve] = [await settled(), await settled()];
    await world.signIn(eve.home, ada.member);
    assert.equal((await notices(ada.member)).length, 1);
    const forged = world.browser();
    const [id] = (ada.home.cookies.get(COOKIE.browsers) ?? "").split(".");
    forged.cookies.set(COOKIE.browsers, `${id}.${"A".repeat(43)}`);
    await world.signIn(forged, ada.member);
    assert.equal((await notices(ada.member)).length, 1);
  });

  test("is told of again once all browsers were forgotten (LS-10)", async () => {
    const { member, home } = await settled({ twoFactor: true });
    const reset = { id: member.id, act: "reset-two-factor", reason: "lost phone" } as const;
    assert.ok(
      (await world.auth.people.act({ client: OPERATOR, authority: world.auth.operatorAuthority(), ...reset })).ok,
    );
    await takeMails(world);
    await home.post("/sign-in", { login: member.login, password: PASSWORD });
    assert.equal((await notices(member)).length, 1);
  });

  test("floods nobody, and every one is on record (LS-10)", async () => {
    const { member } = await settled();
    const told: number[] = [];
    for (let hours = 0; hours < 2; hours++) {
      for (let n = 0; n < 12; n++) await world.signIn(world.browser(), member);
      told.push((await notices(member)).length);
      world.clock.advance(HOUR);
    }
    assert.deepEqual(told, [5, 2]);
    const events = await world.auth.events.list({
      reader: world.auth.operatorAuthority(),
      filter: { userId: member.id, kind: "sign_in.succeeded" },
      limit: 50,
    });
    assert.equal(events.length, 25);
  });
});
