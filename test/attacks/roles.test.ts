// The attack: somebody who is logged in asks for what belongs to others. A person tries the pages of administrators, or
// puts another's id, role or login into a form of their own. An administrator who has only a password tries to act
// like one who has both factors. Somebody at an administrator's open screen tries to act without the password.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Browser } from "../../src/testing/browser.ts";
import { ROUTES } from "../../src/web/app.ts";
import { createArena } from "../support/attacker.ts";
import { openTables, type Row, readTables } from "../support/tables.ts";
import { type Member, OPERATOR, onBothDatabases, PASSWORD, type World } from "../support/world.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" };

type Role = "stranger" | "person" | "protected person" | "administrator by password" | "administrator";

/** What a request came to. */
type Outcome = "log in first" | "nothing there" | "turn two factors on first" | "confirm first" | "in";

/** Who gets where: a row for each kind of route, a column for each role. */
const MATRIX: Record<string, Record<Role, Outcome>> = {
  person: {
    stranger: "log in first",
    person: "in",
    "protected person": "in",
    "administrator by password": "in",
    administrator: "in",
  },
  "person, confirmed": {
    stranger: "log in first",
    person: "confirm first",
    "protected person": "confirm first",
    "administrator by password": "confirm first",
    administrator: "confirm first",
  },
  administrator: {
    stranger: "log in first",
    person: "nothing there",
    "protected person": "nothing there",
    "administrator by password": "turn two factors on first",
    administrator: "in",
  },
  "administrator, confirmed": {
    stranger: "log in first",
    person: "nothing there",
    "protected person": "nothing there",
    "administrator by password": "turn two factors on first",
    administrator: "confirm first",
  },
};

/** Ends the session that asks, so it has a test of its own. */
const ROUTES_IN_MATRIX = ROUTES.filter(
  ({ who, path }) => (who === "person" || who === "enrolling" || who === "administrator") && path !== "/sign-out",
);

const rowOf = (route: (typeof ROUTES)[number]) =>
  `${route.who === "enrolling" ? "person" : route.who}${"confirmation" in route ? ", confirmed" : ""}`;

async function request(browser: Browser, method: string, path: string, fields: Record<string, string>) {
  const body = method === "POST" ? new URLSearchParams(fields).toString() : undefined;
  const response = await browser.send(path, { method, headers: FORM, ...(body === undefined ? {} : { body }) });
  return { response, body: await response.text() };
}

function outcomeOf({ response, body }: Awaited<ReturnType<typeof request>>, path: string): Outcome {
  const location = response.headers.get("location") ?? "";
  if (response.status === 303 && location.startsWith("/sign-in")) return "log in first";
  if (response.status === 404) return "nothing there";
  const needsTwoFactors = response.headers.getSetCookie().some((line) => line.includes("notice=administratorFirst"));
  if (response.status === 303 && location === "/account/security" && needsTwoFactors)
    return "turn two factors on first";
  // A form with its own confirmation says what is missing; the other forms lead to a page that asks.
  if (/Confirm that it is you/.test(body)) return "confirm first";
  if (response.status === 422 && /Enter your password\./.test(body)) return "confirm first";
  assert.ok(response.status < 500, `${path}: ${response.status}`);
  return "in";
}

async function contents(world: World): Promise<Record<string, Row[]>> {
  await using db = await openTables(world);
  const tables = await readTables(db);
  for (const row of tables.sessions ?? []) delete row.last_seen_at;
  return tables;
}

async function everybody(world: World) {
  const root = await world.person("root", { role: "administrator", twoFactor: true });
  const half = await world.person("half", { role: "administrator" });
  const ada = await world.person("ada");
  const eve = await world.person("eve", { twoFactor: true });
  const other = await world.person("other", { twoFactor: true });
  const browsers: Record<Role, Browser> = {
    stranger: world.browser(),
    person: world.browser(),
    "protected person": world.browser(),
    "administrator by password": world.browser(),
    administrator: world.browser(),
  };
  await world.signIn(browsers.person, ada);
  await world.signIn(browsers["protected person"], eve);
  await world.signIn(browsers["administrator by password"], half);
  await world.signIn(browsers.administrator, root);
  const own: Record<Role, Member> = {
    stranger: ada,
    person: ada,
    "protected person": eve,
    "administrator by password": half,
    administrator: root,
  };
  return { browsers, own, other, root, ada, eve };
}

/** Fields that every form here would take, so that a door which is open by mistake lets something through. */
const FIELDS = {
  login: "taken-over",
  name: "Taken Over",
  email: "taken-over@example.org",
  role: "administrator",
  reason: "lost the phone",
  language: "en",
  time_zone: "UTC",
  new_password: "eleven copper kettles whistle",
  code: "123456",
};

