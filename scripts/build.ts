// Bundles the server into dist/. Unbundled, the 300 files of kysely alone cost 130 ms and 20 MB at each start.

import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const DIST = join(ROOT, "dist");
const ASSETS = join(ROOT, "src", "web", "assets");

/** Writes dist/server.js, its chunks, its assets and the licenses of what it holds. Takes a fraction of a second. */
export async function bundleServer(): Promise<void> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { server: "src/server/main.ts" },
    outdir: DIST,
    // Chunks lie beside the entry, so that `./assets/` is the same place for every module of the bundle.
    chunkNames: "server-[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    external: ["pg", "@node-rs/argon2", "nodemailer", "@zxcvbn-ts/*"],
    legalComments: "none",
    logLevel: "silent",
    metafile: true,
    write: false,
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
  files.set("licenses.txt", Buffer.from(await licenses(metafile)));
  await writeAll(DIST, files);
  await writeAll(join(DIST, "assets"), await assets());
  for (const name of await readdir(DIST)) {
    if (name.startsWith("server-") && !files.has(name)) await rm(join(DIST, name), { force: true });
  }
}

async function assets(): Promise<Map<string, Uint8Array>> {
  const names = (await readdir(ASSETS)).filter((name) => [".css", ".js", ".svg"].includes(extname(name)));
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(ASSETS, name))] as const)));
}

/** Replaces each file at once, the entry last: a server that starts meanwhile finds the old program or the new one. */
async function writeAll(folder: string, files: Map<string, Uint8Array>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = [...files.keys()].sort((a, b) => Number(a === "server.js") - Number(b === "server.js"));
  for (const name of names) {
    const unfinished = join(folder, `.${name}.${process.pid}`);
    await writeFile(unfinished, files.get(name) ?? "");
    await rename(unfinished, join(folder, name));
  }
}

/** The license of each package of which code is in the bundle; all of them ask to be passed on. */
async function licenses({ inputs }: Metafile): Promise<string> {
  const folders = Object.keys(inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []);
  const texts = [...new Set(folders)].sort().map(async (folder) => {
    const names = await readdir(join(ROOT, folder));
    const license = names.find((name) => /^licen[cs]e/i.test(name));
    if (license === undefined) throw new Error(`${folder} comes without its license`);
    return `${folder.replace(/^.*node_modules\//, "")}\n\n${await readFile(join(ROOT, folder, license), "utf8")}`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}

if (import.meta.main) {
  await bundleServer().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
