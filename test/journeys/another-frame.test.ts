// The pages inside another application: its document around them, its logo, its colours. What the pages do stays theirs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionsError } from "../../src/options.ts";
import { createApp } from "../../src/web/app.ts";
import { COLOURS, type PageParts } from "../../src/web/look.ts";
import { createWorld, enrol, onBothDatabases } from "../support/world.ts";

/** A host with a bar of its own over every page. */
function layout({ title, lang, dir, head, body }: PageParts): string {
  return `<!doctype html><html lang="${lang}" dir="${dir}"><head><meta charset="utf-8"><title>${title.replaceAll(/[<&]/g, "")}</title><link rel="stylesheet" href="/shop.css">${head}</head><body><nav aria-label="Shop"><a href="/shop">Shop</a></nav>${body}</body></html>`;
}

const look = {
  layout,
  logo: "/shop.svg",
  colours: { accent: "light-dark(#7a1f4d, #f2a6c8)", "on-accent": "#fff" },
};

onBothDatabases("another application's frame", (dialect) => {
  test("stands around every page, errors too, and two-factor authentication works in it", async () => {
    await using world = await createWorld(dialect, { app: { look }, options: { name: "Shop" } });
    const browser = world.browser();
    const ada = await world.person("ada");
    const pages = [await browser.get("/sign-in"), await browser.get("/nothing-here")];
    await enrol(world, ada, browser);
    pages.push(await browser.get("/"), await browser.get("/account/security"));
    for (const { path, text } of pages) {
      assert.equal(text.match(/<html/g)?.length, 1, path);
      assert.ok(text.includes('<nav aria-label="Shop">'), path);
      assert.equal(text.match(/<main/g)?.length, 1, path);
      assert.ok(text.includes('<img class="logo" src="/shop.svg" alt="">Shop'), path);
      assert.match(text, /<link rel="stylesheet" href="\/assets\/style-.*colours-/s, path);
    }
    await browser.post("/sign-out");
    const signedIn = await world.signIn(browser, ada);
    assert.equal(signedIn.path, "/");
  });

  test("has its colours in a style sheet of their own, which the pages' policy on styles allows", async () => {
    await using world = await createWorld(dialect, { app: { look } });
    const page = await world.browser().get("/sign-in");
    const path = /href="(\/assets\/colours-[^"]+)"/.exec(page.text)?.[1] ?? "";
    const sheet = await world.browser().send(path);
    assert.equal(sheet.headers.get("content-type"), "text/css; charset=utf-8");
    assert.equal(await sheet.text(), ":root{--accent:light-dark(#7a1f4d, #f2a6c8);--on-accent:#fff;}");
    assert.equal((await world.browser().send("/assets/colours-0000000000.css")).status, 404);
    assert.doesNotMatch(page.text, /<style|style="/);
  });
});

test("a look that could smuggle something into a page is refused, with every problem at once", async () => {
  await using world = await createWorld("sqlite");
  const refused = (wrong: object) => {
    try {
      createApp(world.auth, { look: wrong });
    } catch (error) {
      if (error instanceof OptionsError) return error.problems.length;
    }
    return 0;
  };
  for (const logo of [
    "https://elsewhere.example/a.png",
    "//elsewhere.example/a.png",
    "javascript:alert(1)",
    '/a.png"x',
    "",
  ])
    assert.equal(refused({ logo }), 1, logo);
  for (const value of ["red}body{display:none", "url(https://elsewhere.example)", "</style>", "red;color:blue", ""])
    assert.equal(refused({ colours: { accent: value } }), 1, value);
  assert.equal(refused({ colours: { colour: "red", accent: ";" }, logo: "x" }), 3);
  assert.equal(refused({ logo: "data:image/svg+xml;base64,AAAA", colours: { danger: "oklch(60% 0.2 20 / 0.9)" } }), 0);
});

test("the colours that can be set are those of the style sheet", async () => {
  const { readFile } = await import("node:fs/promises");
  const sheet = await readFile(new URL("../../src/web/assets/style.css", import.meta.url), "utf8");
  const [, root = ""] = /:root \{(.*?)\n\}/s.exec(sheet) ?? [];
  const colours = [...root.matchAll(/--([a-z-]+): light-dark\(/g)].map(([, name]) => name);
  assert.deepEqual(colours, [...COLOURS]);
});
