// A second language: who reads what in it, and that every page and mail is whole in it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { render } from "../../src/mail/messages.ts";
import type { Browser, Page } from "../../src/testing/browser.ts";
import { en } from "../../src/text/en.ts";
import type { Catalogues } from "../../src/text/text.ts";
import { ROUTES } from "../../src/web/app.ts";
import { takeMails } from "../support/outbox.ts";
import { ACCENTED, MIRRORED, OPEN } from "../support/pseudo-languages.ts";
import { untranslated } from "../support/seen-text.ts";
import { createWorld, type Dialect, type Member, OPERATOR, onBothDatabases, PASSWORD } from "../support/world.ts";

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

/** Names that are the same in every language. */
const NAMES = [
  "Countersign",
  "localhost",
  "example.org",
  "Sales",
  "ada",
  "Ada",
  "bob",
  "Bob",
  "root",
  "Root",
  "nightly",
  "Authenticator app",
  "Gone",
  "gone",
];

onBothDatabases("every page", (dialect) => {
  test("says nothing in English where the reader has another language", async () => {
    await using world = await worldOf(dialect, ["en-XA"]);
    const found = new Map<string, string>();
    const seen = new Set<string>();
    const look = (path: string, { status, text }: Page) => {
      assert.ok(status < 500, path);
      if (!/^<!doctype html>/.test(text)) return;
      seen.add(`${path} ${status}`);
      for (const words of untranslated(text, NAMES)) if (!found.has(words)) found.set(words, path);
    };
    /** Opens every page and sends every form without its fields, as far as this visitor gets. */
    const walk = async (open: () => Promise<Browser>, id: string) => {
      for (const { method, path } of ROUTES) {
        const browser = await open();
        const at = path.replace(":id", id);
        look(at, method === "GET" ? await browser.get(at) : await browser.post(at));
      }
    };

    const setupTicket = await world.auth.people.issueSetupTicket({ client: OPERATOR });
    look("/setup", await world.browser().get(`/setup?ticket=${setupTicket}`));
    look("/setup", await world.browser().post("/setup", { ticket: setupTicket }));
    const authority = world.auth.operatorAuthority();
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const ada = await world.person("ada", { twoFactor: true });
    const bob = await world.person("bob");
    const group = await world.auth.groups.create(OPERATOR, authority, "Sales");
    assert.ok(group.ok);
    await world.auth.groups.addMember(OPERATOR, authority, { id: group.id, person: { id: ada.id } });
    const guest = { login: "gone", name: "Gone", email: "gone@example.org", role: "support" } as const;
    const invited = await world.auth.people.invite({ client: OPERATOR, authority, ...guest });
    assert.ok(invited.ok);
    look("/invitation", await world.browser().get(`/invitation?ticket=${invited.ticket}`));
    look("/invitation", await world.browser().post("/invitation", { ticket: invited.ticket, new_password: "short" }));

    const signedIn = async (member: Member) => {
      const browser = world.browser();
      return async () => {
        if (browser.cookies.has("__Host-countersign-session")) return browser;
        await world.signIn(browser, member);
        const code = member.secret === undefined ? "" : world.freshCode(member);
        const proof = { current_password: PASSWORD, current_code: code };
        await browser.post("/account/email", { email: `${member.login}@example.org`, ...proof });
        return browser;
      };
    };
    const asRoot = await signedIn(root);
    const rule = { scope: "everyone", requirement: "encouraged", rescue: "approval", self_rescue: "yes" };
    const factors = "authenticator recovery-code mailed-code";
    look("/policy", await (await asRoot()).post("/policy", { ...rule, factors }));

    await walk(async () => world.browser(), ada.id);
    const half = world.browser();
    await walk(async () => {
      await half.post("/sign-in", { login: "ada", password: PASSWORD });
      return half;
    }, ada.id);
    await walk(await signedIn(bob), ada.id);
    const browser = await asRoot();
    await browser.post("/account/api-keys", {
      name: "nightly",
      scope_profile_read: "on",
      days: "30",
      form_number: "AAAAAAAAAAAAAAAA",
    });
    await browser.post(`/users/${ada.id}/reset-two-factor`, { reason: "gone" });
    look("/jobs/:id", await browser.post("/jobs", { act: "require-two-factor", all: "on" }));
    await walk(asRoot, ada.id);
    for (const path of [
      "/policy/rule?scope=everyone",
      `/groups/${group.id}`,
      "/policy/rehearsal?scope=everyone&remove=yes",
      "/mails?state=unsent",
      "/events?person=nobody",
      "/users?search=nobody",
    ]) {
      look(path, await (await asRoot()).get(path));
    }
    for (const [path, wanted] of [
      ["/users", 200],
      ["/events", 200],
      ["/account/security", 200],
      ["/sign-in/code", 200],
      ["/methods", 200],
    ] as const) {
      assert.ok(seen.has(`${path} ${wanted}`), `${path} was shown`);
    }
    assert.deepEqual(Object.fromEntries(found), {});
  });
});
