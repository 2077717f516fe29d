// The phone is at home, and the policy lets mail stand in for it: from the second step to a mail and in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { mailDelivery } from "../../src/mail/deliver.ts";
import { smtpTransport } from "../../src/mail/transport.ts";
import { startMailSink } from "../support/mail-sink.ts";
import { allowMailedCodes } from "../support/policies.ts";
import { createWorld, onBothDatabases, PASSWORD } from "../support/world.ts";

onBothDatabases("a code by mail", (dialect) => {
  test("is asked for at the second step, arrives, and opens the page that was wanted", async () => {
    const sink = await startMailSink();
    await using world = await createWorld(dialect);
    const deliver = mailDelivery(world.auth, smtpTransport(sink.url, '"Countersign" <no-reply@example.org>'));
    try {
      await allowMailedCodes(world);
      await world.person("ada", { twoFactor: true });
      const browser = world.browser();
      const second = await browser.post("/sign-in", { login: "ada", password: PASSWORD, next: "/account" });
      assert.match(second.text, /href="\/sign-in\/mailed-code"[^>]*>(<[^>]*>)*Email me a code instead/);
      const ask = await browser.get("/sign-in/mailed-code");
      assert.match(ask.words, /We send a six-digit code to a••@e••\.org\./);
      assert.doesNotMatch(ask.text, /name="mailed_code"/);
      await deliver();
      assert.equal(sink.mails.length, 0, "looking sends nothing");

      const sent = await browser.post("/sign-in/mailed-code/send");
      assert.match(sent.words, /A code is on its way to a••@e••\.org\. It works once, for ten minutes at most/);
      await deliver();
      const mail = await sink.waitFor(({ subject }) => subject.startsWith("Your code for signing in"));
      assert.deepEqual(mail.to, ["ada@example.org"]);
      const [, code = ""] =
        /Your code is (\d{6})\. Enter it on the page where you asked for it, until /.exec(mail.text) ?? [];
      assert.ok(mail.html?.includes(`Your code is ${code}.`));

      const profile = await browser.post("/sign-in/mailed-code", { mailed_code: code });
      assert.equal(profile.path, "/account");
      const security = await browser.get("/account/security");
      assert.match(security.words, /Signed in with your password and a code by email/);
    } finally {
      await sink.close();
    }
  });
});
