import { existsSync } from "node:fs";
import { sql } from "kysely";
import { checkKeys } from "../../auth.ts";
import { pendingMigrations } from "../../db/migrate.ts";
import { type Database, openDatabase } from "../../db/open.ts";
import { commands } from "../../text/en/commands.ts";
import { readKeys } from "../keys.ts";
import { readSettings } from "../settings.ts";
import { expectedProblems } from "../start.ts";
import { type Command, readWords } from "./command.ts";

const words = commands.check;

/** Codes are right for half a minute: two seconds between server and database are a sign that a clock is wrong. */
const LARGEST_OFFSET = 2_000;

export const check: Command = {
  name: ["check"],
  usage: "countersign check",
  help: words.help,
  run: async (given) => {
    readWords(given, {});
    let failed = false;
    const step = async (name: string, work: () => Promise<string> | string) => {
      try {
        console.log(words.ok(name, await work()));
      } catch (error) {
        failed = true;
        for (const problem of expectedProblems(error) ?? [error instanceof Error ? error.message : String(error)]) {
          console.log(words.wrong(name, problem));
        }
      }
    };

    await step("settings", () => words.serves(readSettings().publicUrl));
    if (failed) return 1;
    const settings = readSettings();
    const path = settings.database.startsWith("file:") ? settings.database.slice("file:".length) : undefined;
    if (path !== undefined && path !== ":memory:" && !existsSync(path)) {
      console.log(words.ok("database", words.newDatabase));
      await step("keys", () => keysBeforeUse(settings.keysFile));
      return failed ? 1 : 0;
    }
    let close = async () => {};
    await step("database", async () => {
      const { db, dialect } = await openDatabase(settings.database);
      close = () => db.destroy();
      const pending = await pendingMigrations(db);
      if (pending.length > 0) {
        await step("keys", () => keysBeforeUse(settings.keysFile));
        return words.pending(dialect, pending.length);
      }
      await step("clock", () => checkClock(db, dialect));
      const used = (await db.selectFrom("installation").select("id").executeTakeFirst()) !== undefined;
      await step("keys", async () => {
        if (!used) return keysBeforeUse(settings.keysFile);
        await checkKeys(db, readKeys(settings.keysFile, true), Date.now());
        return words.keysMatch;
      });
      return words.upToDate(dialect);
    });
    await close();
    return failed ? 1 : 0;
  },
};

/** Before a database was used with keys there is nothing to compare them with; a file that is there must be right. */
function keysBeforeUse(path: string): string {
  if (!existsSync(path)) return words.newKeys;
  readKeys(path, true);
  return words.unusedKeys;
}

async function checkClock(db: Database["db"], dialect: Database["dialect"]): Promise<string> {
  const before = Date.now();
  const { rows } = await sql<{ at: number }>`${
    dialect === "postgres"
      ? sql`select cast(extract(epoch from clock_timestamp()) * 1000 as bigint) as at`
      : sql`select cast(unixepoch('subsec') * 1000 as integer) as at`
  }`.execute(db);
  const offset = (rows[0]?.at ?? 0) - (before + Date.now()) / 2;
  if (Math.abs(offset) > LARGEST_OFFSET) {
    throw new Error(words.clockOff(Math.round(offset / 1000)));
  }
  return words.clock(new Date().toISOString(), LARGEST_OFFSET / 1000);
}
