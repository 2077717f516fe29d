// The attack: an administrator, or whoever has their session, looks for links in the outbox, with which they would be
// somebody else; a mail server quotes one back when it refuses it. And the list must neither lose a mail nor send one
// twice.

import assert from "node:assert/strict";
import { test } from "node:test";
import { mailDelivery } from "../../../src/mail/deliver.ts";
import { openTables, readTables } from "../../support/tables.ts";
import { createWorld, OPERATOR, onBothDatabases, PASSWORD, type World } from "../../support/world.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function administrator(world: World) {
  const root = await world.person("root", { role: "administrator", twoFactor: true });
  const browser = world.browser();
  await world.signIn(browser, root);
  const confirm = () => ({ current_password: PASSWORD, current_code: world.freshCode(root) });
  return { root, browser, confirm };
}

async function invite(world: World, login: string): Promise<string> {
  const profile = { login, name: "Guest", email: `${login}@example.org`, role: "person" } as const;
  const { people, operatorAuthority } = world.auth;
  const invited = await people.invite({ client: OPERATOR, authority: operatorAuthority(), ...profile });
  assert.ok(invited.ok);
  return invited.ticket;
}

onBothDatabases("the outbox", (dialect) => {
  test("shows who is told of what and why it waits, and never a link (AU-02, ML-08)", async () => {
    const logged: string[] = [];
    const log = (message: string, facts?: object) => void logged.push(`${message} ${JSON.stringify(facts)}`);
    await using world = await createWorld(dialect, { host: { log } });
    await using db = await openTables(world);
    const { browser } = await administrator(world);
    const empty = await browser.get("/mails");
    assert.match(empty.words, /No mail was sent in the last 30 days/);
    assert.doesNotMatch(empty.words, /Try again now/);

    const ticket = await invite(world, "guest");
    assert.match((await browser.get("/mails")).words, /guest@example.org Your account at Countersign .* 0 Waiting/);
    const refusing = mailDelivery(world.auth, {
      send: ({ text }) => Promise.reject(new Error(`550 5.7.1 Spam: ${/http\S+ticket\S+/.exec(text)?.[0]} is listed`)),
      close: () => {},
    });
    await refusing();
    for (const address of ["/mails", "/mails?state=unsent"]) {
      const page = await browser.get(address);
      assert.match(page.words, / 1 Delayed Next try .*550 5\.7\.1 Spam: \S+\?ticket=… is listed/);
    }
    const secret = ticket.split(".")[1] ?? "?";
    assert.ok(logged.some((line) => line.includes("is listed")));
    const everything = [JSON.stringify(await readTables(db)), logged.join(), (await browser.get("/mails")).text].join();
    assert.ok(!everything.includes(secret));

    world.clock.advance(MINUTE);
    await mailDelivery(world.auth, { send: async () => {}, close: () => {} })();
    assert.match((await browser.get("/mails")).words, /guest@example.org Your account at Countersign .* 2 Sent /);
    assert.match((await browser.get("/mails?state=unsent")).words, /Every mail is sent/);
  });

  test("is paged through without losing or repeating one, however many share a moment (ML-08)", async () => {
    await using world = await createWorld(dialect);
    const { browser } = await administrator(world);
    for (let n = 0; n < 120; n++) await invite(world, `guest${n}`);
    const seen: string[] = [];
    let pages = 0;
    for (let address: string | undefined = "/mails"; address !== undefined; pages++) {
      const page = await browser.get(address);
      seen.push(...[...page.text.matchAll(/title="(guest\d+)@example\.org"/g)].map(([, login]) => String(login)));
      address = /rel="next" href="([^"]+)"/.exec(page.text)?.[1]?.replaceAll("&amp;", "&");
    }
    assert.equal(pages, 3);
    assert.equal(seen.length, 120);
    assert.equal(new Set(seen).size, 120);
  });

  test("tries again at once what failed, and nothing that is under way (ML-08, AU-01)", async () => {
    let calls = 0;
    await using world = await createWorld(dialect);
    world.auth.listen({ mailQueued: () => void calls++, jobReady: () => {} });
    const { root, browser, confirm } = await administrator(world);
    await invite(world, "failed");
    await invite(world, "underway");
    const { mails } = world.auth;
    const claimed = [await mails.claim(), await mails.claim()];
    const [failed, underway] = claimed.map((mail) => mail?.id ?? "");
    await mails.failed(String(failed), "421 come back later");
    assert.equal(await mails.claim(), undefined);
    const page = await browser.post("/mails/retry", confirm());
    assert.equal(page.path, "/mails?state=unsent");
    assert.match(page.words, /The mails are tried again now/);
    assert.ok(calls >= 3, "the delivery is called");
    assert.equal((await mails.claim())?.id, failed);
    assert.equal(await mails.claim(), undefined, `${underway} is under way`);
    const { events, operatorAuthority } = world.auth;
    const [event] = await events.list({ reader: operatorAuthority(), filter: { kind: "mails.retried" }, limit: 9 });
    assert.deepEqual([event?.actor?.id, event?.details], [root.id, { mails: 1 }]);
    await browser.post("/mails/retry", confirm());
    assert.equal(
      (await events.list({ reader: operatorAuthority(), filter: { kind: "mails.retried" }, limit: 9 })).length,
      1,
    );
  });

  test("forgets a mail after thirty days, sent or not (ML-08)", async () => {
    await using world = await createWorld(dialect);
    await invite(world, "sent");
    await world.auth.mails.sent((await world.auth.mails.claim())?.id ?? "");
    await invite(world, "unsent");
    const list = () => world.auth.outbox.list(world.auth.operatorAuthority(), { unsent: false }, 9);
    world.clock.advance(30 * DAY - 1);
    await world.auth.upkeep.run();
    assert.equal((await list()).length, 2);
    // What is over is looked for once an hour.
    world.clock.advance(HOUR);
    await world.auth.upkeep.run();
    assert.deepEqual(await list(), []);
  });
});
