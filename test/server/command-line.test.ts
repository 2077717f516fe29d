// The command line as an operator types it. What it does to people is recorded as the operator's act.

import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { sql } from "kysely";
import * as OTPAuth from "otpauth";
import { Client } from "pg";
import { openDatabase } from "../../src/db/open.ts";
import { COMMANDS } from "../../src/server/commands/commands.ts";
import { readKeys } from "../../src/server/keys.ts";
import { codeFor } from "../../src/testing/auth.ts";
import { startMailSink } from "../support/mail-sink.ts";
import { MIGRATION_NAMES } from "../support/migrations.ts";
import {
  BIN,
  createInstallation,
  type Finished,
  type Installation,
  type RunOptions,
  run,
} from "../support/server-process.ts";
import { PASSWORD, secretOn } from "../support/world.ts";

const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const VIA_BIN = { program: [process.execPath, BIN] };

describe("countersign", () => {
  test("says what it can do, for no word at all and for help, with exit status 0", async () => {
    for (const { status, stdout, stderr } of await runAll([[], ["help"], ["--help"], ["-h"]])) {
      assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
      for (const { name } of COMMANDS) assert.match(stdout, new RegExp(`^  ${name.join(" ")}\\s`, "m"));
    }
  });

  test("has the commands that are promised", () => {
    assert.deepEqual(COMMANDS.map(({ name }) => name.join(" ")).sort(), [
      "check",
      "code",
      "events export",
      "events verify",
      "methods",
      "migrate",
      "serve",
      "users add",
      "users disable",
      "users enable",
      "users list",
      "users reset-2fa",
      "users unlock",
    ]);
  });

  test("explains each command by --help, and does nothing", async () => {
    await using installation = await createInstallation("sqlite");
    const { folder } = installation;
    const answers = await runAll(
      COMMANDS.map(({ name }) => [...name, "--help"]),
      { folder, environment: { COUNTERSIGN_DATA: folder } },
    );
    for (const [index, { usage, help }] of COMMANDS.entries()) {
      const { status, stdout, stderr } = answers[index] ?? {};
      assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: `${usage}\n\n${help}\n`, stderr: "" });
    }
    assert.deepEqual(readdirSync(folder), []);
  });

  test("says how it is meant, with exit status 2, for what it does not understand; and makes nothing (OP-07)", async () => {
    await using installation = await createInstallation("sqlite");
    const { folder } = installation;
    const misunderstood: [words: string[], message: RegExp][] = [
      [["frobnicate"], /^There is no command "frobnicate"/],
      [["users"], /^There is no command "users"/],
      [["users", "remove", "ada"], /^There is no command "users remove ada"/],
      [["check", "now"], /now.*\n\ncountersign check$/],
      [["migrate", "--down"], /--down.*\n\ncountersign migrate$/],
      [["code"], /base32\b.*\n\ncountersign code SECRET$/],
      [["code", "not base32!"], /base32\b.*\n\ncountersign code SECRET$/],
      [["users", "add", "--login", "ada"], /--name.* needed\n\ncountersign users add /],
      [
        ["users", "add", "--login", "ada", "--name", "Ada", "--role", "king"],
        /--role is person, support or administrator\n/,
      ],
      [
        ["users", "add", "--login", "ada", "--name", "Ada", "--password", "x"],
        /--password'.*\n\ncountersign users add /,
      ],
      [["users", "disable"], /^Which login\?\n\ncountersign users disable LOGIN$/],
      [["users", "disable", "ada", "bob"], /^Too many words: ada bob\n\ncountersign users disable LOGIN$/],
      [["users", "reset-2fa", "ada"], /^--reason is needed/],
      [["events", "verify", "--expect", "7"], /^--expect is the head .*ID:HASH\n\ncountersign events verify /],
      [["events", "export"], /^--format is jsonl or csv\n\ncountersign events export /],
      [["events", "export", "--format", "csv", "--kind", "x"], /^There is no kind x\n/],
      [["events", "export", "--format", "csv", "--from", "yesterday"], /^--from is a day/],
      [["events", "export", "--format", "csv", "--after", "-"], /^--after/],
    ];
    const answers = await runAll(
      misunderstood.map(([words]) => words),
      { folder, environment: { COUNTERSIGN_DATA: folder } },
    );
    for (const [index, [words, message]] of misunderstood.entries()) {
      const { status, stdout, stderr = "" } = answers[index] ?? {};
      assert.deepEqual({ words, status, stdout }, { words, status: 2, stdout: "" });
      assert.match(stderr.trimEnd(), message);
      assert.doesNotMatch(stderr, /^\s+at /m);
    }
    assert.deepEqual(readdirSync(folder), []);
  });

  test("`npm run countersign --` does the same as the package's command", async () => {
    const npm = { program: ["npm", "run", "--silent", "countersign", "--"], folder: join(BIN, "..", "..") };
    const listed = await run(["help"], npm);
    assert.deepEqual(listed, await run(["help"], VIA_BIN));
    assert.equal((await run(["frobnicate"], npm)).status, 2);
  });

  test("`code` prints what an authenticator shows now (TC-13)", async () => {
    const ways = [[SECRET], [SECRET.toLowerCase()], [SECRET.replace(/.{4}(?=.)/g, "$& ")], SECRET.match(/.{4}/g) ?? []];
    const totp = new OTPAuth.TOTP({ secret: OTPAuth.Secret.fromBase32(SECRET) });
    const before = Date.now();
    const answers = await runAll(ways.map((words) => ["code", ...words]));
    const possible = [before, Date.now()].map((timestamp) => `${totp.generate({ timestamp })}\n`);
    for (const { status, stdout } of answers) {
      assert.equal(status, 0);
      assert.ok(possible.includes(stdout), `${stdout} is none of ${possible}`);
    }
  });
});

