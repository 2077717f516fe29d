// The attack: an administrator's account is stolen, or its owner turns against the company. They reset others' second
// factor and walk in, choose passwords for people, remove every other administrator, or quietly make one more. Software
// cannot stop whoever holds the right; it can ask for both factors each time, keep what nobody should know from
// everybody, tell the person, keep a record with a reason, and never let the last administrator go.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Browser } from "../../../src/testing/browser.ts";
import { createArena } from "../../support/attacker.ts";
import { takeMails } from "../../support/outbox.ts";
import { openTables } from "../../support/tables.ts";
import {
  type Member,
  type Node,
  OPERATOR,
  onBothDatabases,
  PASSWORD,
  secretOn,
  type World,
} from "../../support/world.ts";

const NEXT = "another eleven walnut boats";

/** Signs an administrator in and confirms, so that ten minutes of acts lie open. */
async function confirmed(world: World, root: Member): Promise<Browser> {
  const browser = world.browser();
  await world.signIn(browser, root);
  const proof = { current_password: PASSWORD, current_code: world.freshCode(root) };
  const page = await browser.post("/account/security/authenticators/remove", { authenticator: "none", ...proof });
  assert.match(page.words, /not there any more/, "there was nothing to remove, so confirming is all that was done");
  return browser;
}

const profileOf = (member: Member, role: "person" | "administrator") => ({
  id: member.id,
  login: member.login,
  name: member.login,
  email: `${member.login}@example.org`,
  role,
});

onBothDatabases("inviting to two-factor authentication", (dialect) => {
  test("fills no mailbox: once a day, whoever asks, and nobody whom it is not for (AD-11)", async () => {
    await using world = await createArena(dialect);
    const authority = world.auth.operatorAuthority();
    const invite = async ({ id }: { id: string }) => {
      const outcome = await world.auth.people.act({ client: OPERATOR, authority, act: "invite-to-two-factor", id });
      return outcome.ok ? "invited" : outcome.reason;
    };
    const ada = await world.person("ada");
    assert.deepEqual(await Promise.all([invite(ada), invite(ada), invite(ada)]).then((all) => all.sort()), [
      "already_invited",
      "already_invited",
      "invited",
    ]);
    world.clock.advance(24 * 3_600_000 - 1);
    assert.equal(await invite(ada), "already_invited");
    world.clock.advance(1);
    assert.equal(await invite(ada), "invited");
    assert.equal(await invite(await world.person("bob", { twoFactor: true })), "already_enabled");
    const eve = await world.person("eve");
    await world.auth.people.act({ client: OPERATOR, authority, act: "disable", id: eve.id });
    assert.equal(await invite(eve), "disabled");
    const profile = { login: "new", name: "New", email: "new@example.org", role: "person" } as const;
    const added = await world.auth.people.invite({ client: OPERATOR, authority, ...profile });
    assert.ok(added.ok);
    assert.equal(await invite(added), "not_accepted");
    const mails = (await takeMails(world)).filter(({ kind }) => kind === "two_factor_invited");
    assert.deepEqual(
      mails.map(({ to, facts }) => [to, facts]),
      Array(2).fill(["ada@example.org", {}]),
      "and no link in it lets anybody in",
    );
  });
});

