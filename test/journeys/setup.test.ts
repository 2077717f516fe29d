// The first day: the server printed a link, and whoever runs it makes the first administrator.

import assert from "node:assert/strict";
import { test } from "node:test";
import { codeFor } from "../../src/testing/auth.ts";
import { createWorld, OPERATOR, onBothDatabases, PASSWORD, secretOn } from "../support/world.ts";

onBothDatabases("setting up", (dialect) => {
  test("whoever has the printed link makes the first administrator, turns two factors on and sees the users (AD-06)", async () => {
    await using world = await createWorld(dialect);
    const browser = world.browser();
    const ticket = await world.auth.people.issueSetupTicket({ client: OPERATOR });
    const page = await browser.get(`/setup?ticket=${ticket}`);
    assert.equal(page.status, 200);
    assert.match(page.title, /Create the first administrator/);
    for (const name of ["name", "login", "email", "new_password"])
      assert.match(page.text, new RegExp(`name="${name}"`));
    assert.match(page.text, /autocomplete="new-password"/);

    const typed = { ticket, name: "Grace Hopper", login: "Grace", email: "Grace@Example.org", new_password: PASSWORD };
    const done = await browser.post("/setup", typed);
    assert.equal(done.path, "/sign-in");
    assert.match(done.words, /The administrator is created. Sign in to go on./);
    const home = await browser.post("/sign-in", { login: "grace@example.org", password: PASSWORD });
    assert.match(home.words, /Welcome, Grace Hopper/);
    assert.match(home.words, /Users Groups Rescues Policy .*Events/, "an administrator's header has its links");

    const led = await browser.get("/users");
    assert.match(led.words, /You need two-factor authentication to see other people's accounts. Set it up here./);
    const secret = secretOn(await browser.post("/account/security/enrolment", { current_password: PASSWORD }));
    await browser.post("/account/security/enrolment/confirm", { code: codeFor(secret, world.clock.now()) });
    const users = await browser.get("/users");
    assert.equal(users.status, 200);
    assert.match(users.words, /Grace Hopper grace Administrator On/);
    assert.match(users.words, /1–1 of 1 person/);
  });

  test("a mistake keeps what was typed, but the password, and says what to mend where", async () => {
    await using world = await createWorld(dialect);
    const browser = world.browser();
    const ticket = await world.auth.people.issueSetupTicket({ client: OPERATOR });
    const right = { ticket, name: "Grace Hopper", login: "grace", email: "grace@example.org", new_password: PASSWORD };
    const mistakes: [Record<string, string>, RegExp, string][] = [
      [{ name: " " }, /Enter a name of at most 120 characters/, "name"],
      [{ name: "a".repeat(121) }, /Enter a name of at most 120 characters/, "name"],
      [{ login: "grace hopper" }, /A username has at most 120 characters and no spaces/, "login"],
      [{ login: "" }, /A username has at most 120 characters and no spaces/, "login"],
      [{ email: "grace" }, /That does not look like an email address/, "email"],
      [{ email: "" }, /That does not look like an email address/, "email"],
      [{ new_password: "short" }, /A password needs at least 15 characters/, "new_password"],
    ];
    for (const [mistake, sentence, field] of mistakes) {
      const page = await browser.post("/setup", { ...right, ...mistake });
      assert.equal(page.status, 422, JSON.stringify(mistake));
      assert.match(page.title, /^Error: /);
      assert.match(page.words, sentence);
      assert.match(page.text, new RegExp(`<a href="#${field}">`), "the summary leads to the field");
      assert.match(page.text, new RegExp(`<input[^>]*name="${field}"[^>]*aria-invalid="true"`));
      assert.ok(!page.text.includes(PASSWORD) && !page.text.includes('value="short"'));
      if (field !== "name") assert.match(page.text, /value="Grace Hopper"/);
    }
    assert.equal((await browser.post("/setup", right)).path, "/sign-in");
  });

  test("a link that was used, is too old or is none says where a new one comes from", async () => {
    await using world = await createWorld(dialect);
    const page = await world.browser().get("/setup?ticket=none");
    assert.equal(page.status, 410);
    assert.match(page.words, /This link cannot be used/);
    assert.match(page.words, /Start the server again: it prints a new link as long as there is no administrator/);
  });
});
