// Many writers on one database. Whoever comes too late waits or is told to come again; no check is skipped, and nobody
// sees an error of the program (RP-08).

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { Client } from "pg";
import { openDatabase } from "../../src/db/open.ts";
import { codeFor } from "../../src/testing/auth.ts";
import type { Browser } from "../../src/testing/browser.ts";
import { createInstallation, type Installation, type ServerProcess } from "../support/server-process.ts";
import { onBothDatabases, PASSWORD, secretOn } from "../support/world.ts";
import { assertWhole } from "./whole.ts";

const STEP = 30_000;

onBothDatabases("a storm of writers from three servers and the command line", (dialect) => {
  test("ends with everything as it must be (RP-02, RP-08, RL-04)", async () => {
    await using installation = await createInstallation(dialect);
    const logins = Array.from({ length: 12 }, (_, index) => `p${index}`);
    await installation.addPeople(["ada", "bob", ...logins]);
    const servers = await Promise.all([installation.start(), installation.start(), installation.start()]);
    const at = (index: number) => servers[index % servers.length] as ServerProcess;
    const adas = await enrol(at(0), "ada");
    const bobs = await enrol(at(1), "bob");
    // Nine browsers, three at each server, owe a code of Ada; four owe one of Bob.
    const owing = await Promise.all(Array.from({ length: 9 }, (_, index) => beginSignIn(at(index), "ada")));
    const guessing = await Promise.all(Array.from({ length: 4 }, (_, index) => beginSignIn(at(index), "bob")));
    const now = Date.now();
    const code = codeFor(adas, now + STEP);
    const wrong = wrongCodes(bobs, now, 16);

    const statuses: number[] = [];
    const answer = async (response: Promise<Response>) => {
      const { status, headers } = await response;
      statuses.push(status);
      return {
        status,
        session: headers.getSetCookie().some((cookie) => cookie.startsWith("__Host-countersign-session=")),
      };
    };
    const once = Promise.all([...owing, ...owing].map((browser) => answer(submit(browser, "/sign-in/code", { code }))));
    const guesses = Promise.all(
      wrong.map((guess, index) =>
        answer(submit(guessing[index % guessing.length] as Browser, "/sign-in/code", { code: guess })),
      ),
    );
    const signIns = Promise.all(
      [...logins, ...logins, ...logins].map((login, index) =>
        answer(submit(at(index).browser(), "/sign-in", { login, password: PASSWORD })),
      ),
    );
    const refusals = Promise.all(
      logins.map((login, index) =>
        answer(submit(at(index).browser(), "/sign-in", { login, password: "not the password" })),
      ),
    );
    const added = Promise.all(
      [0, 1, 2].map((index) =>
        installation.run(["users", "add", "--login", `new${index}`, "--name", "New", "--password-stdin"], {
          input: PASSWORD,
        }),
      ),
    );

    // One code, submitted eighteen times through three servers, opens one session.
    assert.equal((await once).filter(({ session }) => session).length, 1);
    // Of all guesses only the five that are free are looked at.
    for (const { status, session } of await guesses) {
      assert.equal(session, false);
      assert.ok([422, 429, 503].includes(status), `${status}`);
    }
    for (const { status, session } of await signIns) assert.equal(session, status === 303, `${status}`);
    for (const { session } of await refusals) assert.equal(session, false);
    for (const { status, stderr } of await added) assert.deepEqual([status, stderr], [0, ""]);
    assert.deepEqual(
      statuses.filter((status) => ![200, 303, 401, 422, 429, 503].includes(status)),
      [],
    );
    await Promise.all(servers.map((server) => server.stop()));

    await assertWhole(installation.databaseUrl);
    const { db } = await openDatabase(installation.databaseUrl);
    const count = async (kind: string, login: string) => {
      const { many } = await db
        .selectFrom("events")
        .innerJoin("users", "users.id", "events.user_id")
        .select((eb) => eb.fn.countAll<number>().as("many"))
        .where("kind", "=", kind)
        .where("login", "=", login)
        .executeTakeFirstOrThrow();
      return many;
    };
    assert.equal(await count("sign_in.code_refused", "bob"), 5);
    const { misses } = await db
      .selectFrom("attempts")
      .innerJoin("users", "users.id", "attempts.subject")
      .select("misses")
      .where("login", "=", "bob")
      .where("kind", "=", "code")
      .executeTakeFirstOrThrow();
    assert.equal(misses, 5);
    // Her sessions: the one that turned it on, and the one that the code opened.
    assert.equal(await count("sign_in.succeeded", "ada"), 2);
    await db.destroy();
  });
});

