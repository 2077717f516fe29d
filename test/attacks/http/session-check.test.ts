// The attack: the session check is answered on two ways, a short one on Node's own request and the one of all pages. If
// the short one forgot a check, whoever is refused by the pages would be let in by every proxy that asks it. So both are
// asked the same, over a real port, and must say the same, with the same headers.

import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { getRequestListener } from "@hono/node-server";
import { shortWay } from "../../../src/server/short-way.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { type Arena, COOKIE, createArena } from "../../support/attacker.ts";
import { type Fault, noFault, openFaulty } from "../../support/faulty-database.ts";
import { setRules } from "../../support/policies.ts";
import { onBothDatabases } from "../../support/world.ts";

const HOUR = 3_600_000;

onBothDatabases("the session check", (dialect) => {
  const fault: Fault = noFault();
  let world: Arena & AsyncDisposable;
  let server: Server;
  let origin = "";
  before(async () => {
    world = await createArena(dialect, { host: { openDatabase: (url) => openFaulty(url, fault) } });
    server = createServer(shortWay(world.auth, getRequestListener(world.fetch)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await world[Symbol.asyncDispose]();
  });

  /** What both ways say to a `Cookie` header, which is the same but for the number of the request. */
  async function ask(cookie: string | undefined): Promise<{ status: number; login: string | undefined }> {
    const headers: Record<string, string> = cookie === undefined ? {} : { cookie };
    // A query is not for the short way, so this one goes the other.
    const [short, long] = await Promise.all(
      ["/api/v1/session", "/api/v1/session?"].map(async (path) => {
        const answer = await fetch(origin + path, { headers });
        const { request, ...body } = (await answer.json()) as { request?: string; user?: { login: string } };
        const own = ["date", "connection", "keep-alive", "content-length", "transfer-encoding"];
        const kept = [...answer.headers].filter(([name]) => !own.includes(name));
        return { status: answer.status, body, headers: kept, isNumbered: request !== undefined };
      }),
    );
    assert.deepEqual(short, long);
    return { status: short?.status ?? 0, login: short?.body.user?.login };
  }

  const cookieOf = (browser: Browser) => `${COOKIE.session}=${browser.cookies.get(COOKIE.session)}`;

  test("says on both ways who is signed in, and refuses alike whoever is not (SE-05, SE-09)", async () => {
    const ada = await world.person("ada", { twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, ada);
    const cookie = cookieOf(browser);
    assert.deepEqual(await ask(cookie), { status: 200, login: "ada" });
    assert.deepEqual(await ask(`other=1; ${cookie}; more=2`), { status: 200, login: "ada" });
    const half = world.browser();
    await half.post("/sign-in", { login: "ada", password: "seven quiet lanterns drift" });
    for (const hostile of [
      undefined,
      "",
      `${cookie}; ${cookie}`,
      `${cookie}x`,
      cookie.slice(0, -1),
      cookie.toLowerCase(),
      `${COOKIE.session}=`,
      `${COOKIE.session}=' or 1=1 --`,
      `${COOKIE.session}=${half.cookies.get(COOKIE.signIn)}`,
      `${COOKIE.signIn}=${half.cookies.get(COOKIE.signIn)}`,
      `${"a=b; ".repeat(2_000)}${cookie}`,
    ])
      assert.deepEqual(await ask(hostile), { status: 401, login: undefined }, hostile);
  });

  test("refuses a session that was ended, idle or of somebody who may only enrol, at the next request (SE-05, AD-04)", async () => {
    const [ada, bob] = [await world.person("eve", { twoFactor: true }), await world.person("bob")];
    const browsers = [world.browser(), world.browser(), world.browser()];
    const [first, second, third] = browsers as [Browser, Browser, Browser];
    for (const browser of [first, second]) await world.signIn(browser, ada);
    await world.signIn(third, bob);
    const [ended, idle, owing] = browsers.map(cookieOf) as [string, string, string];
    for (const cookie of [ended, idle, owing]) assert.equal((await ask(cookie)).status, 200);
    await first.post("/sign-out");
    assert.equal((await ask(ended)).status, 401);
    await setRules(world, { scope: "everyone", requirement: "required" });
    assert.equal((await ask(owing)).status, 401);
    world.clock.advance(HOUR + 1);
    assert.equal((await ask(idle)).status, 401);
  });

  test("asks once more on the long way if the database fails, which takes nobody for signed in (LS-09)", async () => {
    const ada = await world.person("ann", { twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, ada);
    const failing = async (path: string) => {
      Object.assign(fault, { in: 0, when: "before", calls: [] });
      const answer = await fetch(origin + path, { headers: { cookie: cookieOf(browser) } });
      fault.in = undefined;
      return answer;
    };
    const long = await failing("/api/v1/session?");
    assert.equal(long.status, 500);
    assert.deepEqual(Object.keys((await long.json()) as object).sort(), ["error", "request"]);
    assert.equal((await failing("/api/v1/session")).status, 200, "the second look answered");
    assert.equal((await ask(cookieOf(browser))).status, 200);
  });
});