onBothDatabases("roles", (dialect) => {
  test("decide on every route, for one's own objects and for others', who gets where (AD-05)", async () => {
    await using world = await createArena(dialect);
    const { browsers, own, other } = await everybody(world);
    const before = await contents(world);
    let cases = 0;
    for (const [role, browser] of Object.entries(browsers) as [Role, Browser][]) {
      for (const route of ROUTES_IN_MATRIX) {
        const expected = MATRIX[rowOf(route)]?.[role];
        // What a person may do with their own account is shown by the journeys.
        if (route.method === "POST" && expected === "in") continue;
        for (const id of route.path.includes(":id") ? [own[role].id, other.id] : [own[role].id]) {
          const path = route.path.replace(":id", id);
          const answer = await request(browser, route.method, path, FIELDS);
          assert.equal(outcomeOf(answer, path), expected, `${role}: ${route.method} ${path}`);
          cases++;
        }
      }
    }
    assert.ok(cases > 120, `${cases} cases`);
    assert.deepEqual(await contents(world), before, "and nothing was done on the way");
  });

  test("let an administrator act only with the password and a code, and not with half of them (AD-01)", async () => {
    await using world = await createArena(dialect);
    const { browsers, root, other } = await everybody(world);
    const browser = browsers.administrator;
    const acts = ROUTES.filter((route) => route.who === "administrator" && route.method === "POST");
    assert.equal(acts.length, acts.filter((route) => "confirmation" in route).length, "every act asks");
    const users = async () => (await contents(world)).users;
    const before = await users();
    let code = world.freshCode(root);
    await browser.post("/account/email", { email: "root@example.org", current_password: PASSWORD, current_code: code });
    world.clock.advance(600_000);
    for (const [index, { path }] of acts.entries()) {
      const halves: Record<string, string>[] = [
        { current_password: PASSWORD },
        { current_password: PASSWORD, current_code: code },
        { current_code: world.freshCode(root) },
        { current_password: "", current_code: world.freshCode(root) },
        { password: PASSWORD, code: world.freshCode(root) },
      ];
      const half = { ...FIELDS, ...halves[index % halves.length] };
      const answer = await browser.send(path.replace(":id", other.id), {
        method: "POST",
        headers: FORM,
        body: new URLSearchParams(half).toString(),
      });
      assert.ok([403, 422].includes(answer.status), `${path}: ${answer.status}`);
      assert.match(await answer.text(), /Confirm that it is you/, path);
    }
    assert.deepEqual(await users(), before);
    code = world.freshCode(root);
    const done = await browser.post(`/users/${other.id}/disable`, { current_password: PASSWORD, current_code: code });
    assert.match(done.words, /The account is disabled/);
  });

  test("are asked for at each request, so a demoted administrator is a person at the next one (SE-05)", async () => {
    await using world = await createArena(dialect);
    const { browsers, root, other } = await everybody(world);
    const profile = { login: "root", name: "Root", email: "root@example.org", role: "person" } as const;
    const second = await world.person("second", { role: "administrator" });
    assert.ok(second.id);
    const code = world.freshCode(root);
    const confirm = { current_password: PASSWORD, current_code: code };
    const confirmed = await browsers.administrator.post(`/users/${other.id}/log-out`, confirm);
    assert.equal(confirmed.status, 200);
    const { auth } = world;
    const demoted = await auth.administration.changePerson(OPERATOR, auth.operatorAuthority(), {
      id: root.id,
      ...profile,
    });
    assert.ok(demoted.ok);
    assert.equal((await browsers.administrator.get("/users")).status, 404);
    assert.equal((await browsers.administrator.post(`/users/${other.id}/disable`)).status, 404);
    assert.doesNotMatch((await browsers.administrator.get("/")).text, /href="\/users"/);
  });

  test("do not come back with a form that was under way while the administrator was demoted (SE-05)", async () => {
    await using world = await createArena(dialect);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    await world.person("second", { role: "administrator" });
    const browser = world.browser();
    await world.signIn(browser, root);
    const { auth } = world;
    // The moment between reading the session and writing the form, held still.
    const session = await auth.sessions.find(browser.cookies.get("__Host-countersign-session"));
    assert.ok(session);
    const profile = { login: "root", name: "Root", email: "new@example.org", role: "person" } as const;
    await auth.administration.changePerson(OPERATOR, auth.operatorAuthority(), { id: root.id, ...profile });
    await auth.users.changePreferences(OPERATOR, session, { name: "Root", language: "en", timeZone: "UTC" });
    const after = await auth.administration.findPerson(auth.operatorAuthority(), root.id);
    assert.equal(after?.role, "person");
    assert.equal(after?.email, "new@example.org", "nor does the address that an administrator replaced");
  });

  test("keep an administrator who was just disabled from finishing an act on somebody else (SE-05)", async () => {
    await using world = await createArena(dialect);
    const { root, ada } = await everybody(world);
    const third = await world.person("third", { role: "administrator" });
    assert.ok(third.id);
    const browser = world.browser();
    await world.signIn(browser, root);
    const code = world.freshCode(root);
    const { auth } = world;
    const session = await auth.sessions.find(browser.cookies.get("__Host-countersign-session"));
    assert.ok(session);
    const confirmed = await auth.confirmation.confirm(OPERATOR, session, { password: PASSWORD, code });
    assert.ok(confirmed.ok);
    const admitted = auth.admit(confirmed.session);
    assert.ok(!("ok" in admitted));
    const authority = auth.authorityOf({ ...admitted, ...confirmed.session });
    assert.deepEqual(await auth.administration.disablePerson(OPERATOR, auth.operatorAuthority(), root.id), {
      ok: true,
    });
    const late = await auth.administration.disablePerson(OPERATOR, authority, ada.id);
    assert.equal(late.ok, false);
    const person = await auth.administration.findPerson(auth.operatorAuthority(), ada.id);
    assert.equal(person?.disabledAt, null);
  });
});

