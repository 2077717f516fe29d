// The attack: somebody of support wants more than helping people, or has lost their browser to somebody who does. They
// reset an administrator's second factor, make themselves administrator, act on the strength of a role that they had a
// moment ago, or wait for the moment in which a person becomes an administrator.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Role, SupportAuthority } from "../../../src/auth.ts";
import { createArena } from "../../support/attacker.ts";
import { authorityOf } from "../../support/staff.ts";
import { openTables } from "../../support/tables.ts";
import { type Member, OPERATOR, onBothDatabases, PASSWORD, type World } from "../../support/world.ts";

async function give(world: World, { id, login }: Member, role: Role) {
  const profile = { id, login, name: login, email: `${login}@example.org`, role };
  const given = await world.auth.people.change({
    client: OPERATOR,
    authority: world.auth.operatorAuthority(),
    ...profile,
  });
  assert.ok(given.ok);
}

/** The acts that support may do, each as it comes out. */
async function helpAll({ auth: { people } }: World, authority: SupportAuthority, id: string) {
  return [
    await people.act({ client: OPERATOR, authority, id, act: "reset-two-factor", reason: "because" }),
    await people.act({ client: OPERATOR, authority, act: "sign-out", id }),
    await people.act({ client: OPERATOR, authority, act: "unlock", id }),
    await people.act({ client: OPERATOR, authority, act: "invite", id }),
    await people.act({ client: OPERATOR, authority, act: "invite-to-two-factor", id }),
  ].map((outcome) => (outcome.ok ? "done" : outcome.reason));
}

onBothDatabases("support", (dialect) => {
  test("helps a person who lost the phone, and is on record with it (AD-03, AD-08)", async () => {
    await using world = await createArena(dialect);
    const sue = await world.person("sue", { role: "support", twoFactor: true });
    const ada = await world.person("ada", { twoFactor: true });
    const { browser } = await authorityOf(world, sue);
    assert.match((await browser.get("/users")).text, /href="\/users"/);
    assert.doesNotMatch((await browser.get("/users")).text, /href="\/(events|users\/new)"/);
    const page = await browser.get(`/users/${ada.id}`);
    assert.doesNotMatch(page.text, /name="(login|role|email)"|\/disable"|href="\/events/);
    const done = await browser.post(`/users/${ada.id}/reset-two-factor`, { reason: "came to my desk" });
    assert.match(done.words, /reset/);
    const events = await browser.get(`/users/${ada.id}/events`);
    assert.match(events.words, /came to my desk/);
    const [last] = await world.auth.events.list({ reader: world.auth.operatorAuthority(), filter: {}, limit: 1 });
    assert.deepEqual([last?.kind, last?.actor?.id, last?.user?.id], ["two_factor.reset", sue.id, ada.id]);
  });

  test("sees of an administrator what they are, and neither acts nor events (AD-08)", async () => {
    await using world = await createArena(dialect);
    const sue = await world.person("sue", { role: "support", twoFactor: true });
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const { browser } = await authorityOf(world, sue);
    for (const { id } of [root, sue]) {
      const page = await browser.get(`/users/${id}`);
      assert.equal(page.status, 200);
      assert.match(page.words, /Support can only help people/);
      assert.doesNotMatch(page.text, new RegExp(`action="/users/|/users/${id}/events`));
      assert.equal((await browser.get(`/users/${id}/events`)).status, 404);
    }
  });

  test("makes nobody anything, least of all itself, whatever its forms hold (AD-08, T-17)", async () => {
    await using world = await createArena(dialect);
    await using db = await openTables(world);
    const sue = await world.person("sue", { role: "support", twoFactor: true });
    const ada = await world.person("ada", { twoFactor: true });
    const { browser } = await authorityOf(world, sue);
    const roles = () => db.selectFrom("users").select(["id", "login", "role", "disabled_at"]).orderBy("id").execute();
    const before = await roles();
    const more = { id: sue.id, user_id: sue.id, role: "administrator", login: "boss", name: "Sue", reason: "because" };
    for (const { id } of [sue, ada]) {
      for (const act of [
        "",
        "/disable",
        "/enable",
        "/unlock",
        "/sign-out",
        "/reset-two-factor",
        "/enrolment-link",
        "/rescue/approve",
        "/invitation",
      ]) {
        await browser.post(`/users/${id}${act}`, more);
      }
    }
    await browser.post("/users", { ...more, email: "boss@example.org" });
    await browser.post("/account", { ...more, language: "en", time_zone: "UTC" });
    await browser.post("/account/email", { ...more, email: "sue@example.org" });
    assert.deepEqual(await roles(), before);
  });

  test("cannot do what administrators do by calling the engine without its types (AD-08)", async () => {
    await using world = await createArena(dialect);
    const { people } = world.auth;
    const sue = await world.person("sue", { role: "support", twoFactor: true });
    const ada = await world.person("ada", { twoFactor: true });
    const { authority } = await authorityOf(world, sue);
    const profile = { login: "boss", name: "Boss", email: "boss@example.org", role: "administrator" } as const;
    const no = { ok: false, reason: "no_authority" };
    // @ts-expect-error what support holds is not enough
    assert.deepEqual(await people.act({ client: OPERATOR, authority, act: "disable", id: ada.id }), no);
    // @ts-expect-error
    assert.deepEqual(await people.act({ client: OPERATOR, authority, act: "enable", id: ada.id }), no);
    // @ts-expect-error
    assert.deepEqual(await people.invite({ client: OPERATOR, authority, ...profile }), no);
    // @ts-expect-error
    assert.deepEqual(await people.change({ client: OPERATOR, authority, id: sue.id, ...profile }), no);
  });

  test("has no trusted browser, nor one that it had as a person (TD-01)", async () => {
    await using world = await createArena(dialect);
    const sue = await world.person("sue", { twoFactor: true });
    const browser = world.browser();
    await browser.post("/sign-in", { login: "sue", password: PASSWORD });
    const trusted = await browser.post("/sign-in/code", { code: world.freshCode(sue), trust: "on" });
    assert.equal(trusted.path, "/");
    await browser.post("/sign-out");
    assert.equal((await browser.post("/sign-in", { login: "sue", password: PASSWORD })).path, "/", "no code is asked");
    await give(world, sue, "support");
    assert.equal((await browser.get("/users")).path, "/account/security", "and that was one factor");
    await browser.post("/sign-out");
    const page = await browser.post("/sign-in", { login: "sue", password: PASSWORD });
    assert.equal(page.path, "/sign-in/code");
    assert.doesNotMatch(page.text, /name="trust"/, "nor is it offered");
  });
});