onBothDatabases("an administrator", (dialect) => {
  test("without two factors is led to set them up, and sees nobody before that (AD-01)", async () => {
    await using world = await createArena(dialect);
    const root = await world.person("root", { role: "administrator" });
    const ada = await world.person("ada");
    const browser = world.browser();
    await world.signIn(browser, root);
    for (const path of ["/users", "/users/new", `/users/${ada.id}`, "/events", "/events?person=ada"]) {
      const page = await browser.get(path);
      assert.equal(page.path, "/account/security", path);
      assert.match(page.words, /You need two-factor authentication to see other people's accounts. Set it up here./);
      assert.doesNotMatch(page.text, /ada@example.org/);
    }
    const enrolment = await browser.post("/account/security/enrolment", { current_password: PASSWORD });
    root.secret = secretOn(enrolment);
    await browser.post("/account/security/enrolment/confirm", { code: world.freshCode(root) });
    assert.equal((await browser.get("/users")).status, 200);
    const off = { current_password: PASSWORD, current_code: world.freshCode(root) };
    await browser.post("/account/security/disable", off);
    assert.equal((await browser.get("/users")).path, "/account/security", "and without them it is closed again");
  });

  test("is asked for password and code again ten minutes after the last time, however busy (AD-01, SU-03)", async () => {
    await using world = await createArena(dialect);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const ada = await world.person("ada");
    const browser = await confirmed(world, root);
    for (let minute = 1; minute < 10; minute++) {
      world.clock.advance(60_000);
      const page = await browser.post(`/users/${ada.id}/sign-out-everywhere`);
      assert.match(page.words, /signed out everywhere/, `minute ${minute}`);
    }
    world.clock.advance(60_000);
    const late = await browser.post(`/users/${ada.id}/disable`);
    assert.equal(late.status, 403);
    assert.match(late.words, /Confirm that it is you/);
  });

  test("never sees nor chooses a password, a secret or an invitation link of somebody else (AD-02)", async () => {
    await using world = await createArena(dialect);
    await using db = await openTables(world);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const eve = await world.person("eve", { twoFactor: true });
    const browser = await confirmed(world, root);
    const chosen = "chosen by the administrator";
    const smuggled = {
      password: chosen,
      new_password: chosen,
      password_hash: chosen,
      secret: "A".repeat(32),
      code: "1",
    };
    const created = await browser.post("/users", {
      login: "new",
      name: "New",
      email: "new@example.org",
      role: "person",
      ...smuggled,
    });
    assert.match(created.words, /The invitation is on its way/);
    const mail = (await takeMails(world)).find(({ kind }) => kind === "invitation");
    const ticket = String(mail?.facts.ticket);
    assert.match(ticket, /^[\w-]{16}\.[\w-]{43}$/, "only the mail has the link");
    const before = await db.selectFrom("authenticators").selectAll().execute();
    await browser.post(`/users/${eve.id}`, {
      login: "eve",
      name: "Eve",
      email: "eve@example.org",
      role: "person",
      ...smuggled,
    });
    await browser.post(`/users/${eve.id}/unlock`, smuggled);
    assert.deepEqual(await db.selectFrom("authenticators").selectAll().execute(), before);
    for (const login of ["new", "eve"]) {
      const page = await world.browser().post("/sign-in", { login, password: chosen });
      assert.match(page.words, /do not match/);
    }
    const id = created.path.slice("/users/".length);
    for (const path of [
      "/users",
      `/users/${id}`,
      `/users/${eve.id}`,
      "/events",
      "/events?person=new",
      "/api/v1/session",
    ]) {
      const { text, status } = await browser.get(path);
      assert.equal(status, 200, path);
      for (const secret of [ticket, ticket.split(".")[1], eve.secret, PASSWORD, chosen]) {
        assert.ok(!text.includes(String(secret)), path);
      }
      assert.doesNotMatch(text, /argon2|secret_sealed|password_hash|otpauth/);
    }
  });

  test("cannot set up two-factor authentication for somebody else (AD-02, AD-03)", async () => {
    await using world = await createArena(dialect);
    await using db = await openTables(world);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const ada = await world.person("ada");
    const browser = await confirmed(world, root);
    const as = { id: ada.id, user: ada.id, user_id: ada.id, login: "ada" };
    await browser.post("/account/security/enrolment", as);
    await browser.post(`/account/security/enrolment?user=${ada.id}`, as);
    for (const path of ["enrolment", "two-factor", "authenticators", "password"]) {
      assert.equal((await browser.post(`/users/${ada.id}/${path}`, as)).status, 404);
    }
    const enrolments = await db.selectFrom("enrolments").select("user_id").execute();
    assert.ok(enrolments.every(({ user_id }) => user_id !== ada.id));
    const authenticators = await db.selectFrom("authenticators").select("user_id").execute();
    assert.deepEqual(
      authenticators.map(({ user_id }) => user_id),
      [root.id],
    );
  });
});

onBothDatabases("a reset of two-factor authentication", (dialect) => {
  test("needs a reason, is on record with who did it, tells the person and ends their sessions (AD-03)", async () => {
    await using world = await createArena(dialect);
    await using db = await openTables(world);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const ada = await world.person("ada", { twoFactor: true });
    const other = world.browser();
    await world.signIn(other, ada);
    const waiting = world.browser();
    await waiting.post("/sign-in", { login: "ada", password: PASSWORD });
    const browser = await confirmed(world, root);

    for (const reason of ["", " \t\r\n ", undefined]) {
      const page = await browser.post(`/users/${ada.id}/reset-two-factor`, reason === undefined ? {} : { reason });
      assert.equal(page.status, 422);
      assert.match(page.words, /Say why/);
    }
    assert.equal((await other.get("/account")).status, 200, "nothing happened yet");

    await takeMails(world);
    const page = await browser.post(`/users/${ada.id}/reset-two-factor`, { reason: " lost phone,\n came with badge " });
    assert.match(page.words, /Two-factor authentication is reset. The person is told by email./);
    const event = await db
      .selectFrom("events")
      .selectAll()
      .where("kind", "=", "two_factor.reset")
      .executeTakeFirstOrThrow();
    assert.equal(event.actor_id, root.id);
    assert.equal(event.user_id, ada.id);
    assert.deepEqual(JSON.parse(event.details), { reason: "lost phone, came with badge" });
    assert.match((await browser.get("/events")).words, /Reset two-factor authentication: lost phone, came with badge/);
    const mails = (await takeMails(world)).map(({ kind, to }) => [kind, to]);
    assert.deepEqual(mails, [["two_factor_reset", "ada@example.org"]]);

    assert.equal((await other.get("/account")).path, "/sign-in?next=%2Faccount", "the session is over");
    assert.equal((await waiting.get("/sign-in/code")).path, "/sign-in", "so is the half-done sign-in");
    const known = await db.selectFrom("known_browsers").select("id").where("user_id", "=", ada.id).execute();
    assert.deepEqual(known, [], "no browser of theirs is known any more");

    const again = world.browser();
    const home = await again.post("/sign-in", { login: "ada", password: PASSWORD });
    assert.match(home.words, /protected by a password alone/, "the password still is theirs to know");
    const enrolment = await again.post("/account/security/enrolment", { current_password: PASSWORD });
    assert.notEqual(secretOn(enrolment), ada.secret, "setting up again makes a new secret");
  });

  test("cannot be done to oneself, nor can disabling or unlocking (AD-03)", async () => {
    await using world = await createArena(dialect);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    await world.person("second", { role: "administrator" });
    const browser = await confirmed(world, root);
    for (const act of ["reset-two-factor", "disable", "unlock", "sign-out-everywhere"]) {
      const page = await browser.post(`/users/${root.id}/${act}`, { reason: "I lost my phone" });
      assert.equal(page.status, 422, act);
      assert.match(page.words, /This is your own account/, act);
    }
    assert.match((await browser.get("/account/security")).words, /Your account is protected/);
  });

  test("of somebody without it changes nothing and tells nobody (AD-03)", async () => {
    await using world = await createArena(dialect);
    await using _db = await openTables(world);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const ada = await world.person("ada");
    const other = world.browser();
    await world.signIn(other, ada);
    const browser = await confirmed(world, root);
    await takeMails(world);
    const page = await browser.post(`/users/${ada.id}/reset-two-factor`, { reason: "just in case" });
    assert.match(page.words, /Two-factor authentication was already off/);
    assert.equal((await other.get("/account")).status, 200);
    assert.deepEqual(await takeMails(world), []);
  });
});

onBothDatabases("an act of an administrator", (dialect) => {
  test("is on record with who did it and to whom, and the old address hears of a new one (AD-07)", async () => {
    await using world = await createArena(dialect);
    await using db = await openTables(world);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const ada = await world.person("ada");
    const browser = await confirmed(world, root);
    const acts: [string, string, Record<string, string>][] = [
      ["disable", "user.disabled", {}],
      ["enable", "user.enabled", {}],
      ["unlock", "attempts.unlocked", {}],
      ["sign-out-everywhere", "sessions.ended", {}],
    ];
    for (const [path, kind, fields] of acts) {
      await browser.post(`/users/${ada.id}/${path}`, fields);
      const [event] = await db.selectFrom("events").selectAll().orderBy("id", "desc").limit(1).execute();
      assert.deepEqual([event?.kind, event?.actor_id, event?.user_id], [kind, root.id, ada.id]);
    }
    const address = { login: "ada", name: "Ada", email: "elsewhere@example.org", role: "administrator" };
    await browser.post(`/users/${ada.id}`, address);
    const [event] = await db.selectFrom("events").selectAll().orderBy("id", "desc").limit(1).execute();
    assert.deepEqual([event?.kind, event?.actor_id, event?.user_id], ["user.changed", root.id, ada.id]);
    assert.deepEqual(JSON.parse(event?.details ?? ""), { what: "email, role", role: "administrator" });
    const told = (await takeMails(world)).filter(({ kind }) => kind === "email_changed").map(({ to }) => to);
    assert.deepEqual(told, ["ada@example.org"], "the old address is told of the new one");
  });

  test("by the operator says so, and names no person (AD-07)", async () => {
    await using world = await createArena(dialect);
    await using db = await openTables(world);
    const ada = await world.person("ada");
    await world.auth.people.act({
      client: OPERATOR,
      authority: world.auth.operatorAuthority(),
      act: "disable",
      id: ada.id,
    });
    const [event] = await db.selectFrom("events").selectAll().orderBy("id", "desc").limit(1).execute();
    assert.deepEqual([event?.kind, event?.actor_id, event?.address], ["user.disabled", null, "-"]);
    assert.deepEqual(JSON.parse(event?.details ?? ""), { by: "operator" });
  });
});

onBothDatabases("the last administrator", (dialect) => {
  test("can be neither disabled nor demoted, by anybody (AD-03)", async () => {
    await using world = await createArena(dialect);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const away = await world.person("away", { role: "administrator" });
    const { auth } = world;
    const operator = auth.operatorAuthority();
    await auth.people.act({ client: OPERATOR, authority: operator, act: "disable", id: away.id });
    const profile = { login: "invited", name: "Invited", email: "i@example.org", role: "administrator" } as const;
    await auth.people.invite({ client: OPERATOR, authority: operator, ...profile });

    const last = { ok: false, reason: "last_administrator" };
    assert.deepEqual(
      await auth.people.act({ client: OPERATOR, authority: operator, act: "disable", id: root.id }),
      last,
    );
    assert.deepEqual(
      await auth.people.change({ client: OPERATOR, authority: operator, ...profileOf(root, "person") }),
      last,
    );
    const browser = await confirmed(world, root);
    const page = await browser.post(`/users/${root.id}`, { ...profileOf(root, "person") });
    assert.equal(page.status, 422);
    assert.match(page.words, /This is the last administrator/);
    const renamed = await browser.post(`/users/${root.id}`, {
      ...profileOf(root, "administrator"),
      name: "Root Again",
    });
    assert.match(renamed.words, /Root Again/, "everything else about them can change");

    assert.deepEqual(await auth.people.act({ client: OPERATOR, authority: operator, act: "enable", id: away.id }), {
      ok: true,
    });
    assert.deepEqual(await auth.people.act({ client: OPERATOR, authority: operator, act: "disable", id: root.id }), {
      ok: true,
    });
    assert.deepEqual(
      await auth.people.act({ client: OPERATOR, authority: operator, act: "disable", id: away.id }),
      last,
    );
  });

  test("stays when two are removed at the same moment, in every way and many times (AD-03)", async () => {
    await using world = await createArena(dialect);
    await using db = await openTables(world);
    const a = await world.person("aaron", { role: "administrator" });
    const b = await world.person("berta", { role: "administrator" });
    // On SQLite there is one program; on PostgreSQL any number, and each act goes to another.
    const nodes: Node[] = [world];
    if (dialect === "postgres") nodes.push(await world.node(), await world.node());
    const operator = world.auth.operatorAuthority();
    const disable = (node: Node, who: Member) =>
      node.auth.people.act({ client: OPERATOR, authority: operator, act: "disable", id: who.id });
    const demote = (node: Node, who: Member) =>
      node.auth.people.change({ client: OPERATOR, authority: operator, ...profileOf(who, "person") });
    const ways = [
      [disable, disable],
      [demote, demote],
      [disable, demote],
      [demote, disable],
    ] as const;
    for (let round = 0; round < 24; round++) {
      const [toA, toB] = ways[round % ways.length] ?? [disable, disable];
      const [one = world, two = world] = [nodes[round % nodes.length], nodes[(round + 1) % nodes.length]];
      const acts = round % 2 === 0 ? [toB(one, b), toA(two, a)] : [toA(two, a), toB(one, b)];
      const outcomes = await Promise.all(acts);
      const refused = outcomes.filter((outcome) => !outcome.ok);
      assert.deepEqual(refused, [{ ok: false, reason: "last_administrator" }], `round ${round}`);
      const left = await db
        .selectFrom("users")
        .select("login")
        .where("role", "=", "administrator")
        .where("disabled_at", "is", null)
        .execute();
      assert.equal(left.length, 1, `round ${round}`);
      for (const who of [a, b]) {
        await world.auth.people.act({ client: OPERATOR, authority: operator, act: "enable", id: who.id });
        await world.auth.people.change({ client: OPERATOR, authority: operator, ...profileOf(who, "administrator") });
      }
    }
  });

  test("stays when two who are signed in on two servers remove each other, or themselves, by the pages (AD-03)", async () => {
    await using world = await createArena(dialect);
    await using db = await openTables(world);
    const a = await world.person("aaron", { role: "administrator", twoFactor: true });
    const b = await world.person("berta", { role: "administrator", twoFactor: true });
    const operator = world.auth.operatorAuthority();
    const fields = (who: Member) => Object.fromEntries(Object.entries(profileOf(who, "person")));
    for (const way of ["disable each other", "demote each other", "demote oneself"]) {
      const first = await confirmed(world, a);
      const second = await confirmed(world, b);
      const send = (browser: Browser, who: Member) =>
        way.startsWith("disable")
          ? browser.post(`/users/${who.id}/disable`)
          : browser.post(`/users/${who.id}`, fields(who));
      const own = way === "demote oneself";
      await Promise.all([send(first, own ? a : b), send(second, own ? b : a)]);
      const left = await db
        .selectFrom("users")
        .select("id")
        .where("role", "=", "administrator")
        .where("disabled_at", "is", null)
        .execute();
      assert.equal(left.length, 1, way);
      for (const who of [a, b]) {
        await world.auth.people.act({ client: OPERATOR, authority: operator, act: "enable", id: who.id });
        await world.auth.people.change({ client: OPERATOR, authority: operator, ...profileOf(who, "administrator") });
      }
    }
  });
});

onBothDatabases("a new installation", (dialect) => {
  const first = { login: "root", name: "Root", email: "root@example.org", new_password: PASSWORD };

  test("has no account at all, whatever name and password one tries (AD-06)", async () => {
    await using world = await createArena(dialect);
    await using db = await openTables(world);
    assert.deepEqual(await db.selectFrom("users").selectAll().execute(), []);
    for (const login of ["admin", "root", "countersign"]) {
      for (const password of [login, "admin", "changeme", "password", "countersign", ""]) {
        const page = await world.browser().post("/sign-in", { login, password });
        assert.equal(page.status, 422, `${login}/${password}`);
      }
    }
    for (const query of ["", "?ticket=", "?ticket=setup", `?ticket=${"A".repeat(16)}.${"A".repeat(43)}`]) {
      const page = await world.browser().get(`/setup${query}`);
      assert.equal(page.status, 410, query);
      assert.doesNotMatch(page.text, /<input[^>]*name="new_password"/);
    }
    assert.equal((await world.browser().post("/setup", first)).status, 410);
  });

  test("makes one administrator by one link, once, within an hour (AD-06)", async () => {
    await using world = await createArena(dialect);
    const late = await world.auth.people.issueSetupTicket({ client: OPERATOR });
    world.clock.advance(3_600_000);
    assert.equal((await world.browser().get(`/setup?ticket=${late}`)).status, 410);
    assert.equal((await world.browser().post("/setup", { ...first, ticket: late })).status, 410);

    const ticket = await world.auth.people.issueSetupTicket({ client: OPERATOR });
    world.clock.advance(3_599_999);
    const browser = world.browser();
    assert.equal((await browser.get(`/setup?ticket=${ticket}`)).status, 200);
    const weak = await browser.post("/setup", { ...first, ticket, new_password: "too short" });
    assert.equal(weak.status, 422, "a mistake does not use the link up");
    const done = await browser.post("/setup", { ...first, ticket });
    assert.equal(done.path, "/sign-in");
    assert.match(done.words, /The administrator is created. Sign in to go on./);
    assert.ok(!browser.cookies.has("__Host-countersign-session"), "and logs nobody in (LS-05)");

    const again = { ...first, login: "second", email: "second@example.org", ticket };
    assert.equal((await world.browser().post("/setup", again)).status, 410);
    const another = await world.auth.people.issueSetupTicket({ client: OPERATOR });
    assert.equal((await world.browser().get(`/setup?ticket=${another}`)).status, 410);
    assert.equal((await world.browser().post("/setup", { ...again, ticket: another })).status, 410);
    assert.equal(await world.auth.setup.isOpen(), false);
  });

  test("makes one administrator from two links used at the same moment, on several servers (AD-06, RP-05)", async () => {
    for (let round = 0; round < 2; round++) {
      await using world = await createArena(dialect);
      await using db = await openTables(world);
      const nodes: Node[] =
        dialect === "postgres" ? [world, await world.node(), await world.node()] : [world, world, world];
      const tickets = await Promise.all(nodes.map(({ auth }) => auth.people.issueSetupTicket({ client: OPERATOR })));
      const uses = [...tickets, tickets[0] ?? ""].map((ticket, n) =>
        nodes[n % nodes.length]?.auth.setup.complete(OPERATOR, {
          ticket,
          login: `root${n}`,
          name: "Root",
          email: `root${n}@example.org`,
          password: PASSWORD,
        }),
      );
      const outcomes = await Promise.all(uses);
      assert.equal(outcomes.filter((outcome) => outcome?.ok).length, 1);
      const users = await db.selectFrom("users").select("role").execute();
      assert.deepEqual(
        users.map(({ role }) => role),
        ["administrator"],
      );
      const events = await db.selectFrom("events").select("kind").where("kind", "=", "setup.completed").execute();
      assert.equal(events.length, 1);
    }
  });

  test("that got its administrator by the command line has no open link left (AD-06)", async () => {
    await using world = await createArena(dialect);
    const ticket = await world.auth.people.issueSetupTicket({ client: OPERATOR });
    const { auth } = world;
    const profile = { login: "root", name: "Root", email: null, role: "administrator", password: PASSWORD } as const;
    assert.ok((await auth.people.add({ client: OPERATOR, authority: auth.operatorAuthority(), ...profile })).ok);
    assert.equal((await world.browser().post("/setup", { ...first, login: "evil", ticket })).status, 410);
  });
});

onBothDatabases("a password that others may know", (dialect) => {
  test("is made worthless by an administrator, and its owner alone sets the next one (PW-09, AD-02)", async () => {
    await using world = await createArena(dialect);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const ada = await world.person("ada", { twoFactor: true });
    const [thief, owner] = [world.browser(), world.browser()];
    await world.signIn(thief, ada);
    const browser = await confirmed(world, root);
    const done = await browser.post(`/users/${ada.id}/void-password`);
    assert.match(done.words, /The password no longer works/);
    assert.equal((await thief.get("/account")).path, "/sign-in?next=%2Faccount", "every session ends");
    assert.match((await world.signIn(thief, ada)).words, /username and password do not match/);
    const kinds = (await takeMails(world)).filter(({ recipient }) => recipient.id === ada.id).map(({ kind }) => kind);
    assert.ok(kinds.includes("password_voided"));
    await owner.post("/forgotten-password", { login: "ada" });
    const link = (await takeMails(world)).find(({ kind }) => kind === "password_reset");
    await owner.post("/password-reset", { ticket: String(link?.facts.ticket), new_password: NEXT });
    assert.equal((await world.signIn(owner, ada, NEXT)).path, "/", "with the second factor as before");
  });

  test("leaves the thief a stranger, whose guesses at the next one are told of and counted as such (PW-09)", async () => {
    await using world = await createArena(dialect);
    await using db = await openTables(world);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const ada = await world.person("ada");
    await world.signIn(world.browser(), ada);
    const known = () => db.selectFrom("known_browsers").select("id").where("user_id", "=", ada.id).execute();
    assert.equal((await known()).length, 1);
    await (await confirmed(world, root)).post(`/users/${ada.id}/void-password`);
    assert.deepEqual(await known(), []);
  });

  test("stays when there is no address to send the way out to (PW-09)", async () => {
    await using world = await createArena(dialect);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const ada = await world.person("ada");
    await using db = await openTables(world);
    await db.updateTable("users").set({ email: null }).where("id", "=", ada.id).execute();
    const browser = await confirmed(world, root);
    assert.equal((await browser.post(`/users/${ada.id}/void-password`)).status, 422);
    assert.equal((await browser.post(`/users/${root.id}/void-password`)).status, 422, "nor one's own");
    assert.equal((await world.signIn(world.browser(), ada)).path, "/");
  });
});