onBothDatabases("ids of others", (dialect) => {
  test("lead a person nowhere, whatever they name, and look like ids that do not exist (T-17)", async () => {
    await using world = await createArena(dialect);
    const { browsers, other, root } = await everybody(world);
    const tables = await contents(world);
    const ids = [
      other.id,
      root.id,
      ...["authenticators", "sessions", "known_browsers"].flatMap(
        (name) => tables[name]?.slice(0, 2).map(({ id }) => String(id)) ?? [],
      ),
    ];
    const bare = (text: string) => text.replace(/this number: [\w-]{12,}/, "");
    for (const role of ["person", "protected person"] as const) {
      for (const { path, method } of ROUTES.filter((route) => route.path.includes(":id"))) {
        const unknown = await request(browsers[role], method, path.replace(":id", "AAAAAAAAAAAAAAAA"), FIELDS);
        for (const id of ids) {
          const answer = await request(browsers[role], method, path.replace(":id", id), FIELDS);
          assert.equal(answer.response.status, 404, `${role}: ${method} ${path}`);
          assert.equal(bare(answer.body), bare(unknown.body));
        }
      }
    }
    assert.deepEqual(await contents(world), tables);
  });

  test("are in no address of one's own account, so there is nothing to put another's in (T-17)", () => {
    const withIds = ROUTES.filter(({ path }) => path.includes(":"));
    assert.ok(withIds.length > 0);
    for (const { path, who } of withIds) assert.equal(who, "administrator", path);
  });

  test("and roles, logins and dates in one's own forms are ignored (T-17)", async () => {
    await using world = await createArena(dialect);
    const { browsers, ada, other } = await everybody(world);
    await using db = await openTables(world);
    const row = (id: string) => db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
    const [mine, theirs] = [await row(ada.id), await row(other.id)];
    const smuggled = {
      id: other.id,
      user: other.id,
      user_id: other.id,
      userId: other.id,
      login: "other",
      role: "administrator",
      security_version: "99",
      password_hash: "x",
      disabled_at: "1",
      created_at: "1",
    };
    const typed = { name: "Ada King", language: "en", time_zone: "Europe/Vienna" };
    const saved = await browsers.person.post("/account", { ...smuggled, ...typed });
    assert.match(saved.words, /Your preferences are saved/);
    const email = { ...smuggled, email: "king@example.org", current_password: PASSWORD };
    assert.match((await browsers.person.post("/account/email", email)).words, /Your email address is changed/);
    assert.deepEqual(await row(other.id), theirs);
    const { name, email: address, time_zone, search_text, ...rest } = await row(ada.id);
    assert.deepEqual([name, address, time_zone], ["Ada King", "king@example.org", "Europe/Vienna"]);
    assert.match(search_text, /ada king/);
    const { name: _n, email: _e, time_zone: _t, search_text: _s, ...unchanged } = mine;
    assert.deepEqual(rest, unchanged);
  });

  test("of a secret that somebody else is setting up do not show it nor confirm it (T-17, AD-02)", async () => {
    await using world = await createArena(dialect);
    const { browsers, ada } = await everybody(world);
    const enrolment = "/account/security/enrolment";
    const page = await browsers.person.post(enrolment, { current_password: PASSWORD });
    const [secret] = /(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}/.exec(page.words) ?? [];
    assert.ok(secret !== undefined);
    // The same person in another browser, and an administrator, see nothing of it.
    const elsewhere = world.browser();
    await world.signIn(elsewhere, ada);
    assert.notEqual((await elsewhere.get(enrolment)).path, enrolment);
    for (const path of [`/users/${ada.id}`, "/events", "/users"]) {
      const seen = await browsers.administrator.get(path);
      assert.equal(seen.status, 200);
      assert.ok(!seen.text.includes(secret) && !seen.text.includes(secret.replaceAll(" ", "")));
    }
  });
});
