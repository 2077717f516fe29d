// What a command is, and how its words are read.

import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

import { commands } from "../../text/en/commands.ts";

export type Command = {
  name: readonly string[];
  usage: string;
  /** The first line stands in the overview. */
  help: string;
  /** Gives the exit status. */
  run(words: string[]): Promise<number>;
};

/** Thrown when the words of a command are not understood. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Reads options and at most `positionals` other words; an unknown option or a word too many is a UsageError. */
export function readWords<const O extends ParseArgsOptionsConfig>(words: string[], options: O, positionals = 0) {
  try {
    const parsed = parseArgs({ args: words, options, allowPositionals: positionals > 0, strict: true });
    if (parsed.positionals.length > positionals)
      throw new UsageError(commands.tooManyWords(parsed.positionals.join(" ")));
    return parsed;
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof TypeError)) throw error;
    throw new UsageError(error.message);
  }
}

/** Prints rows as a table with aligned columns, or as JSON for programs. */
export function printRows(rows: readonly Record<string, string | number | boolean | null>[], asJson: boolean): void {
  if (asJson) {
    console.log(JSON.stringify(rows, null, 2));
    return;
  }
  const [first] = rows;
  if (first === undefined) return;
  const names = Object.keys(first);
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? "")))];
  const widths = names.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  for (const line of lines)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
}
