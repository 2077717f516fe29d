// A person tells their own browser not to ask again, works on for weeks, and finds both the trust and the sessions
// under Account security.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorld, onBothDatabases, PASSWORD } from "../support/world.ts";

const DAY = 86_400_000;

onBothDatabases("a person who is tired of codes", (dialect) => {
  test("trusts a browser at the second step, is not asked there, and ends it again", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    const browser = world.browser();
    const asked = await browser.post("/sign-in", { login: "ada", password: PASSWORD });
    assert.match(asked.words, /Do not ask again in this browser For 30 days\./);
    await browser.post("/sign-in/code", { code: world.freshCode(ada), trust: "on" });

    for (let week = 0; week < 4; week++) {
      await browser.post("/sign-out");
      world.clock.advance(7 * DAY);
      const home = await browser.post("/sign-in", { login: "ada", password: PASSWORD });
      assert.equal(home.path, "/", "straight in");
      assert.match(home.words, /Signed in with your password in a trusted browser/);
    }
    const other = world.browser();
    await world.signIn(other, ada);
    const page = await browser.get("/account/security");
    assert.match(page.words, /Trusted browsers .* Firefox on Linux .* Where you are signed in .* This browser/);

    const proof = { current_password: PASSWORD, current_code: world.freshCode(ada) };
    const ended = await browser.post("/account/security/trusted-browsers/end-all", proof);
    assert.match(ended.words, /Signing in there asks for a code again/);
    const alone = await browser.post("/account/security/sessions/end-others");
    assert.match(alone.words, /You are signed out everywhere else/);
    await browser.post("/sign-out");
    const again = await browser.post("/sign-in", { login: "ada", password: PASSWORD });
    assert.equal(again.path, "/sign-in/code");
  });
});
