// Somebody lost phone and recovery codes: from the desk of support, or under rules that take longer, to a new phone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { render } from "../../src/mail/messages.ts";
import { codeFor } from "../../src/testing/auth.ts";
import { takeMails } from "../support/outbox.ts";
import { setRules } from "../support/policies.ts";
import { createWorld, type Member, onBothDatabases, PASSWORD, secretOn, type World } from "../support/world.ts";

const PUBLIC_URL = "https://accounts.example.org";
const DAY = 86_400_000;
const ENROLMENT = "/account/security/enrolment";

/** What the mails of a kind say to somebody. */
async function mailTo(world: World, to: string, subject: RegExp): Promise<string> {
  const messages = (await takeMails(world)).map((mail) => render(mail, world.auth.options));
  const found = messages.find((message) => message.to === to && subject.test(message.subject));
  assert.ok(found, `${subject} among ${messages.map((message) => `${message.to}: ${message.subject}`).join(", ")}`);
  return found.text;
}

const sure = (world: World, member: Member) => ({
  current_password: PASSWORD,
  current_code: world.freshCode(member),
});

onBothDatabases("somebody who lost everything", (dialect) => {
  test("gets a link by mail from support, and is in with a new phone (RC-10)", async () => {
    await using world = await createWorld(dialect, { options: { publicUrl: PUBLIC_URL } });
    const ada = await world.person("ada", { twoFactor: true });
    const joan = await world.person("joan", { role: "support", twoFactor: true });
    const desk = world.browser();
    await world.signIn(desk, joan);
    const page = await desk.get(`/users/${ada.id}`);
    assert.match(page.words, /Enrolment link For somebody who lost phone and recovery codes/);
    const reason = { way: "mailed-link", link_reason: "lost phone, called from a known number" };
    const made = await desk.post(`/users/${ada.id}/enrolment-link`, { ...reason, ...sure(world, joan) });
    assert.match(made.words, /The enrolment link is on its way to the person/);

    const mail = await mailTo(world, "ada@example.org", /^Set up your new phone/);
    const [link = ""] = /https:\/\/\S+enrolment-link\S+/.exec(mail) ?? [];
    const browser = world.browser();
    const asked = await browser.get(link.slice(PUBLIC_URL.length));
    assert.match(asked.words, /Have the new one at hand/);
    const ticket = new URL(link).searchParams.get("ticket") ?? "";
    const inside = await browser.post("/enrolment-link", { ticket, login: "Ada@Example.org", password: PASSWORD });
    assert.match(inside.words, /Set up your new phone .* no longer work/);
    const secret = secretOn(await browser.post(ENROLMENT));
    const done = await browser.post(`${ENROLMENT}/confirm`, { code: codeFor(secret, world.clock.now()) });
    assert.match(done.words, /Your recovery codes .* Your account is protected/);
    assert.match((await browser.get("/")).words, /Welcome, Ada/);
    assert.match(await mailTo(world, "ada@example.org", /set up anew/), /no longer work/);
    assert.match((await browser.get(link.slice(PUBLIC_URL.length))).words, /This link cannot be used/);
    const later = world.browser();
    assert.match((await world.signIn(later, { ...ada, secret })).words, /Welcome, Ada/);
  });

  test("waits where rules say so, and whoever helps comes back when it is over (AD-07)", async () => {
    await using world = await createWorld(dialect, { options: { publicUrl: PUBLIC_URL } });
    const ada = await world.person("ada", { twoFactor: true });
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const desk = world.browser();
    await world.signIn(desk, root);
    const rule = { scope: "everyone", rescue: "waiting", rescue_wait_hours: "24" };
    assert.match(
      (await desk.get(`/policy/rehearsal?${new URLSearchParams(rule)}`)).words,
      /Nothing changes for anybody/,
    );
    await desk.post("/policy", { ...rule, ...sure(world, root) });
    assert.match((await desk.get("/policy")).words, /rescues after a wait 24 hours to wait for a rescue/);

    const path = `/users/${ada.id}`;
    assert.match((await desk.get(path)).words, /it has to wait for 24 hours/);
    const asked = await desk.post(`${path}/reset-two-factor`, { reason: "lost phone, came with badge" });
    assert.match(asked.words, /A rescue is open .* lost phone, came with badge/);
    assert.doesNotMatch(asked.text, /rescue\/carry-out/);
    const mail = await mailTo(world, "ada@example.org", /let you back in/);
    assert.match(mail, /Root asked to reset two-factor authentication of your account.\s+It can be done from/);
    world.clock.advance(DAY);
    const later = world.browser();
    await world.signIn(later, root);
    const [, rescue = ""] = /name="rescue" value="([\w-]+)"/.exec((await later.get(path)).text) ?? [];
    const done = await later.post(`${path}/rescue/carry-out`, { rescue, ...sure(world, root) });
    assert.match(done.words, /Two-factor authentication is reset/);
    assert.match((await world.signIn(world.browser(), { ...ada, secret: undefined })).words, /Welcome, Ada/);
  });

  test("says stop, when it was somebody else who asked (AD-07)", async () => {
    await using world = await createWorld(dialect, { options: { publicUrl: PUBLIC_URL } });
    await setRules(world, { self_rescue: 1 });
    const ada = await world.person("ada", { twoFactor: true });
    const thief = world.browser();
    await thief.post("/sign-in", { login: "ada", password: PASSWORD });
    assert.match((await thief.get("/sign-in/code")).words, /I have lost everything/);
    assert.match((await thief.post("/sign-in/lost")).words, /The wait has begun/);
    const mail = await mailTo(world, "ada@example.org", /let you back in/);
    assert.match(mail, /somebody entered the password of your account/);
    const [link = ""] = /https:\/\/\S+rescue-stop\S+/.exec(mail) ?? [];
    const owner = world.browser();
    assert.match((await owner.get(link.slice(PUBLIC_URL.length))).words, /Stop the rescue of your account/);
    const ticket = new URL(link).searchParams.get("ticket") ?? "";
    assert.match((await owner.post("/rescue-stop", { ticket })).words, /Somebody knows your password/);
    world.clock.advance(DAY);
    await thief.post("/sign-in", { login: "ada", password: PASSWORD });
    assert.match((await thief.get("/sign-in/lost")).words, /Start the wait/);
    assert.match((await world.signIn(owner, ada)).words, /Welcome, Ada/);
  });
});
