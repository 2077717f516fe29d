// The program from its first line to its end, as whoever operates it sees it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, readdirSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Client } from "pg";
import { createInstallation, freePort, run } from "../support/server-process.ts";
import { PASSWORD } from "../support/world.ts";

const FIRST = { login: "ada", name: "Ada", email: "ada@example.org", new_password: PASSWORD };

describe("starting", () => {
  test("the server answers within two seconds of its first start", async () => {
    // A machine that is busy with other tests may need another try, and is slow with any program.
    let [fastest, allowed] = [Number.POSITIVE_INFINITY, 2_000];
    for (let start = 0; start < 3 && fastest >= allowed; start++) {
      await using installation = await createInstallation("sqlite");
      const begin = performance.now();
      await run([], { program: [process.execPath, "--eval", "0"] });
      const before = performance.now();
      const server = await installation.start();
      assert.equal((await server.browser().get("/sign-in")).status, 200);
      fastest = Math.min(fastest, performance.now() - before);
      // On a quiet machine Node.js alone takes 50 ms, and the server six times as long.
      allowed = Math.max(allowed, 20 * (before - begin));
    }
    assert.ok(fastest < allowed, `${Math.round(fastest)} ms, where ${Math.round(allowed)} ms are allowed`);
  });

  test("it says where it serves and where mails go, and nothing else than that and the set-up link", async () => {
    await using installation = await createInstallation("sqlite");
    const server = await installation.start();
    await server.waitFor(/setup\?ticket=\S+\n/);
    const outbox = join(installation.folder, "outbox");
    const lines = server.output().trimEnd().split("\n");
    assert.deepEqual(lines.slice(0, 2), [
      `Countersign serves ${server.url}`,
      `Mails are written as files into ${outbox}`,
    ]);
    assert.match(
      lines[2] ?? "",
      /^Create the first administrator, within 60 minutes: http:\/\/localhost:\d+\/setup\?ticket=[\w.-]+$/,
    );
    assert.equal(lines.length, 3);
  });

  test("the folder that it makes, and all in it, is closed to other people of the machine (SK-04)", async () => {
    await using installation = await createInstallation("sqlite");
    const data = join(installation.folder, "made", "by", "itself");
    await installation.start({ COUNTERSIGN_DATA: data });
    assert.equal(statSync(data).mode & 0o077, 0);
    assert.ok(readdirSync(data).includes("countersign.sqlite"));
    assert.equal(statSync(join(data, "keys.json")).mode & 0o777, 0o600);
  });

  test("what it keeps is closed to other people even in a folder that they can enter (SK-04)", async () => {
    await using installation = await createInstallation("sqlite");
    chmodSync(installation.folder, 0o755);
    const server = await installation.start();
    await server.waitFor(/setup\?ticket=\S+\n/);
    const names = readdirSync(installation.folder);
    assert.ok(names.includes("countersign.sqlite-wal"), names.join());
    for (const name of names) {
      assert.equal(statSync(join(installation.folder, name)).mode & 0o077, 0, `${name} can be read by others`);
    }
  });

  test("a port that is taken gives one clear sentence and exit status 1", async () => {
    await using installation = await createInstallation("sqlite");
    const port = String(await freePort());
    const first = await installation.start({ PORT: port });
    const second = await installation.run(["serve"], { environment: { PORT: port } });
    assert.equal(second.status, 1);
    assert.match(second.stderr, new RegExp(`\\b${port}\\b`));
    assert.equal(second.stderr.trimEnd().split("\n").length, 1, `not one sentence:\n${second.stderr}`);
    assert.equal((await first.browser().get("/healthz")).status, 200);
  });

  for (const [what, environment, message] of [
    ["a PostgreSQL that does not answer", { COUNTERSIGN_DATABASE: "postgres://127.0.0.1:1/accounts" }, /127\.0\.0\.1/],
    ["a database file that is none", { COUNTERSIGN_DATABASE: `file:${process.execPath}` }, /not a database/],
    ["a data folder that is a file", { COUNTERSIGN_DATA: process.execPath }, /node/],
    ["an address that this machine does not have", { HOST: "192.0.2.1" }, /192\.0\.2\.1/],
  ] as const) {
    test(`${what} gives a clear sentence, not a stack trace, and exit status 1`, async () => {
      await using installation = await createInstallation("sqlite");
      const { status, stderr } = await installation.run(["serve"], { environment });
      assert.equal(status, 1);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /^\s+at /m, `a stack trace:\n${stderr}`);
    });
  }

  test("all problems of the settings are told at once, and nothing is made (OP-07)", async () => {
    await using installation = await createInstallation("sqlite");
    const { status, stdout, stderr } = await installation.run(["serve"], {
      environment: { COUNTERSIGN_SMPT_URL: "x", COUNTERSIGN_PUBLIC_URL: "http://accounts.example.org" },
    });
    assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
    assert.deepEqual(stderr.trimEnd().split("\n"), [
      "There is no setting COUNTERSIGN_SMPT_URL. Did you mean COUNTERSIGN_SMTP_URL?",
      "The public URL http://accounts.example.org must be https: plain http is for localhost alone",
    ]);
    assert.deepEqual(readdirSync(installation.folder), []);
  });
});

