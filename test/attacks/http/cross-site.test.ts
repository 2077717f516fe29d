// The attack: while somebody is signed in, another site makes their browser send a form here, to turn two-factor
// authentication off, to change their address, or to sign them in to the attacker's own account and watch what they do
// there (sign-in CSRF). A sibling host of the same company may be the attacker's. The browser tells where a request
// comes from; whatever does not come from our own pages must change nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ROUTES } from "../../../src/web/app.ts";
import { createArena } from "../../support/attacker.ts";
import { openTables, readTables } from "../../support/tables.ts";
import { onBothDatabases, PASSWORD } from "../../support/world.ts";

const PUBLIC_URL = "https://accounts.example.org";

/** What a browser or a program may tell about the origin of a request. */
type Told = { "sec-fetch-site"?: string; origin?: string };

const OWN: Told[] = [
  { "sec-fetch-site": "same-origin" },
  { "sec-fetch-site": "same-origin", origin: PUBLIC_URL },
  // The person reloaded, or the browser itself sent it again.
  { "sec-fetch-site": "none" },
  // A browser without Fetch Metadata.
  { origin: PUBLIC_URL },
];

const FOREIGN: Told[] = [
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
  { "sec-fetch-site": "cross-site", origin: PUBLIC_URL },
  { "sec-fetch-site": "same-site", origin: PUBLIC_URL },
  { "sec-fetch-site": "" },
  { "sec-fetch-site": "Same-Origin" },
  { "sec-fetch-site": "same-origin, cross-site" },
  { "sec-fetch-site": "something-new" },
  { origin: "null" },
  { origin: "" },
  { origin: "https://evil.example" },
  { origin: "https://example.org" },
  { origin: "https://other.example.org" },
  { origin: "https://sub.accounts.example.org" },
  { origin: "https://accounts.example.org.evil.example" },
  { origin: "https://accounts.example.organic" },
  { origin: "https://evilaccounts.example.org" },
  { origin: "https://accounts.example.org@evil.example" },
  { origin: "https://accounts.example.org:8443" },
  { origin: "https://accounts.example.org:443" },
  { origin: "http://accounts.example.org" },
  { origin: "HTTPS://ACCOUNTS.EXAMPLE.ORG" },
  { origin: "https://accounts.example.org/" },
  { origin: "https://accounts.example.org., https://accounts.example.org" },
  { origin: "file://" },
];

const NOTHING: Told = {};

function form(told: Told, fields: Record<string, string> = {}): RequestInit {
  const headers = new Headers({ "content-type": "application/x-www-form-urlencoded" });
  for (const [name, value] of Object.entries(told)) headers.set(name, value);
  return { method: "POST", body: new URLSearchParams(fields).toString(), headers };
}

const UNSAFE = ROUTES.filter(({ method }) => method !== "GET");

