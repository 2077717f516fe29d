// A company of five thousand people after some years: a hundred thousand events, and groups to match. Every page that an
// administrator opens answers, and asks the database no more often than for a company of ten. How long that takes is
// measured by `npm run bench -- growth`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ROUTES } from "../../src/web/app.ts";
import { addEvents, addPeople } from "../support/crowd.ts";
import { openWatched } from "../support/faulty-database.ts";
import { setRules } from "../support/policies.ts";
import { createWorld, onBothDatabases, type World } from "../support/world.ts";

const PEOPLE = 5_000;
const EVENTS = 100_000;
/** This asks about each crowd of people who are alike to the rules, and ten people are fewer crowds. */
const BY_CROWD = /^\/policy\/rehearsal/;

/** Fills an installation: half of the people have an app, some have keys, all are in groups. */
async function settle(world: World, count: number): Promise<string> {
  const { db, now } = world.context;
  const people = Array.from({ length: count }, (_, n) => ({
    id: `person-${String(n).padStart(9, "0")}`,
    name: `Person ${(n * 7919) % count}`,
    login: `person${n}`,
    email: `person${n}@example.org`,
  }));
  await addPeople(db, people, { password_hash: "x", last_sign_in_at: now(), created_at: now() });
  for (let at = 0; at < count; at += 500) {
    const some = people.slice(at, at + 500);
    const apps = some.slice(0, 250).map(({ id }) => ({
      ...{ id: `a${id}`, user_id: id, name: "Phone", secret_sealed: "x", algorithm: "SHA1" as const, digits: 6 },
      ...{ period: 30, last_step: 0, drift_steps: 0, created_at: now(), last_used_at: now(), goes_at: null },
      ...{ replaced_by: null },
    }));
    await db.insertInto("authenticators").values(apps).execute();
    const groups = some.map(({ id }, n) => ({ group_id: `g${n % 20}`, user_id: id }));
    if (at === 0) {
      const names = Array.from({ length: 20 }, (_, n) => ({ id: `g${n}`, name: `Group ${n}`, name_key: `group ${n}` }));
      await db
        .insertInto("groups")
        .values(names.map((group) => ({ ...group, created_at: now() })))
        .execute();
    }
    await db.insertInto("group_members").values(groups).execute();
  }
  await addEvents(db, EVENTS / 2, { user_id: people[7]?.id ?? null, kind: "sign_in.succeeded" });
  await addEvents(db, EVENTS / 2, { user_id: people[8]?.id ?? null });
  await setRules(world, { requirement: "encouraged" }, { scope: "group:g3", requirement: "required", grace_days: 9 });
  return people[7]?.id ?? "";
}

onBothDatabases("a large company", (dialect) => {
  /** How many statements each page of an administrator takes. */
  async function statementsOfPages(count: number): Promise<Map<string, number>> {
    let statements = 0;
    const see = () => void statements++;
    await using world = await createWorld(dialect, { host: { openDatabase: (url) => openWatched(url, see) } });
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const id = await settle(world, count);
    const browser = world.browser();
    await world.signIn(browser, root);
    const pages = ROUTES.filter(({ method, who }) => method === "GET" && who !== "program").map(({ path }) =>
      path.replace("/users/:id", `/users/${id}`).replace("/groups/:id", "/groups/g3"),
    );
    pages.push("/users?page=90", "/users?search=person4321", "/users?state=no-second-factor", "/events?person=person7");
    pages.push("/policy/rehearsal?scope=everyone&requirement=required");
    const taken = new Map<string, number>();
    for (const page of pages) {
      statements = 0;
      const answer = await browser.send(page);
      await answer.arrayBuffer();
      assert.ok(answer.status < 500, `${page}: ${answer.status}`);
      taken.set(page, statements);
    }
    return taken;
  }

  test("gets every page, for no more statements than a small one", { timeout: 120_000 }, async () => {
    const [small, large] = [await statementsOfPages(10), await statementsOfPages(PEOPLE)];
    for (const [page, statements] of large) {
      const few = small.get(page) ?? 0;
      assert.ok(
        statements <= few || BY_CROWD.test(page),
        `${page} takes ${statements} statements, and ${few} for ten people`,
      );
      assert.ok(statements < 20, `${page} takes ${statements} statements`);
    }
  });
});
