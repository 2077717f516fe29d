import { readdirSync } from "node:fs";

/** The names of all migrations, in their order: each is a file. */
export const MIGRATION_NAMES: readonly string[] = readdirSync(new URL("../../src/db/migrations/", import.meta.url))
  .map((file) => file.replace(/\.ts$/, ""))
  .sort();
