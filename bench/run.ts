// Runs all measurements, or those that are named, and prints their tables. A whole run also writes results/latest.json
// and the tables of README.md.
//
//     node bench/run.ts [NAME …]

import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { firstStep } from "./measurements/first-step.ts";
import { growth } from "./measurements/growth.ts";
import { secondStep } from "./measurements/second-step.ts";
import { secondStepPostgres } from "./measurements/second-step-postgres.ts";
import { signInPage } from "./measurements/sign-in-page.ts";
import { start } from "./measurements/start.ts";
import { oneStatement } from "./measurements/statement.ts";
import { verifyCode } from "./measurements/verify-code.ts";
import { whoIsThis } from "./measurements/who-is-this.ts";
import { whoIsThisBusy } from "./measurements/who-is-this-busy.ts";
import { takeCores } from "./support/cores.ts";
import type { Measurement } from "./support/measurement.ts";
import { type Result, table } from "./support/report.ts";

const MEASUREMENTS: Record<string, Measurement> = {
  "verify-code": verifyCode,
  statement: oneStatement,
  "first-step": firstStep,
  "second-step": secondStep,
  "second-step-postgres": secondStepPostgres,
  "who-is-this": whoIsThis,
  "who-is-this-busy": whoIsThisBusy,
  "sign-in-page": signInPage,
  start,
  growth,
};

const named = process.argv.slice(2);
const unknown = named.find((name) => !(name in MEASUREMENTS));
if (unknown !== undefined)
  throw new Error(`There is no measurement ${unknown}: ${Object.keys(MEASUREMENTS).join(", ")}`);

const cores = availableParallelism();
const [busy = 0] = loadavg();
const pinned = takeCores();
const machine = `Node.js ${process.version}, ${cores} cores, load ${busy.toFixed(1)} before the run.`;
console.log(machine);
console.log(
  pinned === undefined
    ? "No second core or no taskset: servers and load share what there is, and the ratios say little.\n"
    : "The servers have one core, the load another.\n",
);
const folder = await mkdtemp(join(tmpdir(), "countersign-bench-"));
// However the run ends: the databases of many people are large.
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const results: Record<string, Result> = {};
for (const [name, measure] of Object.entries(MEASUREMENTS)) {
  if (named.length > 0 && !named.includes(name)) continue;
  const own = join(folder, name);
  await mkdir(own);
  results[name] = await measure({ folder: own, cores: pinned });
  console.log(table(results[name]));
  await rm(own, { recursive: true, force: true });
}
const goals = Object.values(results).flatMap((result) => result.goals);
console.log(`Met: ${goals.filter(({ met }) => met).length} of ${goals.length} goals.`);
if (named.length === 0) await publish();

/** Writes the results of a whole run: as data, and as the tables of the README. */
async function publish(): Promise<void> {
  const { dependencies: peers } = JSON.parse(await readFile(join(import.meta.dirname, "package.json"), "utf8"));
  const facts = {
    at: new Date().toISOString(),
    node: process.version,
    cores,
    busy,
    pinned: pinned !== undefined,
    peers,
  };
  await mkdir(join(import.meta.dirname, "results"), { recursive: true });
  const data = JSON.stringify({ ...facts, results }, rounded, 2);
  await writeFile(join(import.meta.dirname, "results", "latest.json"), `${data}\n`);

  const readme = join(import.meta.dirname, "README.md");
  const tables = [`${machine}\n`, ...Object.values(results).map(table)].join("\n");
  const text = await readFile(readme, "utf8");
  const published = text.replace(
    /<!-- table -->.*<!-- \/table -->/s,
    () => `<!-- table -->\n\n${tables}\n<!-- /table -->`,
  );
  await writeFile(readme, published);
}

function rounded(_name: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(4)) : value;
}
