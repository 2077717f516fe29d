// The record of events as an operator checks and copies it at the command line.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { sql } from "kysely";
import { createAuth } from "../../src/auth.ts";
import { openDatabase } from "../../src/db/open.ts";
import { readKeys } from "../../src/server/keys.ts";
import { createInstallation, type Installation, run, SERVER } from "../support/server-process.ts";
import { dropGuards } from "../support/tables.ts";

async function change(installation: Installation, statement: string): Promise<void> {
  const { db } = await openDatabase(installation.databaseUrl);
  await dropGuards(db, "sqlite");
  await sql.raw(statement).execute(db);
  await db.destroy();
}

describe("countersign events verify", () => {
  test("finds the record whole, prints its head, and later finds that head again (AU-04)", async () => {
    await using installation = await createInstallation("sqlite");
    const empty = await installation.run(["events", "verify"]);
    assert.deepEqual(empty, { status: 0, signal: null, stdout: "Whole: no events.\nHead: 0:\n", stderr: "" });
    await installation.addPeople(["ada", "bob"]);
    const { status, stdout, stderr } = await installation.run(["events", "verify"]);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    const [, head = ""] = /^Whole: events 1 to 2\.\nHead: (2:[\w-]{43})\n$/.exec(stdout) ?? [];
    assert.ok(head, stdout);
    await installation.run(["users", "disable", "ada"]);
    const again = await installation.run(["events", "verify", "--expect", head]);
    assert.match(again.stdout, /^Whole: events 1 to 3\./);
    assert.equal(again.status, 0);
    assert.match((await installation.run(["events", "verify", "--since", head])).stdout, /^Whole: event 3\./);
  });

  test("names the first event that is not right, with exit status 1 (AU-04)", async () => {
    await using installation = await createInstallation("sqlite");
    await installation.addPeople(["ada", "bob", "eve"]);
    const { stdout: before } = await installation.run(["events", "verify"]);
    await change(installation, "update events set at = 1 where id = 2");
    const { status, stdout } = await installation.run(["events", "verify"]);
    assert.equal(status, 1);
    assert.match(stdout, /^Not whole\. Event 2 was changed, put in or moved/);
    const other = (/Head: (\S+)/.exec(before)?.[1] ?? "").replace(/:.{3}/, ":___");
    const compared = await installation.run(["events", "verify", "--expect", other]);
    assert.equal(compared.status, 1);
    assert.match(compared.stdout, /^Not whole\. Event 3 has another hash than you noted/);
  });

  test("tells what was removed because of its age, and how old the rest is (AU-06)", async () => {
    await using installation = await createInstallation("sqlite");
    await installation.addPeople(["ada", "bob"]);
    const { databaseUrl: database, folder } = installation;
    const keys = readKeys(join(folder, "keys.json"), true);
    const later = await createAuth(
      { database, eventRetentionDays: 30 },
      { keys, now: () => Date.now() + 40 * 86_400_000 },
    );
    await later.upkeep.run();
    await later.close();
    const { status, stdout } = await installation.run(["events", "verify"]);
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^Whole: event 3\.\nWhat came before, up to event 2, was removed .* kept is of 20\d\d-.*\nHead: 3:/,
    );
  });

  test("is noted in the log by the server, so that the database's owner cannot change it (AU-04)", async () => {
    await using installation = await createInstallation("sqlite");
    await installation.addPeople(["ada"]);
    const server = await installation.start();
    const [, head = ""] = await server.waitFor(/ events head="(1:[\w-]{43})"/);
    await server.stop();
    assert.equal((await installation.run(["events", "verify", "--expect", head])).status, 0);
  });
});

describe("countersign events export", () => {
  test("writes what was asked for, goes on where it was, and is on record (AU-01)", async () => {
    await using installation = await createInstallation("sqlite");
    await installation.addPeople(["ada", "bob"]);
    const lines = async (...words: string[]) => {
      const { status, stdout, stderr } = await installation.run(["events", "export", ...words]);
      assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
      return stdout.split(/\r?\n/).slice(0, -1);
    };
    const users = (json: string[]) => json.map((line) => JSON.parse(line).user);
    assert.deepEqual(users(await lines("--format", "jsonl")), ["ada", "bob"]);
    const [, , exported = ""] = await lines("--format", "jsonl");
    assert.deepEqual(JSON.parse(exported).kind, "events.exported");
    assert.deepEqual(JSON.parse(exported).details, { format: "jsonl", by: "operator" });
    assert.deepEqual(users(await lines("--format", "jsonl", "--after", "1", "--kind", "user.created")), ["bob"]);
    assert.deepEqual(users(await lines("--format", "jsonl", "--person", "ada")), ["ada"]);
    const today = new Date().toISOString().slice(0, 10);
    const kind = ["--kind", "user.created"];
    assert.equal((await lines("--format", "csv", ...kind, "--from", today, "--to", today)).length, 3);
    assert.equal((await lines("--format", "csv", ...kind, "--to", "2020-01-31")).length, 1, "the names of the columns");
    assert.equal((await lines("--format", "csv", ...kind, "--after", "1")).length, 1, "no names again");
    const nobody = await installation.run(["events", "export", "--format", "csv", "--person", "nobody"]);
    assert.deepEqual([nobody.status, nobody.stdout], [1, ""]);
  });

  test("ends quietly when its reader has had enough", async () => {
    await using installation = await createInstallation("sqlite");
    await installation.addPeople(["ada", "bob"]);
    const { environment, folder } = installation;
    const program = ["sh", "-c", '"$0" "$@" | head -n 1', process.execPath, SERVER];
    const head = await run(["events", "export", "--format", "csv"], { environment, folder, program });
    assert.deepEqual([head.status, head.stderr, head.stdout.split("\n").length], [0, "", 2]);
  });
});
