// Eight writers share commits when the process is killed without a word. Whatever one of them was told is written is
// there, and whatever was undone is not, although others of the same commit were kept (RP-07).

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openDatabase } from "../../src/db/open.ts";

const WRITERS = fileURLToPath(new URL("eight-writers.ts", import.meta.url));
/** Answers after which the process is killed, time after time on the same file. */
const ROUNDS = [1, 40, 333, 1_000];

test("nothing that one of eight writers was told is lost when their process is killed, and nothing undone comes back (RP-07)", async () => {
  const folder = await mkdtemp(join(tmpdir(), "countersign-writers-"));
  try {
    for (const [round, answers] of ROUNDS.entries()) {
      const url = `file:${join(folder, `${round}.sqlite`)}`;
      const { db } = await openDatabase(url);
      await db.schema
        .createTable("rates")
        .addColumn("key", "text", (column) => column.primaryKey())
        .addColumn("used_until", "integer")
        .execute();
      await db.destroy();
      const told = await killAfter(url, answers);
      assert.ok(told.length >= answers);
      const { db: after } = await openDatabase(url);
      const kept = new Set((await after.selectFrom("rates").select("key").execute()).map(({ key }) => key));
      const lost = told.filter(([what, key = ""]) => what === "written" && !kept.has(key));
      const back = [...kept].filter((key) => Number(key.split(":")[1]) % 3 === 0);
      assert.deepEqual({ lost, back }, { lost: [], back: [] });
      await after.destroy();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** Runs the writers until they have said so much, kills them, and gives all that they said. */
async function killAfter(url: string, answers: number): Promise<string[][]> {
  const child = spawn(process.execPath, [WRITERS, url], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === answers) child.kill("SIGKILL");
  }
  await ended;
  return lines.filter((line) => /^\w+ \d:\d+$/.test(line)).map((line) => line.split(" "));
}
