// Another process writes to the SQLite file for longer than anybody waits. Those who queue to write wait for it together and
// not one after the other, so the event loop does not stand still for each of them (RP-08).

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { sql } from "kysely";
import { openDatabase } from "../../src/db/open.ts";

test("six who queue to write wait for another process once, together (RP-08)", async () => {
  const folder = await mkdtemp(join(tmpdir(), "countersign-busy-"));
  const path = join(folder, "test.sqlite");
  const database = await openDatabase(`file:${path}`);
  await sql`create table things (id text) strict`.execute(database.db);
  await sql`pragma busy_timeout = 1`.execute(database.db);
  const other = new DatabaseSync(path);
  other.exec("begin immediate");
  const write = (id: string) => sql`insert into things values (${id})`.execute(database.db);
  const told: string[] = [];
  const refused = (error: Error & { errcode?: number }) => {
    // From here on whoever tried by themselves would find the way free.
    if (told.length === 0) other.exec("rollback");
    told.push(String(error.errcode));
  };
  await Promise.all(Array.from({ length: 6 }, (_, nth) => write(`${nth}`).then(() => told.push("written"), refused)));
  assert.deepEqual(told, Array(6).fill("5"));
  await new Promise((resolve) => setImmediate(resolve));
  await write("after");
  const { rows } = await sql<{ id: string }>`select id from things`.execute(database.db);
  assert.deepEqual(
    rows.map(({ id }) => id),
    ["after"],
  );
  other.close();
  await database.close();
  await rm(folder, { recursive: true });
});
