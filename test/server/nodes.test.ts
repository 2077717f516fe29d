// Several servers on one database: nodes on PostgreSQL, and, though nobody should need it, processes on one SQLite file.

import assert from "node:assert/strict";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "kysely";
import { openDatabase } from "../../src/db/open.ts";
import { readKeys } from "../../src/server/keys.ts";
import { MIGRATION_NAMES } from "../support/migrations.ts";
import { createInstallation } from "../support/server-process.ts";
import { onBothDatabases, PASSWORD } from "../support/world.ts";

const NODES = 3;

onBothDatabases("several servers on one database", (dialect) => {
  test("three that start together on an empty one migrate it once, and all serve (OP-04)", async () => {
    await using installation = await createInstallation(dialect);
    const servers = await Promise.all(Array.from({ length: NODES }, () => installation.start()));
    const { db } = await openDatabase(installation.databaseUrl);
    const { rows } = await sql<{ name: string }>`select name from migrations order by name`.execute(db);
    assert.deepEqual(
      rows.map(({ name }) => name),
      MIGRATION_NAMES,
    );
    assert.equal((await db.selectFrom("installation").selectAll().execute()).length, 1);
    await db.destroy();

    // Each of them reads what each other wrote, with the same keys.
    await installation.addPeople(["ada"]);
    const [first, ...others] = servers;
    assert.ok(first !== undefined);
    const browser = first.browser();
    assert.match((await browser.post("/sign-in", { login: "ada", password: PASSWORD })).words, /Welcome/);
    for (const server of others) {
      const elsewhere = server.browser();
      for (const [name, value] of browser.cookies) elsewhere.cookies.set(name, value);
      assert.equal((await elsewhere.get("/account")).status, 200);
    }
  });

  test("one that starts on a database of a newer version is refused, and changes nothing (OP-04)", async () => {
    await using installation = await createInstallation(dialect);
    assert.equal((await installation.run(["migrate"])).status, 0);
    const { db } = await openDatabase(installation.databaseUrl);
    await sql`insert into migrations (name, applied_at) values ('0002-of-the-future', 1)`.execute(db);
    for (const words of [["serve"], ["migrate"], ["users", "list"]]) {
      const { status, stdout, stderr } = await installation.run(words);
      assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
      assert.equal(stderr, "The database was migrated by a newer version of Countersign (0002-of-the-future)\n");
    }
    const checked = await installation.run(["check"]);
    assert.equal(checked.status, 1);
    assert.match(checked.stdout, /^wrong database: The database was migrated by a newer version/m);
    assert.deepEqual(await db.selectFrom("installation").selectAll().execute(), []);
    await db.destroy();
  });

  test("one with other keys is refused, and does not disturb the others (SK-05)", async () => {
    await using installation = await createInstallation(dialect);
    await installation.addPeople(["ada"]);
    const server = await installation.start();
    const own = join(installation.folder, "other");
    readKeys(join(own, "keys.json"), false);
    const environment = { COUNTERSIGN_DATA: own, COUNTERSIGN_DATABASE: installation.databaseUrl };
    for (const words of [["serve"], ["users", "list"]]) {
      const { status, stdout, stderr } = await installation.run(words, { environment });
      assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
      assert.equal(stderr, "The keys do not belong to this database; restore the key file that it was used with\n");
    }
    const page = await server.browser().post("/sign-in", { login: "ada", password: PASSWORD });
    assert.match(page.words, /Welcome/);
  });

  test("one without keys is refused once the database was used, and makes none (SK-05)", async () => {
    await using installation = await createInstallation(dialect);
    await installation.addPeople(["ada"]);
    const own = join(installation.folder, "other");
    mkdirSync(own);
    const environment = { COUNTERSIGN_DATA: own, COUNTERSIGN_DATABASE: installation.databaseUrl };
    for (let attempt = 0; attempt < 2; attempt++) {
      const { status, stderr } = await installation.run(["serve"], { environment });
      assert.equal(status, 1);
      assert.match(stderr, /^The key file \S+keys\.json is missing, but the database was used with one: restore it/);
    }
    // With the right file it serves.
    cpSync(join(installation.folder, "keys.json"), join(own, "keys.json"));
    await installation.start(environment);
  });
});
