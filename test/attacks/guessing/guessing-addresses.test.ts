// The attack: one password that many people use, tried once on each of a thousand names. No person's budget notices.
// So strangers are also counted by where they come from and over all, and the attacker's answer is to come from
// everywhere: from another address of their own network each time, or from an address that they only write into a
// header. The known browsers of the company's people pass by all this, so a flood keeps none of them out.

import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import * as attempts from "../../../src/core/ground/attempts.ts";
import { transact } from "../../../src/core/ground/transaction.ts";
import { createBrowser, type Fetcher } from "../../../src/testing/browser.ts";
import { createApp } from "../../../src/web/app.ts";
import { type Arena, clientAt, createArena, submit, whoIs } from "../../support/attacker.ts";
import { onBothKinds, ownTest, PASSWORD } from "../../support/world.ts";

const DAY = 86_400_000;
const PROXY = "10.0.0.1";

onBothKinds("where strangers come from", (dialect) => {
  const testOwn = ownTest(dialect);
  let world: Arena & AsyncDisposable;
  let people = 0;
  before(async () => {
    world = await createArena(dialect);
  });
  beforeEach(() => world.clock.advance(DAY));
  after(() => world[Symbol.asyncDispose]());

  /** So many wrong passwords of strangers at these addresses, counted as `begin` counts them but without the hashing. */
  const flood = (count: number, address: (nth: number) => string) =>
    transact(world.context, clientAt("-"), async (tx) => {
      let passed = 0;
      for (let nth = 0; nth < count; nth++) {
        if ((await attempts.chargeStrangers({ ...tx, client: clientAt(address(nth)) })).ok) passed++;
      }
      return { passed };
    });
  const tryFrom = (address: string, headers: Record<string, string> = {}, fetch: Fetcher = world.fetch) =>
    submit(createBrowser(fetch, { address }), "/sign-in", { login: `nobody${++people}`, password: "wrong" }, headers);

  test("a hundred wrong passwords from one address, then one each 18 seconds, whatever the names (RL-08)", async () => {
    const address = "203.0.113.1";
    assert.deepEqual(await flood(98, () => address), { passed: 98 });
    for (const status of [422, 422, 429, 429]) assert.equal((await tryFrom(address)).status, status);
    const waiting = await tryFrom(address);
    assert.equal(waiting.headers.get("retry-after"), "18");
    world.clock.advance(18_000 - 1);
    assert.equal((await tryFrom(address)).status, 429);
    world.clock.advance(1);
    for (const status of [422, 429]) assert.equal((await tryFrom(address)).status, status);
    assert.equal((await tryFrom("203.0.113.2")).status, 422, "the neighbour is not affected");
  });

  test("all addresses of one IPv6 network are one (RL-08, T-24)", async () => {
    const address = (nth: number) => `2001:db8:1:2:${(nth * 79).toString(16)}::${nth.toString(16)}`;
    assert.deepEqual(await flood(150, address), { passed: 100 });
    for (const spelling of ["2001:db8:1:2::9", "2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:0db8:0001:0002::"]) {
      assert.equal((await tryFrom(spelling)).status, 429, spelling);
    }
    assert.equal((await tryFrom("2001:db8:1:3::9")).status, 422);
  });

  test("an IPv4 address is the same one on a dual-stack socket (RL-08, T-24)", async () => {
    await flood(100, () => "203.0.113.3");
    assert.equal((await tryFrom("::ffff:203.0.113.3")).status, 429);
    assert.equal((await tryFrom("::ffff:203.0.113.4")).status, 422, "not all of IPv4 counts as one network");
  });

  test("a botnet that tries each name once is stopped after a thousand, and goes on at 100 a minute (RL-08)", async () => {
    const host = (nth: number) => `10.${nth >> 16}.${(nth >> 8) & 255}.${nth & 255}`;
    assert.deepEqual(await flood(1_200, host), { passed: 1_000 });
    const answer = await tryFrom("203.0.113.5");
    assert.equal(answer.status, 429);
    assert.equal(answer.headers.get("retry-after"), "1");
    world.clock.advance(60_000);
    assert.deepEqual(await flood(200, (nth) => host(5_000 + nth)), { passed: 100 });
  });

  test("while the botnet floods, people with a known browser sign in (RL-07, RL-08)", async () => {
    const ada = await world.person(`ada${++people}`, { twoFactor: true });
    const owner = world.browser();
    await world.signIn(owner, ada);
    await submit(owner, "/sign-out");
    await flood(1_200, (nth) => `10.1.${nth >> 8}.${nth & 255}`);
    await world.signIn(owner, ada);
    assert.equal(await whoIs(owner), ada.login);
  });

  testOwn("a complete sign-in gives back what it cost its address, and no more (T-25, RL-05)", async () => {
    const address = "203.0.113.6";
    const ada = await world.person(`ada${++people}`, { twoFactor: true });
    await flood(99, () => address);
    const browser = world.browser({ address });
    assert.equal((await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD })).status, 303);
    assert.equal((await tryFrom(address)).status, 429, "the right password alone gives nothing back");
    const clock = world.clock.now();
    await submit(browser, "/sign-in/code", { code: world.freshCode(ada) });
    assert.equal(await whoIs(browser), ada.login);
    world.clock.set(clock);
    for (const status of [422, 429]) assert.equal((await tryFrom(address)).status, status);
  });

  test("an address in a header splits no budget where no proxy is trusted (RL-09, T-24)", async () => {
    const address = "203.0.113.7";
    await flood(100, () => address);
    for (const header of [
      "x-forwarded-for",
      "x-real-ip",
      "forwarded",
      "x-client-ip",
      "true-client-ip",
      "x-forwarded",
    ]) {
      for (const value of ["198.51.100.1", "for=198.51.100.1", "127.0.0.1", "::1", `198.51.100.1, ${PROXY}`]) {
        assert.equal((await tryFrom(address, { [header]: value })).status, 429, `${header}: ${value}`);
      }
    }
  });

  test("behind a trusted proxy the right-most address counts, and inventing more of them helps nobody (RL-09, T-24)", async () => {
    const trustedProxies = new BlockList();
    trustedProxies.addAddress(PROXY);
    const { fetch } = createApp(world.auth, { trustedProxies });
    const through = (forwarded: string, peer = PROXY) => tryFrom(peer, { "x-forwarded-for": forwarded }, fetch);
    await flood(100, () => "203.0.113.8");
    assert.equal((await through("203.0.113.8")).status, 429);
    assert.equal((await through("198.51.100.1, 203.0.113.8")).status, 429);
    assert.equal((await through(`198.51.100.1, 203.0.113.8, ${PROXY}`)).status, 429);
    assert.equal((await through("203.0.113.8, 198.51.100.2")).status, 422, "only the last one is the proxy's word");
    // Not through the proxy: the peer itself counts.
    assert.equal((await through("203.0.113.8", "198.51.100.3")).status, 422);
    await flood(100, () => "198.51.100.4");
    assert.equal((await through("198.51.100.99", "198.51.100.4")).status, 429);
    // What the proxy cannot have meant counts against the proxy, not for the client.
    await flood(100, () => PROXY);
    for (const nonsense of ["", "evil", "198.51.100.5:80", "198.51.100.5,"]) {
      assert.equal((await through(nonsense)).status, 429, nonsense);
    }
  });

  test("the person sees the address that counted (RL-09)", async () => {
    const ada = await world.person(`ada${++people}`);
    const browser = createBrowser(world.fetch, { address: "203.0.113.9" });
    const spoofed = { "x-forwarded-for": "198.51.100.1", "x-real-ip": "198.51.100.1" };
    await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD }, spoofed);
    const { words } = await browser.get("/");
    assert.match(words, /from 203\.0\.113\.9/);
    assert.doesNotMatch(words, /198\.51\.100\.1/);
  });
});
