// Mail by the whole program: to a mail server, into a folder, and when there is no mail server to be reached.

import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { simpleParser } from "mailparser";
import { openDatabase } from "../../src/db/open.ts";
import { codeFor } from "../../src/testing/auth.ts";
import type { Browser } from "../../src/testing/browser.ts";
import { type MailSink, startMailSink } from "../support/mail-sink.ts";
import { createRelay } from "../support/relay.ts";
import { createInstallation, freePort, type Installation } from "../support/server-process.ts";
import { PASSWORD, secretOn } from "../support/world.ts";

describe("mail", () => {
  test("an invitation arrives by the configured server, and its link lets the person set a password (ML-01)", async () => {
    await using sink = await openSink();
    const port = String(await freePort());
    await using installation = await createInstallation("sqlite", {
      PORT: port,
      COUNTERSIGN_SMTP_URL: sink.url,
      COUNTERSIGN_NAME: "Example Accounts",
      COUNTERSIGN_MAIL_FROM: "accounts@example.org",
    });
    await installation.addPeople(["ada"], "administrator");
    const server = await installation.start();
    assert.doesNotMatch(server.output(), /outbox|Mails are written/);
    const administrator = server.browser();
    await protect(administrator, "ada");
    assert.match((await invite(administrator, "bob")).words, /Bob/i);

    const mail = await sink.waitFor(({ to }) => to.includes("bob@example.org"));
    assert.equal(mail.from, "accounts@example.org");
    assert.match(mail.subject, /Example Accounts/);
    const [link = ""] = /http:\/\/localhost:\d+\/invitation\?ticket=[\w.-]+/.exec(mail.text) ?? [];
    assert.ok(link.startsWith(`http://localhost:${port}/`), mail.text);
    const browser = server.browser();
    const page = await browser.get(link.slice(server.url.length));
    assert.equal(page.status, 200);
    const ticket = new URL(link).searchParams.get("ticket") ?? "";
    assert.equal((await browser.post("/invitation", { ticket, new_password: PASSWORD })).path, "/sign-in");
    assert.match((await browser.post("/sign-in", { login: "bob", password: PASSWORD })).words, /Welcome/);

    // Ada turned two-factor authentication on, and hears of it by the same server.
    await sink.waitFor(({ to, subject }) => to.includes("ada@example.org") && /two-factor/i.test(subject));
    await server.stop();
  });

  test("without a mail server, mails are files that any mail program opens, for the operator's eyes alone", async () => {
    await using installation = await createInstallation("sqlite");
    await installation.addPeople(["ada"], "administrator");
    const server = await installation.start();
    const outbox = join(installation.folder, "outbox");
    assert.equal(server.output().split(`Mails are written as files into ${outbox}\n`).length, 2);
    const administrator = server.browser();
    await protect(administrator, "ada");
    await invite(administrator, "bob");
    await invite(administrator, "cy");
    await untilSent(installation, 3);

    const names = await readdir(outbox);
    assert.equal(names.length, 3);
    assert.equal((await stat(outbox)).mode & 0o077, 0);
    const invitations: string[] = [];
    for (const name of names) {
      assert.match(name, /^\d{4}-\d\d-\d\dT[\d-]+Z-[\w-]+\.eml$/);
      assert.equal((await stat(join(outbox, name))).mode & 0o077, 0);
      const mail = await simpleParser(await readFile(join(outbox, name)));
      assert.equal(mail.from?.value[0]?.address, "no-reply@localhost");
      assert.ok(mail.messageId && mail.date && mail.subject);
      const [, ticket] = /\/invitation\?ticket=([\w.-]+)/.exec(mail.text ?? "") ?? [];
      if (ticket !== undefined) invitations.push(ticket);
    }
    assert.equal(invitations.length, 2);
    for (const ticket of invitations) {
      assert.equal((await server.browser().get(`/invitation?ticket=${ticket}`)).status, 200);
    }
  });

  test("a mail that the command line queued goes out with the next start of a server", async () => {
    await using sink = await openSink();
    await using installation = await createInstallation("sqlite", { COUNTERSIGN_SMTP_URL: sink.url });
    const words = ["users", "add", "--login", "bob", "--name", "Bob", "--email", "bob@example.org"];
    const added = await installation.run(words);
    assert.equal(added.stdout, "Added bob. The invitation goes to bob@example.org from the running server.\n");
    assert.deepEqual(sink.mails, []);
    await installation.start();
    await sink.waitFor(({ to }) => to.includes("bob@example.org"));
    await untilSent(installation, 1);
    // What it said, the link too, is gone from the database.
    const { db } = await openDatabase(installation.databaseUrl);
    const rows = await db.selectFrom("mails").selectAll().execute();
    await db.destroy();
    assert.deepEqual(
      rows.map(({ content_sealed, tries, last_error }) => ({ content_sealed, tries, last_error })),
      [{ content_sealed: null, tries: 1, last_error: null }],
    );
  });

  for (const [what, make] of [
    ["is not there", "shut"],
    ["hangs", "hang"],
  ] as const) {
    test(`a mail server that ${what} blocks nobody, and no mail is lost (ML-08)`, async () => {
      await using sink = await openSink();
      await using relay = await createRelay(sink.url);
      await relay[make]();
      const smtp = relay.through(sink.url).replace(/\/$/, "");
      await using installation = await createInstallation("sqlite", { COUNTERSIGN_SMTP_URL: smtp });
      await installation.addPeople(["ada", "bob"], "administrator");
      const server = await installation.start();
      const administrator = server.browser();
      await protect(administrator, "ada");
      await invite(administrator, "cy");
      assert.match((await server.browser().post("/sign-in", { login: "bob", password: PASSWORD })).words, /Welcome/);
      if (make === "hang") await untilTried(installation, 1);
      await relay.shut();
      await untilTried(installation, 2);
      assert.equal((await waiting(installation)).length, 2);
      await server.waitFor(/mail not sent, will be tried again mail="[\w-]+" kind="\w+" error="[^"]*"\n/);
      assert.deepEqual(sink.mails, []);

      // The mail server is back; that the next try is due is all that has to be waited for, and another mail starts it.
      await relay.open();
      const { db } = await openDatabase(installation.databaseUrl);
      await db.updateTable("mails").set({ next_try_at: Date.now() }).execute();
      await db.destroy();
      await invite(administrator, "di");
      for (const address of ["ada@example.org", "cy@example.org", "di@example.org"]) {
        await sink.waitFor(({ to }) => to.includes(address));
      }
      await untilSent(installation, 3);
      assert.equal(sink.mails.length, 3, "a mail came twice");
    });
  }

  test("a mail server that hangs does not hold up the end of the server, and the mail stays (ML-08)", async () => {
    await using sink = await openSink();
    await using relay = await createRelay(sink.url);
    await relay.hang();
    const smtp = relay.through(sink.url).replace(/\/$/, "");
    await using installation = await createInstallation("sqlite", { COUNTERSIGN_SMTP_URL: smtp });
    const words = ["users", "add", "--login", "bob", "--name", "Bob", "--email", "bob@example.org"];
    await installation.run(words);
    const server = await installation.start();
    await untilTried(installation, 1);
    const late = AbortSignal.timeout(8_000);
    const tooLate = new Promise<string>((resolve) => late.addEventListener("abort", () => resolve("still running")));
    assert.deepEqual(await Promise.race([server.stop(), tooLate]), { status: 0, signal: null });
    assert.equal((await waiting(installation)).length, 1);
  });
});