describe("the link for the first administrator", () => {
  test("is printed at each start until it is used, works once, and is not printed afterwards (AD-06)", async () => {
    await using installation = await createInstallation("sqlite");
    const links: string[] = [];
    for (let start = 0; start < 2; start++) {
      const server = await installation.start();
      await server.waitFor(/setup\?ticket=\S+\n/);
      links.push(server.setupPath() ?? "");
      assert.equal(server.output().match(/setup\?ticket=/g)?.length, 1);
      assert.deepEqual(await server.stop(), { status: 0, signal: null });
    }
    const [earlier = "", latest = ""] = links;
    assert.notEqual(earlier, latest);

    const server = await installation.start();
    const browser = server.browser();
    // Looking spends nothing: mail programs and scanners follow links.
    for (let look = 0; look < 3; look++) assert.match((await browser.get(latest)).words, /first administrator/i);
    const ticket = new URL(latest, server.url).searchParams.get("ticket") ?? "";
    const made = await browser.post("/setup", { ...FIRST, ticket });
    assert.equal(made.path, "/sign-in");
    assert.match((await browser.post("/sign-in", { login: "ada", password: PASSWORD })).words, /Welcome, Ada/);

    const again = { ...FIRST, login: "eve", email: "eve@example.org", ticket };
    for (const link of [latest, earlier, server.setupPath() ?? ""]) {
      const spent = new URL(link, server.url).searchParams.get("ticket") ?? "";
      const page = await server.browser().post("/setup", { ...again, ticket: spent });
      assert.match(page.words, /This link cannot be used/);
      assert.equal((await server.browser().post("/sign-in", { login: "eve", password: PASSWORD })).path, "/sign-in");
    }
    assert.deepEqual(await server.stop(), { status: 0, signal: null });

    const later = await installation.start();
    // It tells all that it has to tell before it listens to the signal that ends it.
    assert.deepEqual(await later.stop(), { status: 0, signal: null });
    assert.doesNotMatch(later.output(), /setup/);
  });

  test("is void once the command line made an administrator (AD-06)", async () => {
    await using installation = await createInstallation("sqlite");
    const server = await installation.start();
    await server.waitFor(/setup\?ticket=\S+\n/);
    const link = server.setupPath() ?? "";
    const words = ["users", "add", "--login", "ada", "--name", "Ada", "--role", "administrator", "--password-stdin"];
    assert.equal((await installation.run(words, { input: `${PASSWORD}\n` })).status, 0);
    const ticket = new URL(link, server.url).searchParams.get("ticket") ?? "";
    const eve = { ...FIRST, login: "eve", email: "eve@example.org", ticket };
    assert.notEqual((await server.browser().post("/setup", eve)).path, "/sign-in");
    assert.equal((await server.browser().post("/sign-in", { login: "eve", password: PASSWORD })).path, "/sign-in");
  });

  test("stays after an ordinary person was added, because there is no administrator yet (AD-06)", async () => {
    await using installation = await createInstallation("sqlite");
    await installation.addPeople(["bob"]);
    const server = await installation.start();
    await server.waitFor(/setup\?ticket=\S+\n/);
  });
});

