// The arrows between the folders of src/, proved by planting what they forbid and what they allow.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, glob, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const ALLOWED = "allowed";
const IMPORT = "lint/style/noRestrictedImports";
const GLOBAL = "lint/style/noRestrictedGlobals";
const CLOCK = "plugin";
const ENVIRONMENT = "lint/style/noProcessEnv";
const CONSOLE = "lint/suspicious/noConsole";

/** Lines to plant, file by file, and the rule that must refuse each. */
const PLANTS: Record<string, [line: string, rule: string][]> = {
  "src/crypto/planted.ts": [
    ['import "node:crypto";', ALLOWED],
    ['import "./base32.ts";', ALLOWED],
    ['import "../core/users.ts";', IMPORT],
    ['import "../db/open.ts";', IMPORT],
    ['import "../outcomes.ts";', IMPORT],
    ['import "node:fs";', IMPORT],
    ['import "kysely";', IMPORT],
    ["Date.now();", CLOCK],
    ["process.exit();", GLOBAL],
  ],
  "src/db/planted.ts": [
    ['import "kysely";', ALLOWED],
    ['import "pg";', ALLOWED],
    ['import "node:sqlite";', ALLOWED],
    ['import "node:worker_threads";', ALLOWED],
    ['import "./schema.ts";', ALLOWED],
    ['import "../core/users.ts";', IMPORT],
    ['import "../crypto/token.ts";', IMPORT],
    ['import "../context.ts";', IMPORT],
    ['import "hono";', IMPORT],
    ["process.exit();", GLOBAL],
  ],
  "src/db/migrations/planted.ts": [
    ['import "../schema.ts";', ALLOWED],
    ['import "../../core/users.ts";', IMPORT],
  ],
  "src/embed/planted.ts": [
    ['import "../auth.ts";', ALLOWED],
    ['import "../web/app.ts";', ALLOWED],
    ['import "../mail/transport.ts";', ALLOWED],
    ['import "../core/ground/names.ts";', IMPORT],
    ['import "../db/open.ts";', IMPORT],
    ['import "../server/serve.ts";', IMPORT],
    ['import "hono";', IMPORT],
  ],
  "src/core/planted.ts": [
    ['import "../crypto/token.ts";', ALLOWED],
    ['import "../db/schema.ts";', ALLOWED],
    ['import "../context.ts";', ALLOWED],
    ['import "../options.ts";', ALLOWED],
    ['import "../outcomes.ts";', ALLOWED],
    ['import "./users.ts";', ALLOWED],
    ['import "kysely";', ALLOWED],
    ["new Date(0).toISOString();", ALLOWED],
    ["Math.floor(0.5);", ALLOWED],
    ['import "../web/app.ts";', IMPORT],
    ['import "../server/main.ts";', IMPORT],
    ['import "../testing/clock.ts";', IMPORT],
    ['import "../auth.ts";', IMPORT],
    ['import "../face/people.ts";', IMPORT],
    ['import "../index.ts";', IMPORT],
    ['import "../mail/messages.ts";', IMPORT],
    ['import "nodemailer";', IMPORT],
    ['import "node:crypto";', IMPORT],
    ['import "node:process";', IMPORT],
    ['import "node:fs";', IMPORT],
    ['import type { Hono } from "hono";', IMPORT],
    ['await import("hono/html");', IMPORT],
    ['export { raw } from "hono/html";', IMPORT],
    ["Date.now();", CLOCK],
    ["[1].map(Date.now);", CLOCK],
    ["new Date();", CLOCK],
    ["Math.random();", CLOCK],
    ["globalThis.Date.now();", GLOBAL],
    ["crypto.randomUUID();", GLOBAL],
    ["process.exit();", GLOBAL],
    ["setTimeout(() => {}, 1);", GLOBAL],
    ['console.log("x");', CONSOLE],
    ['import "playwright-core";', "lint/correctness/noUndeclaredDependencies"],
    ["export default 1;", "lint/style/noDefaultExport"],
    ['import "fs";', "lint/style/useNodejsImportProtocol"],
    ['import "./ground/events";', "lint/correctness/useImportExtensions"],
    ["export const loose = (text: any) => text;", "lint/suspicious/noExplicitAny"],
    ["export const sure = (text?: string) => text!.length;", "lint/style/noNonNullAssertion"],
    ["async function forgotten() {} forgotten();", "lint/nursery/noFloatingPromises"],
    ['context.db.deleteFrom("users").execute();', "plugin"],
  ],
  "src/face/planted.ts": [
    ['import "../core/ground/names.ts";', ALLOWED],
    ['import "../context.ts";', ALLOWED],
    ['import "../web/app.ts";', IMPORT],
    ['import "../mail/transport.ts";', IMPORT],
    ['import "../server/main.ts";', IMPORT],
  ],
  "src/core/deeper/planted.ts": [
    ['import "../users.ts";', ALLOWED],
    ['import "../../outcomes.ts";', ALLOWED],
    ['import "../../web/app.ts";', IMPORT],
    ["new Date();", CLOCK],
  ],
  "src/core/planted.test.ts": [
    ['import "../testing/clock.ts";', ALLOWED],
    ["Date.now();", ALLOWED],
    ["assert.rejects(forgotten);", "plugin"],
  ],
  "src/core/ground/events.ts": [
    ['import "../../db/schema.ts";', ALLOWED],
    ['import "../../context.ts";', ALLOWED],
    ['import "./mails.ts";', IMPORT],
    ['import "../../web/app.ts";', IMPORT],
    ["Date.now();", CLOCK],
  ],
  "src/core/barrel.ts": [['export * from "./users.ts";', "lint/performance/noBarrelFile"]],
  "src/core/first-half.ts": [['import "./second-half.ts";', "lint/suspicious/noImportCycles"]],
  "src/core/second-half.ts": [['import "./first-half.ts";', "lint/suspicious/noImportCycles"]],
  "src/auth.ts": [
    ['import "./core/users.ts";', ALLOWED],
    ['import "./db/open.ts";', ALLOWED],
    ['import "./mail/messages.ts";', IMPORT],
    ['import "./web/app.ts";', IMPORT],
    ['import "./server/main.ts";', IMPORT],
    ['import "./testing/clock.ts";', IMPORT],
    ['import "hono";', IMPORT],
  ],
  "src/options.ts": [
    ['import "./web/app.ts";', IMPORT],
    ["process.env.PORT;", ENVIRONMENT],
  ],
  "src/index.ts": [
    ['export { createAuth } from "./auth.ts";', ALLOWED],
    ['export { createApp } from "./web/app.ts";', ALLOWED],
    ['import "./server/main.ts";', IMPORT],
    ['import "./testing/clock.ts";', IMPORT],
  ],
  "src/mail/planted.ts": [
    ['import "nodemailer";', ALLOWED],
    ['import "hono/html";', ALLOWED],
    ['import "node:fs/promises";', ALLOWED],
    ['import "../auth.ts";', ALLOWED],
    ['import "../options.ts";', ALLOWED],
    ['console.log("x");', CONSOLE],
    ['import "../core/mails.ts";', IMPORT],
    ['import "../db/schema.ts";', IMPORT],
    ['import "hono";', IMPORT],
    ['import "../web/app.ts";', IMPORT],
    ['import "../server/main.ts";', IMPORT],
  ],
  "src/web/account/planted.ts": [
    ['import "hono/html";', ALLOWED],
    ['import "../../auth.ts";', ALLOWED],
    ['import "../../outcomes.ts";', ALLOWED],
    ['import "../../context.ts";', ALLOWED],
    ['import "../ui/field.ts";', ALLOWED],
    ['import "../../core/users.ts";', IMPORT],
    ['import type { Schema } from "../../db/schema.ts";', IMPORT],
    ['import "../../crypto/token.ts";', IMPORT],
    ['import "../../mail/messages.ts";', IMPORT],
    ['import "../../server/main.ts";', IMPORT],
    ['import "@hono/node-server";', IMPORT],
    ['import "kysely";', IMPORT],
    ['import "node:fs";', IMPORT],
    ["process.exit();", GLOBAL],
  ],
  "src/web/assets/assets.ts": [
    ['import "node:fs";', ALLOWED],
    ['import "../../core/users.ts";', IMPORT],
  ],
  "src/server/planted.ts": [
    ['import "../web/app.ts";', ALLOWED],
    ['import "../auth.ts";', ALLOWED],
    ['import "./settings.ts";', ALLOWED],
    ['console.log("x");', ALLOWED],
    ['import "../core/users.ts";', IMPORT],
    ['import "../testing/clock.ts";', IMPORT],
    ["process.env.PORT;", ENVIRONMENT],
    ['import { env } from "node:process"; env.PORT;', ENVIRONMENT],
  ],
  "src/server/commands/planted.ts": [
    ['import "../../db/migrate.ts";', ALLOWED],
    ['import "../../crypto/totp.ts";', ALLOWED],
    ['import "../../core/users.ts";', IMPORT],
  ],
  "src/server/settings.ts": [["process.env.PORT;", ALLOWED]],
  "src/testing/planted.ts": [
    ['import "../auth.ts";', ALLOWED],
    ['import "../core/users.ts";', IMPORT],
    ['import "../server/main.ts";', IMPORT],
  ],
};

