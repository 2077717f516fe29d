import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Mail } from "../auth.ts";
import { render } from "./messages.ts";

const OPTIONS = {
  publicUrl: "https://accounts.example.org",
  database: "file::memory:",
  name: "Countersign",
  trustDays: 30,
  eventRetentionDays: null,
};

const KINDS = [
  "invitation",
  "two_factor_enabled",
  "two_factor_disabled",
  "two_factor_reset",
  "password_changed",
  "email_changed",
  "browser_trusted",
  "browser_untrusted",
  "sign_in_abandoned",
  "api_key_created",
  "api_key_revoked",
] as const;

function mailOf(kind: Mail["kind"], facts: Mail["facts"] = {}, name = "Ada Lovelace"): Mail {
  return {
    id: "AAAAAAAAAAAAAAAA",
    kind,
    to: "ada@example.org",
    recipient: { id: "u", name, email: "ada@example.org", language: "en", timeZone: "Asia/Tokyo" },
    facts,
    at: Date.UTC(2026, 0, 15, 12),
  };
}

const FACTS: Partial<Record<Mail["kind"], Mail["facts"]>> = {
  invitation: { ticket: "AAAAAAAAAAAAAAAA.secret", login: "ada" },
  browser_trusted: { address: "203.0.113.9", userAgent: "", at: Date.UTC(2026, 0, 15, 12) },
  browser_untrusted: { address: "203.0.113.9", userAgent: "", at: Date.UTC(2026, 0, 15, 12) },
  api_key_created: { name: "backup" },
  api_key_revoked: { name: "backup" },
  sign_in_abandoned: { address: "203.0.113.9", userAgent: "", at: Date.UTC(2026, 0, 15, 12) },
};

describe("a mail", () => {
  test("of every kind greets the person, says what happened and who wrote it, alike in both parts", () => {
    for (const kind of KINDS) {
      const { to, subject, text, html } = render(mailOf(kind, FACTS[kind]), OPTIONS);
      assert.equal(to, "ada@example.org");
      assert.match(subject, /^\S.* – Countersign$/, kind);
      assert.match(text, /^Hello Ada Lovelace,\n\n/, kind);
      assert.match(text, /\n\n-- \nCountersign\nhttps:\/\/accounts\.example\.org\n$/, kind);
      assert.match(html, /^<!doctype html>\n<html lang="en">/, kind);
      for (const paragraph of text.split("\n\n").slice(0, -1)) {
        assert.ok(html.includes(paragraph.replaceAll("'", "&#39;")), `${kind}: ${paragraph}`);
      }
      assert.doesNotMatch(text + html, /undefined|\[object|NaN/, kind);
    }
  });

  test("of a change of one's security says what to do if it was not oneself (EN-06)", () => {
    for (const kind of KINDS.filter((each) => each !== "invitation")) {
      const { text } = render(mailOf(kind, FACTS[kind]), OPTIONS);
      assert.match(text, /If this was not you, change your password now and tell your administrator/, kind);
    }
  });

  test("holds no link that works, but for an invitation, and every address in it is ours (ML-03)", () => {
    for (const kind of KINDS) {
      const { text, html } = render(mailOf(kind, FACTS[kind]), OPTIONS);
      const links = [...`${text} ${html}`.matchAll(/https?:\/\/[^\s"<]+/g)].map(([link]) => new URL(link));
      assert.ok(links.length > 0);
      for (const { origin, search } of links) {
        assert.equal(origin, OPTIONS.publicUrl);
        if (kind !== "invitation") assert.equal(search, "");
      }
    }
    const { text, html } = render(mailOf("invitation", FACTS.invitation), OPTIONS);
    const link = "https://accounts.example.org/invitation?ticket=AAAAAAAAAAAAAAAA.secret";
    assert.ok(text.includes(`\n\n${link}\n\n`), "on a line of its own");
    assert.ok(html.includes(`<a href="${link}">${link}</a>`));
  });

  test("of an abandoned log-in says when, in the person's own time, on what and from where (LS-10)", () => {
    const userAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
    const at = Date.UTC(2026, 0, 15, 20, 30);
    const facts = { address: "203.0.113.9", userAgent, at };
    const { subject, text } = render(mailOf("sign_in_abandoned", facts), OPTIONS);
    assert.match(subject, /^Somebody entered your password/);
    assert.match(text, /January 16, 2026 at 5:30:00\sAM GMT\+9/);
    assert.match(text, /The request came from 203\.0\.113\.9 \(Firefox on Windows\)/);
    const unknown = render(mailOf("sign_in_abandoned", { ...facts, userAgent: "" }), OPTIONS);
    assert.match(unknown.text, /\(Unknown device\)/);
  });

  test("shows markup in a name, a login, a browser or the product as text (CH-08, ML-07)", () => {
    const evil = `<img src=x onerror=alert(1)>"'&`;
    const facts = { ticket: "t", login: evil, address: evil, userAgent: `${evil} Firefox/1`, at: 0 };
    for (const kind of ["invitation", "sign_in_abandoned", "two_factor_reset"] as const) {
      const { html } = render(mailOf(kind, facts, evil), { ...OPTIONS, name: evil.slice(0, 28) });
      assert.doesNotMatch(html, /<img|onerror=alert\(1\)>/);
      const tags = new Set([...html.matchAll(/<\/?([a-z]+)/g)].map(([, tag]) => tag));
      for (const tag of tags) assert.match(tag ?? "", /^(html|head|meta|title|body|p|a|br)$/);
    }
  });

  test("has one line as its subject, whatever the product is called (ML-07)", () => {
    const names = fc
      .array(fc.integer({ min: 0, max: 0x10ffff }), { minLength: 1, maxLength: 60 })
      .map((points) => String.fromCodePoint(...points));
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), names, names, (kind, product, person) => {
        const name = `${product}\r\nBcc: mallory@evil.example`;
        const { subject, to } = render(mailOf(kind, FACTS[kind], person), { ...OPTIONS, name });
        assert.doesNotMatch(subject, /[\r\n]/);
        assert.equal(to, "ada@example.org");
      }),
      { numRuns: 60 },
    );
  });

  test("in a language that nobody translated is in English", () => {
    const mail = mailOf("password_changed");
    const other = { ...mail, recipient: { ...mail.recipient, language: "tlh" } };
    assert.deepEqual(render(other, OPTIONS), render(mail, OPTIONS));
  });
});
