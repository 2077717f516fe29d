// The attack: somebody found a key in a log, a repository or a program's settings, and tries what else it opens: pages,
// other people's keys, a wider or a longer key, the owner's factors. Somebody makes up keys. Somebody at another's open
// screen takes a key along. Somebody who was disabled, demoted or found out goes on using the key they have.

import assert from "node:assert/strict";
import { test } from "node:test";
import { apiKeyHash, newApiKey } from "../../../src/crypto/api-key.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { ROUTES } from "../../../src/web/app.ts";
import { COOKIE, submit } from "../../support/attacker.ts";
import { takeMails } from "../../support/outbox.ts";
import { openTables, readTables } from "../../support/tables.ts";
import {
  createWorld,
  type Member,
  type Node,
  OPERATOR,
  onBothDatabases,
  PASSWORD,
  type World,
} from "../../support/world.ts";

const PATH = "/account/api-keys";
const DAY = 24 * 60 * 60_000;
const KEY = /cs_[a-z2-7]{40}/;

type Wish = { name?: string; scopes?: string[]; days?: string };

function proof(world: World, member: Member): Record<string, string> {
  return member.secret === undefined
    ? { current_password: PASSWORD }
    : { current_password: PASSWORD, current_code: world.freshCode(member) };
}

async function formNumber(browser: Browser): Promise<string> {
  const { text } = await browser.get(PATH);
  return /name="form_number" value="([\w-]{16})"/.exec(text)?.[1] ?? "";
}

function fields({ name = "report", scopes = ["profile_read"], days = "30" }: Wish): Record<string, string> {
  return { name, days, ...Object.fromEntries(scopes.map((scope) => [`scope_${scope}`, "on"])) };
}

/** The key that a page shows. */
function keyOn({ words }: { words: string }): string {
  return KEY.exec(words)?.[0] ?? assert.fail(words);
}

async function makeKey(world: World, member: Member, browser: Browser, wish: Wish = {}): Promise<string> {
  const form_number = await formNumber(browser);
  const page = await browser.post(PATH, { ...fields(wish), form_number, ...proof(world, member) });
  assert.equal(page.status, 200, page.words);
  return keyOn(page);
}

async function signedIn(world: World, login: string, options: Parameters<World["person"]>[1] = {}) {
  const member = await world.person(login, options);
  const browser = world.browser();
  await world.signIn(browser, member);
  return { member, browser };
}

/** What a program sends: no cookie, no origin. */
function ask({ fetch }: Pick<Node, "fetch">, path: string, headers: Record<string, string>, init: RequestInit = {}) {
  const request = new Request(`http://localhost:4180${path}`, { ...init, headers, redirect: "manual" });
  return fetch(request, { incoming: { socket: { remoteAddress: "198.51.100.7" } } });
}

async function me(node: Pick<Node, "fetch">, key: string): Promise<number> {
  return (await ask(node, "/api/v1/me", { authorization: `Bearer ${key}` })).status;
}

