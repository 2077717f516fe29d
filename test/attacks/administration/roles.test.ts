// The attack: somebody who is signed in asks for what belongs to others. A person tries the pages of administrators, or
// puts another's id, role or login into a form of their own. An administrator who has only a password tries to act
// like one who has both factors. Somebody at an administrator's open screen tries to act without the password.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Role } from "../../../src/auth.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { ROUTES } from "../../../src/web/app.ts";
import type { Route } from "../../../src/web/route.ts";
import { COOKIE, createArena } from "../../support/attacker.ts";
import { openTables, type Row, readTables } from "../../support/tables.ts";
import { type Member, OPERATOR, onBothDatabases, PASSWORD, type World } from "../../support/world.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" };

/** Everybody who may ask, by what they have to show. */
const ASKERS = {
  stranger: undefined,
  person: { role: "person" },
  "protected person": { role: "person", twoFactor: true },
  "support by password": { role: "support" },
  support: { role: "support", twoFactor: true },
  "administrator by password": { role: "administrator" },
  administrator: { role: "administrator", twoFactor: true },
} as const satisfies Record<string, { role: Role; twoFactor?: true } | undefined>;

type Asker = keyof typeof ASKERS;
const EVERYBODY = Object.keys(ASKERS) as Asker[];

/** What a request came to. */
type Outcome =
  | "sign in first"
  | "key first"
  | "nothing there"
  | "turn two factors on first"
  | "confirm first"
  | "beyond support"
  | "in";

/** What is asked for: an address, and whose account it names. */
type Target = { path: string; whose: "nobody's" | "own" | Role };

const isStaffs = ({ who }: Route) => who === "support" || who === "administrator";

/** What should come of it: who may enter is in the table of routes, and support reaches nobody but people. */
function expectedOf(route: Route, asker: Asker, { path, whose }: Target, isConfirmed = false): Outcome {
  const shown = ASKERS[asker];
  if (route.who === "program") return "key first";
  if (shown === undefined) return "sign in first";
  if (isStaffs(route)) {
    if (shown.role !== route.who && shown.role !== "administrator") return "nothing there";
    if (!("twoFactor" in shown)) return "turn two factors on first";
  }
  if ("confirmation" in route && !isConfirmed) return "confirm first";
  const isReached = shown.role !== "support" || whose === "nobody's" || whose === "person";
  // What somebody is, support may see of anybody; there is nothing to do on that page.
  if (isReached || (route.method === "GET" && /^\/users\/[^/]+$/.test(path))) return "in";
  return route.method === "GET" ? "nothing there" : "beyond support";
}

/** The open doors are listed in routes.test.ts. Signing out ends the session that asks, so it has a test of its own. */
const GUARDED = ROUTES.filter(({ who, path }) => who !== "anybody" && path !== "/sign-out");

async function request(browser: Browser, method: string, path: string, fields: Record<string, string>) {
  const body = method === "POST" ? new URLSearchParams(fields).toString() : undefined;
  const response = await browser.send(path, { method, headers: FORM, ...(body === undefined ? {} : { body }) });
  return { response, body: await response.text() };
}

function outcomeOf({ response, body }: Awaited<ReturnType<typeof request>>, path: string): Outcome {
  const location = response.headers.get("location") ?? "";
  if (response.status === 303 && location.startsWith("/sign-in")) return "sign in first";
  if (response.status === 404) return "nothing there";
  if (response.status === 401) return "key first";
  const needsTwoFactors = response.headers.getSetCookie().some((line) => line.includes("notice=twoFactorFirst"));
  if (response.status === 303 && location === "/account/security" && needsTwoFactors)
    return "turn two factors on first";
  // A form with its own confirmation says what is missing; the other forms lead to a page that asks.
  if (/Confirm that it is you/.test(body)) return "confirm first";
  if (response.status === 422 && /Enter your password\./.test(body)) return "confirm first";
  if (response.status === 422 && /Support can only help people|This is your own account/.test(body))
    return "beyond support";
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
  const members = {} as Record<Asker, Member>;
  const browsers = {} as Record<Asker, Browser>;
  for (const asker of EVERYBODY) {
    browsers[asker] = world.browser();
    if (ASKERS[asker] === undefined) continue;
    members[asker] = await world.person(asker.replaceAll(" ", "-"), ASKERS[asker]);
    await world.signIn(browsers[asker], members[asker]);
  }
  const others: Record<Role, Member> = {
    person: await world.person("other", { twoFactor: true }),
    support: await world.person("helper", { role: "support", twoFactor: true }),
    administrator: await world.person("chief", { role: "administrator", twoFactor: true }),
  };
  const operator = world.auth.operatorAuthority();
  const group = await world.auth.groups.create(OPERATOR, operator, "Everybody");
  assert.ok(group.ok);
  for (const { id } of [...Object.values(members), ...Object.values(others)]) {
    assert.ok((await world.auth.groups.addMember(OPERATOR, operator, { id: group.id, person: { id } })).ok);
  }
  await prepareJob(world, browsers.administrator, others.person);
  return { browsers, members, others, root: members.administrator, ada: members.person, other: others.person };
}

