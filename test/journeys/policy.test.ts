// An administrator rolls two-factor authentication out: sees what a rule would do, saves it, and people meet it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { takeMails } from "../support/outbox.ts";
import { setRules } from "../support/policies.ts";
import { openTables } from "../support/tables.ts";
import { createWorld, enrol, onBothDatabases, PASSWORD, type World } from "../support/world.ts";

const DAY = 86_400_000;

async function administrator(world: World) {
  const root = await world.person("root", { role: "administrator", twoFactor: true });
  const browser = world.browser();
  await world.signIn(browser, root);
  return { root, browser, sure: () => ({ current_password: PASSWORD, current_code: world.freshCode(root) }) };
}

onBothDatabases("the policy", (dialect) => {
  test("is rehearsed, saved, met by people and removed again (AD-04)", async () => {
    await using world = await createWorld(dialect);
    const { browser, sure } = await administrator(world);
    const ada = await world.person("ada");
    const eve = await world.person("eve", { twoFactor: true });
    const adas = world.browser();
    await world.signIn(adas, ada);

    assert.match((await browser.get("/policy")).words, /There are no rules/);
    const rule = { scope: "role:person", requirement: "required", grace_days: "7", skips: "3" };
    const rehearsal = await browser.get(`/policy/rehearsal?${new URLSearchParams(rule)}`);
    assert.match(rehearsal.words, /This rule is for 2 people/);
    assert.match(rehearsal.words, /Asked to set up two-factor authentication: 1 Ada/);
    assert.doesNotMatch(rehearsal.words, /at once, before anything else:/);
    const saved = await browser.post("/policy", { ...rule, ...sure() });
    assert.match(saved.words, /The policy is saved/);
    assert.match(saved.words, /Role Person Required 7 days after the first sign-in or after 3 sign-ins/);

    const asked = await world.signIn(adas, ada);
    assert.match(asked.words, /your account needs two-factor authentication\. 2 sign-ins without it are left/);
    assert.match((await adas.get("/")).words, /2 sign-ins without it are left/, "and every page says so");
    await enrol(world, ada, adas);
    assert.doesNotMatch((await adas.get("/")).words, /sign-ins without it/);
    const eves = world.browser();
    assert.equal((await world.signIn(eves, eve)).path, "/", "who has a second factor notices nothing");

    const removal = await browser.get(`/policy/rehearsal?${new URLSearchParams({ ...rule, remove: "yes" })}`);
    assert.match(removal.words, /Nobody is asked for more/);
    assert.match(removal.words, /Less strict than before: Two-factor authentication/);
    assert.match((await browser.post("/policy", { scope: "role:person" })).words, /There are no rules/);
  });

  test("names whom a rule would stop at once, and what else would end (AD-04)", async () => {
    await using world = await createWorld(dialect);
    const { browser } = await administrator(world);
    const [ada, bot] = [await world.person("ada"), await world.person("bot")];
    const eve = await world.person("eve", { twoFactor: true });
    await setRules(world, { scope: "role:person", endless_keys: 1 });
    const adas = world.browser();
    await world.signIn(adas, ada);
    await browser.get("/");
    const eves = world.browser();
    await eves.post("/sign-in", { login: eve.login, password: PASSWORD });
    await eves.post("/sign-in/code", { code: world.freshCode(eve), trust: "on" });
    const key = { name: "report", scope_profile_read: "on", days: "never", form_number: "A".repeat(16) };
    const made = await adas.post("/account/api-keys", { ...key, current_password: PASSWORD });
    assert.match(made.words, /cs_[a-z2-7]{40}/);
    await using db = await openTables(world);
    await db.updateTable("users").set({ email: null }).where("id", "=", bot.id).execute();
    await db.updateTable("api_keys").set({ user_id: bot.id }).execute();

    const rule = { scope: "everyone", requirement: "required", trust_days: "0", endless_keys: "no" };
    const { words } = await browser.get(`/policy/rehearsal?${new URLSearchParams(rule)}`);
    assert.match(words, /This rule is for 4 people/);
    assert.match(words, /One session that is open would reach nothing/);
    for (const line of [
      /set up two-factor authentication: 2 (Ada and Bot|Bot and Ada)/,
      /at once, before anything else: 2/,
      /without an email address for a reminder: 1 Bot/,
      /never signed in, so perhaps a service; the keys go on working: 1 Bot/,
      /trusted browser that is asked for a code again: 1 Eve/,
      /API key that never expires, which stops: 1 Bot/,
    ]) {
      assert.match(words, line);
    }
  });

  test("lets a key without an end work as long as it is allowed (AK-03)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const browser = world.browser();
    await world.signIn(browser, ada);
    const wish = { name: "report", scope_profile_read: "on", days: "never", form_number: "A".repeat(16) };
    const make = () => browser.post("/account/api-keys", { ...wish, current_password: PASSWORD });
    assert.doesNotMatch((await browser.get("/account/api-keys")).text, /value="never"/);
    assert.match((await make()).words, /Choose when the key expires/);
    await setRules(world, { endless_keys: 1 });
    assert.match((await browser.get("/account/api-keys")).text, /value="never"/);
    const [key = ""] = /cs_[a-z2-7]{40}/.exec((await make()).words) ?? [];
    const me = async () => {
      const headers = { authorization: `Bearer ${key}` };
      const answer = await world.browser().send("/api/v1/me", { headers });
      return [answer.status, ((await answer.json()) as { expiresAt?: unknown }).expiresAt];
    };
    world.clock.advance(4_000 * DAY);
    assert.deepEqual(await me(), [200, null]);
    await setRules(world, { endless_keys: 1 }, { scope: "role:person", endless_keys: 0 });
    assert.deepEqual(await me(), [401, undefined]);
    await setRules(world, { endless_keys: 1 });
    assert.deepEqual(await me(), [200, null]);
  });

  test("says what is wrong with a rule, and keeps what was typed", async () => {
    await using world = await createWorld(dialect);
    const { browser, sure } = await administrator(world);
    await browser.post("/policy", { scope: "everyone", ...sure() });
    const cases: [Record<string, string>, RegExp][] = [
      [{ requirement: "always" }, /Choose what the rule says/],
      [{ requirement: "required", required_from: "2027-02-30" }, /Enter a day/],
      [{ requirement: "required", required_from: "0001-01-01" }, /Enter a day/],
      [{ requirement: "required", grace_days: "400" }, /from 0 to 365/],
      [{ requirement: "required", skips: "-1" }, /from 0 to 100/],
      [{ factors: "recovery-code" }, /Choose what is accepted/],
      [{ factors: "authenticator toString" }, /Choose what is accepted/],
      [{ trust_days: "31" }, /from 0 to 30/],
      [{ session_hours: "0" }, /from 1 to 24/],
      [{ session_hours: "1.5" }, /from 1 to 24/],
    ];
    for (const [fields, message] of cases) {
      const rehearsed = await browser.get(`/policy/rehearsal?${new URLSearchParams({ scope: "everyone", ...fields })}`);
      const saved = await browser.post("/policy", { scope: "everyone", ...fields });
      for (const page of [rehearsed, saved]) {
        assert.equal(page.status, 422, JSON.stringify(fields));
        assert.match(page.words, message);
      }
    }
    const kept = await browser.get("/policy/rehearsal?scope=everyone&grace_days=400&session_hours=8");
    assert.match(kept.text, /name="session_hours"[^>]*value="8"|value="8"[^>]*name="session_hours"/);
    for (const scope of ["", "nobody", "role:owner", "group:", "group:AAAAAAAAAAAAAAAA"]) {
      assert.equal((await browser.get(`/policy/rule?${new URLSearchParams({ scope })}`)).status, 404, scope);
      assert.equal((await browser.post("/policy", { scope, session_hours: "8" })).status, 404, scope);
    }
    assert.match((await browser.get("/policy")).words, /There are no rules/);
  });

  test("reminds by mail when it begins, a week before and a day before, once each", async () => {
    await using world = await createWorld(dialect);
    const [ada] = [await world.person("ada"), await world.person("eve", { twoFactor: true })];
    await world.auth.upkeep.run();
    assert.deepEqual(await takeMails(world), []);
    world.clock.advance(DAY / 4);
    const began = world.clock.now();
    const due = began + 30 * DAY;
    await setRules(world, { requirement: "required", required_from: due, required_since: began });
    const days: number[] = [];
    for (let hour = 0; hour < 31 * 24; hour += 6) {
      await world.auth.upkeep.run();
      await world.auth.upkeep.run();
      for (const mail of await takeMails(world)) {
        assert.deepEqual([mail.kind, mail.recipient.id, mail.facts.dueAt], ["second_factor_asked", ada.id, due]);
        days.push(hour / 24);
      }
      world.clock.advance(DAY / 4);
    }
    assert.deepEqual(days, [0, 23, 29]);
  });

  test("reminds once of time that only the first sign-in begins, and then of its end", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    await setRules(world, { requirement: "required", grace_days: 3, required_since: world.clock.now() });
    const hours: number[] = [];
    for (let hour = 0; hour < 20 * 24; hour += 4) {
      if (hour === 240) await world.signIn(world.browser(), ada);
      await world.auth.upkeep.run();
      for (const mail of await takeMails(world)) if (mail.kind === "second_factor_asked") hours.push(hour);
      world.clock.advance(DAY / 6);
    }
    assert.deepEqual(hours, [0, 240, 288]);
  });
});
