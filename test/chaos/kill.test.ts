// The server is killed, without any chance to tidy up, while people sign in, turn two-factor authentication on and are
// invited. Whatever it had confirmed to somebody is still so after the next start, and nothing is half done (RP-07).

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Kysely } from "kysely";
import type { ItemState } from "../../src/auth.ts";
import { openDatabase } from "../../src/db/open.ts";
import type { Schema } from "../../src/db/schema.ts";
import { codeFor } from "../../src/testing/auth.ts";
import type { Browser } from "../../src/testing/browser.ts";
import { createInstallation, type Installation, type ServerProcess } from "../support/server-process.ts";
import { PASSWORD, secretOn } from "../support/world.ts";
import { assertWhole } from "./whole.ts";

/** What the server confirmed; nothing of it may be lost. */
type Confirmed = {
  invited: string[];
  enabled: string[];
  /** Codes that opened a session: spent for good. */
  spent: { login: string; code: string }[];
  sessions: Map<string, string>[];
};

/** How many of which confirmations the server may give before it dies with the next. */
type Until = { codes: number } | { invitations: number };

const STEP = 30_000;

describe("killed in the middle of everything", () => {
  test("a server on SQLite keeps all that it confirmed, four times over (RP-07, AU-05)", async () => {
    await using installation = await createInstallation("sqlite");
    await killAgainAndAgain(installation, [{ codes: 1 }, { invitations: 9 }, { codes: 7 }, { codes: 4 }]);
  });

  test("a node on PostgreSQL keeps all that it confirmed, while another goes on (RP-07, AU-05)", async () => {
    await using installation = await createInstallation("postgres");
    await installation.addPeople(["eve"]);
    const other = await installation.start();
    const eve = other.browser();
    await eve.post("/sign-in", { login: "eve", password: PASSWORD });
    await killAgainAndAgain(installation, [{ codes: 5 }, { invitations: 9 }], async () => {
      assert.equal((await eve.get("/account")).status, 200);
      assert.match((await other.browser().post("/sign-in", { login: "eve", password: PASSWORD })).words, /Welcome/);
    });
  });
});

for (const dialect of ["sqlite", "postgres"] as const) {
  test(`killed in the middle of an act on many people, a server on ${dialect} does it once to each (AD-10, RP-07)`, async () => {
    await using installation = await createInstallation(dialect);
    await installation.addPeople(Array.from({ length: 400 }, (_, index) => `p${index}`));
    await installation.addPeople(["ada"], "administrator");
    const server = await installation.start();
    const cookies = await protectedSession(server, "ada");
    const browser = withCookies(server, cookies);
    const { path } = await browser.post("/jobs", { act: "sign-out", all: "on" });
    await submit(browser, `${path}/begin`, {});
    const { db } = await openDatabase(installation.databaseUrl);
    const count = async (state: ItemState) =>
      (await db.selectFrom("job_items").select("position").where("state", "=", state).execute()).length;
    while ((await count("done")) < 20);
    await server.kill();
    const done = await count("done");
    assert.ok(done < 400, "it died too late");
    await assertWhole(installation.databaseUrl);
    assert.equal(await timesLoggedOut(db), done, "what is marked is done, and what is done is marked");
    // The lease of the dead would keep others waiting for a minute.
    await db.updateTable("jobs").set({ leased_until: 0 }).execute();

    const next = await installation.start();
    while ((await visit(next, cookies, path)).headers.has("refresh"));
    await next.stop();
    assert.deepEqual([await count("done"), await timesLoggedOut(db)], [400, 400]);
    await assertWhole(installation.databaseUrl);
    await db.destroy();
  });
}

async function timesLoggedOut(db: Kysely<Schema>): Promise<number> {
  return (await db.selectFrom("events").select("user_id").where("kind", "=", "sessions.ended").execute()).length;
}

async function killAgainAndAgain(
  installation: Installation,
  rounds: readonly Until[],
  afterKill: () => Promise<void> = async () => {},
): Promise<void> {
  const people = Array.from({ length: 10 * rounds.length }, (_, index) => `p${index}`);
  await installation.addPeople(people);
  await installation.addPeople(["ada"], "administrator");
  const all: Confirmed = { invited: [], enabled: [], spent: [], sessions: [] };
  let administrator = new Map<string, string>();

  for (const [round, until] of rounds.entries()) {
    const server = await installation.start();
    if (round === 0) administrator = await protectedSession(server, "ada");
    const before = all.spent.length;
    await loadUntilKilled({ server, administrator, people, all, until, round });
    assert.deepEqual(await server.end, { status: null, signal: "SIGKILL" });
    await assertWhole(installation.databaseUrl);
    await assertKept(installation.databaseUrl, all);
    await afterKill();

    const next = await installation.start();
    for (const { login, code } of all.spent.slice(before).slice(-4)) await assertRefused(next, login, code);
    for (const cookies of all.sessions.slice(-3)) assert.equal((await visit(next, cookies, "/account")).status, 200);
    await next.stop();
  }
  assert.ok(all.invited.length >= rounds.length, "hardly anybody was invited");
  assert.ok(all.spent.length >= 2 * rounds.length, "hardly any code was spent");
  assert.ok(all.sessions.length > 0);
}

