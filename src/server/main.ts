// The program: `countersign COMMAND`. Exit status 0: done; 1: refused, or something is wrong; 2: not understood.

import { commands } from "../text/en/commands.ts";
import { UsageError } from "./commands/command.ts";
import { COMMANDS } from "./commands/commands.ts";
import { expectedProblems } from "./start.ts";

// Whatever is made is for the owner's eyes alone, the database file above all.
process.umask(0o077);
process.exitCode = await main(process.argv.slice(2));

async function main(words: string[]): Promise<number> {
  const command = COMMANDS.find(({ name }) => name.every((word, index) => words[index] === word));
  if (command === undefined) {
    const asked = words.length === 0 || ["help", "--help", "-h"].includes(words[0] ?? "");
    (asked ? console.log : console.error)(overview(asked ? undefined : words.join(" ")));
    return asked ? 0 : 2;
  }
  const rest = words.slice(command.name.length);
  if (rest.includes("--help") || rest.includes("-h")) {
    console.log(`${command.usage}\n\n${command.help}`);
    return 0;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n\n${command.usage}`);
      return 2;
    }
    const problems = expectedProblems(error);
    for (const problem of problems ?? [error instanceof Error ? (error.stack ?? error.message) : String(error)]) {
      console.error(problem);
    }
    return 1;
  }
}

function overview(unknown: string | undefined): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.join(" ").length));
  const lines = COMMANDS.map(({ name, help }) => `  ${name.join(" ").padEnd(width)}  ${help.split("\n")[0]}`);
  const first = unknown === undefined ? "countersign COMMAND" : commands.overview.unknown(unknown);
  return `${first}\n\n${lines.join("\n")}\n\n${commands.overview.more}`;
}