onBothDatabases("a form of another site", (dialect) => {
  test("changes nothing on any route, whatever it says about its origin (CH-01)", async () => {
    await using world = await createArena(dialect, { options: { publicUrl: PUBLIC_URL } });
    await using db = await openTables(world);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const ada = await world.person("ada");
    const browser = world.browser();
    await world.signIn(browser, root);
    const fresh = world.freshCode(root);
    const asked = await browser.post(`/users/${ada.id}/sign-out-everywhere`, {
      current_password: PASSWORD,
      current_code: fresh,
    });
    assert.equal(asked.status, 200, "the administrator has just confirmed, so nothing else stands in the way");
    const { events, rates, event_head, ...before } = await readTables(db);

    // One of each kind; the others are tried on one route, below.
    const kinds = FOREIGN.filter(({ origin }) => origin === undefined || /null|evil/.test(origin)).slice(0, 8);
    for (const told of [...kinds, NOTHING]) {
      for (const { path } of UNSAFE) {
        const fields = { role: "person", login: "ada", name: "Hacked", email: "evil@example.com", reason: "lost" };
        const answer = await browser.send(path.replace(":id", ada.id), form(told, fields));
        assert.equal(answer.status, 403, `${path} ${JSON.stringify(told)}`);
        assert.deepEqual(answer.headers.getSetCookie(), []);
      }
    }
    const after = await readTables(db);
    for (const [table, rows] of Object.entries(before)) assert.deepEqual(after[table], rows, table);
    const refused = after.events?.filter((row) => !events?.some(({ id }) => id === row.id));
    assert.ok(refused && refused.length > 0, "the refusals are on record");
    assert.ok(refused.every((row) => row.kind === "request.refused"));
  });

  test("is refused where our own is taken, on the same route with the same cookies (CH-01)", async () => {
    await using world = await createArena(dialect, { options: { publicUrl: PUBLIC_URL } });
    const ada = await world.person("ada");
    const browser = world.browser();
    await world.signIn(browser, ada);
    const rename = { name: "Ada King", language: "en", time_zone: "UTC" };
    for (const told of OWN) {
      const answer = await browser.send("/account", form(told, rename));
      assert.equal(answer.status, 303, JSON.stringify(told));
    }
    for (const told of [...FOREIGN, NOTHING]) {
      const answer = await browser.send("/account", form(told, { ...rename, name: "Hacked" }));
      assert.equal(answer.status, 403, JSON.stringify(told));
    }
    assert.match((await browser.get("/account")).text, /value="Ada King"/);
  });

  test("does not turn two-factor authentication off or start setting it up, nor does a link (T-16)", async () => {
    await using world = await createArena(dialect, { options: { publicUrl: PUBLIC_URL } });
    const ada = await world.person("ada", { twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, ada);
    const fields = { current_password: PASSWORD, current_code: world.freshCode(ada) };
    for (const path of ["/account/security/disable", "/account/security/enrolment"]) {
      assert.equal((await browser.send(path, form({ "sec-fetch-site": "cross-site" }, fields))).status, 403);
      const query = new URLSearchParams(fields);
      await browser.send(`${path}?${query}`);
    }
    assert.match((await browser.get("/account/security")).words, /Your account is protected/);
    const done = await browser.post("/account/security/disable", fields);
    assert.match(done.words, /Two-factor authentication is off/, "and the code was not spent by the refused forms");
  });

  test("does not sign anybody in, with or without cookies of theirs (LS-11)", async () => {
    await using world = await createArena(dialect, { options: { publicUrl: PUBLIC_URL } });
    await world.person("mallory");
    const fields = { login: "mallory", password: PASSWORD };
    for (const told of FOREIGN) {
      const victim = world.browser();
      const answer = await victim.send("/sign-in", form(told, fields));
      assert.equal(answer.status, 403, JSON.stringify(told));
      assert.deepEqual(answer.headers.getSetCookie(), [], JSON.stringify(told));
    }
    const known = world.browser();
    await known.post("/sign-in", fields);
    await known.post("/sign-out");
    assert.deepEqual([...known.cookies.keys()].sort(), ["__Host-countersign-browsers"]);
    assert.equal((await known.send("/sign-in", form(NOTHING, fields))).status, 403, "a known browser says where it is");

    const program = world.browser();
    assert.equal((await program.send("/sign-in", form(NOTHING, fields))).status, 303, "no browser, no cookie");
  });

  test("cannot finish a sign-in that is half done, nor cancel it (LS-11)", async () => {
    await using world = await createArena(dialect, { options: { publicUrl: PUBLIC_URL } });
    const ada = await world.person("ada", { twoFactor: true });
    const browser = world.browser();
    assert.equal((await browser.post("/sign-in", { login: "ada", password: PASSWORD })).path, "/sign-in/code");
    const code = world.freshCode(ada);
    for (const told of [...FOREIGN, NOTHING]) {
      assert.equal((await browser.send("/sign-in/code", form(told, { code }))).status, 403);
      assert.equal((await browser.send("/sign-in/cancel", form(told))).status, 403);
    }
    assert.equal((await browser.post("/sign-in/code", { code })).path, "/");
  });

  test("cannot be passed off by a method in a field or header (CH-01)", async () => {
    await using world = await createArena(dialect, { options: { publicUrl: PUBLIC_URL } });
    const ada = await world.person("ada");
    const browser = world.browser();
    await world.signIn(browser, ada);
    for (const header of ["x-http-method-override", "x-http-method", "x-method-override"]) {
      const answer = await browser.send("/sign-out?_method=POST", { headers: { [header]: "POST" } });
      assert.equal(answer.status, 405);
    }
    assert.equal((await browser.get("/account")).status, 200);
    const tunnelled = await browser.send("/account?_method=GET", form({ "sec-fetch-site": "cross-site" }));
    assert.equal(tunnelled.status, 403);
  });

  test("is not recorded without end by who sends many (AU-01)", async () => {
    await using world = await createArena(dialect, { options: { publicUrl: PUBLIC_URL } });
    await using db = await openTables(world);
    const browser = world.browser();
    for (let n = 0; n < 100; n++) await browser.send("/sign-in", form({ "sec-fetch-site": "cross-site" }));
    const count = async () => (await db.selectFrom("events").select("id").execute()).length;
    const recorded = await count();
    assert.ok(recorded > 0 && recorded < 50, `${recorded} records of 100 refused requests`);
    await world.browser().send("/sign-in", form({ "sec-fetch-site": "cross-site" }));
    assert.equal(await count(), recorded + 1, "another address has its own allowance");
  });
});