/** A mail server that goes with its test. */
async function openSink(): Promise<MailSink & AsyncDisposable> {
  const sink = await startMailSink();
  return { ...sink, [Symbol.asyncDispose]: sink.close };
}

/** Signs an administrator in and turns two-factor authentication on. */
async function protect(browser: Browser, login: string): Promise<void> {
  await browser.post("/sign-in", { login, password: PASSWORD });
  const secret = secretOn(await browser.post("/account/security/enrolment", { current_password: PASSWORD }));
  const done = await browser.post("/account/security/enrolment/confirm", { code: codeFor(secret, Date.now()) });
  assert.match(done.words, /Your account is protected/);
}

async function invite(browser: Browser, login: string) {
  const page = await browser.post("/users", { login, name: login, email: `${login}@example.org`, role: "person" });
  assert.match(page.path, /^\/users\/[\w-]+$/, page.words);
  return page;
}

/** The mails that were not sent yet. */
async function waiting({ databaseUrl }: Installation) {
  const { db } = await openDatabase(databaseUrl);
  const rows = await db.selectFrom("mails").selectAll().where("sent_at", "is", null).execute();
  await db.destroy();
  return rows;
}

async function untilSent(installation: Installation, count: number): Promise<void> {
  const { db } = await openDatabase(installation.databaseUrl);
  const deadline = AbortSignal.timeout(60_000);
  const sent = () => db.selectFrom("mails").select("id").where("sent_at", "is not", null).execute();
  while ((await sent()).length < count) await nextMoment(deadline);
  await db.destroy();
}

async function untilTried(installation: Installation, count: number): Promise<void> {
  const deadline = AbortSignal.timeout(60_000);
  while ((await waiting(installation)).filter(({ tries }) => tries > 0).length < count) await nextMoment(deadline);
}

/** Leaves the processor to the server before the database is asked again. */
async function nextMoment(deadline: AbortSignal): Promise<void> {
  await setTimeout(20, undefined, { signal: deadline });
}
