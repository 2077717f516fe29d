// A second language: who reads what in it, and that every page and mail is whole in it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { render } from "../../src/mail/messages.ts";
import type { Page } from "../../src/testing/browser.ts";
import { en } from "../../src/text/en.ts";
import type { Catalogues } from "../../src/text/text.ts";
import { takeMails } from "../support/outbox.ts";
import { ACCENTED, MIRRORED, OPEN } from "../support/pseudo-languages.ts";
import { createWorld, type Dialect, onBothDatabases, PASSWORD } from "../support/world.ts";

const CATALOGUES: Catalogues = [en, ACCENTED, MIRRORED];
const LANGUAGES = CATALOGUES.map(({ language }) => language);

function worldOf(dialect: Dialect, languages = LANGUAGES) {
  return createWorld(dialect, { options: { languages }, app: { catalogues: CATALOGUES } });
}

function languageOf({ text }: Page): [language: string | undefined, direction: string | undefined] {
  const [, language, direction] = /<html lang="([^"]*)" dir="([^"]*)"/.exec(text) ?? [];
  return [language, direction];
}

onBothDatabases("a page", (dialect) => {
  test("is in the language that a stranger's browser asks for, errors too", async () => {
    await using world = await worldOf(dialect);
    const ask = async (path: string, language: string) => {
      const answer = await world.browser().send(path, { headers: { "accept-language": language } });
      const [, lang, dir] = /<html lang="([^"]*)" dir="([^"]*)"/.exec(await answer.text()) ?? [];
      return [answer.status, lang, dir];
    };
    assert.deepEqual(await ask("/sign-in", "ar-XB, en;q=0.5"), [200, "ar-XB", "rtl"]);
    assert.deepEqual(await ask("/sign-in", "en-XA"), [200, "en-XA", "ltr"]);
    assert.deepEqual(await ask("/sign-in", "fr"), [200, "en", "ltr"]);
    assert.deepEqual(await ask("/nowhere", "ar-XB"), [404, "ar-XB", "rtl"]);
    assert.deepEqual(await ask("/invitation?ticket=none", "en-XA"), [410, "en-XA", "ltr"]);
  });

  test("is in a person's own language once they are signed in, and so are their mails", async () => {
    await using world = await worldOf(dialect);
    const ada = await world.person("ada");
    const browser = world.browser();
    assert.deepEqual(languageOf(await world.signIn(browser, ada)), ["en", "ltr"]);
    await takeMails(world);
    const saved = await browser.post("/account", { name: "Ada", language: "ar-XB", time_zone: "UTC" });
    assert.deepEqual(languageOf(saved), ["ar-XB", "rtl"]);
    assert.ok(saved.words.includes(MIRRORED.done.preferences ?? ""));
    const english = { headers: { "accept-language": "en" } };
    assert.match(
      await (await browser.send("/account", english)).text(),
      /^<!doctype html><html lang="ar-XB" dir="rtl">/,
    );
    const change = { current_password: PASSWORD, new_password: "eleven copper kettles whistle" };
    await browser.post("/account/password", change);
    const [mail] = await takeMails(world);
    assert.ok(mail !== undefined);
    const { subject, text, html } = render(mail, world.auth.options, CATALOGUES);
    assert.ok(subject.startsWith(`${OPEN}${MIRRORED.mails.password_changed.subject}`));
    assert.ok(text.includes(MIRRORED.mails.password_changed.text));
    assert.match(html, /^<!doctype html>\n<html lang="ar-XB" dir="rtl">/);
  });

  test("offers the languages that the host allows, and takes no other", async () => {
    await using world = await worldOf(dialect, ["en-XA", "en"]);
    const ada = await world.person("ada");
    const browser = world.browser();
    const page = await world.signIn(browser, ada);
    assert.deepEqual(languageOf(page), ["en-XA", "ltr"], "a new person reads the first");
    const account = await browser.get("/account");
    const [, select = ""] = /<select[^>]*name="language"[^>]*>(.*?)<\/select>/s.exec(account.text) ?? [];
    const offered = [...select.matchAll(/<option value="([^"]*)"/g)].map(([, value]) => value);
    assert.deepEqual(offered, ["en", "en-XA"]);
    const refused = await browser.post("/account", { name: "Ada", language: "ar-XB", time_zone: "UTC" });
    assert.equal(refused.status, 422);
    assert.ok(refused.words.includes(ACCENTED.profile.language_invalid ?? ""));
    const stranger = await world.browser().send("/sign-in", { headers: { "accept-language": "ar-XB" } });
    assert.match(await stranger.text(), /<html lang="en" dir="ltr">/);
  });
});
