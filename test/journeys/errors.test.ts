// When something does not work: one friendly page, which says what to do and has a number to tell the administrator.

import assert from "node:assert/strict";
import { test } from "node:test";
import { noFault, openFaulty } from "../support/faulty-database.ts";
import { openTables } from "../support/tables.ts";
import { createWorld, onBothDatabases, PASSWORD } from "../support/world.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" };

onBothDatabases("an error", (dialect) => {
  test("has one page for each cause, a way on and a number of its own", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const browser = world.browser();
    await world.signIn(browser, ada);
    const post = (body: string, headers = {}) => ({ method: "POST", body, headers: { ...FORM, ...headers } });
    const causes: [string, RequestInit, number, RegExp][] = [
      ["/nothing", {}, 404, /There is nothing here/],
      ["/users", {}, 404, /The address may be mistyped, or the page is not for you/],
      ["/sign-in", { method: "DELETE" }, 405, /The page does not take this kind of request/],
      ["/account", post("name=%"), 400, /Something in it was not in the form we expect/],
      ["/account", post("name=a", { "sec-fetch-site": "cross-site" }), 403, /requests from other sites are refused/],
      ["/account", post("a".repeat(20_000)), 413, /larger than anything we expect/],
      ["/account", post("{}", { "content-type": "application/json" }), 415, /sent in a form that we do not read/],
    ];
    const numbers = new Set<string>();
    for (const [path, init, status, sentence] of causes) {
      const answer = await browser.send(path, init);
      const text = await answer.text();
      assert.equal(answer.status, status, path);
      assert.match(answer.headers.get("content-type") ?? "", /^text\/html/);
      assert.match(text, sentence);
      assert.match(text, /<title>Error: /);
      assert.match(text, /<a class="button quiet" href="\/">Go to the start page<\/a>/);
      const [, number = ""] = /this number: ([\w-]{12,})/.exec(text) ?? [];
      assert.notEqual(number, "", `${status} has a number`);
      numbers.add(number);
    }
    assert.equal(numbers.size, causes.length);
    assert.equal((await browser.get("/account")).status, 200, "and one is still signed in");
  });

  test("of the server says that it is not the person's fault, and its number leads to the line in the log", async () => {
    const lines: string[] = [];
    await using world = await createWorld(dialect, {
      host: { log: (line, details) => lines.push(`${line} ${JSON.stringify(details)}`) },
    });
    const ada = await world.person("ada");
    const browser = world.browser();
    await world.signIn(browser, ada);
    await using db = await openTables(world);
    await db.schema.alterTable("authenticators").renameTo("elsewhere").execute();
    const page = await browser.get("/account/security");
    assert.equal(page.status, 500);
    assert.match(page.words, /It is not your fault, and nothing was changed. Try again in a moment./);
    const [, number = "none"] = /this number: ([\w-]{12,})/.exec(page.words) ?? [];
    assert.equal(lines.filter((line) => line.startsWith("request failed") && line.includes(number)).length, 1);
    assert.doesNotMatch(lines.join("\n"), /\n\s+at /, "one line a failure");
    await db.schema.alterTable("elsewhere").renameTo("authenticators").execute();
    assert.equal((await browser.get("/account/security")).status, 200, "and goes on without a restart (OP-06)");
  });

  test("that passes says when to try again, and the health check says so to machines (OP-06)", async () => {
    // What the drivers throw when another has the lock, and when the server is shut down.
    const busy = Object.assign(
      new Error("database is locked"),
      dialect === "sqlite" ? { errcode: 5 } : { code: "57P01" },
    );
    const fault = { ...noFault(), error: busy };
    await using world = await createWorld(dialect, {
      host: { openDatabase: (url) => openFaulty(url, fault) },
    });
    await world.person("ada");
    assert.equal((await world.browser().send("/healthz")).status, 200);
    fault.in = 0;
    const health = await world.browser().send("/healthz");
    assert.equal(health.status, 503);
    assert.equal(health.headers.get("retry-after"), "5");
    fault.in = 0;
    const page = await world.browser().post("/sign-in", { login: "ada", password: PASSWORD });
    assert.equal(page.status, 503);
    assert.match(page.words, /The server is busy Try again in a few seconds/);
    const again = await world.browser().post("/sign-in", { login: "ada", password: PASSWORD });
    assert.match(again.words, /Welcome, Ada/);
  });

  test("of a program that asks without being signed in is data, not a page", async () => {
    await using world = await createWorld(dialect);
    const answer = await world.browser().send("/api/v1/session");
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get("content-type"), "application/json");
    const { error, request } = (await answer.json()) as Record<string, string>;
    assert.equal(error, "not_signed_in");
    assert.match(request ?? "", /^[\w-]{12,}$/);
  });
});
