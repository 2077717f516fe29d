// The attack: somebody who is not signed in asks for every address there is, in the hope that one was forgotten. Or a
// link, a picture or a mail scanner makes somebody's browser ask for an address, in the hope that asking alone does
// something. So every route is closed unless it is on the short list of open ones, and looking changes nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Browser } from "../../../src/testing/browser.ts";
import { ROUTES } from "../../../src/web/app.ts";
import { createArena } from "../../support/attacker.ts";
import { takeMails } from "../../support/outbox.ts";
import { openTables, type Row, readTables } from "../../support/tables.ts";
import { OPERATOR, onBothDatabases, PASSWORD, type World } from "../../support/world.ts";

/** Whoever opens another door must write it down here, too. */
const OPEN = [
  // It tells who is signed in, and a stranger that nobody is.
  "GET /api/v1/session",
  "GET /email-undo",
  "GET /enrolment-link",
  "GET /forgotten-password",
  "GET /healthz",
  "GET /invitation",
  "GET /password-reset",
  "GET /rescue-stop",
  "GET /setup",
  "GET /sign-in",
  "GET /sign-in/code",
  "GET /sign-in/lost",
  "GET /sign-in/mailed-code",
  "GET /sign-in/recovery-code",
  "POST /email-undo",
  "POST /enrolment-link",
  "POST /forgotten-password",
  "POST /invitation",
  "POST /password-reset",
  "POST /rescue-stop",
  "POST /setup",
  "POST /sign-in",
  "POST /sign-in/cancel",
  "POST /sign-in/code",
  "POST /sign-in/lost",
  "POST /sign-in/lost/enrolment",
  "POST /sign-in/mailed-code",
  "POST /sign-in/mailed-code/send",
  "POST /sign-in/recovery-code",
];

/** Opened by an API key; test/attacks/sessions/api-keys.test.ts tries their doors. */
const FOR_PROGRAMS = ["GET /api/v1/me", "POST /api/v1/introspect"];

const FORM = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" };

/** Tables as they are, without what looking may change: when a session was last seen. */
async function contents(world: World): Promise<Record<string, Row[]>> {
  await using db = await openTables(world);
  const tables = await readTables(db);
  for (const row of tables.sessions ?? []) delete row.last_seen_at;
  return tables;
}

test("the open doors are the ones that we know of", () => {
  const open = ROUTES.filter(({ who }) => who === "anybody").map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(open.sort(), OPEN);
  const keyed = ROUTES.filter(({ who }) => who === "program").map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(keyed.sort(), FOR_PROGRAMS);
});

test("every route that may change something for a person or an administrator is a POST (CH-03)", () => {
  for (const { method, path, who, ...rest } of ROUTES) {
    assert.ok(method === "GET" || method === "POST", path);
    if ("confirmation" in rest) assert.ok(method === "POST" && who !== "anybody", path);
  }
});

onBothDatabases("a stranger", (dialect) => {
  test("gets the sign-in page on every other route, whatever cookie they bring (AD-05)", async () => {
    await using world = await createArena(dialect);
    const ada = await world.person("ada");
    const out = world.browser();
    await world.signIn(out, ada);
    const dead = out.cookies.get("__Host-countersign-session") ?? "";
    await out.post("/sign-out");
    const half = world.browser();
    await world.person("bob", { twoFactor: true });
    await half.post("/sign-in", { login: "bob", password: PASSWORD });
    const pending = half.cookies.get("__Host-countersign-sign-in") ?? "";
    assert.ok(dead !== "" && pending !== "");

    const before = await contents(world);
    const session = "__Host-countersign-session";
    const cookies = [
      undefined,
      `${session}=${dead}`,
      `${session}=${pending}`,
      `__Host-countersign-sign-in=${pending}`,
      `${session}=${"A".repeat(16)}.${"A".repeat(43)}`,
      `${session}=true; user=${ada.id}; role=administrator`,
    ];
    let doors = 0;
    for (const { method, path } of ROUTES.filter(({ who }) => who !== "anybody" && who !== "program")) {
      doors++;
      for (const cookie of cookies) {
        const headers = { ...(method === "POST" ? FORM : {}), ...(cookie === undefined ? {} : { cookie }) };
        const address = path.replace(":id", ada.id);
        const answer = await world.browser().send(address, { method, headers });
        assert.equal(answer.status, 303, `${method} ${path} ${cookie}`);
        const wanted = method === "GET" && path !== "/" ? `?next=${encodeURIComponent(address)}` : "";
        assert.equal(answer.headers.get("location"), `/sign-in${wanted}`, `${method} ${path}`);
        assert.equal(await answer.text(), "");
      }
    }
    assert.ok(doors > 20);
    assert.deepEqual(await contents(world), before);
  });

  test("learns nothing from a method that a route does not take (CH-10)", async () => {
    await using world = await createArena(dialect);
    const before = await contents(world);
    for (const path of new Set(ROUTES.map((route) => route.path))) {
      const taken = ROUTES.filter((route) => route.path === path).map(({ method }) => method as string);
      for (const method of ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"]) {
        if (taken.includes(method)) continue;
        const address = path.replace(":id", "nobody");
        const answer = await world.browser().send(address, { method, headers: FORM });
        if (path === "/users/new" && method === "POST") continue;
        assert.equal(answer.status, 405, `${method} ${path}`);
        const allowed = (answer.headers.get("allow") ?? "").split(", ").sort();
        assert.deepEqual(allowed, [...taken, ...(taken.includes("GET") ? ["HEAD"] : [])].sort(), path);
      }
    }
    assert.deepEqual(await contents(world), before);
  });

  test("gets the same 404 for every address that no route names", async () => {
    await using world = await createArena(dialect);
    for (const path of [
      "/admin",
      "/users/a/b",
      "/Account",
      "/account/",
      "//account",
      "/account%2fsecurity",
      "/api/v1/users",
    ]) {
      for (const method of ["GET", "POST", "DELETE"]) {
        const answer = await world.browser().send(path, { method, headers: FORM });
        assert.equal(answer.status, 404, `${method} ${path}`);
      }
    }
  });
});

