// Somebody forgot the password: from the sign-in page to a mail, to a new password, to signing in with a code as before.

import assert from "node:assert/strict";
import { test } from "node:test";
import { mailDelivery } from "../../src/mail/deliver.ts";
import { smtpTransport } from "../../src/mail/transport.ts";
import { startMailSink } from "../support/mail-sink.ts";
import { createWorld, onBothDatabases } from "../support/world.ts";

const PUBLIC_URL = "https://accounts.example.org";
const NEXT = "eleven copper kettles whistle";

onBothDatabases("a forgotten password", (dialect) => {
  test("is set anew by a mailed link, and signing in asks for the code as before (LS-06)", async () => {
    const sink = await startMailSink();
    await using world = await createWorld(dialect, { options: { publicUrl: PUBLIC_URL } });
    const deliver = mailDelivery(world.auth, smtpTransport(sink.url, '"Countersign" <no-reply@accounts.example.org>'));
    try {
      const ada = await world.person("ada", { twoFactor: true });
      const browser = world.browser();
      const front = await browser.get("/sign-in");
      assert.match(front.text, /href="\/forgotten-password"/);
      assert.match(front.words, /Ask an administrator/);
      const asked = await browser.post("/forgotten-password", { login: " Ada@Example.org " });
      assert.match(asked.words, /Look into your mailbox/);

      await deliver();
      const mail = await sink.waitFor(({ subject }) => subject.startsWith("Set a new password"));
      assert.match(mail.text, /If this was not you, do nothing/);
      const [link = ""] = /https:\/\/\S+password-reset\S+/.exec(mail.text) ?? [];
      assert.ok(mail.html?.includes(`<a href="${link}">`), "the same link in both parts");

      const page = await browser.get(link.slice(PUBLIC_URL.length));
      assert.match(page.words, /You set a new password for ada/);
      const ticket = new URL(link).searchParams.get("ticket") ?? "";
      const done = await browser.post("/password-reset", { ticket, new_password: NEXT });
      assert.match(done.words, /Your new password is set, and you are signed out everywhere/);
      const home = await world.signIn(browser, ada, NEXT);
      assert.match(home.words, /Welcome, Ada/);

      await deliver();
      assert.ok(await sink.waitFor(({ subject }) => subject.startsWith("Your password was changed")));
    } finally {
      await sink.close();
    }
  });
});