describe("countersign users", () => {
  test("adds people with a password from standard input, who can then sign in; every act is the operator's (AU-01)", async () => {
    await using installation = await createInstallation("sqlite");
    const words = ["--login", "ada", "--name", "Ada Lovelace", "--email", "ada@example.org", "--password-stdin"];
    const added = await installation.run(["users", "add", ...words, "--role", "administrator"], {
      ...VIA_BIN,
      // The first line alone; the ends of lines of other systems do not belong to it.
      input: `${PASSWORD}\r\nnot this\n`,
    });
    assert.deepEqual(added, { status: 0, signal: null, stdout: "Added ada.\n", stderr: "" });
    await assertOperatorDid(installation, ["user.created"]);
    const server = await installation.start();
    const page = await server.browser().post("/sign-in", { login: "ada@example.org", password: PASSWORD });
    assert.match(page.words, /Welcome, Ada Lovelace/);
  });

  test("prints the invitation of a person without an address; it works (AD-06)", async () => {
    await using installation = await createInstallation("sqlite");
    const { status, stdout } = await installation.run(["users", "add", "--login", "bob", "--name", "Bob"]);
    assert.equal(status, 0);
    const [, path = ""] =
      /^Added bob\. Hand over this link, .*24 hours: http:\/\/\S+?(\/invitation\?ticket=\S+)\n$/.exec(stdout) ?? [];
    await assertOperatorDid(installation, ["user.created", "user.invited"]);
    const server = await installation.start();
    const browser = server.browser();
    assert.match((await browser.get(path)).words, /Bob/);
    const ticket = new URLSearchParams(path.split("?")[1]).get("ticket") ?? "";
    assert.equal((await browser.post("/invitation", { ticket, new_password: PASSWORD })).path, "/sign-in");
    assert.match((await browser.post("/sign-in", { login: "bob", password: PASSWORD })).words, /Welcome, Bob/);
  });

  test("refuses what cannot be, with one sentence and exit status 1, and leaves nothing behind", async () => {
    await using installation = await createInstallation("sqlite");
    await installation.addPeople(["ada"], "administrator");
    const add = (...words: string[]) => ["users", "add", "--password-stdin", ...words];
    for (const [words, input, sentence] of [
      [add("--login", "ADA", "--name", "Ada"), PASSWORD, "Somebody already has this login."],
      [add("--login", "a b", "--name", "Ada"), PASSWORD, "A login has at most 120 characters and no spaces."],
      [add("--login", "bob", "--name", " "), PASSWORD, "A name has 1 to 120 characters."],
      [add("--login", "bob", "--name", "B", "--email", "b"), PASSWORD, "That does not look like an email address."],
      [
        add("--login", "bob", "--name", "B", "--email", "ADA@example.org"),
        PASSWORD,
        "Somebody already has this email address.",
      ],
      [add("--login", "bob", "--name", "Bob"), "", "A password needs at least 15 characters."],
      [["users", "disable", "nobody"], "", "There is no such person."],
      [["users", "reset-2fa", "nobody", "--reason", "lost"], "", "There is no such person."],
      [["users", "reset-2fa", "ada", "--reason", "lost"], "", "Two-factor authentication is not on for this person."],
      [["users", "disable", "ada"], "", "This is the last administrator. Make somebody else an administrator first."],
    ] as const) {
      const { status, stdout, stderr } = await installation.run(words, { input });
      assert.deepEqual({ words, status, stdout, stderr }, { words, status: 1, stdout: "", stderr: `${sentence}\n` });
    }
    await assertOperatorDid(installation, ["user.created"]);
    const { db } = await openDatabase(installation.databaseUrl);
    assert.equal((await db.selectFrom("users").selectAll().execute()).length, 1);
    await db.destroy();
  });

  test("lists everybody once, also when they are many, as a table and as JSON", async () => {
    await using installation = await createInstallation("sqlite");
    const empty = await installation.run(["users", "list", "--json"], VIA_BIN);
    assert.deepEqual(JSON.parse(empty.stdout), []);
    assert.equal((await installation.run(["users", "list"])).status, 0);

    const auth = await installation.open();
    const logins = Array.from({ length: 103 }, (_, index) => `person-${index}`);
    for (const login of logins) {
      const profile = { login, name: "One Name", email: null, role: "person" as const };
      const client = { address: "-", userAgent: "", requestId: "test" };
      await auth.people.invite({ client, authority: auth.operatorAuthority(), ...profile });
    }
    await auth.close();
    await installation.run(["users", "disable", "person-7"]);
    const json = await installation.run(["users", "list", "--json"]);
    const people = JSON.parse(json.stdout) as Record<string, unknown>[];
    assert.deepEqual(people.map(({ login }) => login).sort(), [...logins].sort());
    assert.deepEqual(
      people.find(({ login }) => login === "person-7"),
      {
        login: "person-7",
        name: "One Name",
        email: null,
        role: "person",
        twoFactor: false,
        disabled: true,
        lastSignIn: null,
      },
    );
    const table = (await installation.run(["users", "list"])).stdout.trimEnd().split("\n");
    assert.equal(table.length, 104);
    assert.match(table[0] ?? "", /^login\s+name\s+email\s+role\s+twoFactor\s+disabled\s+lastSignIn$/);
    assert.match(table.find((line) => line.startsWith("person-7 ")) ?? "", /off\s+disabled/);
  });

  test("disables and enables: the person is out at once, and in again (SE-05)", async () => {
    await using installation = await createInstallation("sqlite");
    await installation.addPeople(["ada", "bob"], "administrator");
    const server = await installation.start();
    const browser = server.browser();
    const signIn = () => browser.post("/sign-in", { login: "bob", password: PASSWORD });
    assert.match((await signIn()).words, /Welcome/);
    assert.equal((await installation.run(["users", "disable", "BOB@example.org"])).stdout, "Disabled bob.\n");
    assert.match((await browser.get("/account")).path, /^\/sign-in/);
    assert.equal((await signIn()).path, "/sign-in");
    assert.equal((await installation.run(["users", "enable", "bob"])).stdout, "Enabled bob.\n");
    assert.match((await signIn()).words, /Welcome/);
    await assertOperatorDid(installation, ["user.created", "user.created", "user.disabled", "user.enabled"]);
  });

  test("unlocks what wrong codes have shut", async () => {
    await using installation = await createInstallation("sqlite");
    await installation.addPeople(["ada"]);
    const { db } = await openDatabase(installation.databaseUrl);
    const { id } = await db.selectFrom("users").select("id").executeTakeFirstOrThrow();
    const shut = {
      subject: id,
      bucket: "strangers",
      kind: "code",
      misses: 20,
      blocked_until: 0,
      first_at: 0,
      last_at: Date.now(),
    };
    await db.insertInto("attempts").values(shut).execute();
    assert.equal((await installation.run(["users", "unlock", "ada"])).stdout, "Unlocked ada.\n");
    assert.deepEqual(await db.selectFrom("attempts").selectAll().execute(), []);
    await db.destroy();
    await assertOperatorDid(installation, ["user.created", "attempts.unlocked"]);
  });

  test("resets two-factor authentication: sessions end, the password stays, the person is told by mail (AD-03, OP-10)", async () => {
    const sink = await startMailSink();
    await using installation = await createInstallation("sqlite", { COUNTERSIGN_SMTP_URL: sink.url });
    await installation.addPeople(["ada"]);
    const server = await installation.start();
    const browser = server.browser();
    await browser.post("/sign-in", { login: "ada", password: PASSWORD });
    const secret = secretOn(await browser.post("/account/security/enrolment", { current_password: PASSWORD }));
    const on = await browser.post("/account/security/enrolment/confirm", { code: codeFor(secret, Date.now()) });
    assert.match(on.words, /Your account is protected/);

    const blank = await installation.run(["users", "reset-2fa", "ada", "--reason", "  "]);
    assert.deepEqual([blank.status, blank.stderr], [1, "Give a reason with --reason.\n"]);
    const reset = await installation.run(["users", "reset-2fa", "ada", "--reason", "The phone fell\ninto the sea"]);
    assert.deepEqual([reset.status, reset.stdout], [0, "Reset two-factor authentication of ada.\n"]);

    assert.match((await browser.get("/account")).path, /^\/sign-in/);
    assert.match((await browser.post("/sign-in", { login: "ada", password: PASSWORD })).words, /Welcome/);
    const [event] = (await assertOperatorDid(installation, ["user.created", "two_factor.reset"])).slice(-1);
    assert.equal(event?.reason, "The phone fell into the sea");

    // The mail waits for a server that sends it.
    await server.stop();
    await installation.start();
    const mail = await sink.waitFor(({ subject }) => /reset/i.test(subject));
    assert.deepEqual(mail.to, ["ada@example.org"]);
    assert.doesNotMatch(mail.text, new RegExp(secret));
    await sink.close();
  });
});