onBothDatabases("a role that changes during an act", (dialect) => {
  test("puts a person who became more out of support's reach (AD-08, SE-05)", async () => {
    for (const role of ["support", "administrator"] as const) {
      await using world = await createArena(dialect);
      const sue = await world.person("sue", { role: "support", twoFactor: true });
      const ada = await world.person("ada", { twoFactor: true });
      const { authority } = await authorityOf(world, sue);
      await give(world, ada, role);
      assert.deepEqual(await helpAll(world, authority, ada.id), Array(5).fill("beyond_support"));
      const person = await world.auth.people.find({ reader: authority, id: ada.id });
      assert.equal(person?.twoFactor, true);
    }
  });

  test("leaves an administrator who became support with nothing of what was under way (AD-08, SE-05)", async () => {
    await using world = await createArena(dialect);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const chief = await world.person("chief", { role: "administrator", twoFactor: true });
    const ada = await world.person("ada", { twoFactor: true });
    const { authority, browser } = await authorityOf(world, root);
    await give(world, root, "support");
    for (const { id } of [chief, ada]) {
      assert.deepEqual(await helpAll(world, authority, id), Array(5).fill("no_authority"));
    }
    assert.equal((await browser.post(`/users/${ada.id}/disable`)).status, 404);
    assert.equal((await browser.get("/events")).status, 404);
    assert.match((await browser.post(`/users/${chief.id}/sign-out-everywhere`)).words, /Support can only help people/);
    assert.match(
      (await browser.post(`/users/${ada.id}/sign-out-everywhere`)).words,
      /signed out everywhere/,
      "but helps people",
    );
  });

  test("leaves support that became a person with nothing at all (AD-08, SE-05)", async () => {
    await using world = await createArena(dialect);
    const sue = await world.person("sue", { role: "support", twoFactor: true });
    const ada = await world.person("ada", { twoFactor: true });
    const { authority, browser } = await authorityOf(world, sue);
    await give(world, sue, "person");
    assert.deepEqual(await helpAll(world, authority, ada.id), Array(5).fill("no_authority"));
    assert.equal((await browser.get("/users")).status, 404);
    assert.equal((await browser.post(`/users/${ada.id}/sign-out-everywhere`)).status, 404);
  });

  test("is before the act or after it: no administrator loses the second factor to support (AD-08)", async () => {
    await using world = await createArena(dialect);
    const sue = await world.person("sue", { role: "support", twoFactor: true });
    const { authority } = await authorityOf(world, sue);
    for (let round = 0; round < 10; round++) {
      const ada = await world.person(`ada${round}`, { twoFactor: true });
      const given = { id: ada.id, act: "reset-two-factor", reason: "because" } as const;
      const reset = () => world.auth.people.act({ client: OPERATOR, authority, ...given });
      const promote = () => give(world, ada, "administrator");
      const outcomes = await Promise.all(round % 2 === 0 ? [reset(), promote()] : [promote(), reset()]);
      const outcome = outcomes.find((each) => each !== undefined);
      const events = await world.auth.events.list({
        reader: world.auth.operatorAuthority(),
        filter: { userId: ada.id },
        limit: 2,
      });
      const kinds = events.map(({ kind }) => kind);
      if (outcome?.ok) assert.deepEqual(kinds, ["user.changed", "two_factor.reset"], "they were a person at the time");
      else assert.deepEqual([outcome?.reason, kinds[0]], ["beyond_support", "user.changed"]);
    }
  });
});
