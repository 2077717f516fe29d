// What was released stays: each release's schema is kept as its database told it, and every database that one of them
// made comes to the newest. Migrations after the first only add, because nodes of the version before go on working
// while the first new one migrates. `npm run schema` keeps the schema of now.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sql } from "kysely";
import { MIGRATIONS, migrate, pendingMigrations } from "../../src/db/migrate.ts";
import type { Migration } from "../../src/db/migration.ts";
import { openDatabase } from "../../src/db/open.ts";
import { SPELLINGS } from "../../src/db/spelling.ts";
import { NEWEST, readFixture } from "../support/fixtures.ts";
import { MIGRATION_NAMES } from "../support/migrations.ts";
import { dumpSchema } from "../support/schema-dump.ts";
import { createInstallation } from "../support/server-process.ts";
import { type Dialect, onBothDatabases } from "../support/world.ts";

onBothDatabases("the schema of a release", (dialect) => {
  test("is kept as it is now", async () => {
    await using place = await openPlace(dialect);
    await migrate(place.db, { dialect, now: 0 });
    const kept = await readFixture(NEWEST, dialect).catch(() => []);
    assert.deepEqual(
      await dumpSchema(place.db, dialect),
      kept,
      "`npm run schema` keeps it, as long as it is not released",
    );
  });

  for (const name of MIGRATION_NAMES) {
    test(`comes to the newest from ${name} (OP-04)`, async () => {
      await using place = await openPlace(dialect);
      for (const statement of await readFixture(name, dialect)) await sql.raw(statement).execute(place.db);
      const later = MIGRATION_NAMES.slice(MIGRATION_NAMES.indexOf(name) + 1);
      assert.deepEqual(await pendingMigrations(place.db), later);
      assert.deepEqual(await migrate(place.db, { dialect, now: 0 }), later);
      assertSame((await dumpSchema(place.db, dialect)).sort(), (await readFixture(NEWEST, dialect)).sort());
    });
  }
});

describe("migrations", () => {
  const [, ...later] = MIGRATIONS;

  test("only add, after the first (OP-04)", () => {
    for (const migration of later) assert.deepEqual(takingAway(migration), [], migration.name);
  });

  test("are seen through when they take something away", () => {
    const bad = [
      "drop table rates",
      "drop index users_by_name",
      "alter table rates drop column used_until",
      "alter table rates rename to rate",
      "alter table rates rename column key to name",
      "alter table rates alter column key set not null",
      "alter table rates add column more text not null",
      "alter table rates add constraint small check (used_until < 7)",
      "create unique index rates_once on rates (used_until)",
      "delete from rates",
      "update rates set used_until = 0",
    ];
    const good = [
      "create table things (id text primary key, more text not null)",
      "create index things_by_more on things (more)",
      "alter table rates add column more text",
      "alter table rates add column more integer not null default 0",
      "insert into things (id, more) values ('drop', 'rename')",
    ];
    const taken = takingAway({ name: "planted", statements: () => [...good, ...bad] });
    assert.deepEqual([...new Set(taken)], bad);
  });
});

function assertSame(actual: readonly string[], kept: readonly string[]): void {
  const tell = (all: readonly string[], others: readonly string[]) => all.filter((one) => !others.includes(one));
  assert.deepEqual({ made: tell(actual, kept), kept: tell(kept, actual) }, { made: [], kept: [] });
  assert.deepEqual(actual, kept);
}

/** Statements that could break a node of the version before. */
function takingAway({ statements }: Migration): string[] {
  const adding = [
    /^create (table|index|trigger|function|virtual table) /,
    /^insert into /,
    /^alter table \w+ add column (?!.*not null(?!.* default ))/s,
  ];
  return Object.values(SPELLINGS)
    .flatMap(statements)
    .filter((statement) => !adding.some((pattern) => pattern.test(statement)));
}

async function openPlace(dialect: Dialect) {
  const installation = await createInstallation(dialect);
  const { db, close } = await openDatabase(installation.databaseUrl);
  return {
    db,
    [Symbol.asyncDispose]: async () => {
      await close();
      await installation[Symbol.asyncDispose]();
    },
  };
}
