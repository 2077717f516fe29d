// The attack: the people belong to an application, and what is kept of them here is a copy. Somebody uses the gap: they
// were disabled or demoted there and still are somebody here, take over the name of a colleague, come at the moment in
// which something changes, or find an answer of the application that leads to somebody else. And what stands for a
// password in the copy is no password.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { HostAccounts, HostPerson } from "../../../src/accounts.ts";
import { ownAccounts } from "../../../src/core/people/own-accounts.ts";
import { verifyPassword } from "../../../src/crypto/password.ts";
import { type Arena, createArena, submit, whoIs } from "../../support/attacker.ts";
import { openWatched } from "../../support/faulty-database.ts";
import { addToHost, type TestHost } from "../../support/host.ts";
import { changeAtHost } from "../../support/keeper.ts";
import { type Kind, type Member, OPERATOR, PASSWORD } from "../../support/world.ts";

const WRONG = "not the right password";
const NEW_PASSWORD = "another eleven walnut boats";

describeHost("the people of a host", (arena) => {
  test("who come for the first time, ten times at once, are one person from then on (HO-03)", async () => {
    const { world, host } = arena();
    const { id, login } = addToHost(host, newLogin(), { password: PASSWORD });
    const browsers = Array.from({ length: 10 }, () => world.browser());
    await Promise.all(browsers.map((browser) => submit(browser, "/sign-in", { login, password: PASSWORD })));
    for (const browser of browsers) assert.equal(await whoIs(browser), login);
    const kinds = (await eventsOf(world, id)).map(({ kind }) => kind);
    assert.equal(kinds.filter((kind) => kind === "user.created").length, 1);
    assert.equal(kinds.filter((kind) => kind === "sign_in.succeeded").length, 10);
  });

  test("are let in as who the password was checked for, whatever name leads there (HO-02)", async () => {
    const { world, host, answer } = arena();
    const [ada, eve] = [await world.person(newLogin()), await world.person(newLogin())];
    host.setPassword(eve.id, NEW_PASSWORD);
    answer("find", async (name) => host.get(name === ada.login ? eve.id : ada.id));
    const browser = world.browser();
    assert.equal((await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD })).status, 422);
    await submit(browser, "/sign-in", { login: ada.login, password: NEW_PASSWORD });
    assert.equal(await whoIs(browser), eve.login);
  });

  test("are not taken from an answer about somebody else (HO-02)", async () => {
    const { world, host, answer } = arena();
    const [ada, eve] = [await world.person(newLogin()), await world.person(newLogin())];
    answer("get", async () => host.people.get(eve.id));
    const client = { ...OPERATOR, address: "192.0.2.1" };
    const step = { userId: ada.id, check: async () => true, wantedPage: "/", browserTokens: [] };
    await assert.rejects(world.auth.signIn.beginFor({ client, ...step }), /another person/);
    await assert.rejects(world.auth.people.refresh({ client: OPERATOR, id: ada.id }), /another person/);
  });

  test("whose host fails are not let in, and what was tried counts (HO-02)", async () => {
    const { world, answer } = arena();
    const ada = await world.person(newLogin());
    const browser = world.browser();
    for (const asked of ["find", "verify"] as const) {
      answer(asked, async () => {
        throw new Error("The directory does not answer");
      });
      const refused = await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD });
      assert.equal(refused.status, 500, asked);
      assert.equal(await whoIs(browser), undefined);
      answer(asked, undefined);
    }
    const charged = await world.context.db.selectFrom("attempts").selectAll().where("subject", "=", ada.id).execute();
    assert.deepEqual(
      charged.map(({ kind, misses }) => [kind, misses]),
      [["password", 1]],
    );
  });

  test("are let in by nothing but yes (HO-02)", async () => {
    const { world, answer } = arena();
    const ada = await world.person(newLogin());
    // A program without types may give anything back.
    for (const given of ["yes", 1, {}, [], "true", undefined, null, false]) {
      answer("verify", async () => given as boolean);
      const browser = world.browser();
      assert.equal((await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD })).status, 422);
      assert.equal(await whoIs(browser), undefined);
    }
  });

  test("hold up nobody while their host thinks (HO-03)", async () => {
    const { world, host, answer } = arena();
    const [ada, bob] = [await world.person(newLogin()), await world.person(newLogin())];
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const slowly =
      <Given extends unknown[], T>(asked: (...given: Given) => Promise<T>) =>
      async (...given: Given) => {
        if (given[0] === ada.login || given[0] === ada.id) await held;
        return asked(...given);
      };
    for (const asked of ["find", "get"] as const) answer(asked, slowly(host[asked]));
    const waiting = world.browser();
    const waits = [
      submit(waiting, "/sign-in", { login: ada.login, password: PASSWORD }),
      world.auth.people.refresh({ client: OPERATOR, id: ada.id }),
      world.auth.people.passwordChanged({ client: OPERATOR, id: ada.id }),
    ];
    const browser = world.browser();
    await submit(browser, "/sign-in", { login: bob.login, password: PASSWORD });
    assert.equal(await whoIs(browser), bob.login);
    await changeAtHost(world, bob, { name: "Robert" });
    release();
    await Promise.all(waits);
  });

  test("take over the name and the address of a colleague, who still signs in by the new ones", async () => {
    const { world, host } = arena();
    const [ada, eve] = [await world.person(newLogin()), await world.person(newLogin())];
    const [before, after] = [host.people.get(ada.id), host.people.get(eve.id)];
    assert.ok(before && after);
    // They swap, and the host tells of nothing.
    host.people.set(ada.id, { ...before, login: after.login, email: after.email });
    host.people.set(eve.id, { ...after, login: before.login, email: before.email });
    for (const [login, { id }] of [
      [ada.login, eve],
      [eve.login, ada],
      [`${ada.login}@example.org`, eve],
    ] as const) {
      const browser = world.browser();
      await submit(browser, "/sign-in", { login, password: PASSWORD });
      assert.equal((await userOf(browser))?.id, id);
      assert.equal(
        (await world.auth.people.findByName({ reader: world.auth.operatorAuthority(), name: login }))?.id,
        id,
      );
    }
  });

  test("keep a name that somebody had who is gone, or who had it for a while, as the operator looks for it", async () => {
    const { world, host } = arena();
    const [ada, eve] = [await world.person(newLogin()), await world.person(newLogin())];
    const found = async (name: string) =>
      (await world.auth.people.findByName({ reader: world.auth.operatorAuthority(), name }))?.id;
    // Eve gets the name of Ada, whom the application removes before it tells of her.
    host.people.delete(ada.id);
    await changeAtHost(world, eve, { login: ada.login, email: `${ada.login}@example.org` });
    assert.deepEqual(await world.auth.people.refresh({ client: OPERATOR, id: ada.id }), { ok: true });
    assert.equal(await found(ada.login), eve.id, "the name of somebody who is gone");
    assert.equal(await found(`${ada.login}@example.org`), eve.id);

    // Bob lends Cleo his name and gets it back, and the application tells of nothing but the end.
    const [bob, cleo] = [await world.person(newLogin()), await world.person(newLogin())];
    await changeAtHost(world, cleo, { login: bob.login });
    await changeAtHost(world, cleo, { login: cleo.login });
    assert.deepEqual(await world.auth.people.refresh({ client: OPERATOR, id: bob.id }), { ok: true });
    assert.equal(await found(bob.login), bob.id, "a name that came back");
    assert.equal(await found(cleo.login), cleo.id);
  });

  test("who are disabled between password and code stay out (HO-04)", async () => {
    const { world } = arena();
    const ada = await world.person(newLogin(), { twoFactor: true });
    const [browser, earlier] = [world.browser(), world.browser()];
    await world.signIn(earlier, ada);
    await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD });
    await changeAtHost(world, ada, { disabled: true });
    await submit(browser, "/sign-in/code", { code: world.freshCode(ada) });
    assert.equal(await whoIs(browser), undefined);
    assert.equal(await whoIs(earlier), undefined);
    await changeAtHost(world, ada, { disabled: false });
    for (const dead of [browser, earlier]) {
      await submit(dead, "/sign-in/code", { code: world.freshCode(ada) });
      assert.equal(await whoIs(dead), undefined, "what ended stays over");
    }
  });

  test("whom the host does not know any more are out once it says so (HO-04)", async () => {
    const { world, host } = arena();
    const ada = await world.person(newLogin());
    const session = world.browser();
    await world.signIn(session, ada);
    host.people.delete(ada.id);
    assert.deepEqual(await world.auth.people.refresh({ client: OPERATOR, id: ada.id }), { ok: true });
    assert.equal(await whoIs(session), undefined);
    const kept = await world.auth.people.find({ reader: world.auth.operatorAuthority(), id: ada.id });
    assert.deepEqual([kept?.login, kept?.disabledAt === null], [ada.login, false]);
    assert.deepEqual(await world.auth.people.refresh({ client: OPERATOR, id: "nobody" }), {
      ok: false,
      reason: "not_found",
    });
  });

  test("whom the host disabled without a word are out everywhere when their name is typed next (HO-04)", async () => {
    const { world, host } = arena();
    const ada = await world.person(newLogin());
    const session = world.browser();
    await world.signIn(session, ada);
    assert.equal(await whoIs(session), ada.login);
    const person = host.people.get(ada.id);
    assert.ok(person);
    host.people.set(ada.id, { ...person, disabled: true });
    assert.equal((await submit(world.browser(), "/sign-in", { login: ada.login, password: WRONG })).status, 422);
    assert.equal(await whoIs(session), undefined);
    // Whatever is not false keeps them out.
    host.people.set(ada.id, { ...person, disabled: 0 as unknown as boolean });
    assert.equal((await submit(world.browser(), "/sign-in", { login: ada.login, password: PASSWORD })).status, 422);
  });

  test("lose with a role what they had by it, at the next request (HO-04)", async () => {
    const { world } = arena();
    const root = await world.person(newLogin(), { role: "administrator", twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, root);
    assert.equal((await browser.get("/users")).status, 200);
    await changeAtHost(world, root, { role: "person" });
    assert.equal((await browser.get("/users")).status, 404);
    assert.deepEqual(
      (await eventsOf(world, root.id))
        .filter(({ kind }) => kind === "user.changed")
        .map(({ actor, details }) => [actor, details]),
      [[null, { by: "host", what: "role", role: "person" }]],
    );
  });

  test("are told at both addresses of a new one, and no mail offers what is the host's", async () => {
    const { world } = arena();
    const ada = await world.person(newLogin());
    await changeAtHost(world, ada, { email: "new@example.net" });
    const mails = await world.context.db
      .selectFrom("mails")
      .select(["kind", "recipient"])
      .where("user_id", "=", ada.id)
      .orderBy("kind")
      .execute();
    assert.deepEqual(
      mails.map(({ kind, recipient }) => [kind, recipient]),
      [
        ["email_changed", `${ada.login}@example.org`],
        ["email_set", "new@example.net"],
      ],
    );
    assert.deepEqual(await world.context.db.selectFrom("email_undos").selectAll().execute(), []);
  });

  test("are not made of an answer that was overtaken (HO-03)", async () => {
    const { world, host, answer } = arena();
    const ada = await world.person(newLogin());
    const person = host.people.get(ada.id);
    assert.ok(person);
    const overtaken = async (): Promise<HostPerson> => {
      answer("find", undefined);
      answer("get", undefined);
      await changeAtHost(world, ada, { disabled: true });
      return { ...person, name: "Ada as she was" };
    };
    answer("find", overtaken);
    const browser = world.browser();
    assert.equal((await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD })).status, 422);
    assert.equal(await whoIs(browser), undefined);

    await changeAtHost(world, ada, { disabled: false });
    answer("get", overtaken);
    assert.deepEqual(await world.auth.people.refresh({ client: OPERATOR, id: ada.id }), { ok: true });
    const { name, disabledAt } =
      (await world.auth.people.find({ reader: world.auth.operatorAuthority(), id: ada.id })) ?? {};
    assert.deepEqual([name, disabledAt === null], [person.name, false], "the later answer stands");
  });

  test("whose password changes while it is checked are not let in by the old one (HO-03)", async () => {
    const { world, host, answer } = arena();
    const ada = await world.person(newLogin());
    const newcomer = addToHost(host, newLogin(), { password: PASSWORD });
    for (const { id, login } of [ada, newcomer]) {
      answer("verify", async (whose, password) => {
        const isRight = await host.verify(whose, password);
        answer("verify", undefined);
        host.setPassword(id, NEW_PASSWORD);
        assert.deepEqual(await world.auth.people.passwordChanged({ client: OPERATOR, id }), { ok: true });
        return isRight;
      });
      const browser = world.browser();
      assert.equal((await submit(browser, "/sign-in", { login, password: PASSWORD })).status, 422, login);
      assert.equal(await whoIs(browser), undefined);
      await submit(browser, "/sign-in", { login, password: NEW_PASSWORD });
      assert.equal(await whoIs(browser), login);
    }
  });

  test("lose with a new password every session, half-done sign-in and trusted browser (HO-04)", async () => {
    const { world } = arena();
    const ada = await world.person(newLogin(), { twoFactor: true });
    const [session, trusted, half] = [world.browser(), world.browser(), world.browser()];
    await world.signIn(session, ada);
    await submit(trusted, "/sign-in", { login: ada.login, password: PASSWORD });
    await submit(trusted, "/sign-in/code", { code: world.freshCode(ada), trust: "on" });
    await submit(half, "/sign-in", { login: ada.login, password: PASSWORD });
    assert.deepEqual(await world.auth.people.passwordChanged({ client: OPERATOR, id: ada.id }), { ok: true });
    await submit(half, "/sign-in/code", { code: world.freshCode(ada) });
    for (const browser of [session, trusted, half]) assert.equal(await whoIs(browser), undefined);
    const again = await submit(trusted, "/sign-in", { login: ada.login, password: PASSWORD });
    assert.equal(again.headers.get("location"), "/sign-in/code");
  });

  test("have no id that means something else here", async () => {
    const { world, host, answer } = arena();
    const strange = [
      "",
      ".",
      "..",
      "../users",
      "a/b",
      "a:b",
      "unknown:0000",
      "a b",
      "a\0b",
      "é",
      "a\n",
      "x".repeat(65),
      "%2e",
    ];
    for (const id of [...strange, 7 as unknown as string, null as unknown as string]) {
      const person = { id, login: "strange", name: "Strange", email: null };
      answer("get", async () => person);
      answer("find", async () => person);
      answer("verify", async () => true);
      assert.deepEqual(await world.auth.people.refresh({ client: OPERATOR, id }), { ok: false, reason: "id_invalid" });
      const browser = world.browser();
      assert.equal((await submit(browser, "/sign-in", { login: "strange", password: PASSWORD })).status, 500);
      assert.equal(await whoIs(browser), undefined);
    }
    for (const asked of ["find", "get", "verify"] as const) answer(asked, undefined);
    for (const id of ["new", "-", "_a", "4f0e.9", "0", "x".repeat(64)]) {
      host.people.set(id, { id, login: `login-${id}`, name: "Usual", email: null });
      assert.deepEqual(await world.auth.people.refresh({ client: OPERATOR, id }), { ok: true });
      assert.equal((await world.auth.people.find({ reader: world.auth.operatorAuthority(), id }))?.id, id);
    }
  });

  test("are recorded and cost the same as names that nobody has (HO-05, LS-07)", async () => {
    const { world, host, statements } = arena();
    const [ada, newcomer] = [await world.person(newLogin()), addToHost(host, newLogin(), { password: PASSWORD })];
    const taken: Record<string, unknown> = {};
    for (const login of [ada.login, newcomer.login, `${newLogin()}-nobody`]) {
      const { last_event: before } = await lastEvent(world);
      statements.length = 0;
      const answer = await submit(world.browser(), "/sign-in", { login, password: WRONG });
      const list = [...statements];
      const rows = await world.context.db.selectFrom("events").select("kind").where("id", ">", before).execute();
      const body = (await answer.text()).replaceAll(login, "NAME");
      taken[login] = [answer.status, body, rows, list];
    }
    const [expected, ...others] = Object.values(taken);
    for (const other of others) assert.deepEqual(other, expected);
    const row = await world.context.db.selectFrom("users").select("id").where("id", "=", newcomer.id).execute();
    assert.deepEqual(row, [], "nobody is taken over because a stranger typed their name");
  });

  test("have here what no password fits (HO-02)", async () => {
    const { world } = arena();
    const ada = await world.person(newLogin());
    const { password_hash: marker } = await world.context.db
      .selectFrom("users")
      .select("password_hash")
      .where("id", "=", ada.id)
      .executeTakeFirstOrThrow();
    assert.ok(marker !== null);
    for (const password of [marker, "", PASSWORD, "\0", "undefined"]) {
      assert.equal(await verifyPassword(password, marker), false);
      assert.equal(await ownAccounts.verify({ id: ada.id, hash: marker }, password), false);
      if (password === PASSWORD) continue;
      const browser = world.browser();
      await submit(browser, "/sign-in", { login: ada.login, password });
      assert.equal(await whoIs(browser), undefined);
    }
  });
});

