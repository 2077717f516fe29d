// Many machines have an older Node.js than the program needs. It says so kindly, or uses the one that the checkout
// brings along.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { link, mkdtemp, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { BIN, createInstallation, run, startServer } from "../support/server-process.ts";

/** Loaded before the program, it makes any Node.js say that it is an old one; the program has no other way to know. */
const PRETEND = [
  "--import",
  `data:text/javascript,${encodeURIComponent('Object.defineProperty(process.versions, "node", { value: "20.19.0" })')}`,
];

const CACHE = fileURLToPath(new URL("../../.cache/", import.meta.url));
const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

describe("an older Node.js", () => {
  let folder: string;
  let old: readonly string[];

  before(async () => {
    folder = await mkdtemp(join(CACHE, "old-node-"));
    old = (await findOldNode()) ?? (await pretendOldNode(folder));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test("runs a command on the newer one that the checkout brings along", async () => {
    const { status, stdout, stderr } = await run(["code", SECRET], { program: [...old, BIN] });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    assert.match(stdout, /^\d{6}\n$/);
  });

  test("passes exit status and standard input on", async () => {
    await using installation = await createInstallation("sqlite");
    const program = [...old, BIN];
    assert.equal((await installation.run(["frobnicate"], { program })).status, 2);
    const words = ["users", "add", "--login", "ada", "--name", "Ada", "--password-stdin"];
    const added = await installation.run(words, { program, input: "seven quiet lanterns drift\n" });
    assert.deepEqual([added.status, added.stdout], [0, "Added ada.\n"]);
    assert.equal((await installation.run(["users", "disable", "bob"], { program })).status, 1);
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`passes ${signal} on to the server, and waits for its end`, async () => {
      await using installation = await createInstallation("sqlite");
      const { environment, folder: own } = installation;
      const server = await startServer({ environment, folder: own, program: [...old, BIN] });
      await server.waitFor(/setup\?ticket=\S+\n/);
      process.kill(server.pid, signal);
      assert.deepEqual(await server.end, { status: 0, signal: null });
      await assert.rejects(fetch(`${server.url}/healthz`));
    });
  }

  test("without a newer one at hand is told what is needed, with exit status 2", async () => {
    // The runtime of the checkout itself: there is no other left to try.
    const runtime = bundledRuntime() ?? process.execPath;
    const { status, stdout, stderr } = await run(["code", SECRET], { program: [runtime, ...PRETEND, BIN] });
    assert.deepEqual({ status, stdout }, { status: 2, stdout: "" });
    assert.equal(stderr, "Countersign needs Node.js 24.15 or newer, and this is 20.19.0. Please install one.\n");
  });
});

/** An old Node.js of this machine, if it has one. */
async function findOldNode(): Promise<string[] | undefined> {
  for (const place of (process.env.PATH ?? "").split(delimiter)) {
    const node = join(place, "node");
    if (place.includes("node_modules") || !existsSync(node)) continue;
    const { stdout } = await promisify(execFile)(node, ["--version"]);
    const [major = 0, minor = 0] = stdout.slice(1).split(".").map(Number);
    if (major < 24 || (major === 24 && minor < 15)) return [node];
  }
  return undefined;
}

/** This Node.js under another name, which says that it is old. */
async function pretendOldNode(folder: string): Promise<string[]> {
  const node = join(folder, "node");
  await link(process.execPath, node);
  return [node, ...PRETEND];
}

function bundledRuntime(): string | undefined {
  const name = `node-${process.platform}-${process.arch}`;
  const runtime = join(dirname(BIN), "..", "node_modules", name, "bin", "node");
  return existsSync(runtime) ? runtime : undefined;
}
