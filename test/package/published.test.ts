// What is published: installed into an empty project, it must run there without this repository.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { makePackage } from "../../scripts/package.ts";
import { account } from "../../src/face/account.ts";
import { events } from "../../src/face/events.ts";
import { people } from "../../src/face/people.ts";
import { policy } from "../../src/face/policy.ts";
import { session } from "../../src/face/session.ts";
import { signIn } from "../../src/face/sign-in.ts";
import { codeFor } from "../../src/testing/auth.ts";
import { createBrowser } from "../../src/testing/browser.ts";
import { PASSWORD, secretOn } from "../support/world.ts";

/** What the examples of docs/operations.md are about. */
const GIVEN = `
import type { AdministratorAuthority, AdministratorReader, Auth, Client, Profile, RecentSession, Session } from "countersign";
export type { Profile };
declare const auth: Auth;
declare const client: Client;
declare const session: Session;
declare const recent: RecentSession;
declare const reader: AdministratorReader;
declare const authority: AdministratorAuthority;
declare const [password, otherId, pendingToken, sessionToken]: [string, string, string, string];
`;

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
    await writeFile(join(project, "package.json"), '{ "type": "module" }');
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

  test("has every operation that docs/operations.md tells, as its examples use it, and no other", async () => {
    const page = await readFile("docs/operations.md", "utf8");
    const groups = { signIn, session, account, people, policy, events };
    const operations = Object.entries(groups).flatMap(([group, all]) =>
      Object.keys(all).map((name) => `${group}.${name}`),
    );
    assert.deepEqual(
      [...page.matchAll(/^### (.+)$/gm)].map(([, name]) => name),
      operations,
    );
    const examples = [...page.matchAll(/^### ([^\n]+)\n\n```ts\n(.*?)^```$/gms)];
    for (const [, name, code] of examples) assert.ok(code?.includes(`auth.${name}(`), name);
    assert.equal(examples.length, operations.length);
    const blocks = examples.map(([, , code], at) => `export async function example${at}() {\n${code}}`);
    await writeFile(join(project, "examples.ts"), [GIVEN, ...blocks].join("\n"));
    const options = [
      "--noEmit",
      "--strict",
      "--exactOptionalPropertyTypes",
      "--module",
      "nodenext",
      "--target",
      "es2024",
    ];
    const types = ["--types", "node", "--typeRoots", resolve("node_modules/@types")];
    const tsc = resolve("node_modules/typescript/bin/tsc");
    const files = ["examples.ts", "embed.ts", "own-users.ts"];
    const run = spawnSync(process.execPath, [tsc, ...options, ...types, "--allowImportingTsExtensions", ...files], {
      cwd: project,
      encoding: "utf8",
    });
    assert.equal(run.status, 0, run.stdout + run.stderr);
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
    const ended = once(server, "exit");
    try {
      const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
      const after = async (words: string) => String((await lines.next()).value).replace(words, "");
      const origin = await after("ready on ");
      const link = await after("set up at ");
      // The example's public URL names another port, and only the pages' own forms are taken.
      const browser = createBrowser((request) => fetch(request.url.replace("http://localhost:3000", origin), request), {
        publicUrl: "http://localhost:3000",
      });
      const hello = async () => (await browser.send("/hello")).text();
      assert.equal(await hello(), "Who are you?");
      const ticket = new URL(link).searchParams.get("ticket") ?? "";
      const ada = { login: "ada", name: "Ada", email: "ada@example.org" };
      await browser.post("/setup", { ticket, ...ada, new_password: PASSWORD });
      await browser.post("/sign-in", { login: "ada", password: PASSWORD });
      assert.equal(await hello(), "Hello, Ada");
    } finally {
      server.kill("SIGTERM");
    }
    assert.deepEqual(await ended, [0, null], "it stops when it is told to");
  });

  test("runs the example that has users of its own, who sign in by two steps", async () => {
    const server = spawn(process.execPath, ["own-users.ts", "0"], {
      cwd: project,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(server, "exit");
    try {
      const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
      const { port } = JSON.parse(String((await lines.next()).value).replace("ready ", "")) as { port: number };
      const site = (request: Request) =>
        fetch(request.url.replace("http://localhost:3000", `http://localhost:${port}`), request);
      const browser = createBrowser(site, { publicUrl: "http://localhost:3000" });
      const hello = async () => (await browser.get("/")).words;
      const ada = { login: "ada", password: PASSWORD };
      assert.match(await hello(), /Hello, stranger/);
      assert.equal((await browser.post("/sign-in", { ...ada, password: "not this one" })).status, 422);
      const security = await browser.post("/sign-in", { ...ada, next: "/account/security" });
      assert.match(security.text, /<nav><a href="\/">Shop<\/a><\/nav>.*Two-factor authentication is off/s);
      assert.match(await hello(), /Hello, Ada/);

      const enrolment = await browser.post("/account/security/enrolment", { current_password: PASSWORD });
      const secret = secretOn(enrolment);
      const now = Date.now();
      await browser.post("/account/security/enrolment/confirm", { code: codeFor(secret, now) });
      await browser.post("/sign-out");
      assert.match(await hello(), /Hello, stranger/);

      const second = await browser.post("/sign-in", { ...ada, next: "/users" });
      assert.equal(second.path, "/sign-in/code");
      assert.match(await hello(), /Hello, stranger/);
      // The next one: that of now is spent.
      const users = await browser.post("/sign-in/code", { code: codeFor(secret, now + 30_000) });
      assert.equal(users.path, "/users");
      assert.match(await hello(), /Hello, Ada/);
      assert.equal((await browser.get("/forgotten-password")).status, 404, "passwords are the host's");
    } finally {
      server.kill("SIGTERM");
    }
    assert.deepEqual(await ended, [0, null], "it stops when it is told to");
  });
});