type Scene = {
  world: Arena;
  host: TestHost;
  /** Every statement that the database was given. */
  statements: string[];
  /** Has the host answer something else, or as usual again. */
  answer<Asked extends keyof HostAccounts>(asked: Asked, instead: HostAccounts[Asked] | undefined): void;
};

let people = 0;

function newLogin(): string {
  return `ada${++people}`;
}

async function eventsOf(world: Arena, id: string) {
  const events = await world.auth.events.list({ reader: world.auth.operatorAuthority(), filter: {}, limit: 500 });
  return events.filter(({ user }) => user?.id === id);
}

function lastEvent({ context }: Arena) {
  return context.db.selectFrom("event_head").select("last_event").executeTakeFirstOrThrow();
}

async function userOf(browser: { send(path: string): Promise<Response> }): Promise<Member | undefined> {
  const response = await browser.send("/api/v1/session");
  return response.status === 200 ? ((await response.json()) as { user: Member }).user : undefined;
}

/** A suite on an installation whose host answers what a test wants, on both databases. */
function describeHost(title: string, define: (arena: () => Scene) => void): void {
  for (const kind of ["host", "host on postgres"] as const) describeKind(kind, title, define);
}

function describeKind(kind: Kind, title: string, define: (arena: () => Scene) => void): void {
  describe(`${title} (${kind})`, () => {
    const statements: string[] = [];
    const instead: Partial<HostAccounts> = {};
    let world: Arena & AsyncDisposable;
    let host: TestHost;
    before(async () => {
      const openDatabase = (url: string) => openWatched(url, ({ sql }) => void statements.push(sql));
      world = await createArena(kind, { host: { openDatabase } });
      assert.ok(world.host !== undefined);
      host = { ...world.host };
      const usual = host;
      world.host.find = (name) => (instead.find ?? usual.find)(name);
      world.host.get = (id) => (instead.get ?? usual.get)(id);
      world.host.verify = (id, password) => (instead.verify ?? usual.verify)(id, password);
    });
    after(() => world[Symbol.asyncDispose]());
    beforeEach(() => {
      for (const asked of ["find", "get", "verify"] as const) delete instead[asked];
    });
    const answer: Scene["answer"] = (asked, given) => {
      if (given === undefined) delete instead[asked];
      else instead[asked] = given;
    };
    define(() => ({ world, host, statements, answer }));
  });
}