/** A bulk action that was prepared and not begun. */
async function prepareJob({ auth }: World, browser: Browser, { id }: Member) {
  const session = await auth.session.find({ token: browser.cookies.get(COOKIE.session) });
  assert.ok(session);
  // As if the confirmation had just been made.
  const authority = { ...auth.operatorAuthority(), actor: session.user.id, session: session.id };
  const prepared = await auth.jobs.prepare(OPERATOR, authority, { act: "sign-out", selection: { ids: [id] } });
  assert.ok(prepared.ok);
}

type Cast = Awaited<ReturnType<typeof everybody>>;

/** The addresses of a route: for people one's own and one of each role, for things each that its table has. */
async function targetsOf(world: World, { path }: Route, { members, others }: Cast, asker: Asker): Promise<Target[]> {
  if (!path.includes(":id")) return [{ path, whose: "nobody's" }];
  const at = (id: string, whose: Target["whose"]) => ({ path: path.replace(":id", id), whose });
  const kind = path.slice(1, path.indexOf("/:id")).replaceAll("-", "_");
  if (kind !== "users") return (await contents(world))[kind]?.map(({ id }) => at(String(id), "nobody's")) ?? [];
  const own = members[asker];
  return [
    ...(own === undefined ? [] : [at(own.id, "own")]),
    ...Object.entries(others).map(([role, { id }]) => at(id, role as Role)),
  ];
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

/** Enters password and code, which opens ten minutes of acts, and tells the code. */
async function confirm(world: World, { browsers, members }: Cast, asker: "support" | "administrator"): Promise<string> {
  const code = world.freshCode(members[asker]);
  const { status } = await browsers[asker].post("/account/email", {
    email: `${asker}@example.org`,
    current_password: PASSWORD,
    current_code: code,
  });
  assert.equal(status, 200);
  return code;
}

onBothDatabases("roles", (dialect) => {
  test("decide on every route, for one's own objects and for others', who gets where (AD-05)", async () => {
    await using world = await createArena(dialect);
    const cast = await everybody(world);
    const before = await contents(world);
    let cases = 0;
    for (const asker of EVERYBODY) {
      for (const route of GUARDED) {
        const targets = await targetsOf(world, route, cast, asker);
        assert.ok(targets.length > 0, `nothing to ask for at ${route.path}`);
        for (const target of targets) {
          const expected = expectedOf(route, asker, target);
          // What a person may do with their own account is shown by the journeys.
          if (route.method === "POST" && expected === "in") continue;
          const answer = await request(cast.browsers[asker], route.method, target.path, FIELDS);
          assert.equal(outcomeOf(answer, target.path), expected, `${asker}: ${route.method} ${target.path}`);
          cases++;
        }
      }
    }
    assert.ok(cases > 400, `${cases} cases`);
    assert.deepEqual(await contents(world), before, "and nothing was done on the way");
  });

  test("decide the same once password and code are entered, and support changes people alone (AD-05)", async () => {
    await using world = await createArena(dialect);
    const cast = await everybody(world);
    for (const asker of ["support", "administrator"] as const) await confirm(world, cast, asker);
    const before = await contents(world);
    const allowed: [Route, Asker, Target][] = [];
    for (const asker of ["support", "administrator"] as const) {
      for (const route of GUARDED.filter((each) => isStaffs(each) && each.method === "POST")) {
        for (const target of await targetsOf(world, route, cast, asker)) {
          const expected = expectedOf(route, asker, target, true);
          if (expected === "in") {
            allowed.push([route, asker, target]);
            continue;
          }
          const answer = await request(cast.browsers[asker], "POST", target.path, FIELDS);
          assert.equal(outcomeOf(answer, target.path), expected, `${asker}: ${target.path}`);
        }
      }
    }
    assert.deepEqual(await contents(world), before, "and nothing was done on the way");
    for (const [{ method }, asker, { path, whose }] of allowed) {
      if (asker === "administrator" && whose !== "person") continue;
      assert.equal(outcomeOf(await request(cast.browsers[asker], method, path, {}), path), "in", `${asker}: ${path}`);
    }
  });

  test("let nobody act with half of password and code (AD-01)", async () => {
    await using world = await createArena(dialect);
    const cast = await everybody(world);
    const forms = ROUTES.filter((route) => isStaffs(route) && route.method === "POST");
    // It reads what pages show, and changes nothing.
    const acts = forms.filter(({ path }) => path !== "/events/export");
    assert.equal(acts.length, acts.filter((route) => "confirmation" in route).length, "every act asks");
    for (const asker of ["support", "administrator"] as const) {
      const { browsers, members, other } = cast;
      const spent = await confirm(world, cast, asker);
      world.clock.advance(600_000);
      const { users: before } = await contents(world);
      const theirs = acts.filter(({ who }) => who === "support" || asker === "administrator");
      for (const [index, { path }] of theirs.entries()) {
        const fresh = () => world.freshCode(members[asker]);
        const halves: Record<string, string>[] = [
          { current_password: PASSWORD },
          { current_password: PASSWORD, current_code: spent },
          { current_code: fresh() },
          { current_password: "", current_code: fresh() },
          { password: PASSWORD, code: fresh() },
        ];
        // Five wrong codes end the session, so the spent one is tried four times.
        const tried = index < 20 ? halves : halves.filter(({ current_code }) => current_code !== spent);
        const half = { ...FIELDS, ...tried[index % tried.length] };
        const { response, body } = await request(browsers[asker], "POST", path.replace(":id", other.id), half);
        assert.ok([403, 422].includes(response.status), `${path}: ${response.status}`);
        assert.match(body, /Confirm that it is you/, path);
        // So many misses would end the session before all forms were tried.
        await world.auth.people.act({
          client: OPERATOR,
          authority: world.auth.operatorAuthority(),
          act: "unlock",
          id: members[asker].id,
        });
      }
      assert.deepEqual((await contents(world)).users, before);
      const proof = { current_password: PASSWORD, current_code: world.freshCode(members[asker]) };
      const done = await browsers[asker].post(`/users/${other.id}/sign-out-everywhere`, proof);
      assert.match(done.words, /signed out everywhere/);
    }
  });

  test("are asked for at each request, so a demoted administrator is a person at the next one (SE-05)", async () => {
    await using world = await createArena(dialect);
    const { browsers, root, other } = await everybody(world);
    const profile = { login: "root", name: "Root", email: "root@example.org", role: "person" } as const;
    const second = await world.person("second", { role: "administrator" });
    assert.ok(second.id);
    const code = world.freshCode(root);
    const confirm = { current_password: PASSWORD, current_code: code };
    const confirmed = await browsers.administrator.post(`/users/${other.id}/sign-out-everywhere`, confirm);
    assert.equal(confirmed.status, 200);
    const { auth } = world;
    const demoted = await auth.people.change({
      client: OPERATOR,
      authority: auth.operatorAuthority(),
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
    const session = await auth.session.find({ token: browser.cookies.get("__Host-countersign-session") });
    assert.ok(session);
    const profile = { login: "root", name: "Root", email: "new@example.org", role: "person" } as const;
    await auth.people.change({ client: OPERATOR, authority: auth.operatorAuthority(), id: root.id, ...profile });
    await auth.users.changePreferences(OPERATOR, session, { name: "Root", language: "en", timeZone: "UTC" });
    const after = await auth.people.find({ reader: auth.operatorAuthority(), id: root.id });
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
    const session = await auth.session.find({ token: browser.cookies.get("__Host-countersign-session") });
    assert.ok(session);
    const confirmed = await auth.session.confirm({ client: OPERATOR, session, password: PASSWORD, code });
    assert.ok(confirmed.ok);
    const admitted = auth.admit({ session: confirmed.session, role: "administrator" });
    assert.ok(!("ok" in admitted));
    const authority = auth.authorityOf({ session: admitted });
    assert.deepEqual(
      await auth.people.act({ client: OPERATOR, authority: auth.operatorAuthority(), act: "disable", id: root.id }),
      {
        ok: true,
      },
    );
    const late = await auth.people.act({ client: OPERATOR, authority, act: "disable", id: ada.id });
    assert.equal(late.ok, false);
    const person = await auth.people.find({ reader: auth.operatorAuthority(), id: ada.id });
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
    for (const { path, who } of withIds) assert.ok(who === "support" || who === "administrator", path);
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
