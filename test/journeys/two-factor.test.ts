// The story that the product is for: a password, then two-factor authentication, then two steps, then off again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { codeFor } from "../../src/testing/auth.ts";
import { createWorld, enrol, onBothDatabases, PASSWORD, secretOn } from "../support/world.ts";

onBothDatabases("two-factor authentication", (dialect) => {
  test("a person turns it on, signs in by two steps, and turns it off", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const browser = world.browser();

    const home = await world.signIn(browser, ada);
    assert.match(home.words, /Welcome, Ada/);
    assert.match(home.words, /protected by a password alone/);

    const asked = await browser.post("/account/security/enrolment");
    assert.equal(asked.status, 403);
    assert.match(asked.words, /Confirm that it is you/);

    const enrolment = await browser.post("/account/security/enrolment", { current_password: PASSWORD });
    assert.equal(enrolment.path, "/account/security/enrolment");
    const secret = secretOn(enrolment);
    const wrong = await browser.post("/account/security/enrolment/confirm", { code: "000000" });
    assert.match(wrong.words, /That code is not right/);
    assert.equal(secretOn(wrong), secret);
    const early = codeFor(secret, world.clock.now() - 180_000);
    const late = await browser.post("/account/security/enrolment/confirm", { code: early });
    assert.match(late.words, /right for 3 minutes ago: your phone's clock is behind. Turn on automatic time./);

    ada.secret = secret;
    const code = codeFor(secret, world.clock.now());
    const on = await browser.post("/account/security/enrolment/confirm", { code });
    assert.match(on.words, /Your account is protected/);

    const other = world.browser();
    const step = await other.post("/sign-in", { login: "ada@example.org", password: PASSWORD, next: "/account" });
    assert.equal(step.path, "/sign-in/code");
    assert.match((await other.post("/sign-in/code", { code })).words, /already used. Wait for the next one/);
    const fresh = world.freshCode(ada);
    const wanted = await other.post("/sign-in/code", { code: `${fresh.slice(0, 3)} ${fresh.slice(3)}` });
    assert.equal(wanted.path, "/account");

    const off = await other.post("/account/security/disable", {
      current_password: PASSWORD,
      current_code: world.freshCode(ada),
    });
    assert.match(off.words, /Two-factor authentication is off/);
    const plain = world.browser();
    assert.match((await plain.post("/sign-in", { login: "ada", password: PASSWORD })).words, /Welcome, Ada/);
  });

  test("turning it on ends every other session of the person (EN-09)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const other = world.browser();
    await world.signIn(other, ada);
    assert.equal((await other.get("/account")).status, 200);
    await enrol(world, ada);
    assert.equal((await other.get("/account")).path, "/sign-in?next=%2Faccount");
  });
});
