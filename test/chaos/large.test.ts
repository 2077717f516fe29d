// A company of five thousand people after some years: a hundred thousand events, and mails, keys and groups to match.
// Every page that an administrator opens must answer in fifty milliseconds at the median.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ROUTES } from "../../src/web/app.ts";
import { addEvents, addPeople } from "../support/crowd.ts";
import { setRules } from "../support/policies.ts";
import { createWorld, onBothDatabases, type World } from "../support/world.ts";

const PEOPLE = 5_000;
const EVENTS = 100_000;
/** Milliseconds of this process, at the median: what others do on the machine meanwhile is not the server's. */
const LIMIT = 50;
/** Requests of each page: some to warm up, then those that count. */
const WARM_UP = 10;
const TIMES = 21;

/** Fills an installation: half of the people have an app, some have keys, all are in groups. */
async function settle(world: World): Promise<string> {
  const { db, now } = world.context;
  const people = Array.from({ length: PEOPLE }, (_, n) => ({
    id: `person-${String(n).padStart(9, "0")}`,
    name: `Person ${(n * 7919) % PEOPLE}`,
    login: `person${n}`,
    email: `person${n}@example.org`,
  }));
  await addPeople(db, people, { password_hash: "x", last_sign_in_at: now(), created_at: now() });
  for (let at = 0; at < PEOPLE; at += 500) {
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
  test(`gets every page in ${LIMIT} ms at the median`, { timeout: 120_000 }, async (t) => {
    await using world = await createWorld(dialect);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const id = await settle(world);
    const browser = world.browser();
    await world.signIn(browser, root);
    const pages = ROUTES.filter(({ method, who }) => method === "GET" && who !== "program").map(({ path }) =>
      path.replace("/users/:id", `/users/${id}`).replace("/groups/:id", "/groups/g3"),
    );
    pages.push("/users?page=90", "/users?search=person4321", "/users?state=no-second-factor", "/events?person=person7");
    pages.push("/policy/rehearsal?scope=everyone&requirement=required");
    const medians: [number, string][] = [];
    for (const page of pages) {
      const times: number[] = [];
      for (let time = -WARM_UP; time < TIMES; time++) {
        const before = process.cpuUsage();
        const answer = await browser.send(page);
        await answer.arrayBuffer();
        const { user, system } = process.cpuUsage(before);
        if (time >= 0) times.push((user + system) / 1000);
        assert.ok(answer.status < 500, `${page}: ${answer.status}`);
      }
      times.sort((a, b) => a - b);
      medians.push([times[(TIMES - 1) / 2] ?? 0, page]);
    }
    medians.sort(([a], [b]) => b - a);
    for (const [median, page] of medians.slice(0, 8)) t.diagnostic(`${median.toFixed(1)} ms ${page}`);
    assert.deepEqual(
      medians.filter(([median]) => median >= LIMIT),
      [],
    );
  });
});