/** Asks for every page that there is, with parameters that mean something to some of them. */
async function lookAtEverything(browser: Browser, id: string, tickets: Record<string, string>): Promise<void> {
  const seen: string[] = [];
  for (const { path } of ROUTES) {
    const address = path.replace(":id", id);
    const queries = ["", "?search=a&state=not-seen&page=2", "?person=ada&kind=user.invited&before=9", "?next=/account"];
    if (path in tickets) queries.push(`?ticket=${tickets[path]}`, `?ticket=${tickets[path]}&new_password=${PASSWORD}`);
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      for (const query of method === "GET" ? queries : queries.slice(-1)) {
        const answer = await browser.send(address + query, { method, headers: { "sec-fetch-site": "none" } });
        assert.ok(answer.status < 500, `${method} ${address}${query}: ${answer.status}`);
        if (answer.status === 200) seen.push(path);
        await answer.arrayBuffer();
      }
    }
  }
  for (const path of Object.keys(tickets)) assert.ok(seen.includes(path), `${path} was shown`);
}

onBothDatabases("looking at pages", (dialect) => {
  test("changes nothing but the time when an administrator was last seen (CH-03)", async () => {
    await using world = await createArena(dialect);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const ada = await world.person("ada", { twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, root);
    const code = world.freshCode(root);
    await browser.post(`/users/${ada.id}/sign-out-everywhere`, { current_password: PASSWORD, current_code: code });
    const profile = { login: "new", name: "New", email: "new@example.org", role: "person" } as const;
    const invited = await world.auth.people.invite({
      client: OPERATOR,
      authority: world.auth.operatorAuthority(),
      ...profile,
    });
    assert.ok(invited.ok);
    const moved = { id: ada.id, login: "ada", name: "Ada", email: "ada@example.com", role: "person" } as const;
    await world.auth.people.change({ client: OPERATOR, authority: world.auth.operatorAuthority(), ...moved });
    const undo = (await takeMails(world)).find(({ kind }) => kind === "email_changed");
    await browser.post("/sign-in", { login: "ada", password: PASSWORD });
    assert.ok(browser.cookies.has("__Host-countersign-sign-in"), "a half-done sign-in is open in the same browser");

    await using db = await openTables(world);
    const seenAt = async () =>
      (await db.selectFrom("sessions").select("last_seen_at").execute()).map((row) => row.last_seen_at);
    const before = await contents(world);
    const lastSeen = await seenAt();
    world.clock.advance(120_000);
    await lookAtEverything(browser, ada.id, {
      "/invitation": invited.ticket,
      "/email-undo": String(undo?.facts.ticket),
    });
    assert.deepEqual(await contents(world), before);
    assert.notDeepEqual(await seenAt(), lastSeen, "the session was in use all the time");
    assert.equal((await browser.get("/users")).status, 200);
  });

  test("changes nothing for a person who is setting up an authenticator (CH-03, EN-03)", async () => {
    await using world = await createArena(dialect);
    const ada = await world.person("ada");
    const browser = world.browser();
    await world.signIn(browser, ada);
    const page = await browser.post("/account/security/enrolment", { current_password: PASSWORD });
    assert.equal(page.path, "/account/security/enrolment");
    const before = await contents(world);
    await lookAtEverything(browser, ada.id, {});
    assert.deepEqual(await contents(world), before);
    const again = await browser.get("/account/security/enrolment");
    assert.equal(again.words.includes("Your two-factor secret"), true);
  });

  test("changes nothing in an installation that waits for its first administrator (CH-03, ML-02)", async () => {
    await using world = await createArena(dialect);
    const ticket = await world.auth.people.issueSetupTicket({ client: OPERATOR });
    const before = await contents(world);
    await lookAtEverything(world.browser(), "nobody", { "/setup": ticket });
    assert.deepEqual(await contents(world), before);
    assert.ok(await world.auth.setup.isValid(ticket));
  });
});
