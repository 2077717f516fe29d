import assert from "node:assert/strict";
import { test } from "node:test";
import { html } from "hono/html";
import { badge } from "./badge.ts";
import { actions, button, copyButton, linkButton, printButton } from "./button.ts";
import { codeField } from "./code-field.ts";
import { emptyState } from "./empty-state.ts";
import { facts } from "./facts.ts";
import { checkboxField, emailField, passwordField, selectField, textAreaField, textField } from "./field.ts";
import { form } from "./form.ts";
import { appLayout, cardLayout } from "./layout.ts";
import { attributes, blocks, classNames, within } from "./markup.ts";
import { meter } from "./meter.ts";
import { errorSummary, notice } from "./notice.ts";
import { pager } from "./pager.ts";
import { qrCode } from "./qr-code.ts";
import { codeList, disclosure, secret } from "./secret.ts";
import { items, panel, section, standing } from "./section.ts";
import { steps } from "./steps.ts";
import { cut, table } from "./table.ts";
import { timeline } from "./timeline.ts";

const evil = `"'><script>alert(1)</script>&`;
const field = { name: evil, label: evil, id: evil, hint: evil, error: evil, value: evil, autocomplete: evil };
const links = [{ href: evil, label: evil, current: true }];
const words = {
  lang: evil,
  dir: "ltr" as const,
  title: evil,
  product: evil,
  error: evil,
  heading: evil,
  hideQuery: evil,
  look: { logo: evil, sheet: { path: evil, body: evil }, layout: undefined },
  children: evil,
};

const parts = {
  actions: actions(evil, button({ label: evil, name: evil, value: evil, form: evil })),
  appLayout: appLayout({
    ...words,
    skip: evil,
    home: evil,
    person: { name: evil },
    menu: { label: evil, links },
    navigation: { label: evil, links },
    tabs: { label: evil, links },
    signOut: { action: evil, label: evil },
    action: evil,
  }),
  badge: badge({ kind: "on", label: evil }),
  cardLayout: cardLayout({ ...words, footer: evil }),
  checkboxField: checkboxField(field),
  codeField: codeField(field),
  codeList: codeList({ id: evil, codes: [evil] }),
  copyButton: copyButton({ target: evil, label: evil, copied: evil }),
  cut: [cut(evil), cut(evil, evil)],
  disclosure: disclosure({ summary: evil, children: evil }),
  emailField: emailField(field),
  emptyState: emptyState({ sentence: evil, action: evil }),
  errorSummary: errorSummary({ title: evil, errors: [{ message: evil }, { message: evil, field: evil }] }),
  facts: facts([{ name: evil, value: evil }]),
  form: form({ action: evil, id: evil, label: evil, hidden: { [evil]: evil }, children: evil }),
  items: items([{ title: evil, badge: evil, detail: evil, actions: evil }]),
  linkButton: linkButton({ href: evil, label: evil }),
  meter: meter({ label: evil, value: 1, steps: 2, text: evil, kind: "danger", children: evil }),
  notice: notice({ kind: "info", title: evil, children: evil }),
  pager: pager({
    label: evil,
    position: evil,
    previous: { href: evil, label: evil },
    next: { href: evil, label: evil },
  }),
  panel: panel(evil),
  passwordField: passwordField(field),
  printButton: printButton({ label: evil }),
  qrCode: qrCode({ path: evil, size: 21, label: evil }),
  secret: secret({ id: evil, label: evil, value: evil, copy: evil, copied: evil }),
  section: section({ heading: evil, intro: evil, id: evil, children: evil }),
  selectField: selectField({ ...field, options: [{ value: evil, label: evil }] }),
  standing: standing({ kind: "info", icon: "shield", title: evil, children: evil }),
  steps: steps([{ title: evil, children: evil }]),
  table: table({ caption: evil, columns: [{ label: evil }, { label: evil }], rows: [[evil, evil]] }),
  textAreaField: textAreaField(field),
  textField: textField(field),
  timeline: timeline([{ title: evil, when: evil, detail: evil }]),
};

for (const [name, part] of Object.entries(parts)) {
  test(`${name} shows markup as text, and is finished at once`, () => {
    const written = html`${part}`;
    assert.ok(!(written instanceof Promise));
    const own = written.replace(/<script type="module" src="[^"]*"(?: data-hide-query="[^"]*")?><\/script>/, "");
    assert.ok(!own.includes("<script"), own);
    assert.ok(!/["']&gt;&lt;script|&quot;&#39;>/.test(own), own);
    assert.ok(!own.includes("style="), own);
  });
}

test("an attribute is left out, bare, or quoted", () => {
  const written = html`<i${attributes({ a: undefined, b: false, c: true, d: "", e: 0, f: '"' })}>`;
  assert.equal(String(written), '<i c d="" e="0" f="&quot;">');
  assert.equal(classNames("a", false, undefined, "b"), "a b");
});

test("a bare text becomes a paragraph, markup stays as it is", () => {
  assert.equal(
    String(html`${blocks(["a<b", html`<b>c</b>`, ["d", undefined, false, ""]])}`),
    "<p>a&lt;b</p><b>c</b><p>d</p>",
  );
});

test("a password is never written back into the page", () => {
  const options: Parameters<typeof passwordField>[0] & { value: string } = { name: "p", label: "P", value: "secret" };
  assert.ok(!String(passwordField(options)).includes("secret"));
});

test("a hint and an error are read out with their field", () => {
  const written = String(textField({ name: "login", label: "Login", hint: "Short.", error: "Taken." }));
  assert.match(written, /<label for="login">Login<\/label>/);
  assert.match(written, /aria-describedby="login-hint login-error" aria-invalid="true"/);
  assert.match(written, /<p class="hint" id="login-hint">Short\.<\/p>/);
  assert.match(written, /<p class="error" id="login-error">Taken\.<\/p>/);
});

test("a secret stands in groups of four that can be read out and copied", () => {
  const written = String(
    secret({ id: "s", label: "Secret", value: "JBSWY3DPEHPK3PXP", copy: "Copy", copied: "Copied" }),
  );
  const text = /<p class="secret" id="s">(.*?)<\/p>/.exec(written)?.[1]?.replace(/<[^>]+>/g, "");
  assert.equal(text, "JBSW Y3DP EHPK 3PXP");
});

test("a sentence has markup where the language wants it", () => {
  const shown = html`<b>now</b>`;
  const written = (sentence: (slot: string) => string) => String(html`${within(sentence, shown)}`);
  assert.equal(
    written((slot) => `Seen ${slot} from <here>`),
    "Seen <b>now</b> from &lt;here&gt;",
  );
  assert.equal(
    written((slot) => slot),
    "<b>now</b>",
  );
  assert.equal(
    written((slot) => `${slot}, seen`),
    "<b>now</b>, seen",
  );
  const two = within((one = "", other = "") => `${other} before ${one} & <all>`, html`<i>1</i>`, html`<i>2</i>`);
  assert.equal(String(html`${two}`), "<i>2</i> before <i>1</i> &amp; &lt;all&gt;");
  assert.equal(String(html`${within((name = "") => name, "<b>")}`), "&lt;b&gt;", "text stays text");
});
