// An administrator looks for those whose accounts are in danger, and for those who will be locked out one day.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PeopleState } from "../../src/auth.ts";
import { openTables } from "../support/tables.ts";
import { createWorld, type Member, OPERATOR, onBothDatabases, PASSWORD, type World } from "../support/world.ts";

const DAY = 86_400_000;

onBothDatabases("the states that people are found by", (dialect) => {
  const found = async ({ auth }: World, state: PeopleState) => {
    const { people, total } = await auth.people.list({ reader: auth.operatorAuthority(), filter: { state }, page: 1 });
    assert.equal(total, people.length);
    return people.map(({ login }) => login).join(" ");
  };
  const disable = ({ auth }: World, { id }: Member) =>
    auth.people.act({ client: OPERATOR, authority: auth.operatorAuthority(), act: "disable", id });

  test("leave out who is disabled, and who has not accepted the invitation", async () => {
    await using world = await createWorld(dialect);
    await world.person("ada", { twoFactor: true });
    await world.person("bob");
    await disable(world, await world.person("dan"));
    await disable(world, await world.person("dora", { twoFactor: true }));
    const operator = world.auth.operatorAuthority();
    const profile = { login: "new", name: "New", email: null, role: "person" } as const;
    assert.ok((await world.auth.people.invite({ client: OPERATOR, authority: operator, ...profile })).ok);
    assert.equal(await found(world, "two-factor"), "ada dora");
    assert.equal(await found(world, "no-second-factor"), "bob");
    assert.equal(await found(world, "one-authenticator"), "ada");
    assert.equal(await found(world, "no-recovery-codes"), "ada");
    world.clock.advance(90 * DAY);
    assert.equal(await found(world, "not-seen"), "ada bob");
    await world.browser().post("/sign-in", { login: "bob", password: PASSWORD });
    assert.equal(await found(world, "not-seen"), "ada");
  });

  test("count the apps that stay, and the codes that are left", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const ada = await world.person("ada", { twoFactor: true });
    const [app] = await db.selectFrom("authenticators").selectAll().execute();
    assert.ok(app);
    // Moving to a new phone: the old app still works, but it will be gone in a day.
    const moving = { ...app, id: "old", goes_at: world.clock.now() + DAY, replaced_by: app.id };
    await db.insertInto("authenticators").values(moving).execute();
    assert.equal(await found(world, "one-authenticator"), "ada");
    await db.updateTable("authenticators").set({ goes_at: null, replaced_by: null }).execute();
    assert.equal(await found(world, "one-authenticator"), "");
    await db.deleteFrom("authenticators").where("id", "=", "old").execute();

    const browser = world.browser();
    await world.signIn(browser, ada);
    const proof = { current_password: PASSWORD, current_code: world.freshCode(ada) };
    await browser.post("/account/security/recovery-codes", proof);
    assert.equal(await found(world, "no-recovery-codes"), "");
    const codes = await db.selectFrom("recovery_codes").select("id").execute();
    assert.equal(codes.length, 10);
    const [kept, ...used] = codes.map(({ id }) => id);
    await db.updateTable("recovery_codes").set({ used_at: 1 }).where("id", "in", used).execute();
    assert.equal(await found(world, "no-recovery-codes"), "");
    await db
      .updateTable("recovery_codes")
      .set({ used_at: 1 })
      .where("id", "=", kept ?? "")
      .execute();
    assert.equal(await found(world, "no-recovery-codes"), "ada");
  });

  test("know a phone whose clock is off from a slow typist", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    await world.person("ada", { twoFactor: true });
    for (const [steps, off] of [
      [0, false],
      [-1, false],
      [-2, true],
      [1, true],
      [4, true],
    ] as const) {
      await db.updateTable("authenticators").set({ drift_steps: steps }).execute();
      assert.equal(await found(world, "clock-off"), off ? "ada" : "", String(steps));
    }
  });
});

onBothDatabases("the page of protection", (dialect) => {
  test("counts people by what is missing, and leads to them", async () => {
    await using world = await createWorld(dialect);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    await world.person("ada", { twoFactor: true });
    await world.person("bob");
    const browser = world.browser();
    await world.signIn(browser, root);
    const page = await browser.get("/protection");
    assert.match(page.words, /2 of 3 people have two-factor authentication on/);
    assert.match(page.words, /Two-factor authentication off 1 person/);
    assert.match(page.words, /One authenticator app only 2 people/);
    assert.match(page.words, /No recovery codes left 2 people/);
    assert.match(page.words, /Phone with a wrong clock 0 people/);
    assert.match(page.words, /Not seen for 90 days 0 people/);
    assert.doesNotMatch(page.words, /server's clock/);
    const links = [...page.text.matchAll(/href="(\/users\?state=[\w-]+)"/g)].map(([, href = ""]) => href);
    assert.deepEqual(links, [
      "/users?state=no-second-factor",
      "/users?state=one-authenticator",
      "/users?state=no-recovery-codes",
    ]);
    const list = await browser.get(links[0] ?? "");
    assert.match(list.words, /Bob/);
    assert.doesNotMatch(list.words, /Ada/);
    assert.match(list.text, /<option value="no-second-factor" selected/);
  });

  test("suspects the server's clock if most phones agree, and nobody's if they do not", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const people: Member[] = [];
    for (const login of ["ada", "bob", "cleo", "dan", "eve"])
      people.push(await world.person(login, { twoFactor: true }));
    const serverAhead = async (...drifts: number[]) => {
      for (const [index, { id }] of people.entries()) {
        const drift_steps = drifts[index] ?? 0;
        await db.updateTable("authenticators").set({ drift_steps }).where("user_id", "=", id).execute();
      }
      return (await world.auth.protection.overview(world.auth.operatorAuthority())).serverAhead;
    };
    assert.equal(await serverAhead(), 0);
    assert.equal(await serverAhead(-2, -2, -2, 0, 0), 60, "phones are behind, so the server is ahead");
    assert.equal(await serverAhead(1, 1, 2, 0, 0), -30);
    assert.equal(await serverAhead(-2, -2, 0, 1, 3), 0, "they do not agree");
    assert.equal(await serverAhead(-1, -1, -1, -1, -1), 0, "everybody may type slowly");
    await serverAhead(-2, -2, -2, -2, -2);
    await db
      .deleteFrom("authenticators")
      .where("user_id", "=", people[0]?.id ?? "")
      .execute();
    assert.equal(
      (await world.auth.protection.overview(world.auth.operatorAuthority())).serverAhead,
      0,
      "too few phones",
    );
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, root);
    const { words } = await browser.get("/protection");
    assert.match(words, /Most phones agree that this server's clock is 60 seconds ahead/);
  });

  test("leaves out phones that nobody has used for a month", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    for (const login of ["ada", "bob", "cleo", "dan", "eve"]) await world.person(login, { twoFactor: true });
    await db.updateTable("authenticators").set({ drift_steps: 4 }).execute();
    const overview = () => world.auth.protection.overview(world.auth.operatorAuthority());
    assert.equal((await overview()).serverAhead, -120);
    world.clock.advance(31 * DAY);
    assert.equal((await overview()).serverAhead, 0);
  });
});
