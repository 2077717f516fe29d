// A new colleague: an administrator invites, a mail brings the link, the person sets a password and signs in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { mailDelivery } from "../../src/mail/deliver.ts";
import { smtpTransport } from "../../src/mail/transport.ts";
import { startMailSink } from "../support/mail-sink.ts";
import { createWorld, onBothDatabases, PASSWORD, type World } from "../support/world.ts";

const FROM = '"Countersign" <no-reply@accounts.example.org>';

async function administrator(world: World) {
  const root = await world.person("root", { role: "administrator", twoFactor: true });
  const browser = world.browser();
  await world.signIn(browser, root);
  const proof = { current_password: PASSWORD, current_code: world.freshCode(root) };
  await browser.post("/account/security/enrolment", proof);
  return browser;
}

onBothDatabases("an invitation", (dialect) => {
  test("comes by mail, is accepted with a password of one's own, and leads to signing in (ML-01)", async () => {
    const sink = await startMailSink();
    await using world = await createWorld(dialect, { options: { publicUrl: "https://accounts.example.org" } });
    const deliver = mailDelivery(world.auth, smtpTransport(sink.url, FROM));
    try {
      const root = await administrator(world);
      assert.match((await root.get("/users/new")).words, /The link works once, within 24 hours/);
      const fields = { name: "Mary Jackson", login: "mary", email: "mary@example.org", role: "person" };
      const added = await root.post("/users", fields);
      assert.match(added.words, /The invitation is on its way/);
      assert.match(added.words, /Invited, no password yet/);
      assert.match((await root.get("/users?search=mary")).words, /Mary Jackson mary Person Invited Off Never/);

      await deliver();
      const mail = await sink.waitFor(({ to }) => to.includes("mary@example.org"));
      assert.equal(mail.subject, "Your account at Countersign – Countersign");
      assert.equal(mail.from, "no-reply@accounts.example.org");
      assert.match(mail.text, /Hello Mary Jackson,/);
      assert.match(mail.text, /Your username is mary. Set your password here, within 24 hours\./);
      const [link = ""] = /https:\/\/\S+/.exec(mail.text) ?? [];
      assert.ok(mail.html?.includes(`<a href="${link}">`), "the same link in both parts");
      assert.match(link, /^https:\/\/accounts\.example\.org\/invitation\?ticket=/);

      const browser = world.browser();
      const path = link.slice("https://accounts.example.org".length);
      const page = await browser.get(path);
      assert.match(page.words, /Welcome, Mary Jackson. Your username is mary. Choose the password/);
      const ticket = new URL(link).searchParams.get("ticket") ?? "";
      const chosen = "eleven copper kettles whistle";
      const done = await browser.post("/invitation", { ticket, new_password: chosen });
      assert.match(done.words, /Your password is set. Sign in to go on./);
      const home = await browser.post("/sign-in", { login: "mary", password: chosen });
      assert.match(home.words, /Welcome, Mary Jackson/);
      assert.match((await browser.get(path)).words, /This link cannot be used/);
      const person = await root.get(added.path);
      assert.doesNotMatch(person.words, /Invited, no password yet|Send a new invitation/);
    } finally {
      await sink.close();
    }
  });

  test("that got lost is sent again from the person's page, and the old link is void (ML-01)", async () => {
    const sink = await startMailSink();
    await using world = await createWorld(dialect);
    const deliver = mailDelivery(world.auth, smtpTransport(sink.url, FROM));
    try {
      const root = await administrator(world);
      const fields = { name: "Mary Jackson", login: "mary", email: "mary@example.org", role: "person" };
      const { path } = await root.post("/users", fields);
      await deliver();
      const again = await root.post(`${path}/invitation`);
      assert.match(again.words, /The invitation is on its way/);
      await deliver();
      const links = sink.mails
        .filter(({ to }) => to.includes("mary@example.org"))
        .map(({ text }) => /\/invitation\?ticket=\S+/.exec(text)?.[0] ?? "");
      assert.equal(new Set(links).size, 2);
      const [first = "", second = ""] = links;
      assert.equal((await world.browser().get(first)).status, 410);
      assert.equal((await world.browser().get(second)).status, 200);
      const ticket = new URLSearchParams(second.split("?")[1]).get("ticket") ?? "";
      await world.browser().post("/invitation", { ticket, new_password: "eleven copper kettles whistle" });
      const late = await root.post(`${path}/invitation`);
      assert.equal(late.status, 422);
      assert.match(late.words, /They have set a password already/);
    } finally {
      await sink.close();
    }
  });

  test("with a mistake in it is shown again with what was typed, and nobody is added", async () => {
    await using world = await createWorld(dialect);
    const root = await administrator(world);
    await world.person("ada");
    const right = { name: "Mary Jackson", login: "mary", email: "mary@example.org", role: "person" };
    const mistakes: [Record<string, string>, RegExp, string][] = [
      [{ email: "" }, /Enter an email address: the invitation goes there/, "email"],
      [{ email: "mary@" }, /That does not look like an email address/, "email"],
      [{ email: "ADA@example.org" }, /Somebody has this email address, or had/, "email"],
      [{ login: "Ada" }, /Somebody already has this username/, "login"],
      [{ login: "ada@example.org" }, /Somebody already has this username/, "login"],
      [{ login: "mary jackson" }, /A username has at most 120 characters and no spaces/, "login"],
      [{ name: "" }, /Enter a name of at most 120 characters/, "name"],
      [{ role: "owner" }, /Choose a role/, "role"],
      [{ role: "" }, /Choose a role/, "role"],
    ];
    for (const [mistake, sentence, field] of mistakes) {
      const page = await root.post("/users", { ...right, ...mistake });
      assert.equal(page.status, 422, JSON.stringify(mistake));
      assert.match(page.words, sentence, JSON.stringify(mistake));
      assert.match(page.text, new RegExp(`<a href="#${field}">`), JSON.stringify(mistake));
      if (field !== "name") assert.match(page.text, /value="Mary Jackson"/);
    }
    assert.match((await root.get("/users?search=jackson")).words, /Nobody matches this search/);
    assert.equal((await root.post("/users", right)).status, 200);
  });

  test("to an account that was disabled meanwhile cannot be accepted, and says no more than that", async () => {
    await using world = await createWorld(dialect);
    const root = await administrator(world);
    const fields = { name: "Mary Jackson", login: "mary", email: "mary@example.org", role: "person" };
    const { path } = await root.post("/users", fields);
    const { auth } = world;
    const id = path.slice("/users/".length);
    const client = { address: "-", userAgent: "", requestId: "test" };
    const invited = await auth.people.act({ client, authority: auth.operatorAuthority(), act: "invite", id });
    assert.ok(invited.ok);
    assert.match((await root.post(`${path}/disable`)).words, /The account is disabled/);
    const page = await world.browser().get(`/invitation?ticket=${invited.ticket}`);
    assert.equal(page.status, 410);
    assert.doesNotMatch(page.words, /Mary|mary|disabled/);
  });
});
