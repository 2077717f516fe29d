// What the benchmarks compare with must be what they say it is, whatever becomes of the schema.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { secondSteps } from "../../bench/contestants/contestant.ts";
import * as countersign from "../../bench/contestants/countersign.ts";
import * as limit from "../../bench/contestants/limit.ts";
import { addCrowd } from "../../bench/support/crowd.ts";
import { createAuth } from "../../src/auth.ts";
import { DEFAULT_PARAMETERS, totp } from "../../src/crypto/totp.ts";
import { openDatabase } from "../../src/db/open.ts";
import { readKeys } from "../../src/server/keys.ts";
import { readTables } from "../support/tables.ts";

describe("the benchmarks", () => {
  test("the limit writes the rows that a second step writes", async () => {
    const ours = await changedRows(async (site, [person]) => {
      assert.ok(person);
      const database = `file:${countersign.databasePath(site)}`;
      const auth = await createAuth({ database }, { keys: readKeys(join(site.folder, "keys.json"), false) });
      const client = { address: person.address, userAgent: "", requestId: "" };
      const pendingToken = person.pendingCookie.split("=")[1];
      const code = totp(person.secret, Date.now(), DEFAULT_PARAMETERS);
      const outcome = await auth.signIn.confirmCode({ client, pendingToken, code });
      await auth.close();
      assert.ok(outcome.ok);
    });
    const itsOwn = await changedRows(async (site, people) => {
      const contestant = await limit.start(countersign.databasePath(site), undefined);
      await secondSteps(contestant, people);
      await contestant.server.stop();
    });
    assert.deepEqual(itsOwn, ours);
    assert.deepEqual(ours.sessions, { gone: 0, made: 1 });
    assert.deepEqual(ours.events, { gone: 0, made: 1 });
  });

  test("the crowd is people as the product would have left them", async () => {
    await inSite(async (site) => {
      await countersign.prepare(site, 10, { known: true });
      const path = countersign.databasePath(site);
      const indexes = "select sql from sqlite_master where type = 'index' order by name";
      const before = read(path, indexes);
      const login = addCrowd(path, 500);
      assert.deepEqual(read(path, indexes), before);
      assert.deepEqual(read(path, "pragma foreign_key_check"), []);
      assert.deepEqual(read(path, "select count(*) as people from users"), [{ people: 510 }]);
      assert.equal(read(path, `select user_id from user_names where name = '${login}'`).length, 1);
      const head = "select last_event from event_head where last_event <> (select count(*) from events)";
      assert.deepEqual(read(path, head), []);
    });
  });
});

type Site = { folder: string };
type People = Awaited<ReturnType<typeof countersign.prepare>>;

/** How many rows of each table are gone and how many are made by work for one person; a changed row is both. */
async function changedRows(work: (site: Site, people: People) => Promise<void>) {
  return inSite(async (site) => {
    const people = await countersign.prepare(site, 1);
    const before = await rowsOf(site);
    await work(site, people);
    const after = await rowsOf(site);
    const changes = Object.entries(before).map(([name, rows]) => {
      const now = after[name] ?? new Set();
      return [name, { gone: rows.difference(now).size, made: now.difference(rows).size }] as const;
    });
    return Object.fromEntries(changes);
  });
}

async function rowsOf(site: Site): Promise<Record<string, Set<string>>> {
  const { db, close } = await openDatabase(`file:${countersign.databasePath(site)}`);
  const tables = Object.entries(await readTables(db));
  await close();
  return Object.fromEntries(tables.map(([name, rows]) => [name, new Set(rows.map((row) => JSON.stringify(row)))]));
}

async function inSite<T>(work: (site: Site) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-bench-"));
  try {
    return await work({ folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function read(path: string, query: string): object[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database
      .prepare(query)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}
