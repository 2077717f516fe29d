// An administrator puts people together: makes a group, fills it from its own page and from a person's, finds its
// people again, and removes it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorld, OPERATOR, onBothDatabases, PASSWORD, type World } from "../support/world.ts";

async function administrator(world: World) {
  const root = await world.person("root", { role: "administrator", twoFactor: true });
  const browser = world.browser();
  await world.signIn(browser, root);
  const proof = { current_password: PASSWORD, current_code: world.freshCode(root) };
  await browser.post("/account/email", { email: "root@example.org", ...proof });
  return browser;
}

onBothDatabases("groups", (dialect) => {
  test("are made, filled, renamed and removed, and the people stay", async () => {
    await using world = await createWorld(dialect);
    const browser = await administrator(world);
    const ada = await world.person("ada");
    const eve = await world.person("eve");
    assert.match((await browser.get("/groups")).words, /There are no groups yet/);
    assert.doesNotMatch(
      (await browser.get(`/users/${ada.id}`)).text,
      /name="group"/,
      "so a person's page has no word of them",
    );

    const made = await browser.post("/groups", { name: "  Sales   Vienna " });
    assert.match(made.words, /The group is created\. Now add people\..*Nobody is in this group yet/);
    const group = made.path;
    const id = group.slice("/groups/".length);
    assert.match(
      (await browser.post(`${group}/members`, { person: " ADA@example.org" })).words,
      /is in the group\. .*Ada/,
    );
    const again = await browser.post(`${group}/members`, { person: "ada" });
    assert.equal(again.status, 422);
    assert.match(again.words, /This person is in the group already/);
    assert.match((await browser.post(`${group}/members`, { person: "nobody" })).words, /Nobody has this username/);

    const page = await browser.post(`/users/${eve.id}/groups`, { group: id });
    assert.match(page.words, /The person is in the group\..*Sales Vienna/);
    assert.match((await browser.get("/groups")).words, /Sales Vienna 2/);
    const filtered = await browser.get(`/users?group=${id}`);
    assert.match(filtered.words, /Ada.*Eve.*1–2 of 2 people/);
    assert.doesNotMatch(filtered.text, /root@|>Root<\/a>.*href="\/users\//);
    assert.match((await browser.get(`/users?group=${id}&search=eve`)).words, /1–1 of 1 person/);
    assert.match((await browser.get("/users?group=no-such-group")).words, /Nobody matches this search/);

    assert.match((await browser.post(group, { name: "Sales" })).words, /The name is changed/);
    assert.match((await browser.post(`${group}/members/remove`, { user: ada.id })).words, /out of the group/);
    assert.match((await browser.post(`${group}/members/remove`, { user: ada.id })).words, /not in the group any more/);
    assert.match((await browser.post(`/users/${eve.id}/groups/leave`, { group: id })).words, /out of the group/);
    assert.match((await browser.post(`/users/${eve.id}/groups`, { group: "gone" })).words, /not there any more/);
    assert.match((await browser.get(`/events?person=ada`)).words, /Removed from a group: Sales/);
    assert.match((await browser.post(`${group}/remove`)).words, /The group is removed/);
    assert.equal((await browser.get(group)).status, 404);
    assert.equal((await browser.get(`/users/${eve.id}`)).status, 200);
  });

  test("are listed in pages of fifty with a search, and shown to support", async () => {
    await using world = await createWorld(dialect);
    const browser = await administrator(world);
    const { auth } = world;
    const made = await auth.groups.create(OPERATOR, auth.operatorAuthority(), "Everybody");
    assert.ok(made.ok);
    for (let number = 10; number < 70; number++) {
      const { id } = await world.person(`person${number}`);
      await auth.groups.addMember(OPERATOR, auth.operatorAuthority(), { id: made.id, person: { id } });
    }
    const first = await browser.get(`/groups/${made.id}`);
    assert.match(first.words, /1–50 of 60 people/);
    assert.match((await browser.get(`/groups/${made.id}?page=2`)).words, /51–60 of 60 people/);
    assert.match((await browser.get(`/groups/${made.id}?search=person69`)).words, /1–1 of 1 person/);
    assert.match((await browser.get(`/groups/${made.id}?search=zzz`)).words, /Nobody matches/);

    const sue = await world.person("sue", { role: "support", twoFactor: true });
    const support = world.browser();
    await world.signIn(support, sue);
    assert.match((await support.get(`/users?group=${made.id}&search=person12`)).words, /1–1 of 1 person/);
    const [, person] =
      /href="(\/users\/[^"]+)"[^>]*>Person12</.exec((await support.get("/users?search=person12")).text) ?? [];
    const page = await support.get(String(person));
    assert.match(page.words, /Groups Everybody/);
    assert.doesNotMatch(page.text, /\/groups/);
    assert.equal((await support.get("/groups")).status, 404);
  });
});
