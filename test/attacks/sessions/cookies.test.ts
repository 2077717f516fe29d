// The attack: the cookie is the whole session, so somebody works on cookies. From a sibling host they toss in a second
// one of the same name; they send one of 10,000 characters, half of one, one in other letters; they hope that some
// answer sets a cookie without one of its protections, or that the reader stumbles and lets them pass. Whatever is not
// exactly our cookie, exactly once, is nobody's, and no request ends in an error of the server.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createAuth, OptionsError } from "../../../src/index.ts";
import { codeFor } from "../../../src/testing/auth.ts";
import { type Browser, createBrowser, type Fetcher } from "../../../src/testing/browser.ts";
import { COOKIE, submit, useArena, whoIs } from "../../support/attacker.ts";
import { OPERATOR, onBothDatabases, PASSWORD, secretOn } from "../../support/world.ts";

const EXACT =
  /^__Host-countersign-(session|sign-in|browsers|trust|notice)=[\w.~-]*; Path=\/; Secure; HttpOnly; SameSite=Lax(; Max-Age=\d+)?$/;

onBothDatabases("cookies", (dialect) => {
  const world = useArena(dialect);
  let people = 0;

  const signedIn = async (twoFactor = false) => {
    const member = await world.person(`ada${++people}`, { twoFactor });
    const browser = world.browser();
    await world.signIn(browser, member);
    assert.equal(await whoIs(browser), member.login);
    return { member, browser, token: browser.cookies.get(COOKIE.session) ?? "" };
  };

  test("every cookie that is ever set is for this host alone, over TLS, and unseen by script (SE-08)", async () => {
    const lines: string[] = [];
    const listening: Fetcher = async (request, env) => {
      const response = await world.fetch(request, env);
      lines.push(...response.headers.getSetCookie());
      return response;
    };
    const open = () => createBrowser(listening, { address: "198.51.100.7" });
    const browser = open();

    // Through everything that sets one: signing in and out, all confirmations, notices, expiry, cancelling, misses.
    const ada = await world.person(`ada${++people}`, { role: "administrator" });
    await world.signIn(browser, ada);
    ada.secret = secretOn(await browser.post("/account/security/enrolment", { current_password: PASSWORD }));
    await browser.post("/account/security/enrolment/confirm", { code: codeFor(ada.secret, world.clock.now()) });
    await browser.post("/sign-out");
    await browser.post("/sign-in", { login: ada.login, password: PASSWORD });
    await browser.post("/sign-in/cancel");
    await world.signIn(browser, ada);
    const proof = () => ({ current_password: PASSWORD, current_code: world.freshCode(ada) });
    const email = `guest${++people}@example.org`;
    await browser.post("/users", { ...proof(), login: `guest${people}`, name: "Guest", email, role: "person" });
    await browser.post("/account", { name: "Ada", language: "en", time_zone: "UTC" });
    await browser.post("/warnings/read");
    await browser.post("/account/email", { email: "" });
    await browser.post("/account/password", { ...proof(), new_password: "another eleven walnut boats" });
    await browser.post("/account/security/disable", {
      current_password: "another eleven walnut boats",
      current_code: world.freshCode(ada),
    });
    await browser.get("/users");
    world.clock.advance(2 * 3_600_000);
    await browser.get("/account");
    await open().post("/sign-in/code", { code: "000000" });
    const eve = await world.person(`eve${++people}`, { twoFactor: true });
    const trusting = open();
    await trusting.post("/sign-in", { login: eve.login, password: PASSWORD });
    await trusting.post("/sign-in/code", { code: world.freshCode(eve), trust: "on" });
    await trusting.post("/sign-out");
    await trusting.post("/sign-in", { login: eve.login, password: PASSWORD });
    const stale = open();
    stale.cookies.set(COOKIE.session, "gone");
    stale.cookies.set(COOKIE.signIn, "gone");
    await stale.get("/account");
    await stale.get("/sign-in/code");

    for (const line of lines) assert.match(line, EXACT);
    const names = new Set(lines.map((line) => line.split("=")[0]));
    assert.deepEqual([...names].sort(), Object.values(COOKIE).sort());
    assert.ok(lines.length > 25, `only ${lines.length} cookies were set`);
  });

  /** Ways to send a good token wrongly. */
  const broken: Record<string, (token: string) => string> = {
    "the same cookie twice": (token) => `${COOKIE.session}=${token}; ${COOKIE.session}=${token}`,
    "another one before it": (token) => `${COOKIE.session}=x; ${COOKIE.session}=${token}`,
    "another one after it": (token) => `${COOKIE.session}=${token}; ${COOKIE.session}=x`,
    "an empty one before it": (token) => `${COOKIE.session}=; ${COOKIE.session}=${token}`,
    "one of three": (token) => `${COOKIE.session}=${token}; a=b; ${COOKIE.session}=${token}; ${COOKIE.session}=y`,
    "a small letter in the prefix": (token) => `__host-countersign-session=${token}`,
    "capitals in the name": (token) => `__Host-Countersign-Session=${token}`,
    "capitals besides": (token) => `${COOKIE.session}=${token}; __HOST-COUNTERSIGN-SESSION=x`,
    "capitals in the value": (token) => `${COOKIE.session}=${token.toUpperCase()}~`,
    "another prefix": (token) => `__Secure-countersign-session=${token}`,
    "no prefix": (token) => `countersign-session=${token}`,
    "a space in the name": (token) => `__Host-countersign -session=${token}`,
    "the name of another cookie": (token) =>
      `${COOKIE.signIn}=${token}; ${COOKIE.browsers}=${token}; ${COOKIE.notice}=${token}`,
    "quotes around it": (token) => `${COOKIE.session}="${token}"`,
    "a space in the middle": (token) => `${COOKIE.session}=${token.replace(".", " .")}`,
    "a tab in the middle": (token) => `${COOKIE.session}=${token.replace(".", "\t.")}`,
    "a comma and more": (token) => `${COOKIE.session}=${token},x`,
    "two joined by a comma": (token) => `${COOKIE.session}=${token}, ${COOKIE.session}=${token}`,
    "percent signs": (token) => `${COOKIE.session}=${token.replace(".", "%2E")}`,
    "more behind it": (token) => `${COOKIE.session}=${token}x`,
    "more before it": (token) => `${COOKIE.session}=x${token}`,
    "a part more": (token) => `${COOKIE.session}=${token}.x`,
    "no secret": (token) => `${COOKIE.session}=${token.split(".")[0]}`,
    "an empty secret": (token) => `${COOKIE.session}=${token.split(".")[0]}.`,
    "no id": (token) => `${COOKIE.session}=.${token.split(".")[1]}`,
    "the parts exchanged": (token) => `${COOKIE.session}=${token.split(".").toReversed().join(".")}`,
    "the last sign missing": (token) => `${COOKIE.session}=${token.slice(0, -1)}`,
    "the last sign another": (token) => `${COOKIE.session}=${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`,
    "ten thousand characters": (token) => `${COOKIE.session}=${token}${"A".repeat(10_000)}`,
    "ten thousand characters of another cookie": (token) => `a=${"A".repeat(10_000)}; ${COOKIE.session}=${token}`,
    "a thousand cookies": (token) =>
      `${Array.from({ length: 1_000 }, (_, nth) => `c${nth}=${nth}`).join("; ")}; ${COOKIE.session}=${token}`,
    "letters beyond ASCII": (token) => `${COOKIE.session}=\u00e9${token}`,
    "no equals sign": (token) => `${COOKIE.session}${token}`,
    "two equals signs": (token) => `${COOKIE.session}==${token}`,
    "a comma between cookies": (token) => `a=b, ${COOKIE.session}=${token}`,
    "the old syntax of versions": (token) => `$Version=1; ${COOKIE.session}="${token}"; $Path=/`,
    JSON: (token) => `${COOKIE.session}={"token":"${token}"}`,
    "j: and JSON": (token) => `${COOKIE.session}=j:["${token}"]`,
    "a signature behind it": (token) => `${COOKIE.session}=s:${token}.abc`,
    "nothing at all": () => "",
    "only semicolons": () => ";;;;",
    "only an equals sign": () => "=",
  };

  test("a cookie that is not exactly ours, exactly once, is nobody's and never an error (SE-09)", async () => {
    const { member, token } = await signedIn();
    const stranger = world.browser();
    for (const [how, header] of Object.entries(broken)) {
      const headers = { cookie: header(token) };
      assert.equal((await stranger.send("/api/v1/session", { headers })).status, 401, how);
      assert.equal((await stranger.send("/", { headers })).headers.get("location"), "/sign-in", how);
      assert.equal((await submit(stranger, "/account", {}, headers)).headers.get("location"), "/sign-in", how);
    }
    const good = { cookie: `a=b;  ${COOKIE.session}=${token} ;c` };
    const response = await stranger.send("/api/v1/session", { headers: good });
    assert.equal(
      ((await response.json()) as { user: { login: string } }).user.login,
      member.login,
      "it was good all the time",
    );
  });

  test("whatever is sent as cookies, nobody is signed in by it and nothing breaks (SE-09)", async () => {
    const { token } = await signedIn();
    const [id = "", secret = ""] = token.split(".");
    const piece = fc.oneof(
      fc.constantFrom(...Object.values(COOKIE), ...Object.values(COOKIE).map((name) => name.toLowerCase())),
      fc.constantFrom("=", ";", "; ", ",", ".", "~", '"', " ", "\t", "%", "__Host-", "__proto__", "constructor"),
      fc.constantFrom(id, secret, secret.slice(0, 20), token.slice(0, 30), `${id}.`),
      fc.string({ maxLength: 8 }).map((text) => text.replace(/[^\x20-\x7e]/g, "")),
      fc.stringMatching(/^[\x80-\xff]{1,4}$/),
    );
    const stranger = world.browser();
    let known = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 12 }), async (pieces) => {
        const cookie = pieces.join("").trim();
        // The whole good cookie may come together by chance; that is the only one which may be known.
        const isGood = cookie.split(";").filter((pair) => pair.trim() === `${COOKIE.session}=${token}`).length === 1;
        if (isGood) known++;
        for (const [path, init] of [
          ["/", {}],
          ["/sign-in", {}],
          ["/sign-in/code", {}],
          ["/api/v1/session", {}],
          ["/sign-in/cancel", { method: "POST", headers: { "sec-fetch-site": "same-origin" } }],
        ] as const) {
          const headers = { ...("headers" in init ? init.headers : {}), cookie };
          const response = await stranger.send(path, { ...init, headers });
          assert.ok(response.status < 500, `${response.status} at ${path} for ${cookie}`);
          if (path === "/api/v1/session" && !isGood) assert.equal(response.status, 401);
          if (path === "/" && !isGood) assert.equal(response.status, 303);
        }
      }),
      { numRuns: 150 },
    );
    assert.ok(known < 15, "most of the generated cookies were broken");
  });

  test("two cookies of one name keep a sign-in from being completed, too (SE-09)", async () => {
    const ada = await world.person(`ada${++people}`, { twoFactor: true });
    const browser = world.browser();
    await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD });
    const own = `${COOKIE.signIn}=${browser.cookies.get(COOKIE.signIn)}`;
    for (const cookie of [`${own}; ${own}`, `${own}; ${COOKIE.signIn}=x`, `${own}; ${COOKIE.signIn.toUpperCase()}=x`]) {
      const answer = await submit(browser, "/sign-in/code", { code: world.freshCode(ada) }, { cookie });
      assert.equal(answer.headers.get("location"), "/sign-in", cookie);
      assert.equal(await whoIs(browser), undefined);
    }
  });

  test("nothing of a cookie is shown: a notice comes from our own list (SE-09, CH-08)", async () => {
    const { browser } = await signedIn();
    for (const value of [
      "<script>alert(1)</script>",
      "__proto__",
      "constructor",
      "toString",
      "hasOwnProperty",
      "x".repeat(4_000),
    ]) {
      browser.cookies.set(COOKIE.notice, value);
      const page: Awaited<ReturnType<Browser["get"]>> = await browser.get("/");
      assert.equal(page.status, 200);
      assert.doesNotMatch(page.text, /alert\(1\)|function|\[object|xxxx/);
      assert.ok(!browser.cookies.has(COOKIE.notice), "and it is gone after one page");
    }
  });

  test("a cookie of browsers that nobody knows is no reason to refuse anybody (SE-09)", async () => {
    const { login } = await world.person(`ada${++people}`);
    for (const value of ["~~~~", ".", "x".repeat(7_000), `${"A".repeat(16)}.${"B".repeat(43)}`, "__proto__", "%00"]) {
      const browser = world.browser();
      browser.cookies.set(COOKIE.browsers, value);
      await submit(browser, "/sign-in", { login, password: PASSWORD });
      assert.equal(await whoIs(browser), login, value.slice(0, 20));
    }
  });

  test("an invitation works beside whatever cookies there are", async () => {
    const login = `guest${++people}`;
    const profile = { login, name: "Guest", email: `${login}@example.org`, role: "person" as const };
    const invited = await world.auth.people.invite({
      client: OPERATOR,
      authority: world.auth.operatorAuthority(),
      ...profile,
    });
    assert.ok(invited.ok && "ticket" in invited);
    const { browser } = await signedIn();
    const answer = await submit(browser, "/invitation", {
      ticket: invited.ticket,
      new_password: "another eleven walnut boats",
    });
    assert.equal(answer.headers.get("location"), "/sign-in");
  });
});

test("over plain http the server runs for one's own machine alone, or the cookies would travel in the clear (SE-08)", async () => {
  const key = { id: "00000000", bytes: new Uint8Array(32) };
  const start = (publicUrl: string) =>
    createAuth({ publicUrl, database: "file::memory:" }, { keys: { active: key, all: [key] } });
  for (const url of [
    "http://accounts.example.org",
    "http://192.0.2.1",
    "http://localhost.example.org",
    "http://127.0.0.1.nip.io",
  ]) {
    await assert.rejects(start(url), OptionsError, url);
  }
  for (const url of [
    "https://accounts.example.org",
    "http://localhost:4180",
    "http://127.0.0.1:4180",
    "http://[::1]:4180",
  ]) {
    await (await start(url)).close();
  }
});
