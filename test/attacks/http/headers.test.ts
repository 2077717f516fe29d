// The attack: a page of ours is framed by another, runs a script that somebody smuggled into it, is kept in a cache
// that the next person at the same computer reads, or tells in an error what the server is made of. One answer without
// its headers is enough, and it is usually one that nobody thought of: an error, a redirect, a file.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import type { Browser } from "../../../src/testing/browser.ts";
import { ROUTES } from "../../../src/web/app.ts";
import { assetUrl } from "../../../src/web/assets/assets.ts";
import { createArena } from "../../support/attacker.ts";
import { openTables } from "../../support/tables.ts";
import { type Dialect, onBothDatabases, PASSWORD, type World } from "../../support/world.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "M-SEARCH"];

const FILES = [assetUrl("style.css"), assetUrl("enhance.js"), assetUrl("favicon.svg")];

const EVIL = "https://evil.example";

type Seen = { request: string; response: Response; body: string };

/** One exchange from our own pages, with the body read. */
async function ask(browser: Browser, path: string, init: RequestInit = {}): Promise<Seen> {
  const headers = new Headers(init.headers);
  if (!headers.has("sec-fetch-site")) headers.set("sec-fetch-site", "same-origin");
  const response = await browser.send(path, { ...init, headers });
  return { request: `${init.method ?? "GET"} ${path}`, response, body: await response.text() };
}

/** Every route by every method, and everything besides that has an answer of its own. */
async function sweep(browser: Browser, id: string): Promise<Seen[]> {
  const seen: Seen[] = [];
  const paths = [...new Set(ROUTES.map(({ path }) => path.replace(":id", id)))].filter((path) => path !== "/sign-out");
  const more = ["/nothing", "/users/nobody", "/users/a/b/c", "/assets/", "/assets/nothing.css", "/favicon.ico"];
  for (const path of [...paths, ...more, "/assets/../package.json", "/.env", "/.git/config", "/metrics"]) {
    for (const method of METHODS) seen.push(await ask(browser, path, { method, headers: { origin: EVIL } }));
  }
  const form = { "content-type": "application/x-www-form-urlencoded" };
  for (const path of ["/sign-in", "/account", "/users"]) {
    const post = (headers: Record<string, string>, body: string) =>
      ask(browser, path, { method: "POST", headers, body });
    seen.push(await post({ ...form, "sec-fetch-site": "cross-site" }, "a=b"));
    seen.push(await post(form, "a=%"));
    seen.push(await post(form, "a".repeat(20_000)));
    seen.push(await post({ "content-type": "application/json" }, "{}"));
    seen.push(await post(form, "login=nobody&password=wrong"));
  }
  for (const file of FILES) seen.push(await ask(browser, file), await ask(browser, file, { method: "HEAD" }));
  return seen;
}

async function everybody(world: World) {
  const root = await world.person("root", { role: "administrator", twoFactor: true });
  const ada = await world.person("ada");
  const browsers = { nobody: world.browser(), person: world.browser(), administrator: world.browser() };
  await world.signIn(browsers.person, ada);
  await world.signIn(browsers.administrator, root);
  return { browsers, id: ada.id };
}

/** All answers that a stranger, a person and an administrator can get; made once for each database. */
async function sweepAll(dialect: Dialect): Promise<Seen[]> {
  await using world = await createArena(dialect);
  const { browsers, id } = await everybody(world);
  const seen: Seen[] = [];
  for (const browser of Object.values(browsers)) seen.push(...(await sweep(browser, id)));
  return seen;
}

function directives(policy: string | null): Record<string, string> {
  const parts = (policy ?? "").split(";").map((part) => part.trim().split(/\s+/));
  return Object.fromEntries(parts.map(([name = "", ...values]) => [name, values.join(" ")]));
}

function assertProtected({ request, response }: Seen): void {
  const { headers } = response;
  const csp = directives(headers.get("content-security-policy"));
  assert.equal(csp["default-src"], "'none'", request);
  assert.equal(csp["object-src"], "'none'", request);
  assert.equal(csp["base-uri"], "'none'", request);
  assert.equal(csp["frame-ancestors"], "'none'", request);
  assert.equal(csp["form-action"], "'self'", request);
  for (const [name, value] of Object.entries(csp))
    assert.doesNotMatch(value, /unsafe|\*|https?:/, `${request} ${name}`);
  assert.doesNotMatch(`${csp["script-src"]} ${csp["style-src"]}`, /data:|blob:/, request);
  const [, age] = /^max-age=(\d+)/.exec(headers.get("strict-transport-security") ?? "") ?? [];
  assert.ok(Number(age) >= 31_536_000, request);
  assert.equal(headers.get("x-content-type-options"), "nosniff", request);
  assert.equal(headers.get("referrer-policy"), "no-referrer", request);
  assert.equal(headers.get("cross-origin-opener-policy"), "same-origin", request);
  assert.equal(headers.get("cross-origin-resource-policy"), "same-origin", request);
}