describe("countersign check", () => {
  test("finds nothing wrong where nothing is, and changes nothing", async () => {
    await using installation = await createInstallation("sqlite");
    await installation.addPeople(["ada"]);
    const before = await contents(installation);
    const { status, stdout, stderr } = await installation.run(["check"], VIA_BIN);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    assert.match(stdout, /^ok {4}settings: serves http:\/\/localhost/m);
    assert.match(stdout, /^ok {4}database: sqlite, up to date$/m);
    assert.match(stdout, /^ok {4}keys: belong to this database$/m);
    assert.match(stdout, /^ok {4}clock: /m);
    assert.deepEqual(await contents(installation), before);
  });

  test("on a fresh machine it tells what the first start will do, and does not do it", async () => {
    await using installation = await createInstallation("sqlite");
    const data = join(installation.folder, "data");
    const { status, stdout } = await installation.run(["check"], { environment: { COUNTERSIGN_DATA: data } });
    assert.equal(status, 0);
    assert.match(stdout, /^ok {4}database: sqlite, will be made at the first start$/m);
    assert.equal(existsSync(data), false, "the check made the data folder");
  });

  test("finds all wrong settings at once", async () => {
    await using installation = await createInstallation("sqlite");
    const environment = { COUNTERSIGN_NAM: "x", HOST: "", PORT: "x", COUNTERSIGN_PUBLIC_URL: "http://a.example.org" };
    const { status, stdout } = await installation.run(["check"], { environment });
    assert.equal(status, 1);
    assert.deepEqual(stdout.match(/^wrong settings: /gm)?.length, 3);
  });

  test("finds keys that others can read, keys that are missing and keys of another database (SK-04, SK-05)", async () => {
    await using installation = await createInstallation("sqlite");
    await installation.addPeople(["ada"]);
    const file = join(installation.folder, "keys.json");
    chmodSync(file, 0o644);
    await expectWrong(installation, {}, /^wrong keys: .*can be read by others: chmod 600 it$/m);
    chmodSync(file, 0o600);
    await expectWrong(installation, { COUNTERSIGN_KEYS_FILE: `${file}.none` }, /^wrong keys: .*is missing/m);
    assert.equal(existsSync(`${file}.none`), false);
    readKeys(`${file}.other`, false);
    await expectWrong(
      installation,
      { COUNTERSIGN_KEYS_FILE: `${file}.other` },
      /^wrong keys: .*do not belong to this/m,
    );
  });

  test("finds keys that others can read before the first start too (SK-04)", async () => {
    await using installation = await createInstallation("sqlite");
    const file = join(installation.folder, "keys.json");
    readKeys(file, false);
    chmodSync(file, 0o644);
    await expectWrong(installation, {}, /^wrong keys: .*can be read by others/m);
  });

  test("finds a database that does not exist, and one that does not answer", async () => {
    await using installation = await createInstallation("postgres");
    const missing = new URL(installation.databaseUrl);
    missing.pathname = "/there_is_no_such_database";
    await expectWrong(installation, { COUNTERSIGN_DATABASE: missing.href }, /^wrong database: .*does not exist/m);
    const silent = "postgres://127.0.0.1:1/accounts";
    await expectWrong(installation, { COUNTERSIGN_DATABASE: silent }, /^wrong database: .*ECONNREFUSED/m);
  });

  test("finds a database whose clock is another than this machine's (OP-01)", async () => {
    await using installation = await createInstallation("postgres");
    await installation.addPeople(["ada"]);
    assert.match((await installation.run(["check"])).stdout, /^ok {4}clock/m);
    // The database's own clock cannot be turned here, so a function of the same name stands before it.
    const client = new Client({ connectionString: installation.databaseUrl });
    await client.connect();
    await client.query(`
      create schema skewed;
      create function skewed.clock_timestamp() returns timestamptz language sql as
        $$ select pg_catalog.clock_timestamp() - interval '45 seconds' $$;
      do $$ begin execute format('alter database %I set search_path = skewed, pg_catalog, public', current_database()); end $$;
    `);
    await client.end();
    await expectWrong(installation, {}, /^wrong clock: .*-4[45] s apart; codes would be refused$/m);
  });

  test("tells of a migration that is to be done", async () => {
    await using installation = await createInstallation("postgres");
    const { status, stdout } = await installation.run(["check"]);
    assert.equal(status, 0);
    const { length } = MIGRATION_NAMES;
    const migrations = length === 1 ? "1 migration" : `${length} migrations`;
    assert.match(stdout, new RegExp(`^ok {4}database: postgres, ${migrations} to do at the next start$`, "m"));
  });
});

