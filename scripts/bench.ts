// Measures the product beside its peers: `npm run bench`, or `npm run bench -- start` for one measurement. The peers are
// dependencies of bench/ alone and are installed when they are missing.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleServer } from "./build.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const BENCH = join(ROOT, "bench");

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  return 1;
});

async function main(names: string[]): Promise<number> {
  if (!existsSync(join(BENCH, "node_modules"))) {
    const status = run("npm", ["ci", "--prefix", BENCH, "--ignore-scripts", "--no-audit"]);
    if (status !== 0) return status;
  }
  await bundleServer();
  return run(process.execPath, [join(BENCH, "run.ts"), ...names]);
}

function run(command: string, words: string[]): number {
  return spawnSync(command, words, { stdio: "inherit" }).status ?? 1;
}
