// The attack: rules may ask more of a group than of others, so a group is a way to ask less. Somebody takes themselves
// out of it, or removes the group under the rule, by a form, by a group of a look-alike name, or in the moment in which
// the rule is made.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createArena, submit } from "../../support/attacker.ts";
import { rule, setRules } from "../../support/policies.ts";
import { openTables, readTables } from "../../support/tables.ts";
import { OPERATOR, onBothKinds, PASSWORD, type World } from "../../support/world.ts";

const REQUIRED = rule({ requirement: "required", required_since: 0 });

async function groupOf(world: World, name: string, ...members: { id: string }[]): Promise<string> {
  const { auth } = world;
  const made = await auth.groups.create(OPERATOR, auth.operatorAuthority(), name);
  assert.ok(made.ok);
  for (const person of members) {
    assert.ok((await auth.groups.addMember(OPERATOR, auth.operatorAuthority(), { id: made.id, person })).ok);
  }
  return made.id;
}

onBothKinds("a group with a rule", (dialect) => {
  test("cannot be removed under it, and keeps its people (AD-09)", async () => {
    await using world = await createArena(dialect);
    await using db = await openTables(world);
    const { auth } = world;
    const ada = await world.person("ada");
    const id = await groupOf(world, "Sales", ada);
    await setRules(world, { ...REQUIRED, scope: `group:${id}` });
    const before = await readTables(db);
    const refused = await auth.groups.remove(OPERATOR, auth.operatorAuthority(), id);
    assert.deepEqual(refused, { ok: false, reason: "group_has_rule" });
    assert.deepEqual(await readTables(db), before);
    const browser = world.browser();
    await world.signIn(browser, ada);
    assert.equal((await browser.get("/account/security")).path, "/account/security/required", "so the rule holds");
    await setRules(world);
    assert.deepEqual(await auth.groups.remove(OPERATOR, auth.operatorAuthority(), id), { ok: true });
    assert.equal((await readTables(db)).group_members?.length, 0);
  });

  test("is there, or it is not: no rule is left behind by a group that goes meanwhile (AD-09)", async () => {
    await using world = await createArena(dialect);
    await using db = await openTables(world);
    const { auth } = world;
    const authority = auth.operatorAuthority();
    for (let round = 0; round < 10; round++) {
      const id = await groupOf(world, `Group ${round}`);
      const empty = await auth.policy.find({ reader: authority, scope: `group:${id}` });
      assert.ok(empty);
      const save = async () =>
        (await auth.policy.save({ client: OPERATOR, authority, rule: { ...empty, requirement: "required" } })).ok;
      const remove = async () => (await auth.groups.remove(OPERATOR, authority, id)).ok;
      const outcomes = await Promise.all(round % 2 === 0 ? [save(), remove()] : [remove(), save()]);
      assert.deepEqual(outcomes.toSorted(), [false, true], "one of them came first");
    }
    const { policies, groups } = await readTables(db);
    assert.deepEqual(policies?.map(({ scope }) => scope).sort(), groups?.map(({ id }) => `group:${id}`).sort());
  });

  test("holds for whoever is put in at the next request, and no longer for whoever is taken out (AD-04)", async () => {
    await using world = await createArena(dialect);
    const { auth } = world;
    const ada = await world.person("ada");
    const id = await groupOf(world, "Sales");
    await setRules(world, { ...REQUIRED, scope: `group:${id}` });
    const browser = world.browser();
    await world.signIn(browser, ada);
    assert.equal((await browser.get("/account/security")).path, "/account/security");
    await auth.groups.addMember(OPERATOR, auth.operatorAuthority(), { id, person: ada });
    assert.equal((await browser.get("/account/security")).path, "/account/security/required");
    await auth.groups.removeMember(OPERATOR, auth.operatorAuthority(), { id, userId: ada.id });
    assert.equal((await browser.get("/account/security")).path, "/account/security");
  });

  test("lets neither people nor support out of it, whatever they send (AD-08, AD-09)", async () => {
    await using world = await createArena(dialect);
    await using db = await openTables(world);
    const ada = await world.person("ada", { twoFactor: true });
    const sue = await world.person("sue", { role: "support", twoFactor: true });
    const id = await groupOf(world, "Sales", ada, sue);
    await setRules(world, { ...REQUIRED, scope: `group:${id}` });
    const groups = async () => {
      const { groups: all, group_members, policies } = await readTables(db);
      return { all, group_members, policies };
    };
    const before = await groups();
    for (const member of [ada, sue]) {
      const browser = world.browser();
      await world.signIn(browser, member);
      for (const path of [
        "/groups",
        `/groups/${id}`,
        `/groups/${id}/remove`,
        `/groups/${id}/members`,
        `/groups/${id}/members/remove`,
        `/users/${ada.id}/groups`,
        `/users/${ada.id}/groups/leave`,
      ]) {
        const proof = { current_password: PASSWORD, current_code: world.freshCode(member) };
        const fields = { name: "Other", person: "ada", user: ada.id, group: id, ...proof };
        assert.equal((await submit(browser, path, fields)).status, 404, path);
      }
      if (dialect !== "host")
        await browser.post("/account", { name: "X", language: "en", time_zone: "UTC", group: "", groups: "", id });
    }
    assert.deepEqual(await groups(), before);
  });

  test("cannot be doubled by a name that looks the same (AD-09)", async () => {
    await using world = await createArena(dialect);
    const { auth } = world;
    await groupOf(world, "Büro");
    const other = await groupOf(world, "Other");
    for (const name of ["büro", " BÜRO ", "Bu\u0308ro", "Ｂüro"]) {
      const made = await auth.groups.create(OPERATOR, auth.operatorAuthority(), name);
      assert.deepEqual(made, { ok: false, reason: "name_taken" }, name);
      const renamed = await auth.groups.rename(OPERATOR, auth.operatorAuthority(), { id: other, name });
      assert.deepEqual(renamed, { ok: false, reason: "name_taken" }, name);
    }
    for (const name of ["", " ", "a\u0000b", "a\u202eb", "x".repeat(61)]) {
      const made = await auth.groups.create(OPERATOR, auth.operatorAuthority(), name);
      assert.deepEqual(made, { ok: false, reason: "name_invalid" }, JSON.stringify(name));
    }
    const again = await auth.groups.rename(OPERATOR, auth.operatorAuthority(), { id: other, name: "OTHER" });
    assert.deepEqual(again, { ok: true }, "its own name in other letters is no other group's");
  });

  test("is one, and within the 200, however many ask for it at once", async () => {
    await using world = await createArena(dialect);
    const { auth } = world;
    const create = (name: string) => auth.groups.create(OPERATOR, auth.operatorAuthority(), name);
    const twins = await Promise.all(Array.from({ length: 6 }, () => create("Sales")));
    assert.equal(twins.filter(({ ok }) => ok).length, 1);
    for (let number = 2; number < 199; number++) assert.ok((await create(`Group ${number}`)).ok);
    const last = await Promise.all(Array.from({ length: 6 }, (_, index) => create(`Last ${index}`)));
    assert.equal(last.filter(({ ok }) => ok).length, 2);
    assert.deepEqual(await create("One more"), { ok: false, reason: "too_many_groups" });
    assert.equal((await auth.groups.list(auth.operatorAuthority())).length, 200);
  });

  test("cannot be changed with the authority of support, also without the types (AD-08)", async () => {
    await using world = await createArena(dialect);
    const { auth } = world;
    const sue = await world.person("sue", { role: "support", twoFactor: true });
    const id = await groupOf(world, "Sales", sue);
    const browser = world.browser();
    await world.signIn(browser, sue);
    const session = await auth.session.find({ token: browser.cookies.get("__Host-countersign-session") });
    assert.ok(session);
    const code = world.freshCode(sue);
    const confirmed = await auth.session.confirm({ client: OPERATOR, session, password: PASSWORD, code });
    assert.ok(confirmed.ok);
    const admitted = auth.admit({ session: confirmed.session, role: "support" });
    assert.ok(!("ok" in admitted));
    const authority = auth.authorityOf({ session: admitted });
    const no = { ok: false, reason: "no_authority" };
    // @ts-expect-error what support holds is not enough
    assert.deepEqual(await auth.groups.remove(OPERATOR, authority, id), no);
    // @ts-expect-error
    assert.deepEqual(await auth.groups.removeMember(OPERATOR, authority, { id, userId: sue.id }), no);
    // @ts-expect-error
    assert.deepEqual(await auth.groups.addMember(OPERATOR, authority, { id, person: { id: sue.id } }), no);
  });
});
