// Checks, without a network, that an installation can only be what was reviewed.

import { readFileSync } from "node:fs";

type Manifest = Partial<Record<"dependencies" | "devDependencies" | "optionalDependencies", Record<string, string>>>;
type Locked = { integrity?: string; resolved?: string; link?: true; dev?: true; hasInstallScript?: true };

const manifest: Manifest = readJson("../package.json");
const lock: { lockfileVersion: number; packages: Record<string, Locked> } = readJson("../package-lock.json");

const problems = [...manifestProblems(), ...lockProblems()];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${Object.keys(lock.packages).length - 1} packages`);

function manifestProblems(): string[] {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version))
    .map(([name, version]) => `${name}: ${version} is not one exact version`);
}

function lockProblems(): string[] {
  if (lock.lockfileVersion !== 3) return [`The lock file has version ${lock.lockfileVersion}, not 3`];
  return Object.entries(lock.packages).flatMap(([path, locked]) => (path === "" ? [] : packageProblems(path, locked)));
}

function packageProblems(path: string, locked: Locked): string[] {
  const name = path.replace(/^node_modules\//, "");
  const problems: string[] = [];
  if (locked.link) problems.push(`${name}: is a link to a folder`);
  if (locked.resolved !== undefined) problems.push(`${name}: names its own source, ${locked.resolved}`);
  if (!locked.integrity?.startsWith("sha512-")) problems.push(`${name}: has no SHA-512 integrity`);
  if (locked.hasInstallScript && !locked.dev) problems.push(`${name}: would run a script when it is installed`);
  return problems;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
}