describe("stopping", () => {
  test("a request that is under way is answered, new ones are refused, and the exit status is 0 (OP-06)", async () => {
    await using installation = await createInstallation("sqlite");
    await installation.addPeople(["ada"]);
    const server = await installation.start();
    const { port } = new URL(server.url);
    const body = `login=ada&password=${PASSWORD.replaceAll(" ", "+")}`;
    const request = await openSocket(Number(port));
    request.write(
      [
        "POST /sign-in HTTP/1.1",
        `host: localhost:${port}`,
        "content-type: application/x-www-form-urlencoded",
        `content-length: ${body.length}`,
        "sec-fetch-site: same-origin",
        // The server says so when it has begun with the request.
        "expect: 100-continue",
        "\r\n",
      ].join("\r\n"),
    );
    assert.match(await nextData(request), /^HTTP\/1\.1 100 /);
    const stopped = server.stop();
    await untilRefused(Number(port));
    request.write(body);
    assert.match(await nextData(request), /^HTTP\/1\.1 303 .*set-cookie: __Host-countersign-session=/is);
    assert.deepEqual(await inTime(stopped), { status: 0, signal: null });
  });

  test("a request that waits for PostgreSQL gets its answer too (OP-06)", async () => {
    await using installation = await createInstallation("postgres");
    await installation.addPeople(["ada"]);
    const server = await installation.start();
    const { port } = new URL(server.url);
    const blocker = new Client({ connectionString: installation.databaseUrl });
    await blocker.connect();
    await blocker.query("begin");
    await blocker.query("select id from users for update");
    const answer = server.browser().send("/sign-in", {
      method: "POST",
      body: new URLSearchParams({ login: "ada", password: PASSWORD }).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
    });
    const observer = new Client({ connectionString: installation.databaseUrl });
    await observer.connect();
    const waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while ((await observer.query(waiting)).rowCount === 0);
    const stopped = server.stop();
    await untilRefused(Number(port));
    await blocker.query("rollback");
    const { status, headers } = await answer;
    assert.equal(status, 303);
    assert.match(headers.get("set-cookie") ?? "", /__Host-countersign-session=/);
    assert.deepEqual(await inTime(stopped), { status: 0, signal: null });
    await Promise.all([blocker.end(), observer.end()]);
  });

  test("browsers that keep their connection open do not hold it up", async () => {
    await using installation = await createInstallation("sqlite");
    const server = await installation.start();
    const idle = await openSocket(Number(new URL(server.url).port));
    idle.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
    assert.match(await nextData(idle), /^HTTP\/1\.1 200 /);
    assert.deepEqual(await inTime(server.stop()), { status: 0, signal: null });
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`${signal} ends it in peace`, async () => {
      await using installation = await createInstallation("sqlite");
      const server = await installation.start();
      await server.waitFor(/setup\?ticket=\S+\n/);
      process.kill(server.pid, signal);
      assert.deepEqual(await server.end, { status: 0, signal: null });
    });
  }
});

async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, "localhost");
  await once(socket, "connect");
  return socket;
}

async function nextData(socket: Socket): Promise<string> {
  const [chunk] = await once(socket, "data");
  return String(chunk);
}

/** What the promise gives, unless it takes longer than a supervisor waits before it uses force. */
async function inTime<T>(promise: Promise<T>): Promise<T> {
  const late = once(AbortSignal.timeout(8_000), "abort");
  return Promise.race([promise, late.then(() => assert.fail("It does not end within eight seconds"))]);
}

/** Connects again and again until nobody listens any more. */
async function untilRefused(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "localhost");
    try {
      await once(socket, "connect");
    } catch {
      return;
    } finally {
      socket.destroy();
    }
  }
}
