import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { MAIL_KINDS, type Mail, type MailFactsOf, type MailKind } from "../auth.ts";
import { render } from "./messages.ts";

const OPTIONS = {
  publicUrl: "https://accounts.example.org",
  database: "file::memory:",
  name: "Countersign",
  trustDays: 30,
  eventRetentionDays: null,
};

function mailOf<K extends MailKind>(kind: K, facts: MailFactsOf[K], name = "Ada Lovelace"): Mail {
  const mail = {
    id: "AAAAAAAAAAAAAAAA",
    kind,
    to: "ada@example.org",
    recipient: { id: "u", name, email: "ada@example.org", language: "en", timeZone: "Asia/Tokyo" },
    facts,
    at: Date.UTC(2026, 0, 15, 12),
  };
  // The facts are those of the kind, which the compiler loses sight of here.
  return mail as Mail;
}

const WHENCE = { address: "203.0.113.9", userAgent: "", at: Date.UTC(2026, 0, 15, 12) };
const TICKET = "AAAAAAAAAAAAAAAA.secret";

/** What each kind tells; a kind that is missing here does not compile. */
const FACTS: MailFactsOf = {
  invitation: { ticket: TICKET, login: "ada" },
  two_factor_invited: {},
  second_factor_asked: { dueAt: WHENCE.at, signInsLeft: 3 },
  two_factor_enabled: {},
  two_factor_disabled: {},
  two_factor_reset: {},
  two_factor_replaced: {},
  rescue_asked: { token: TICKET, way: "reset", at: WHENCE.at, asker: "Root", readyAt: WHENCE.at + 86_400_000 },
  rescue_approval_wanted: { person: "Ada", personId: "u", asker: "Root", reason: "lost phone" },
  rescue_withdrawn: {},
  rescue_stopped: {},
  rescue_entered: WHENCE,
  enrolment_link: { ticket: TICKET },
  enrolment_link_made: {},
  authenticator_added: { name: "Phone" },
  authenticator_removed: { name: "Phone" },
  recovery_codes_made: {},
  mailed_code: { ...WHENCE, code: "123456", until: WHENCE.at },
  recovery_code_used: { ...WHENCE, left: 9 },
  password_reset: { ...WHENCE, ticket: TICKET },
  password_changed: {},
  password_voided: {},
  email_set: {},
  email_changed: { ticket: TICKET },
  email_restored: {},
  browser_trusted: WHENCE,
  browser_untrusted: WHENCE,
  new_browser: WHENCE,
  sign_in_abandoned: WHENCE,
  api_key_created: { name: "backup" },
  api_key_revoked: { name: "backup" },
};

/** The pages that mails lead to with a one-time ticket. */
const ONE_TIME: Partial<Record<MailKind, string>> = {
  invitation: "/invitation",
  password_reset: "/password-reset",
  email_changed: "/email-undo",
  rescue_asked: "/rescue-stop",
  enrolment_link: "/enrolment-link",
};

describe("a mail", () => {
  test("of every kind greets the person, says what happened and who wrote it, alike in both parts", () => {
    for (const kind of MAIL_KINDS) {
      const { to, subject, text, html } = render(mailOf(kind, FACTS[kind]), OPTIONS);
      assert.equal(to, "ada@example.org");
      assert.match(subject, /^\S.* – Countersign$/, kind);
      assert.match(text, /^Hello Ada Lovelace,\n\n/, kind);
      assert.match(text, /\n\n-- \nCountersign\nhttps:\/\/accounts\.example\.org\n$/, kind);
      assert.match(html, /^<!doctype html>\n<html lang="en" dir="ltr">/, kind);
      for (const paragraph of text.split("\n\n").slice(0, -1)) {
        assert.ok(html.includes(paragraph.replaceAll("'", "&#39;")), `${kind}: ${paragraph}`);
      }
      assert.doesNotMatch(text + html, /undefined|\[object|NaN/, kind);
    }
  });

  test("of every kind says what to do if it was not oneself (EN-06, ML-09)", () => {
    for (const kind of MAIL_KINDS) {
      const { text, html } = render(mailOf(kind, FACTS[kind]), OPTIONS);
      const asked = /If (this was not you|you did not (ask for|expect) this), ([^.]+)/.exec(text.replaceAll("\n", " "));
      assert.ok(asked !== null, kind);
      assert.match(String(asked[3]), /administrator|delete|undo|do nothing/, kind);
      assert.ok(html.includes(asked[0]), kind);
    }
    const plain = render(mailOf("email_changed", {}), OPTIONS).text;
    assert.match(plain, /If this was not you, change your password now/, "an old address without a link");
  });

  test("leads to our pages alone, and has a ticket only where it is to be used once (ML-03)", () => {
    for (const kind of MAIL_KINDS) {
      const { text, html } = render(mailOf(kind, FACTS[kind]), OPTIONS);
      const links = [...`${text} ${html}`.matchAll(/https?:\/\/[^\s"<]+/g)].map(([link]) => new URL(link));
      assert.ok(links.length > 0);
      for (const { origin, pathname, search } of links) {
        assert.equal(origin, OPTIONS.publicUrl);
        if (search !== "") assert.equal(pathname + search, `${ONE_TIME[kind]}?ticket=${TICKET}`, kind);
      }
      const hrefs = [...html.matchAll(/href="([^"]+)"/g)].map(([, href]) => href);
      for (const href of hrefs) assert.ok(text.includes(`\n\n${href}\n\n`), `${kind}: on a line of its own`);
      assert.equal(
        hrefs.some((href) => href?.includes(TICKET)),
        kind in ONE_TIME,
        kind,
      );
    }
  });

  test("asks for nothing from anywhere, so that opening it tells nobody", () => {
    for (const kind of MAIL_KINDS) {
      const { html } = render(mailOf(kind, FACTS[kind]), OPTIONS);
      assert.doesNotMatch(html, /<(img|link|script|iframe|object|form)|url\(|@import|src=/, kind);
    }
  });

  test("of an abandoned sign-in says when, in the person's own time, on what and from where (LS-10)", () => {
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
      for (const tag of tags) assert.match(tag ?? "", /^(html|head|meta|title|style|body|div|h|p|a|br)$/);
    }
  });

  test("has one line as its subject, whatever the product is called (ML-07)", () => {
    const names = fc
      .array(fc.integer({ min: 0, max: 0x10ffff }), { minLength: 1, maxLength: 60 })
      .map((points) => String.fromCodePoint(...points));
    fc.assert(
      fc.property(fc.constantFrom(...MAIL_KINDS), names, names, (kind, product, person) => {
        const name = `${product}\r\nBcc: mallory@evil.example`;
        const { subject, to } = render(mailOf(kind, FACTS[kind], person), { ...OPTIONS, name });
        assert.doesNotMatch(subject, /[\r\n]/);
        assert.equal(to, "ada@example.org");
      }),
      { numRuns: 60 },
    );
  });

  test("in a language that nobody translated is in English", () => {
    const mail = mailOf("password_changed", {});
    const other = { ...mail, recipient: { ...mail.recipient, language: "tlh" } };
    assert.deepEqual(render(other, OPTIONS), render(mail, OPTIONS));
  });
});
