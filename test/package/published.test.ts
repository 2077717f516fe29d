// What is published: installed into an empty project, it must run there without this repository.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { makePackage } from "../../scripts/package.ts";

describe("the published package", () => {
  let project = "";
  const installed = () => join(project, "node_modules", "countersign");

  before(async () => {
    await makePackage();
    project = await mkdtemp(join(tmpdir(), "countersign-package-"));
    await mkdir(join(project, "node_modules"));
    // As npm would lay it: the package's files, and beside them only what its manifest asks for.
    await cp("build/package", installed(), { recursive: true });
    const manifest = JSON.parse(await readFile("build/package/package.json", "utf8")) as { dependencies: object };
    for (const name of Object.keys(manifest.dependencies)) {
      await mkdir(join(project, "node_modules", name, ".."), { recursive: true });
      await symlink(resolve("node_modules", name), join(project, "node_modules", name));
    }
    await cp("examples", project, { recursive: true });
  });

  after(() => rm(project, { recursive: true, force: true }));

  test("brings neither a runtime nor scripts nor sources into an embedding project", async () => {
    const manifest = JSON.parse(await readFile(join(installed(), "package.json"), "utf8")) as Record<string, unknown>;
    assert.equal(manifest.optionalDependencies, undefined);
    assert.equal(manifest.devDependencies, undefined);
    assert.equal(manifest.scripts, undefined);
    const packed = spawnSync("npm", ["pack", "--dry-run", "--json", "./build/package"], { encoding: "utf8" });
    // A list in older versions of npm, an object by name in newer ones.
    const reports = Object.values(JSON.parse(packed.stdout) as object) as { files: { path: string }[] }[];
    const paths = reports.flatMap(({ files }) => files.map(({ path }) => path));
    assert.ok(paths.includes("lib/index.js") && paths.includes("lib/index.d.ts") && paths.includes("dist/server.js"));
    assert.deepEqual(
      paths.filter((path) => /\.test\.|^src\/|(?<!\.d)\.ts$/.test(path)),
      [],
    );
  });

  test("runs its program", () => {
    const run = spawnSync(process.execPath, [join(installed(), "bin", "countersign.js"), "--help"], {
      cwd: project,
      encoding: "utf8",
    });
    assert.equal(run.status, 0, run.stderr);
    assert.match(run.stdout, /countersign COMMAND/);
  });

  test("runs the example that embeds it, pages and all", async () => {
    const server = spawn(process.execPath, ["embed.ts", "0"], { cwd: project, stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [line] = (await once(server.stdout, "data")) as [Buffer];
      assert.match(line.toString(), /ready on (\d+)/);
      const port = /ready on (\d+)/.exec(line.toString())?.[1];
      assert.equal(await (await fetch(`http://localhost:${port}/hello`)).text(), "Who are you?");
      assert.match(await (await fetch(`http://localhost:${port}/sign-in`)).text(), /Username or email/);
    } finally {
      server.kill();
    }
  });
});
