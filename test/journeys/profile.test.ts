// One's own account: name, language and time zone, e-mail address, password, and what happened to it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { takeMails } from "../support/outbox.ts";
import { createWorld, onBothDatabases, PASSWORD } from "../support/world.ts";

onBothDatabases("my profile", (dialect) => {
  test("keeps a new name, language and time zone, and shows times in that zone", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const browser = world.browser();
    await world.signIn(browser, ada);
    const saved = await browser.post("/account", { name: "  Ada   King ", language: "en", time_zone: "Asia/Tokyo" });
    assert.match(saved.words, /Your preferences are saved/);
    assert.match(saved.text, /value="Ada King"/);
    assert.match(saved.text, /<option value="Asia\/Tokyo" selected/);
    assert.match((await browser.get("/")).words, /Welcome, Ada King/);
    assert.doesNotMatch((await browser.get("/account")).words, /Your preferences are saved/, "a notice is shown once");
  });

  test("refuses a name, language or zone that is none, and changes nothing", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const browser = world.browser();
    await world.signIn(browser, ada);
    const right = { name: "Ada", language: "en", time_zone: "UTC" };
    const mistakes: [Record<string, string>, RegExp][] = [
      [{ name: "" }, /Enter a name of at most 120 characters/],
      [{ name: "\u202egnihsihp" }, /Enter a name of at most 120 characters/],
      [{ name: "Ada\u2028King" }, /Enter a name of at most 120 characters|Welcome/],
      [{ language: "tlh" }, /Choose a language/],
      [{ language: "" }, /Choose a language/],
      [{ time_zone: "Mars/Olympus" }, /That is not a known time zone/],
      [{ time_zone: "" }, /That is not a known time zone/],
    ];
    for (const [mistake, sentence] of mistakes) {
      const page = await browser.post("/account", { ...right, ...mistake });
      if (page.status === 200) continue;
      assert.equal(page.status, 422, JSON.stringify(mistake));
      assert.match(page.words, sentence);
    }
    const person = await world.auth.people.findByName({ reader: world.auth.operatorAuthority(), name: "ada" });
    assert.match(person?.name ?? "", /^Ada/);
    assert.doesNotMatch(person?.name ?? "", /\p{Cc}|\u2028|\u202e/u);
  });

  test("asks for the password before the e-mail address changes, and tells the old address (ML-09, SU-01)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const browser = world.browser();
    await world.signIn(browser, ada);
    const asked = await browser.post("/account/email", { email: "king@example.org" });
    assert.equal(asked.status, 403);
    assert.match(asked.words, /Confirm that it is you/);
    assert.match(asked.text, /name="email" value="king@example.org"/, "what was wanted travels along");
    assert.deepEqual(await takeMails(world), []);
    const done = await browser.post("/account/email", { email: " King@Example.org ", current_password: PASSWORD });
    assert.match(done.words, /Your email address is changed/);
    const mails = (await takeMails(world)).map(({ kind, to }) => [kind, to]);
    assert.deepEqual(mails.sort(), [
      ["email_changed", "ada@example.org"],
      ["email_set", "king@example.org"],
    ]);

    const fresh = world.browser();
    assert.match(
      (await fresh.post("/sign-in", { login: "king@example.org", password: PASSWORD })).words,
      /Welcome, Ada/,
    );
    const old = await world.browser().post("/sign-in", { login: "ada@example.org", password: PASSWORD });
    assert.equal(old.status, 422, "the old address opens nothing any more");
    assert.match((await world.browser().post("/sign-in", { login: "ada", password: PASSWORD })).words, /Welcome, Ada/);
  });

  test("tells nobody when the e-mail address is saved as it was (ML-09)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const browser = world.browser();
    await world.signIn(browser, ada);
    const page = await browser.post("/account/email", { email: "ADA@example.org ", current_password: PASSWORD });
    assert.equal(page.status, 200);
    assert.deepEqual(await takeMails(world), []);
    const events = await world.auth.events.list({
      reader: world.auth.operatorAuthority(),
      filter: { kind: "profile.changed" },
      limit: 9,
    });
    assert.deepEqual(events, []);
  });

  test("refuses an address that is none or somebody else's, and keeps what was typed", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    await world.person("bob");
    const browser = world.browser();
    await world.signIn(browser, ada);
    await browser.post("/account/email", { email: "ada@example.org", current_password: PASSWORD });
    for (const email of ["ada", "ada@", "a b@example.org", "ada@example", "ada@example.org, bob@example.org"]) {
      const page = await browser.post("/account/email", { email });
      assert.equal(page.status, 422, email);
      assert.match(page.words, /That does not look like an email address/);
      assert.ok(page.text.includes(`value="${email}"`));
    }
    const taken = await browser.post("/account/email", { email: "Bob@example.org" });
    assert.match(taken.words, /Somebody has this email address/);
    const login = await browser.post("/account/email", { email: "" });
    assert.match(login.words, /Your email address is changed/, "one may have none");
  });

  test("shows the last sign-ins with browser and address, the newest first", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const userAgent =
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
    await world.signIn(world.browser({ address: "203.0.113.7", userAgent }), ada);
    world.clock.advance(3_600_000);
    const browser = world.browser({ address: "203.0.113.8", userAgent: "" });
    const home = await world.signIn(browser, ada);
    assert.match(home.words, /Unknown device, from 203\.0\.113\.8.*Chrome on macOS, from 203\.0\.113\.7/);
  });

  test("warns of a right password without a code until the person says that it was known (LS-10)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    const thief = world.browser({ address: "203.0.113.66" });
    await thief.post("/sign-in", { login: "ada", password: PASSWORD });
    world.clock.advance(600_000);
    await world.auth.upkeep.run();
    const browser = world.browser();
    const home = await world.signIn(browser, ada);
    assert.match(home.words, /Somebody had your password/);
    assert.match(home.words, /203\.0\.113\.66/);
    const read = await browser.post("/warnings/read");
    assert.match(read.words, /The warning is put away/);
    assert.doesNotMatch(read.words, /Somebody had your password/);
    assert.doesNotMatch((await world.signIn(world.browser(), ada)).words, /Somebody had your password/);
  });
});