type Finding = { category: string; location: { path: string; start: { line: number } } };

describe("the linter", async () => {
  const findings = await lintPlants();

  for (const [file, lines] of Object.entries(PLANTS)) {
    for (const [index, [line, rule]] of lines.entries()) {
      const found = findings
        .filter(({ location }) => location.path.endsWith(file) && location.start.line === index + 1)
        .map(({ category }) => category);
      if (rule === ALLOWED) {
        test(`allows in ${file}: ${line}`, () => {
          const arrows = [IMPORT, GLOBAL, CLOCK, ENVIRONMENT, CONSOLE];
          assert.deepEqual(
            found.filter((category) => arrows.includes(category)),
            [],
          );
        });
      } else {
        test(`refuses in ${file}: ${line}`, () => assert.ok(found.includes(rule), `${rule} is not among: ${found}`));
      }
    }
  }
});

/** The folders of core/, from the ground up: each stands on those before it. */
const FLOORS = ["ground", "session", "factors", "people", "rescue", "sign-in", "policy", "record", "console"];

/** Imports of a file in a folder of core/ that lead to a folder which stands above it, or is not known. */
function climbing(folder: string, text: string): string[] {
  const imports = [...text.matchAll(/(?:from|import) "\.\.\/([^"./]+)\/[^"]*"/g)].map(([, to = ""]) => to);
  return imports.filter((to) => !FLOORS.slice(0, FLOORS.indexOf(folder)).includes(to));
}

