import { migrate as migrateDatabase } from "../../db/migrate.ts";
import { openDatabase } from "../../db/open.ts";
import { commands } from "../../text/en/commands.ts";
import { readSettings } from "../settings.ts";
import { type Command, readWords } from "./command.ts";

export const migrate: Command = {
  name: ["migrate"],
  usage: "countersign migrate",
  help: commands.migrate.help,
  run: async (words) => {
    readWords(words, {});
    const { db, dialect } = await openDatabase(readSettings().database);
    try {
      const done = await migrateDatabase(db, { dialect, now: Date.now() });
      console.log(done.length === 0 ? commands.migrate.upToDate : commands.migrate.done(done));
      return 0;
    } finally {
      await db.destroy();
    }
  },
};