onBothDatabases("every answer", (dialect) => {
  let swept: Promise<Seen[]> | undefined;
  const answers = () => {
    swept ??= sweepAll(dialect);
    return swept;
  };

  test("carries the headers that protect it, for everybody, by every method, at every status (CH-05)", async () => {
    const statuses = new Set<number>();
    for (const seen of await answers()) {
      assertProtected(seen);
      statuses.add(seen.response.status);
    }
    const expected = [200, 303, 400, 403, 404, 405, 410, 413, 415, 422];
    for (const status of expected) assert.ok(statuses.has(status), `the sweep met ${status}`);
    assert.ok(![...statuses].some((status) => status >= 500), `no answer is a failure: ${[...statuses]}`);
  });

  test("is kept by no cache, except the files that everybody may see (CH-06)", async () => {
    let kept = 0;
    for (const { request, response } of await answers()) {
      const caching = response.headers.get("cache-control");
      if (response.status === 200 && FILES.some((file) => request.endsWith(file))) {
        assert.equal(caching, "public, max-age=31536000, immutable", request);
        assert.deepEqual(response.headers.getSetCookie(), [], request);
        kept++;
      } else {
        assert.equal(caching, "no-store", request);
      }
    }
    assert.equal(kept, 3 * 2 * FILES.length);
  });

  test("opens nothing to the scripts of another site that asks (CH-04)", async () => {
    for (const { request, response } of await answers()) {
      const names = [...response.headers.keys()].filter((name) => name.startsWith("access-control-"));
      assert.deepEqual(names, [], request);
      assert.ok(![...response.headers.values()].some((value) => value.includes(EVIL)), request);
    }
  });

  test("runs nothing inline and loads nothing from elsewhere (CH-05)", async () => {
    let pages = 0;
    for (const { request, response, body } of await answers()) {
      if (!response.headers.get("content-type")?.startsWith("text/html") || body === "") continue;
      pages++;
      assert.doesNotMatch(body, /<script(?![^>]*\ssrc="\/assets\/)/i, request);
      assert.doesNotMatch(body, /<style|\sstyle\s*=|\son[a-z]+\s*=\s*"|javascript:/i, request);
      const loading = /<(?:script|link|img|iframe|form|object|embed)[^>]*(?:src|href|action|data)="(?!\/(?!\/))/i;
      assert.doesNotMatch(body, loading, request);
    }
    assert.ok(pages > 300, `${pages} pages`);
  });

  test("shows the request's number where it is an error, and nothing of what the server is made of (OP-05)", async () => {
    const made = /\bat [\w.<>]+ \(|node_modules|node:internal|\.ts:\d|sqlite|postgres|kysely|\bhono\b/i;
    const numbers = new Set<string>();
    let errors = 0;
    for (const { request, response, body } of await answers()) {
      for (const name of ["server", "x-powered-by", "via"]) assert.equal(response.headers.get(name), null, request);
      assert.doesNotMatch(body, made, request);
      const isError = [400, 403, 404, 405, 413, 415].includes(response.status);
      if (!isError || body === "" || /Confirm that it is you/.test(body)) continue;
      const [, number] = /(?:this number: |"request":")([\w-]{12,})/.exec(body) ?? [];
      assert.ok(number !== undefined, `${request}: ${response.status} without a number`);
      numbers.add(number);
      errors++;
    }
    assert.ok(errors > 200, `${errors} errors`);
    assert.equal(numbers.size, errors, "each request has a number of its own");
  });

  test("is as careful when the server fails, and tells its cause to the log alone (OP-05, CH-05)", async () => {
    const lines: string[] = [];
    const log = (line: string, details?: object) => void lines.push(`${line} ${JSON.stringify(details)}`);
    await using world = await createArena(dialect, { host: { log } });
    const { browsers } = await everybody(world);
    await using db = await openTables(world);
    for (const table of ["sessions", "installation"]) {
      await db.schema.alterTable(table).renameTo(`${table}_gone`).execute();
    }
    const failed = [
      await ask(browsers.person, "/account"),
      await ask(browsers.person, "/account", { method: "HEAD" }),
      await ask(browsers.administrator, "/users"),
      await ask(browsers.nobody, "/healthz"),
      await ask(browsers.nobody, "/sign-in", {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ login: "ada", password: PASSWORD }).toString(),
      }),
    ];
    for (const seen of failed) {
      const { request, response, body } = seen;
      assert.equal(response.status, 500, request);
      assertProtected(seen);
      assert.equal(response.headers.get("cache-control"), "no-store", request);
      assert.deepEqual(response.headers.getSetCookie(), [], request);
      assert.doesNotMatch(body, /sessions|installation|relation|no such table|select/i, request);
      const [, number] = /this number: ([\w-]{12,})/.exec(body) ?? [];
      if (!request.startsWith("HEAD")) {
        assert.ok(
          lines.some((line) => line.includes(`${number}`)),
          `the log knows ${request}`,
        );
      }
    }
    assert.ok(lines.some((line) => /sessions/.test(line)));
    for (const table of ["sessions", "installation"]) {
      await db.schema.alterTable(`${table}_gone`).renameTo(table).execute();
    }
  });
});

test("a page is compressed only for a browser that takes it (CH-05)", async () => {
  await using world = await createArena("sqlite");
  const ada = await world.person("ada");
  const browser = world.browser();
  await world.signIn(browser, ada);
  const plain = await browser.send("/account", { headers: { "accept-encoding": "identity" } });
  const html = await plain.text();
  assert.equal(plain.headers.get("content-encoding"), null);
  assert.match(html, /Preferences/);
  const packed = await browser.send("/account", { headers: { "accept-encoding": "br, gzip;q=0.5" } });
  assert.equal(packed.headers.get("content-encoding"), "gzip");
  assert.match(packed.headers.get("vary") ?? "", /accept-encoding/i);
  assert.equal(gunzipSync(await packed.arrayBuffer()).toString(), html);
  const refusing = await browser.send("/account", { headers: { "accept-encoding": "gzip;q=0, identity" } });
  assert.equal(refusing.headers.get("content-encoding"), null);
});