async function introspect(node: Pick<Node, "fetch">, key: string, token: string) {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/x-www-form-urlencoded" };
  const body = new URLSearchParams({ token }).toString();
  const response = await ask(node, "/api/v1/introspect", headers, { method: "POST", body });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

onBothDatabases("an API key", (dialect) => {
  test("is shown once and stored as a hash; the list tells its prefix and last four (AK-01)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const { member, browser } = await signedIn(world, "ada", { twoFactor: true });
    const form_number = await formNumber(browser);
    const sent = { ...fields({}), form_number };
    const page = await browser.post(PATH, { ...sent, ...proof(world, member) });
    const key = keyOn(page);
    assert.equal(page.headers.get("cache-control"), "no-store");
    const again = await browser.post(PATH, sent);
    assert.match(again.words, /This key was made already/);
    assert.doesNotMatch(again.text, KEY);
    assert.match(again.words, new RegExp(`cs_…${key.slice(-4)}`));
    await Promise.all(Array.from({ length: 5 }, () => submit(browser, PATH, { ...sent, form_number: "B".repeat(16) })));
    const { api_keys = [] } = await readTables(db);
    assert.equal(api_keys.length, 2, "one form, one key, also when it is sent five times at once");
    const row = api_keys.find(({ key_hash }) => key_hash === apiKeyHash(key));
    assert.equal(row?.last_four, key.slice(-4));
    assert.ok(!JSON.stringify(await readTables(db)).includes(key.slice(3, 35)));
    await browser.post(`${PATH}/revoke`, { key: String(row?.id) });
    assert.match((await browser.post(PATH, sent)).words, /This key was made already/, "nor after it was revoked");
  });

  test("counts in the Authorization header alone, and not beside a cookie (AK-02)", async () => {
    await using world = await createWorld(dialect);
    const { member, browser } = await signedIn(world, "ada");
    const key = await makeKey(world, member, browser);
    assert.equal(await me(world, key), 200);
    assert.equal((await ask(world, "/api/v1/me", { authorization: `bearer  ${key}` })).status, 200);
    for (const query of ["access_token", "token", "key", "api_key", "authorization"]) {
      assert.equal((await ask(world, `/api/v1/me?${query}=${key}`, {})).status, 401, query);
    }
    const cookie = browser.cookies.get("__Host-countersign-session") ?? "";
    const elsewhere: Record<string, string>[] = [
      { "x-api-key": key },
      { "proxy-authorization": `Bearer ${key}` },
      { authorization: key },
      { authorization: `Basic ${btoa(`${key}:`)}` },
      { authorization: `Token ${key}` },
      { authorization: `Bearer ${key}, Bearer ${key}` },
      { authorization: `Bearer ${key.toUpperCase()}` },
      { authorization: `Bearer ${key} x` },
      ...Object.values(COOKIE).map((name) => ({ cookie: `${name}=${key}` })),
    ];
    for (const headers of elsewhere) {
      assert.equal((await ask(world, "/api/v1/me", headers)).status, 401, JSON.stringify(headers));
    }
    for (const name of Object.values(COOKIE)) {
      const headers = { authorization: `Bearer ${key}`, cookie: `${name}=${cookie}` };
      const answer = await ask(world, "/api/v1/me", headers);
      assert.equal(answer.status, 400, name);
      assert.equal(((await answer.json()) as { error: string }).error, "invalid_request");
    }
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams({ access_token: key, token: key }).toString();
    assert.equal((await ask(world, "/api/v1/introspect", form, { method: "POST", body })).status, 401);
  });

  test("is the only thing that counts there: a session token does not (SE-11)", async () => {
    await using world = await createWorld(dialect);
    const { browser } = await signedIn(world, "ada");
    const token = browser.cookies.get("__Host-countersign-session") ?? "";
    assert.notEqual(token, "");
    assert.equal(await me(world, token), 401);
    assert.equal((await ask(world, `/api/v1/me?session=${token}`, {})).status, 401);
    assert.equal((await ask(world, "/api/v1/me", { "x-session": token })).status, 401);
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams({ session: token, token }).toString();
    assert.equal((await ask(world, "/api/v1/introspect", form, { method: "POST", body })).status, 401);
  });

  test("opens no page and no form, its own included, on any route (AK-03)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const { member: root, browser } = await signedIn(world, "root", { role: "administrator", twoFactor: true });
    const ada = await world.person("ada");
    const key = await makeKey(world, root, browser, { scopes: ["profile_read", "introspect"] });
    assert.equal(await me(world, key), 200);
    const contents = async () => {
      // What a stranger's tries at the open doors leave, with or without a key.
      const { rates, attempts, events, event_head, mails, pending_sign_ins, ...tables } = await readTables(db);
      const { password_reset_requests, ...rest } = tables;
      return rest;
    };
    const before = await contents();
    const [row] = before.api_keys ?? [];
    for (const { method, path, who } of ROUTES) {
      if (who === "program" || path === "/healthz") continue;
      const address = path.replace(":id", ada.id);
      const form = {
        ...fields({}),
        form_number: "C".repeat(16),
        key: String(row?.id),
        reason: "lost",
        role: "administrator",
        login: "root",
        email: "evil@example.org",
        password: key,
        code: key,
        ticket: key,
        current_password: PASSWORD,
        current_code: world.freshCode(root),
        new_password: "eleven copper kettles whistle",
      };
      const init = method === "POST" ? { method, body: new URLSearchParams(form).toString() } : { method };
      const headers = { authorization: `Bearer ${key}`, "content-type": "application/x-www-form-urlencoded" };
      const answer = await ask(world, address, headers, init);
      assert.ok(
        answer.headers.getSetCookie().every((line) => !line.startsWith(`${COOKIE.session}=A`)),
        address,
      );
      if (who !== "anybody") assert.match(answer.headers.get("location") ?? "", /^\/sign-in/, `${method} ${address}`);
    }
    assert.deepEqual(await contents(), before);
  });

  test("does what its scope names and no more, for as long as it was made for (AK-03)", async () => {
    await using world = await createWorld(dialect);
    const { member: root, browser } = await signedIn(world, "root", { role: "administrator", twoFactor: true });
    const narrow = await makeKey(world, root, browser, { days: "1" });
    const checking = await makeKey(world, root, browser, { name: "gateway", scopes: ["introspect"], days: "365" });
    const refused = await introspect(world, narrow, checking);
    assert.equal(refused.status, 403);
    assert.equal(refused.answer.error, "insufficient_scope");
    const answer = await ask(world, "/api/v1/me", { authorization: `Bearer ${checking}` });
    assert.equal(answer.status, 403);
    assert.equal(
      answer.headers.get("www-authenticate"),
      'Bearer realm="api", error="insufficient_scope", scope="profile:read"',
    );
    const { answer: found } = await introspect(world, checking, narrow);
    const now = Math.floor(world.clock.now() / 1000);
    const { iat, exp, ...rest } = found;
    assert.deepEqual(rest, { active: true, sub: root.id, username: "root", scope: "profile:read" });
    assert.ok(Math.abs(Number(iat) - now) < 120 && Number(exp) - Number(iat) === DAY / 1000);
    for (const token of ["", "x", narrow.slice(0, -1), newApiKey(world.context.random).key]) {
      assert.deepEqual((await introspect(world, checking, token)).answer, { active: false });
    }
    world.clock.advance(DAY - 120_000);
    assert.equal(await me(world, narrow), 200);
    world.clock.advance(120_000);
    assert.equal(await me(world, narrow), 401);
    assert.deepEqual((await introspect(world, checking, narrow)).answer, { active: false });
    await world.auth.upkeep.run();
    await using db = await openTables(world);
    assert.equal((await readTables(db)).api_keys?.length, 2, "a dead key is still known, so its use is on record");
    world.clock.advance(31 * DAY);
    await world.auth.upkeep.run();
    assert.equal((await readTables(db)).api_keys?.length, 1);
  });

  test("never lasts for ever, and nobody gives it more than they may themselves (AK-03)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const { member, browser } = await signedIn(world, "ada", { twoFactor: true });
    const half = await signedIn(world, "half", { role: "administrator" });
    await browser.post("/account/email", { email: "ada@example.org", ...proof(world, member) });
    await half.browser.post("/account/email", { email: "half@example.org", ...proof(world, half.member) });
    const before = await readTables(db);
    const wishes: Wish[] = [
      ...["0", "-1", "2", "366", "36500", "", "never", "Infinity", "NaN", "1e3", "30.5"].map((days) => ({ days })),
      { scopes: [] },
      { scopes: ["introspect"] },
      { scopes: ["admin", "*", "users_write"] },
      { name: "" },
      { name: "a".repeat(61) },
      { name: "a\u202eb" },
    ];
    for (const wish of wishes) {
      for (const each of [browser, half.browser]) {
        const form_number = await formNumber(each);
        const answer = await submit(each, PATH, { ...fields(wish), form_number });
        assert.equal(answer.status, 422, JSON.stringify(wish));
      }
    }
    assert.deepEqual((await readTables(db)).api_keys, before.api_keys);
    const wide = { ...fields({ scopes: ["profile_read", "introspect"] }), form_number: await formNumber(browser) };
    const key = keyOn(await browser.post(PATH, wide));
    assert.equal((await introspect(world, key, key)).status, 403, "a scope that the form did not offer is not given");
  });

  test("of one person is at most one of twenty (AK-03)", async () => {
    await using world = await createWorld(dialect);
    const { member, browser } = await signedIn(world, "ada");
    await makeKey(world, member, browser, { days: "1" });
    for (let n = 1; n < 20; n++) {
      const page = await browser.post(PATH, { ...fields({}), form_number: `N${String(n).padStart(15, "0")}` });
      assert.match(page.words, /Copy your key now/);
    }
    const more = () => submit(browser, PATH, { ...fields({}), form_number: "M".repeat(16) });
    assert.equal((await more()).status, 422);
    world.clock.advance(DAY);
    await world.signIn(browser, member);
    const { status } = await submit(browser, PATH, {
      ...fields({}),
      form_number: "M".repeat(16),
      current_password: PASSWORD,
    });
    assert.equal(status, 200, "one of them is over");
  });

  test("that is revoked, or whose owner is disabled or loses the role, is dead on every node at once (AK-04)", async () => {
    await using world = await createWorld(dialect);
    const other = await world.node();
    const nodes = [world, other];
    const sync = () => other.clock.advance(world.clock.now() - other.clock.now());
    const { people, operatorAuthority } = world.auth;
    const root = await signedIn(world, "root", { role: "administrator", twoFactor: true });
    const second = await signedIn(world, "second", { role: "administrator", twoFactor: true });
    const ada = await signedIn(world, "ada");
    const own = await makeKey(world, ada.member, ada.browser);
    const checking = await makeKey(world, second.member, second.browser, { scopes: ["introspect", "profile_read"] });
    const keeping = await makeKey(world, root.member, root.browser, { scopes: ["introspect"] });
    sync();
    for (const node of nodes) {
      assert.equal(await me(node, own), 200);
      assert.equal((await introspect(node, checking, own)).answer.active, true);
    }
    const profile = { login: "second", name: "Second", email: "second@example.org" };
    const change = (role: "person" | "administrator") =>
      people.change({ client: OPERATOR, authority: operatorAuthority(), id: second.member.id, ...profile, role });
    assert.ok((await change("person")).ok);
    for (const node of nodes) {
      assert.equal((await introspect(node, checking, own)).status, 403);
      assert.equal((await introspect(node, keeping, checking)).answer.scope, "profile:read");
      assert.equal(await me(node, checking), 200);
    }
    assert.ok((await change("administrator")).ok);
    const reset = { id: second.member.id, act: "reset-two-factor", reason: "lost" } as const;
    assert.ok((await people.act({ client: OPERATOR, authority: operatorAuthority(), ...reset })).ok);
    for (const node of nodes)
      assert.equal((await introspect(node, checking, own)).status, 403, "one factor is too few");

    const [, id = ""] = /name="key" value="([\w-]{16})"/.exec((await ada.browser.get(PATH)).text) ?? [];
    assert.match((await ada.browser.post(`${PATH}/revoke`, { key: id })).words, /The key is revoked/);
    for (const node of nodes) {
      assert.equal(await me(node, own), 401);
      assert.equal((await introspect(node, keeping, own)).answer.active, false);
    }
    const next = await makeKey(world, ada.member, ada.browser);
    assert.equal(await me(other, next), 200);
    assert.ok(
      (await people.act({ client: OPERATOR, authority: operatorAuthority(), act: "disable", id: ada.member.id })).ok,
    );
    for (const node of nodes) assert.equal(await me(node, next), 401);
    assert.ok(
      (await people.act({ client: OPERATOR, authority: operatorAuthority(), act: "enable", id: ada.member.id })).ok,
    );
    for (const node of nodes) assert.equal(await me(node, next), 401, "nor does it come back with its owner");
  });

  test("outlives a new factor and a new password, which protect the pages", async () => {
    await using world = await createWorld(dialect);
    const { member, browser } = await signedIn(world, "ada");
    const key = await makeKey(world, member, browser);
    const new_password = "eleven copper kettles whistle";
    await browser.post("/account/password", { current_password: PASSWORD, new_password });
    assert.equal(await me(world, key), 200);
  });

  test("of somebody else is out of reach, whatever id is sent (AK-03)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const ada = await signedIn(world, "ada");
    const eve = await signedIn(world, "eve");
    const root = await signedIn(world, "root", { role: "administrator", twoFactor: true });
    const key = await makeKey(world, ada.member, ada.browser, { name: "Ada's report" });
    const { api_keys = [] } = await readTables(db);
    const id = String(api_keys[0]?.id);
    for (const { browser } of [eve, root]) {
      const theirs = await submit(browser, `${PATH}/revoke`, { key: id });
      const nobodys = await submit(browser, `${PATH}/revoke`, { key: "A".repeat(16) });
      assert.deepEqual([theirs.status, nobodys.status], [404, 404]);
      assert.doesNotMatch((await browser.get(PATH)).words, /Ada's report/);
    }
    const number = await formNumber(ada.browser);
    const page = await eve.browser.post(PATH, { ...fields({}), form_number: number, current_password: PASSWORD });
    assert.match(page.words, /Copy your key now/);
    const mine = await ada.browser.post(PATH, { ...fields({}), form_number: number });
    assert.match(mine.words, /Copy your key now/, "nobody uses up the number of another's form");
    assert.equal(await me(world, key), 200);
  });

  test("is made only by whoever confirms who they are, and told to the owner (AK-05)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const { member, browser } = await signedIn(world, "ada", { twoFactor: true });
    const form_number = await formNumber(browser);
    const answer = await submit(browser, PATH, { ...fields({}), form_number, current_password: PASSWORD });
    assert.ok([403, 422].includes(answer.status));
    assert.deepEqual((await readTables(db)).api_keys, []);
    const key = await makeKey(world, member, browser);
    await me(world, key);
    await me(world, key);
    const [, id = ""] = /name="key" value="([\w-]{16})"/.exec((await browser.get(PATH)).text) ?? [];
    await browser.post(`${PATH}/revoke`, { key: id });
    await me(world, key);
    const kinds = (await db.selectFrom("events").select("kind").orderBy("id").execute()).map(({ kind }) => kind);
    assert.deepEqual(
      kinds.filter((kind) => kind.startsWith("api_key")),
      ["api_key.created", "api_key.used", "api_key.revoked", "api_key.refused"],
    );
    const mails = await takeMails(world);
    assert.deepEqual(mails.map(({ kind }) => kind).sort(), ["api_key_created", "api_key_revoked"]);
    assert.ok(!JSON.stringify(mails).includes(key));
  });

  test("that was made up costs no look at the database, and dead ones are limited by address (AK-05)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const { member, browser } = await signedIn(world, "ada");
    const good = await makeKey(world, member, browser);
    assert.equal(await me(world, good), 200);
    const before = await readTables(db);
    const madeUp = Array.from({ length: 50 }, (_, n) => `cs_${String.fromCharCode(97 + (n % 26)).repeat(40)}`);
    for (const key of madeUp) assert.equal(await me(world, key), 401);
    assert.deepEqual(await readTables(db), before);
    const statuses: number[] = [];
    for (let n = 0; n < 30; n++) statuses.push(await me(world, newApiKey(world.context.random).key));
    assert.deepEqual(statuses, [...Array(20).fill(401), ...Array(10).fill(429)]);
    const refused = await ask(world, "/api/v1/me", { authorization: `Bearer ${newApiKey(world.context.random).key}` });
    assert.ok(Number(refused.headers.get("retry-after")) > 0);
    assert.equal(((await refused.json()) as { error: string }).error, "too_many_requests");
    assert.equal(await me(world, good), 200, "a key that works is not kept out by its neighbours");
    const events = await db.selectFrom("events").select("id").where("kind", "=", "api_key.refused").execute();
    assert.equal(events.length, 20);
  });

  test("is used at most once a minute for the record, also by many at once (AK-05)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const { member, browser } = await signedIn(world, "ada");
    const key = await makeKey(world, member, browser);
    const used = async () => (await readTables(db)).api_keys?.[0]?.last_used_at;
    const statuses = await Promise.all(Array.from({ length: 10 }, () => me(world, key)));
    assert.deepEqual(statuses, Array(10).fill(200));
    const first = await used();
    world.clock.advance(59_000);
    await me(world, key);
    assert.equal(await used(), first);
    world.clock.advance(1_000);
    await me(world, key);
    assert.equal(await used(), world.clock.now());
    const events = await db.selectFrom("events").select("id").where("kind", "=", "api_key.used").execute();
    assert.equal(events.length, 1, "the same address is recorded once");
    assert.match((await browser.get(PATH)).words, /from 198\.51\.100\.7/);
  });

  test("works without Origin, and not in another site's page (CH-01)", async () => {
    await using world = await createWorld(dialect);
    const { member, browser } = await signedIn(world, "root", { role: "administrator", twoFactor: true });
    const key = await makeKey(world, member, browser, { scopes: ["introspect"] });
    assert.equal((await introspect(world, key, key)).status, 200);
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/x-www-form-urlencoded" };
    for (const told of [{ "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }]) {
      const init = { method: "POST", body: `token=${key}` };
      const answer = await ask(world, "/api/v1/introspect", { ...headers, ...told }, init);
      assert.equal(answer.status, 403);
      assert.equal(((await answer.json()) as { error: string }).error, "forbidden");
    }
  });
});
