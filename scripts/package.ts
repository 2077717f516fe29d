// Makes build/package, the folder that is published: the library as JavaScript with its types, the program as a bundle,
// and a manifest without what only this repository needs. The runtime above all: an embedding project has its own.

import { spawnSync } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bundleServer } from "./build.ts";

const TARGET = "build/package";

/** Builds the folder anew. */
export async function makePackage(): Promise<void> {
  process.chdir(fileURLToPath(new URL("../", import.meta.url)));
  await rm(TARGET, { recursive: true, force: true });
  await mkdir(TARGET, { recursive: true });
  const compiled = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.package.json"], {
    stdio: "inherit",
  });
  if (compiled.status !== 0) throw new Error("The library does not compile");
  await bundleServer();
  await cp("src/web/assets", `${TARGET}/lib/web/assets`, { recursive: true, filter: (path) => !path.endsWith(".ts") });
  await cp("dist", `${TARGET}/dist`, { recursive: true });
  for (const name of ["bin", "LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md"]) {
    await cp(name, `${TARGET}/${name}`, { recursive: true });
  }
  await writeFile(`${TARGET}/package.json`, `${JSON.stringify(await publishedManifest(), null, 2)}\n`);
}

async function publishedManifest() {
  const { name, version, description, license, type, engines, bin, dependencies } = JSON.parse(
    await readFile("package.json", "utf8"),
  ) as Record<string, unknown>;
  const entry = (file: string) => ({ types: `./lib/${file}.d.ts`, default: `./lib/${file}.js` });
  const exports = {
    ".": entry("index"),
    "./testing": entry("testing/index"),
    "./internal": entry("internal"),
    "./package.json": "./package.json",
  };
  return {
    name,
    version,
    description,
    license,
    type,
    engines,
    bin,
    exports,
    files: ["bin", "dist", "lib"],
    dependencies,
  };
}

if (import.meta.main) await makePackage();