type Load = {
  server: ServerProcess;
  administrator: Map<string, string>;
  people: string[];
  all: Confirmed;
  until: Until;
  round: number;
};

/** Several people at work at once; with the last confirmation that is allowed, the server dies under the others. */
async function loadUntilKilled({ server, administrator, people, all, until, round }: Load): Promise<void> {
  const given = { codes: 0, invitations: 0 };
  let killed: Promise<void> | undefined;
  const confirm = (what: keyof typeof given, note: () => void) => {
    note();
    given[what]++;
    const isEnough = "codes" in until ? given.codes >= until.codes : given.invitations >= until.invitations;
    if (isEnough) killed ??= server.kill();
  };

  const invite = async (worker: number) => {
    const browser = withCookies(server, administrator);
    for (let count = 0; killed === undefined; count++) {
      const login = `guest-${round}-${worker}-${count}`;
      const fields = { login, name: login, email: `${login}@example.org`, role: "person" };
      const response = await submit(browser, "/users", fields);
      assert.equal(response.status, 303, await response.text());
      confirm("invitations", () => all.invited.push(login));
    }
  };
  const enrolAndSignIn = async () => {
    for (let login = people.pop(); login !== undefined && killed === undefined; login = people.pop()) {
      const browser = server.browser();
      assert.equal((await submit(browser, "/sign-in", { login, password: PASSWORD })).status, 303);
      const enrolment = await browser.post("/account/security/enrolment", { current_password: PASSWORD });
      const secret = secretOn(enrolment);
      const now = Date.now();
      const code = codeFor(secret, now);
      const enabled = await submit(browser, "/account/security/enrolment/confirm", { code });
      assert.equal(enabled.status, 200, await enabled.text());
      const owner = login;
      confirm("codes", () => {
        all.enabled.push(owner);
        all.spent.push({ login: owner, code });
      });
      const again = server.browser();
      const step = await submit(again, "/sign-in", { login, password: PASSWORD });
      assert.equal(step.headers.get("location"), "/sign-in/code");
      const next = codeFor(secret, now + STEP);
      const signedIn = await submit(again, "/sign-in/code", { code: next });
      assert.equal(signedIn.headers.get("location"), "/", await signedIn.text());
      confirm("codes", () => {
        all.spent.push({ login: owner, code: next });
        all.sessions.push(again.cookies);
      });
    }
  };

  const outcomes = await Promise.allSettled([
    invite(0),
    invite(1),
    enrolAndSignIn(),
    enrolAndSignIn(),
    enrolAndSignIn(),
  ]);
  await killed;
  for (const outcome of outcomes) {
    // A connection that broke is the only thing that may go wrong.
    if (outcome.status === "rejected") assert.match(String(outcome.reason.code), /^(ECONN|EPIPE)/, outcome.reason);
  }
  assert.ok(killed !== undefined, `not enough: ${JSON.stringify(given)}`);
}

async function assertKept(databaseUrl: string, all: Confirmed): Promise<void> {
  const { db } = await openDatabase(databaseUrl);
  const logins = new Set((await db.selectFrom("users").select("login").execute()).map(({ login }) => login));
  assert.deepEqual(
    all.invited.filter((login) => !logins.has(login)),
    [],
  );
  const owners = await db
    .selectFrom("authenticators")
    .innerJoin("users", "users.id", "authenticators.user_id")
    .select("login")
    .execute();
  const isOn = new Set(owners.map(({ login }) => login));
  assert.deepEqual(
    all.enabled.filter((login) => !isOn.has(login)),
    [],
  );
  await db.destroy();
}

/** A code that opened a session once opens none again, and is known to have been used. */
async function assertRefused(server: ServerProcess, login: string, code: string): Promise<void> {
  const browser = server.browser();
  assert.equal((await browser.post("/sign-in", { login, password: PASSWORD })).path, "/sign-in/code");
  const page = await browser.post("/sign-in/code", { code });
  assert.equal(page.path, "/sign-in/code");
  assert.match(page.words, /already used/);
  assert.equal(browser.cookies.has("__Host-countersign-session"), false);
}

async function protectedSession(server: ServerProcess, login: string): Promise<Map<string, string>> {
  const browser = server.browser();
  await browser.post("/sign-in", { login, password: PASSWORD });
  const secret = secretOn(await browser.post("/account/security/enrolment", { current_password: PASSWORD }));
  const done = await browser.post("/account/security/enrolment/confirm", { code: codeFor(secret, Date.now()) });
  assert.match(done.words, /Your account is protected/);
  return browser.cookies;
}

function withCookies(server: ServerProcess, cookies: ReadonlyMap<string, string>): Browser {
  const browser = server.browser();
  for (const [name, value] of cookies) browser.cookies.set(name, value);
  return browser;
}

function visit(server: ServerProcess, cookies: ReadonlyMap<string, string>, path: string) {
  return withCookies(server, cookies).get(path);
}

/** One form, without following where the answer leads: the answer is the confirmation. */
function submit(browser: Browser, path: string, fields: Record<string, string>): Promise<Response> {
  return browser.send(path, {
    method: "POST",
    body: new URLSearchParams(fields).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
  });
}