describe("a writer who does not let go", () => {
  test("of SQLite makes others wait, then tells them to come again; afterwards all is well (RP-08)", async () => {
    await using installation = await createInstallation("sqlite");
    await installation.addPeople(["ada"]);
    const server = await installation.start();
    const writer = new DatabaseSync(join(installation.folder, "countersign.sqlite"));
    const signIn = () => submit(server.browser(), "/sign-in", { login: "ada", password: PASSWORD });

    writer.exec("begin immediate");
    const refused = await signIn();
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get("retry-after"), "5");
    assert.deepEqual(refused.headers.getSetCookie(), []);
    assert.match(await refused.text(), /try again/i);
    // Reading needs no turn.
    assert.equal((await server.browser().get("/healthz")).status, 200);

    // SQLite itself waits for the lock, for real time, and holds the server up meanwhile: no answer can tell when.
    const waiting = signIn();
    setTimeout(() => {
      writer.exec("rollback");
      writer.close();
    }, 500);
    assert.equal((await waiting).status, 303);
    await assertWhole(installation.databaseUrl);
  });

  test("of PostgreSQL makes as many wait as there are connections, and tells the rest to come again (OP-06, RP-08)", async () => {
    await using installation = await createInstallation("postgres");
    const logins = Array.from({ length: 24 }, (_, index) => `p${index}`);
    await installation.addPeople(logins);
    const server = await installation.start();
    const writer = new Client({ connectionString: installation.databaseUrl });
    await writer.connect();
    await writer.query("begin");
    await writer.query("select * from event_head for update");
    const statuses: number[] = [];
    let refused = () => {};
    const somebodyWasRefused = new Promise<void>((resolve) => {
      refused = resolve;
    });
    const answers = logins.map(async (login) => {
      const { status } = await submit(server.browser(), "/sign-in", { login, password: PASSWORD });
      statuses.push(status);
      if (status === 503) refused();
      return status;
    });
    await somebodyWasRefused;
    await writer.query("rollback");
    await writer.end();
    await Promise.all(answers);
    assert.deepEqual(
      statuses.filter((status) => status !== 303 && status !== 503),
      [],
    );
    assert.equal((await server.browser().get("/healthz")).status, 200);
    const again = await submit(server.browser(), "/sign-in", { login: "p0", password: PASSWORD });
    assert.equal(again.status, 303);
    const { rows } = await sessionsOf(installation);
    assert.equal(rows[0]?.many, statuses.filter((status) => status === 303).length + 1);
    await server.stop();
    await assertWhole(installation.databaseUrl);
  });
});

async function sessionsOf({ databaseUrl }: Installation) {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const result = await client.query<{ many: number }>("select count(*)::int as many from sessions");
  await client.end();
  return result;
}

/** Turns two-factor authentication on and gives the secret; the code of the present step is spent with it. */
async function enrol(server: ServerProcess, login: string): Promise<string> {
  const browser = server.browser();
  await browser.post("/sign-in", { login, password: PASSWORD });
  const secret = secretOn(await browser.post("/account/security/enrolment", { current_password: PASSWORD }));
  const done = await browser.post("/account/security/enrolment/confirm", { code: codeFor(secret, Date.now()) });
  assert.match(done.words, /Your account is protected/);
  return secret;
}

async function beginSignIn(server: ServerProcess, login: string): Promise<Browser> {
  const browser = server.browser();
  const page = await browser.post("/sign-in", { login, password: PASSWORD });
  assert.equal(page.path, "/sign-in/code", page.words);
  return browser;
}

/** Codes that are right at none of the steps that could be accepted while the test runs. */
function wrongCodes(secret: string, now: number, many: number): string[] {
  const right = new Set([-2, -1, 0, 1, 2, 3, 4].map((step) => codeFor(secret, now + step * STEP)));
  const codes = Array.from({ length: many + right.size }, (_, index) => String(100_000 + index * 7));
  return codes.filter((code) => !right.has(code)).slice(0, many);
}

function submit(browser: Browser, path: string, fields: Record<string, string>): Promise<Response> {
  return browser.send(path, {
    method: "POST",
    body: new URLSearchParams(fields).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
  });
}
