// The attack: somebody found the password and tries it. Without a code they get nowhere, and now they want one thing:
// that the owner does not notice, so that the password stays good until a code can be had. They cancel, leave, start
// over, guess only twice, come from the same house, or make so much noise that the one important mail drowns.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Mail } from "../../../src/auth.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { COOKIE, submit, useArena, whoIs, wrongCode } from "../../support/attacker.ts";
import { takeMails } from "../../support/outbox.ts";
import { type Member, onBothKinds, PASSWORD } from "../../support/world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WARNING = /Somebody had your password/;

onBothKinds("a right password without a right code", (dialect) => {
  const world = useArena(dialect);
  let people = 0;

  /** A person who was never warned, signed in with a browser that is known. */
  async function scene(): Promise<{ ada: Member; owner: Browser; thief: Browser }> {
    const ada = await world.person(`ada${++people}`, { twoFactor: true });
    const owner = world.browser({ address: `198.51.100.${people}` });
    await world.signIn(owner, ada);
    await world.auth.upkeep.run();
    await takeMails(world);
    return { ada, owner, thief: world.browser({ address: "203.0.113.66", userAgent: "curl/8.5.0" }) };
  }

  const begin = async (browser: Browser, { login }: Member) => {
    const answer = await submit(browser, "/sign-in", { login, password: PASSWORD });
    assert.equal(answer.headers.get("location"), "/sign-in/code");
  };
  const guess = async (browser: Browser, ada: Member) => {
    const answer = await submit(browser, "/sign-in/code", { code: wrongCode(ada, world.clock.now()) });
    assert.equal(answer.status, 422);
  };
  const tenMinutesLater = async () => {
    world.clock.advance(10 * MINUTE);
    await world.auth.upkeep.run();
  };
  const warned = async (owner: Browser) => WARNING.test((await owner.get("/")).words);
  const mailsTo = (mails: Mail[], { login }: Member) =>
    mails.filter(({ to, kind }) => to === `${login}@example.org` && kind === "sign_in_abandoned");

  test("three wrong codes are shown and mailed at once, with when and where from (LS-10)", async () => {
    const { ada, owner, thief } = await scene();
    const at = world.clock.now();
    await begin(thief, ada);
    await guess(thief, ada);
    await guess(thief, ada);
    assert.deepEqual(await takeMails(world), []);
    assert.ok(!(await warned(owner)));
    world.clock.advance(MINUTE);
    await guess(thief, ada);
    const [mail, ...more] = await takeMails(world);
    assert.deepEqual(more, []);
    assert.equal(mail?.kind, "sign_in_abandoned");
    assert.equal(mail?.to, `${ada.login}@example.org`);
    assert.deepEqual(mail?.facts, { address: "203.0.113.66", userAgent: "curl/8.5.0", at });
    const home = await owner.get("/");
    assert.match(home.words, WARNING);
    assert.match(home.words, /from 203\.0\.113\.66/);
    assert.match(home.words, /change your password now/);
  });

  test("the same sign-in is told once, however many more codes follow and however it ends (LS-10)", async () => {
    const { ada, thief } = await scene();
    await begin(thief, ada);
    for (let miss = 0; miss < 5; miss++) await guess(thief, ada);
    await submit(thief, "/sign-in/cancel");
    await tenMinutesLater();
    await tenMinutesLater();
    assert.equal((await takeMails(world)).length, 1);
  });

  for (const [how, leave] of Object.entries<(thief: Browser, ada: Member) => Promise<unknown>>({
    "no code at all": async () => {},
    "one wrong code": guess,
    "two wrong codes": async (thief, ada) => [await guess(thief, ada), await guess(thief, ada)],
    "codes that are none": (thief) => submit(thief, "/sign-in/code", { code: "abc" }),
    "a cancelled second step": (thief) => submit(thief, "/sign-in/cancel"),
    "a wrong code and then Cancel": async (thief, ada) => [
      await guess(thief, ada),
      await submit(thief, "/sign-in/cancel"),
    ],
    "Cancel twice": async (thief) => {
      const jar = thief.cookies.get(COOKIE.signIn) ?? "";
      await submit(thief, "/sign-in/cancel");
      thief.cookies.set(COOKIE.signIn, jar);
      await submit(thief, "/sign-in/cancel");
    },
  })) {
    test(`${how}, and ten minutes later the owner knows (LS-10)`, async () => {
      const { ada, owner, thief } = await scene();
      await begin(thief, ada);
      await leave(thief, ada);
      world.clock.advance(10 * MINUTE - 1);
      await world.auth.upkeep.run();
      assert.deepEqual(await takeMails(world), []);
      world.clock.advance(1);
      await world.auth.upkeep.run();
      assert.equal(mailsTo(await takeMails(world), ada).length, 1);
      assert.ok(await warned(owner));
    });
  }

  test("many half sign-ins do not push the first one out of sight (LS-10)", async () => {
    const { ada, owner } = await scene();
    for (let again = 0; again < 14; again++) await begin(world.browser({ address: "203.0.113.66" }), ada);
    await tenMinutesLater();
    assert.ok(await warned(owner));
    const { rows } = await abandoned(ada);
    assert.equal(rows, 14);
  });

  test("mails about it are few, the record is complete (LS-10)", async () => {
    const { ada, owner, thief } = await scene();
    const mails = async (): Promise<number> => {
      await begin(thief, ada);
      await tenMinutesLater();
      return (await takeMails(world)).length;
    };
    const sent = [];
    for (let time = 0; time < 6; time++) sent.push(await mails());
    assert.deepEqual(sent, [1, 1, 1, 0, 0, 0]);
    assert.equal((await abandoned(ada)).rows, 6);
    // After a while there is a mail again: three at most, then one an hour.
    world.clock.advance(HOUR);
    assert.equal(await mails(), 1);
    world.clock.advance(24 * HOUR);
    await world.signIn(owner, ada);
    assert.ok(await warned(owner));
  });

  test("starting over again and again in one browser does not put the warning off (LS-10)", async () => {
    for (const misses of [0, 1, 2]) {
      const { ada, owner, thief } = await scene();
      // Always before the ten minutes are over, and with fewer misses each time than are told at once.
      for (let again = 0; again < 4; again++) {
        await begin(thief, ada);
        for (let miss = 0; miss < misses && again < 2; miss++) await guess(thief, ada);
        world.clock.advance(9 * MINUTE);
        await world.auth.upkeep.run();
      }
      assert.ok(mailsTo(await takeMails(world), ada).length >= 1, `with ${misses} misses each time`);
      assert.ok(await warned(owner));
    }
  });

  test("a flood about one person leaves the next person's mail alone (LS-10)", async () => {
    const { ada, thief } = await scene();
    for (let time = 0; time < 5; time++) await begin(thief, ada);
    const bob = await scene();
    await begin(bob.thief, bob.ada);
    await tenMinutesLater();
    assert.equal(mailsTo(await takeMails(world), bob.ada).length, 1);
  });

  test("the owner's own first tries are no cause for alarm (LS-10)", async () => {
    const { ada, owner } = await scene();
    const browser = world.browser({ address: "198.51.100.200" });
    await begin(browser, ada);
    await guess(browser, ada);
    await begin(browser, ada);
    await submit(browser, "/sign-in/code", { code: world.freshCode(ada) });
    assert.equal(await whoIs(browser), ada.login);
    await tenMinutesLater();
    const told = (await takeMails(world)).map(({ kind }) => kind);
    assert.deepEqual(told, ["new_browser"], "of the sign-in, not of the tries before it");
    assert.ok(!(await warned(owner)));
  });

  test("the owner's success elsewhere does not hide the thief's failure (LS-10)", async () => {
    const { ada, owner, thief } = await scene();
    await begin(thief, ada);
    await guess(thief, ada);
    // With the known browser, and with a new one, which is a stranger like the thief.
    await world.signIn(owner, ada);
    await world.signIn(world.browser({ address: "198.51.100.201" }), ada);
    await tenMinutesLater();
    assert.equal(mailsTo(await takeMails(world), ada).length, 1);
    assert.ok(await warned(owner));
  });

  test("a thief behind the same address as the owner is told of too (LS-10)", async () => {
    const { ada, owner } = await scene();
    const office = "198.51.100.202";
    const thief = world.browser({ address: office, userAgent: "curl/8.5.0" });
    await begin(thief, ada);
    await guess(thief, ada);
    // The owner signs in with a new browser in the same office, within the ten minutes.
    await world.signIn(world.browser({ address: office }), ada);
    await tenMinutesLater();
    assert.equal(mailsTo(await takeMails(world), ada).length, 1);
    assert.ok(await warned(owner));
  });

  test("two nodes that clean up at once tell once (LS-10)", async () => {
    const { ada, owner, thief } = await scene();
    const nodes = [world.auth];
    if (dialect === "postgres") nodes.push((await world.node({ clock: world.clock })).auth);
    await begin(thief, ada);
    world.clock.advance(10 * MINUTE);
    await Promise.all([...nodes, ...nodes].map(({ upkeep }) => upkeep.run()));
    assert.equal(mailsTo(await takeMails(world), ada).length, 1);
    assert.equal((await abandoned(ada)).rows, 1);
    assert.ok(await warned(owner));
  });

  test("the warning stays until the owner says that it is known, and comes again with the next one (LS-10)", async () => {
    const { ada, owner, thief } = await scene();
    await begin(thief, ada);
    await tenMinutesLater();
    assert.ok(await warned(owner));
    await world.signIn(owner, ada);
    assert.ok(await warned(owner), "signing in again does not take it away");
    world.clock.advance(1);
    await owner.post("/warnings/read");
    assert.ok(!(await warned(owner)));
    await begin(thief, ada);
    await tenMinutesLater();
    assert.ok(await warned(owner));
  });

  test("the thief cannot say in the owner's place that it is known (LS-10)", async () => {
    const { ada, owner, thief } = await scene();
    await begin(thief, ada);
    await tenMinutesLater();
    await begin(thief, ada);
    assert.equal((await submit(thief, "/warnings/read")).headers.get("location"), "/sign-in");
    assert.ok(await warned(owner));
  });

  async function abandoned({ id }: Member): Promise<{ rows: number }> {
    const rows = await world.context.db
      .selectFrom("events")
      .select("id")
      .where("user_id", "=", id)
      .where("kind", "=", "sign_in.abandoned")
      .execute();
    return { rows: rows.length };
  }
});