describe("the folders of core/", () => {
  test("stand on each other one way", async () => {
    for await (const file of glob("src/core/*/*.ts", { cwd: ROOT, exclude: ["**/*.test.ts"] })) {
      const folder = file.split("/")[2] ?? "";
      assert.ok(FLOORS.includes(folder), `${folder} is no folder of core/`);
      assert.deepEqual(climbing(folder, await readFile(join(ROOT, file), "utf8")), [], file);
    }
  });

  test("a way up is found", () => {
    assert.deepEqual(climbing("session", 'import { a } from "../ground/a.ts";\nimport "../people/users.ts";'), [
      "people",
    ]);
    assert.deepEqual(climbing("console", 'import type { A } from "../unheard-of/a.ts";'), ["unheard-of"]);
  });
});

/** Imports of a file that lead to what pages do; what pages share is elsewhere. */
function routesIn(text: string): string[] {
  return [...text.matchAll(/(?:from|import\(?) ?"([^"]*\/routes\.ts)"/g)].map(([, path = ""]) => path);
}

describe("the pages in web/", () => {
  test("keep to themselves what happens on each: route files are read by app.ts alone", async () => {
    for await (const file of glob("src/web/**/*.ts", { cwd: ROOT, exclude: ["**/*.test.ts", "src/web/app.ts"] })) {
      assert.deepEqual(routesIn(await readFile(join(ROOT, file), "utf8")), [], file);
    }
    assert.ok(routesIn(await readFile(join(ROOT, "src/web/app.ts"), "utf8")).length > 15);
  });

  test("that lean on what happens on another page are found", () => {
    const text = 'import { a } from "../users/routes.ts";\nimport "./views.ts";\nawait import("../jobs/routes.ts");';
    assert.deepEqual(routesIn(text), ["../users/routes.ts", "../jobs/routes.ts"]);
  });

  test("have the same files each: what happens, and what is shown", async () => {
    for await (const file of glob("src/web/*/routes.ts", { cwd: ROOT })) {
      // Programs are shown no pages.
      if (file !== "src/web/api/routes.ts") assert.ok(existsSync(join(ROOT, dirname(file), "views.ts")), file);
    }
  });
});

describe("the source", () => {
  test("inserts sessions in one place, which every sign-in passes", async () => {
    const inserts = /insertInto\(\s*["'`]sessions["'`]|insert\s+into\s+"?sessions\b/i;
    assert.deepEqual(await filesWith(inserts), ["src/core/session/sessions.ts"]);
  });

  test("reads the environment in one place", async () => {
    assert.deepEqual(await filesWith(/process\s*(\.\s*env\b|\[)/), ["src/server/settings.ts"]);
  });
});

/** Lints all plants in a project of their own, because others may be reading this one. */
async function lintPlants(): Promise<Finding[]> {
  const project = await mkdtemp(join(tmpdir(), "countersign-arrows-"));
  try {
    for (const name of ["biome.json", ".gitignore", "package.json", "tsconfig.json", "scripts/lint"]) {
      await cp(join(ROOT, name), join(project, name), { recursive: true });
    }
    for (const [file, lines] of Object.entries(PLANTS)) {
      await mkdir(dirname(join(project, file)), { recursive: true });
      await writeFile(join(project, file), lines.map(([line]) => `${line}\n`).join(""));
    }
    return await lint(project);
  } finally {
    await rm(project, { recursive: true, force: true });
  }
}

function lint(project: string): Promise<Finding[]> {
  const biome = join(dirname(findPackageJSON("@biomejs/biome", import.meta.url) ?? ""), "bin", "biome");
  const words = [biome, "lint", "--reporter=json", "--max-diagnostics=none", "."];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, words, { cwd: project, maxBuffer: 2 ** 26 }, (_refused, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout).diagnostics);
      } catch {
        reject(new Error(`Biome gave no report:\n${stderr}\n${stdout}`));
      }
    });
  });
}

/** Source files, without tests, of which a line of code matches. */
async function filesWith(pattern: RegExp): Promise<string[]> {
  const files = await Array.fromAsync(glob("src/**/*.ts", { cwd: ROOT, exclude: ["**/*.test.ts"] }));
  const matching = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(ROOT, file), "utf8");
      const code = text.replaceAll(/^\s*(\/\/|\/?\*).*$/gm, "");
      return pattern.test(code) ? [file] : [];
    }),
  );
  return matching.flat().sort();
}
