// Runs the tests: all of them, or the files that are named. `npm test -- test/journeys/sign-in.test.ts`
//
// What tests share is made here once: the bundle, a PostgreSQL server and the unpacked browser. Options of
// `node --test` pass through: `npm test -- --test-name-pattern="works once"`.

import { spawn } from "node:child_process";
import { existsSync, globSync, mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unpackChromium } from "../test/support/browser.ts";
import { createTemplate, startPostgres } from "../test/support/postgres.ts";
import { bundleServer } from "./build.ts";

/** Tests wait for databases, servers and browsers as much as they compute. */
const CONCURRENCY = 2 * availableParallelism();

/** Tests that start programs and browsers: a process for each file. */
const APART = ["test/{browser,chaos,package,server}/**/*.test.ts"];

/** All others. To start and warm up a process takes longer than most of them, so many files share one. */
const TOGETHER = ["src/**/*.test.ts", "test/{attacks,database,journeys,vectors}/**/*.test.ts"];
const PROCESSES = 8;

const ROOT = fileURLToPath(new URL("../", import.meta.url));

process.chdir(ROOT);
process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  return 1;
});

async function main(given: string[]): Promise<number> {
  useMemoryForFiles();
  const options = given.filter((word) => word.startsWith("-"));
  const patterns = given.filter((word) => !word.startsWith("-"));
  const files = patterns.length > 0 ? findFiles(patterns) : [...findFiles(APART), ...groupFiles(findFiles(TOGETHER))];
  const postgres = startPostgres();
  try {
    const [{ url }] = await Promise.all([postgres, bundleServer(), unpackChromium()]);
    const template = await createTemplate(url);
    return await runTests([...options, ...files], { TEST_POSTGRES_URL: url, TEST_POSTGRES_TEMPLATE: template });
  } finally {
    await postgres.then(({ stop }) => stop());
  }
}

/**
 * Test databases commit as durably as real ones, thousands of times; on a disk the suite would mostly wait for it. A
 * process that is killed does not lose what was written to memory, so nothing that a test shows is lost either.
 */
function useMemoryForFiles(): void {
  const memory = "/dev/shm";
  if (process.env.TMPDIR !== undefined || !existsSync(memory)) return;
  const { bavail, bsize } = statfsSync(memory);
  if (bavail * bsize > 2 ** 31) process.env.TMPDIR = memory;
}

function findFiles(patterns: string[]): string[] {
  return patterns.flatMap((pattern) => {
    const files = globSync(pattern).sort();
    if (files.length === 0) throw new Error(`There is no test file ${pattern}`);
    return files;
  });
}

/** Deals the files out to a few that import them. */
function groupFiles(files: string[]): string[] {
  const folder = join(".cache", "tests");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return Array.from({ length: PROCESSES }, (_, group) => {
    const path = join(folder, `${group + 1}.test.ts`);
    const imports = files.filter((_, index) => index % PROCESSES === group).map((file) => `import "../../${file}";\n`);
    writeFileSync(path, imports.join(""));
    return path;
  });
}

/** Runs `node --test`, which writes to where we write, and answers with its exit code. */
async function runTests(words: string[], environment: Record<string, string>): Promise<number> {
  const settings = [`--test-concurrency=${CONCURRENCY}`, "--test-timeout=180000", "--test-reporter=spec"];
  const runner = spawn(process.execPath, ["--test", ...settings, ...words], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { NODE_COMPILE_CACHE: join(ROOT, ".cache", "compile"), ...process.env, ...environment },
  });
  // On this signal the runner ends the test processes before itself.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => runner.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    runner.once("error", reject);
    runner.once("exit", (code) => resolve(code ?? 1));
  });
}