describe("countersign migrate", () => {
  test("brings the database to the newest schema once, and says so; a server then finds nothing to do (OP-04)", async () => {
    await using installation = await createInstallation("sqlite");
    const first = await installation.run(["migrate"], VIA_BIN);
    assert.deepEqual([first.status, first.stdout], [0, `Migrated: ${MIGRATION_NAMES.join(", ")}\n`]);
    const before = await contents(installation);
    const second = await installation.run(["migrate"], VIA_BIN);
    assert.deepEqual([second.status, second.stdout], [0, "The database is up to date.\n"]);
    assert.deepEqual(await contents(installation), before);
    const server = await installation.start();
    assert.equal((await server.browser().get("/healthz")).status, 200);
  });
});

/** Runs commands at the same time, by the command that the package installs. */
function runAll(commands: readonly (readonly string[])[], options: RunOptions = {}): Promise<Finished[]> {
  return Promise.all(commands.map((words) => run(words, { ...VIA_BIN, ...options })));
}

/** Every event is an act of the operator and says so; gives their details. */
async function assertOperatorDid(installation: Installation, kinds: string[]): Promise<Record<string, unknown>[]> {
  const { db } = await openDatabase(installation.databaseUrl);
  const events = await db.selectFrom("events").selectAll().orderBy("id").execute();
  await db.destroy();
  const acts = events.filter(({ kind }) => !/^(sign_in|confirmation|enrolment|two_factor\.enabled)/.test(kind));
  assert.deepEqual(
    acts.map(({ kind }) => kind),
    kinds,
  );
  return acts.map(({ kind, actor_id, user_id, address, details }) => {
    const told = JSON.parse(details) as Record<string, unknown>;
    const act = { kind, actor_id, hasUser: user_id !== null, address, by: told.by };
    assert.deepEqual(act, { kind, actor_id: null, hasUser: true, address: "-", by: "operator" });
    return told;
  });
}

async function expectWrong(installation: Installation, environment: Record<string, string>, line: RegExp) {
  const { status, stdout, stderr } = await installation.run(["check"], { environment });
  assert.match(stdout, line);
  assert.deepEqual({ status, stderr }, { status: 1, stderr: "" });
}

/** The names of the tables and how many rows each has. */
async function contents({ databaseUrl }: Installation): Promise<Record<string, number>> {
  const { db } = await openDatabase(databaseUrl);
  const counts: Record<string, number> = {};
  for (const { name } of await db.introspection.getTables()) {
    const { rows } = await sql<{ many: number }>`select count(*) as many from ${sql.table(name)}`.execute(db);
    counts[name] = rows[0]?.many ?? 0;
  }
  await db.destroy();
  return counts;
}
