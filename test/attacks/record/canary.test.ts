// The attack: nobody breaks in; somebody merely reads. A log that was sent to a help desk, a backup of the database, a
// mailbox, a page in a cache. If a password, a code, a secret, a key or a link stands there, that is all it takes. So
// every journey is walked with secrets that we know, things go wrong on the way, and then everything that was written
// anywhere is searched for each of them, as it is and in the usual encodings.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { simpleParser } from "mailparser";
import { decodeBase32 } from "../../../src/crypto/base32.ts";
import { newKey } from "../../../src/crypto/secret-box.ts";
import { mailDelivery } from "../../../src/mail/deliver.ts";
import { folderTransport } from "../../../src/mail/transport.ts";
import { codeFor } from "../../../src/testing/auth.ts";
import { type Browser, createBrowser } from "../../../src/testing/browser.ts";
import { otherCode } from "../../support/attacker.ts";
import { allowMailedCodes, setRules } from "../../support/policies.ts";
import { openTables, readTables } from "../../support/tables.ts";
import { createWorld, type Dialect, OPERATOR, onBothDatabases, secretOn } from "../../support/world.ts";

const ENROLMENT = "/account/security/enrolment";

/** Something that was written down somewhere, and where. */
type Written = { where: string; bytes: Buffer };

type Secret = { what: string; value: string; mayStand?: (where: string) => boolean };

/** The secret as it is, and as logs, columns and mails tend to disguise it. */
function disguises({ what, value }: Secret): { as: string; bytes: Buffer }[] {
  const texts: Record<string, string> = {
    "as it is": value,
    decomposed: value.normalize("NFD"),
    "in capitals": value.toUpperCase(),
    "in base64": Buffer.from(value).toString("base64").replace(/=+$/, ""),
    "in base64url": Buffer.from(value).toString("base64url"),
    "in hex": Buffer.from(value).toString("hex"),
    "in capital hex": Buffer.from(value).toString("hex").toUpperCase(),
    "in a URL": encodeURIComponent(value),
    "in a form": new URLSearchParams({ a: value }).toString().slice(2),
    "in JSON": JSON.stringify(value).slice(1, -1),
    "in HTML": value.replaceAll("&", "&amp;").replaceAll("'", "&#39;"),
  };
  if (/^[A-Z2-7]{32}$/.test(value)) {
    const raw = Buffer.from(decodeBase32(value) ?? []);
    Object.assign(texts, {
      "in groups": value.replace(/.{4}(?=.)/g, "$& "),
      "its bytes in hex": raw.toString("hex"),
      "its bytes in base64": raw.toString("base64").replace(/=+$/, ""),
      "in small letters": value.toLowerCase(),
    });
    return [...entries(texts), { as: "its bytes", bytes: raw }];
  }
  assert.ok(value.length >= 6, what);
  return entries(texts);
}

function entries(texts: Record<string, string>) {
  return Object.entries(texts).map(([as, text]) => ({ as, bytes: Buffer.from(text) }));
}

/** Where a secret stands, if anywhere it must not. A code is six digits: those count only on their own. */
function find(secret: Secret, written: Written[]): string[] {
  const isCode = /^\d{6}$/.test(secret.value);
  const hits: string[] = [];
  for (const { where, bytes } of written) {
    if (secret.mayStand?.(where)) continue;
    for (const { as, bytes: needle } of disguises(secret)) {
      for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) {
        const around = bytes.subarray(Math.max(0, at - 1), at + needle.length + 1).toString("latin1");
        if (isCode && as === "as it is" && /^[\w.+/-]\d{6}|\d{6}[\w+/-]$/.test(around)) continue;
        hits.push(`${secret.what}, ${as}, in ${where}`);
        break;
      }
    }
  }
  return hits;
}

/** Every byte of the database: all rows as text, and for SQLite the files themselves. */
async function databaseContents(databaseUrl: string, dialect: Dialect): Promise<Written[]> {
  await using db = await openTables({ databaseUrl });
  const written: Written[] = [];
  for (const [table, rows] of Object.entries(await readTables(db))) {
    written.push({ where: `table ${table}`, bytes: Buffer.from(JSON.stringify(rows)) });
  }
  if (dialect === "sqlite") {
    const folder = dirname(databaseUrl.slice("file:".length));
    for (const name of await readdir(folder)) {
      if (!name.startsWith("test.sqlite")) continue;
      written.push({ where: `file ${name}`, bytes: await readFile(join(folder, name)) });
    }
  }
  return written;
}

