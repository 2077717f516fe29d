import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorld, onBothDatabases, PASSWORD } from "../support/world.ts";

const PATH = "/account/api-keys";

onBothDatabases("API keys", (dialect) => {
  test("are made after a confirmation that carries the form, used by a program, listed and revoked", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, ada);
    assert.match((await browser.get("/account/security")).text, /href="\/account\/api-keys"/);
    const empty = await browser.get(PATH);
    assert.match(empty.words, /You have no API keys/);
    assert.doesNotMatch(empty.words, /Check other people's keys/, "that is for administrators");
    const [, form_number = ""] = /name="form_number" value="([\w-]+)"/.exec(empty.text) ?? [];
    const form = { name: "Nightly report", scope_profile_read: "on", days: "7", form_number };
    const asked = await browser.post(PATH, form);
    assert.match(asked.words, /Confirm that it is you/);
    const hidden = [...asked.text.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)];
    const carried = Object.fromEntries(hidden.map(([, name, value]) => [name, value]));
    assert.deepEqual(carried, form);
    const proof = { current_password: PASSWORD, current_code: world.freshCode(ada) };
    const made = await browser.post(PATH, { ...carried, ...proof });
    assert.match(made.words, /Copy your key now/);
    const [key = ""] = /cs_[a-z2-7]{40}/.exec(made.words) ?? [];

    const answer = await world.browser().send("/api/v1/me", { headers: { authorization: `Bearer ${key}` } });
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), {
      user: { id: ada.id, login: "ada", name: "Ada", email: "ada@example.org", role: "person", twoFactor: true },
      scopes: ["profile:read"],
      expiresAt: world.clock.now() + 7 * 24 * 60 * 60_000,
    });

    const list = await browser.get(PATH);
    assert.match(list.words, new RegExp(`Nightly report .*cs_…${key.slice(-4)} .*See your profile`));
    const [, id = ""] = /name="key" value="([\w-]+)"/.exec(list.text) ?? [];
    const gone = await browser.post(`${PATH}/revoke`, { key: id });
    assert.match(gone.words, /The key is revoked/);
    assert.match(gone.words, /You have no API keys/);
    const refused = await world.browser().send("/api/v1/me", { headers: { authorization: `Bearer ${key}` } });
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get("www-authenticate"), 'Bearer realm="api", error="invalid_token"');
  });

  test("with a mistake in the form are not made, and what was typed stays", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const browser = world.browser();
    await world.signIn(browser, ada);
    const form = { name: "Report", days: "7", form_number: "A".repeat(16), current_password: PASSWORD };
    const page = await browser.post(PATH, form);
    assert.equal(page.status, 422);
    assert.match(page.words, /Choose at least one thing that the key may do/);
    assert.match(page.text, /value="Report"/);
    assert.match(page.text, /<option value="7" selected>/);
  });
});
