import { migrate as migrateDatabase } from "../../db/migrate.ts";
import { openDatabase } from "../../db/open.ts";
import { readSettings } from "../settings.ts";
import { type Command, readWords } from "./command.ts";

export const migrate: Command = {
  name: ["migrate"],
  usage: "countersign migrate",
  help: "Brings the database to the newest schema.\nThe server does the same at start; this is for those who want to do it before.",
  run: async (words) => {
    readWords(words, {});
    const { db, dialect } = await openDatabase(readSettings().database);
    try {
      const done = await migrateDatabase(db, dialect, Date.now());
      console.log(done.length === 0 ? "The database is up to date." : `Migrated: ${done.join(", ")}`);
      return 0;
    } finally {
      await db.destroy();
    }
  },
};