onBothDatabases("no secret", (dialect) => {
  test("stands in a log, a table, a file, a mail or a page, whatever people do (AU-02, SK-01, EN-05, AD-02)", async () => {
    const key = newKey();
    const lines: string[] = [];
    await using world = await createWorld(dialect, {
      host: {
        keys: { active: key, all: [key] },
        log: (line, details) => lines.push(`${line} ${JSON.stringify(details)}`),
      },
    });
    const { auth, clock, databaseUrl } = world;
    const written: Written[] = [];
    const secrets: Secret[] = [];
    const know = (what: string, value: string, mayStand?: Secret["mayStand"]) => {
      secrets.push({ what, value, ...(mayStand === undefined ? {} : { mayStand }) });
      return value;
    };

    // Each browser writes down every answer: the line of status and headers but for cookies, and the body.
    const open = (): Browser =>
      createBrowser(async (request, env) => {
        const response = await world.fetch(request, env);
        const headers = [...response.headers].filter(([name]) => name !== "set-cookie");
        const path = new URL(request.url).pathname;
        written.push({
          where: `answer to ${request.method} ${path}`,
          bytes: Buffer.concat([
            Buffer.from(JSON.stringify(headers)),
            Buffer.from(await response.clone().arrayBuffer()),
          ]),
        });
        for (const line of response.headers.getSetCookie()) {
          const [, name = "", token = ""] = /^__Host-countersign-(session|sign-in|browsers)=([^;]*)/.exec(line) ?? [];
          for (const each of token.split("~").filter((part) => part.includes("."))) {
            know(`a token of the cookie ${name}`, each.split(".")[1] ?? "");
          }
        }
        return response;
      });

    // Whoever reads these must not be able to read more: the key itself.
    know("the key", Buffer.from(key.bytes).toString("base64").replace(/=+$/, ""));
    know("the key", Buffer.from(key.bytes).toString("hex"));

    // Set-up. A link's own page has to hold it, to send it on.
    const setupTicket = await auth.people.issueSetupTicket({ client: OPERATOR });
    know("the set-up link", setupTicket.split(".")[1] ?? "", (where) => /answer to (GET|POST) \/setup$/.test(where));
    const rootPassword = know("the administrator's password", "Nine güldene Öfen & <fünf> 'Stühle'");
    const root = open();
    await root.get(`/setup?ticket=${setupTicket}`);
    const tooShort = know("a password that was too short", "Zu kurz, ö");
    const first = { ticket: setupTicket, login: "root", name: "Root", email: "root@example.org" };
    await root.post("/setup", { ...first, new_password: tooShort });
    assert.match(
      (await root.post("/setup", { ...first, new_password: rootPassword })).words,
      /administrator is created/,
    );

    // Signing in, wrongly and rightly; enrolling, wrongly and rightly.
    const guess = know("a wrong password", "guess-number-one-4711");
    await root.post("/sign-in", { login: "root", password: guess });
    // People do type their password where their name belongs; the form may show them what they typed.
    const inTheWrongField = know("a password typed as a name", "my-secret-in-the-wrong-field", (where) =>
      where.startsWith("answer to POST /sign-in"),
    );
    await open().post("/sign-in", { login: inTheWrongField, password: inTheWrongField });
    await root.post("/sign-in", { login: "root", password: rootPassword });
    await root.post(ENROLMENT, { current_password: guess });
    const page = await root.post(ENROLMENT, { current_password: rootPassword });
    const onEnrolment = (where: string) => new RegExp(`answer to (GET|POST) ${ENROLMENT}(/confirm)?$`).test(where);
    const rootSecret = know("the administrator's two-factor secret", secretOn(page), onEnrolment);
    assert.equal(find({ what: "it", value: rootSecret }, written).length > 0, true, "the search finds what is there");
    await root.post(`${ENROLMENT}/confirm`, { code: know("a wrong code", codeFor(rootSecret, clock.now() - 900_000)) });
    const code = (secret: string) => {
      clock.advance(30_000);
      return know("a code", codeFor(secret, clock.now()));
    };
    await root.post(`${ENROLMENT}/confirm`, { code: code(rootSecret) });

    // An invitation, accepted.
    const profile = { login: "ada", name: "Ada", email: "ada@example.org", role: "person" };
    const proof = () => ({ current_password: rootPassword, current_code: code(rootSecret) });
    const person = await root.post("/users", { ...profile, ...proof() });
    assert.match(person.path, /^\/users\/[\w-]{16}$/);
    const folder = join(dirname(dialect === "sqlite" ? databaseUrl.slice("file:".length) : "/"), "outbox");
    const mails: Written[] = [];
    const outbox = folderTransport(folder, "no-reply@example.org");
    const deliver = mailDelivery(auth, {
      send: async (message) => {
        mails.push({ where: "a mail", bytes: Buffer.from(JSON.stringify(message)) });
        if (dialect === "sqlite") await outbox.send(message);
      },
      close: () => {},
    });
    // What waits to be sent is in the database, too.
    written.push(...(await databaseContents(databaseUrl, dialect)));
    await deliver();
    const sent = mails.map(({ bytes }) => bytes.toString()).join("\n");
    const [, ticket = ""] = /invitation\?ticket=([\w-]{16}\.[\w-]{43})/.exec(sent) ?? [];
    assert.notEqual(ticket, "", `${lines.join("\n")} ${sent}`);
    know(
      "the invitation's link",
      ticket.split(".")[1] ?? "",
      (where) => where === "a mail" || /answer to (GET|POST) \/invitation$/.test(where),
    );
    const adaPassword = know("a person's password", "zwölf stille Kähne & ein Boot");
    const ada = open();
    await ada.get(`/invitation?ticket=${ticket}`);
    const accepted = await ada.post("/invitation", { ticket, new_password: adaPassword });
    assert.match(accepted.words, /Your password is set/);
    await ada.post("/invitation", { ticket, new_password: adaPassword });

    // Two steps, wrongly and rightly, abandoned and cancelled.
    await ada.post("/sign-in", { login: "ada", password: adaPassword });
    const adaSecret = know(
      "a person's two-factor secret",
      secretOn(await ada.post(ENROLMENT, { current_password: adaPassword })),
      onEnrolment,
    );
    await ada.get(ENROLMENT);
    await ada.post(`${ENROLMENT}/confirm`, { code: code(adaSecret) });
    const other = open();
    await other.post("/sign-in", { login: "ada", password: adaPassword });
    for (let n = 0; n < 4; n++) await other.post("/sign-in/code", { code: codeFor(adaSecret, clock.now() - 900_000) });
    await other.post("/sign-in/cancel");
    await ada.post("/sign-out");
    await ada.post("/sign-in", { login: "ada", password: adaPassword, next: "/account/security" });
    const used = code(adaSecret);
    await ada.post("/sign-in/code", { code: used });
    const late = open();
    await late.post("/sign-in", { login: "ada", password: adaPassword });
    await late.post("/sign-in/code", { code: used });

    // Her own account: every form, with a mistake first.
    const adaNext = know("a person's new password", "dreizehn müde Kellerasseln & mehr");
    const adaProof = () => ({ current_password: adaPassword, current_code: code(adaSecret) });
    await ada.post("/account/email", { email: "not an address", ...adaProof() });
    await ada.post("/account/email", { email: "king@example.org" });
    await ada.post("/account/password", {
      ...adaProof(),
      new_password: know("a refused password", "Ada Ada Ada Ada Ada"),
    });
    const changed = await ada.post("/account/password", { ...adaProof(), new_password: adaNext });
    assert.match(changed.words, /Your password is changed/);

    // A code by mail: asked for, mistyped, used.
    await allowMailedCodes(world);
    const mailed = open();
    await mailed.post("/sign-in", { login: "ada", password: adaNext });
    await mailed.post("/sign-in/mailed-code/send");
    written.push(...(await databaseContents(databaseUrl, dialect)));
    await deliver();
    const [, byMail = ""] = /Your code is (\d{6})/.exec(mails.map(({ bytes }) => bytes.toString()).join("\n")) ?? [];
    know("a code by mail", byMail, (where) => where === "a mail");
    await mailed.post("/sign-in/mailed-code", { mailed_code: otherCode(byMail) });
    assert.equal((await mailed.post("/sign-in/mailed-code", { mailed_code: byMail })).path, "/");

    // A key for a program, on the one page that shows it, and where it does not belong.
    const keyForm = { name: "report", days: "7", scope_profile_read: "on", form_number: "A".repeat(16) };
    const keyProof = { current_password: adaNext, current_code: code(adaSecret) };
    const keyPage = await ada.post("/account/api-keys", { ...keyForm, ...keyProof });
    const [apiKey = ""] = /cs_[a-z2-7]{40}/.exec(keyPage.words) ?? [];
    assert.notEqual(apiKey, "", keyPage.words);
    const onKeyPage = (where: string) => where.endsWith("POST /account/api-keys");
    know("an API key", apiKey, onKeyPage);
    know("the random part of an API key", apiKey.slice(3, 35), onKeyPage);
    const program = { authorization: `Bearer ${apiKey}` };
    assert.equal((await open().send("/api/v1/me", { headers: program })).status, 200);
    await open().send(`/api/v1/me?access_token=${apiKey}`, { headers: program });
    await open().send(`/${apiKey}`, { headers: program });
    await ada.send("/api/v1/me", { headers: program });
    await ada.get("/account/api-keys");

    // An enrolment link: shown to the administrator once, opened, and mistyped, but kept for another day. Then a rescue
    // that waits, whose mail says how to stop it.
    clock.advance(60_000);
    const lost = { way: "shown-link", link_reason: "lost the phone" };
    const linkPage = await root.post(`${person.path}/enrolment-link`, { ...lost, ...proof() });
    const [, linkTicket = ""] = /enrolment-link\?ticket=([\w-]{16}\.[\w-]{43})/.exec(linkPage.words) ?? [];
    assert.notEqual(linkTicket, "", linkPage.words);
    know("an enrolment link", linkTicket.split(".")[1] ?? "", (where) => where.endsWith("/enrolment-link"));
    await open().get(`/enrolment-link?ticket=${linkTicket}`);
    await open().post("/enrolment-link", { ticket: linkTicket, login: "ada", password: "not this one at all" });
    await setRules(world, { rescue: "waiting" });
    await root.post(`${person.path}/reset-two-factor`, { reason: "lost the phone" });
    await deliver();
    const told = mails.map(({ bytes }) => bytes.toString().replaceAll("=\r\n", "").replaceAll("=3D", "=")).join("\n");
    const [, stopTicket = ""] = /rescue-stop\?ticket=([\w-]{16}\.[\w-]{43})/.exec(told) ?? [];
    assert.notEqual(stopTicket, "");
    know("the link that stops a rescue", stopTicket.split(".")[1] ?? "", (where) => /a mail|rescue-stop/.test(where));
    await open().get(`/rescue-stop?ticket=${stopTicket}`);
    await open().post("/rescue-stop", { ticket: stopTicket });
    await setRules(world);

    // The administrator's acts.
    const acts: [string, Record<string, string>][] = [
      ["/reset-two-factor", { reason: "lost the phone" }],
      ["/sign-out", {}],
      ["/disable", {}],
      ["/enable", {}],
      ["/unlock", {}],
    ];
    for (const [path, fields] of acts) {
      clock.advance(660_000);
      await root.post(`${person.path}${path}`, fields);
      await root.post(`${person.path}${path}`, { ...fields, ...proof() });
    }
    for (const path of ["/users", person.path, "/events", "/account", "/account/security", "/", "/api/v1/session"]) {
      assert.equal((await root.get(path)).status, 200, path);
    }
    const off = await root.post("/account/security/disable", proof());
    assert.match(off.words, /Two-factor authentication is off/);

    // What nobody can read, with passwords in it.
    const post = (body: string, type: string) =>
      open().send("/sign-in", {
        method: "POST",
        body,
        headers: { "content-type": type, "sec-fetch-site": "same-origin" },
      });
    await post(JSON.stringify({ login: "ada", password: adaNext }), "application/json");
    await post(
      `login=ada&password=${encodeURIComponent(adaNext)}&password=${encodeURIComponent(adaNext)}`,
      "application/x-www-form-urlencoded",
    );
    await open().send(`/sign-in?login=ada&password=${encodeURIComponent(adaNext)}`);
    await auth.upkeep.run();
    await deliver();

    // And a server that fails with passwords, codes and tokens in its hands.
    written.push(...(await databaseContents(databaseUrl, dialect)));
    await using db = await openTables(world);
    for (const table of ["sessions", "events", "attempts"]) {
      await db.schema.alterTable(table).renameTo("elsewhere").execute();
      await open().post("/sign-in", { login: "ada", password: adaNext });
      await root.post("/account/password", { current_password: rootPassword, new_password: adaNext });
      await open().post("/invitation", { ticket, new_password: adaNext });
      await root.get("/account");
      await open().send("/api/v1/me", { headers: program });
      await db.schema.alterTable("elsewhere").renameTo(table).execute();
    }
    assert.ok(lines.filter((line) => line.startsWith("request failed")).length >= 6, lines.join("\n"));

    written.push(...(await databaseContents(databaseUrl, dialect)), ...mails);
    written.push({ where: "the log", bytes: Buffer.from(lines.join("\n")) });
    if (dialect === "sqlite") {
      for (const name of await readdir(folder)) {
        const raw = await readFile(join(folder, name));
        const { text, html } = await simpleParser(raw);
        written.push({ where: "a mail", bytes: Buffer.concat([raw, Buffer.from(`${text}${html}`)]) });
      }
    }

    assert.ok(secrets.length > 40, `${secrets.length} secrets are known`);
    assert.ok(written.length > 120, `${written.length} things were written`);
    const kinds = ["answer to POST /sign-in/code", "table events", "table mails", "a mail", "the log"];
    if (dialect === "sqlite") kinds.push("file test.sqlite", "file test.sqlite-wal");
    for (const kind of kinds)
      assert.ok(
        written.some(({ where }) => where === kind),
        `${kind} was searched`,
      );
    assert.ok(
      find({ what: "an address", value: "king@example.org" }, written).length > 0,
      "the search does find things",
    );

    assert.deepEqual(
      secrets.flatMap((secret) => find(secret, written)),
      [],
    );
  });
});
