// The schema of each release, as its database tells it: one file for each dialect, named after the last migration.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { MIGRATION_NAMES } from "./migrations.ts";
import type { Dialect } from "./world.ts";

const FOLDER = new URL("../database/fixtures/", import.meta.url);

/** The name under which the schema of now is kept. */
export const NEWEST = MIGRATION_NAMES.at(-1) ?? "";

/** The statements that make the schema as it was after a migration. */
export async function readFixture(name: string, dialect: Dialect): Promise<string[]> {
  const text = await readFile(fileOf(name, dialect), "utf8");
  // No blank line is within a statement.
  return text
    .split(";\n\n")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

/** Keeps the schema of now. */
export async function writeFixture(dialect: Dialect, statements: readonly string[]): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(fileOf(NEWEST, dialect), statements.map((statement) => `${statement};\n\n`).join(""));
}

function fileOf(name: string, dialect: Dialect): URL {
  return new URL(`${name}.${dialect}.sql`, FOLDER);
}
