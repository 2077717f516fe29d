// The attack: "I forgot my password" is a second front door. Somebody asks it who exists, floods a mailbox, uses an old
// link or one link twice, lets a scanner spend it, goes around the second factor with it, or holds the mailbox and buys
// guesses of codes with every link.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { render } from "../../../src/mail/messages.ts";
import { type Arena, clientAt, cookiesSet, createArena, submit, whoIs, wrongCode } from "../../support/attacker.ts";
import { openWatched } from "../../support/faulty-database.ts";
import { takeMails } from "../../support/outbox.ts";
import { openTables, readTables } from "../../support/tables.ts";
import { type Member, OPERATOR, onBothDatabases, PASSWORD } from "../../support/world.ts";

const MINUTE = 60_000;
const NEXT = "eleven copper kettles whistle";
const PUBLIC_URL = "https://accounts.example.org";

onBothDatabases("a forgotten password", (dialect) => {
  let world: Arena & AsyncDisposable;
  let people = 0;
  /** Every statement that the database was given. */
  const statements: string[] = [];
  before(async () => {
    world = await createArena(dialect, {
      options: { publicUrl: PUBLIC_URL },
      host: {
        openDatabase: (url) => openWatched(url, ({ sql }) => void statements.push(sql)),
      },
    });
  });
  after(() => world[Symbol.asyncDispose]());
  beforeEach(() => takeMails(world));

  const authority = () => world.auth.operatorAuthority();
  const person = (twoFactor = false) => world.person(`ada${++people}`, { twoFactor });
  const ask = (login: string) => submit(world.browser(), "/forgotten-password", { login });
  const links = async () =>
    (await takeMails(world)).filter(({ kind }) => kind === "password_reset").map(({ facts }) => String(facts.ticket));
  const linkFor = async ({ login }: Pick<Member, "login">) => {
    await ask(login);
    const [ticket] = await links();
    assert.ok(ticket !== undefined, `a link for ${login}`);
    return ticket;
  };
  const works = async (ticket: string, new_password = NEXT) => {
    const shown = await world.browser().get(`/password-reset?ticket=${ticket}`);
    const used = await world.browser().post("/password-reset", { ticket, new_password });
    assert.equal(used.path === "/sign-in", shown.status === 200, "the page and the form agree");
    if (used.path !== "/sign-in") assert.equal(used.status, 410);
    return used.path === "/sign-in";
  };
  const passwordOf = async ({ login }: Pick<Member, "login">, password: string) =>
    (await world.browser().post("/sign-in", { login, password })).path !== "/sign-in";

  test("gets a new one by a mailed link, once, and both are told (ML-01, RP-05)", async () => {
    const ada = await person();
    const ticket = await linkFor(ada);
    const page = await world.browser().post("/password-reset", { ticket, new_password: NEXT });
    assert.equal(page.path, "/sign-in");
    assert.match(page.words, /Your new password is set/);
    assert.deepEqual(
      (await takeMails(world)).map(({ kind, to }) => [kind, to]),
      [["password_changed", `${ada.login}@example.org`]],
    );
    assert.equal(await passwordOf(ada, PASSWORD), false);
    assert.equal(await passwordOf(ada, NEXT), true);
    assert.equal(await works(ticket, PASSWORD), false, "a second time");
  });

  test("has one answer and one set of statements for every name (ML-05, T-40)", async () => {
    const guest = { login: `guest${++people}`, name: "Guest", email: "guest@example.org", role: "person" as const };
    assert.ok((await world.auth.people.invite({ client: OPERATOR, authority: authority(), ...guest })).ok);
    const disabled = await person();
    await world.auth.people.act({ client: OPERATOR, authority: authority(), act: "disable", id: disabled.id });
    const silent = await person();
    await world.context.db.updateTable("users").set({ email: null }).where("id", "=", silent.id).execute();
    const tired = await person();
    for (let n = 0; n < 5; n++) await ask(tired.login);
    const protectedOne = await person(true);
    await takeMails(world);
    const names = {
      "somebody who has it": (await person()).login,
      "an e-mail address": `${(await person()).login}@example.org`,
      "two factors": protectedOne.login,
      nobody: "nobody",
      "nobody's address": "nobody@example.org",
      "not accepted yet": guest.login,
      disabled: disabled.login,
      "no address": silent.login,
      "no more links": tired.login,
    };
    const faces = new Map<string, string>();
    for (const [what, login] of Object.entries(names)) {
      statements.length = 0;
      const answer = await ask(login);
      const headers = [...answer.headers].filter(([name]) => name !== "date");
      assert.deepEqual(answer.headers.getSetCookie(), []);
      faces.set(what, JSON.stringify([answer.status, headers, await answer.text(), statements]));
      assert.ok(statements.length > 0);
      assert.ok(!statements.some((statement) => /user_names|"users"/.test(statement)), "nobody was looked up");
    }
    assert.deepEqual([...new Set(faces.values())].length, 1, [...faces.keys()].join());
    const told = (await takeMails(world)).filter(({ kind }) => kind === "password_reset").map(({ to }) => to);
    assert.equal(told.length, 3);
    assert.ok(!told.some((to) => [guest.email, `${disabled.login}@example.org`].includes(to)));
  });

  test("the link lives an hour, and a newer one kills it (ML-01)", async () => {
    const [ada, eve] = [await person(), await person()];
    const [first, late] = [await linkFor(ada), await linkFor(eve)];
    const second = await linkFor(ada);
    assert.equal(await works(first), false, "the older one");
    world.clock.advance(60 * MINUTE - 1);
    assert.equal(await works(second), true);
    world.clock.advance(1);
    assert.equal(await works(late), false);
  });

  test("the link dies with a change of the password or the address, and with the account (ML-01)", async () => {
    const changer = await person();
    const browser = world.browser();
    await world.signIn(browser, changer);
    const ticket = await linkFor(changer);
    await browser.post("/account/password", { current_password: PASSWORD, current_code: "", new_password: NEXT });
    assert.equal(await passwordOf(changer, NEXT), true);
    assert.equal(await works(ticket), false, "the password");

    const mover = await person();
    const moved = await linkFor(mover);
    const profile = { id: mover.id, login: mover.login, name: "Ada", role: "person" as const };
    await world.auth.people.change({
      client: OPERATOR,
      authority: authority(),
      ...profile,
      email: `new${people}@example.org`,
    });
    assert.equal(await works(moved), false, "the address");

    const leaver = await person();
    const left = await linkFor(leaver);
    await world.auth.people.act({ client: OPERATOR, authority: authority(), act: "disable", id: leaver.id });
    assert.equal(await works(left), false, "the account");
    await world.auth.people.act({ client: OPERATOR, authority: authority(), act: "enable", id: leaver.id });
    assert.equal(await works(left), false, "and it does not come back to life");
  });

  test("looking at the link spends nothing, however often a scanner does (ML-02)", async () => {
    const ticket = await linkFor(await person());
    await using db = await openTables(world);
    const before = await readTables(db);
    for (let n = 0; n < 10; n++) {
      for (const method of ["GET", "HEAD"]) {
        const answer = await world.browser().send(`/password-reset?ticket=${ticket}&new_password=${NEXT}`, { method });
        assert.equal(answer.status, 200);
      }
    }
    assert.deepEqual(await readTables(db), before);
    const refused = await world.browser().post("/password-reset", { ticket, new_password: "too short" });
    assert.equal(refused.status, 422);
    assert.equal(await works(ticket), true, "nor does a password that is refused");
  });

  test("never signs in, and the second factor is still owed and still on (LS-06, T-19)", async () => {
    const ada = await person(true);
    const browser = world.browser();
    const answer = await submit(browser, "/password-reset", { ticket: await linkFor(ada), new_password: NEXT });
    assert.equal(answer.headers.get("location"), "/sign-in");
    assert.deepEqual(Object.keys(cookiesSet(answer)), ["__Host-countersign-notice"]);
    assert.equal(await whoIs(browser), undefined);
    const next = await browser.post("/sign-in", { login: ada.login, password: NEXT });
    assert.equal(next.path, "/sign-in/code");
    assert.equal(await whoIs(browser), undefined);
    await browser.post("/sign-in/code", { code: world.freshCode(ada) });
    assert.equal(await whoIs(browser), ada.login);
  });

  test("ends the trust in browsers, which would save its thief the code (LS-06, T-19)", async () => {
    const ada = await person(true);
    const browser = world.browser();
    await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD });
    await submit(browser, "/sign-in/code", { code: world.freshCode(ada), trust: "on" });
    await submit(browser, "/sign-out");
    assert.equal((await browser.post("/sign-in", { login: ada.login, password: PASSWORD })).path, "/");
    await submit(browser, "/sign-out");
    assert.equal(await works(await linkFor(ada)), true);
    assert.equal((await browser.post("/sign-in", { login: ada.login, password: NEXT })).path, "/sign-in/code");
  });

  test("ends every session and every half-done sign-in (LS-06)", async () => {
    const ada = await person(true);
    const [inside, half] = [world.browser(), world.browser()];
    await world.signIn(inside, ada);
    await half.post("/sign-in", { login: ada.login, password: PASSWORD });
    assert.equal(await works(await linkFor(ada)), true);
    assert.equal(await whoIs(inside), undefined);
    await half.post("/sign-in/code", { code: world.freshCode(ada) });
    assert.equal(await whoIs(half), undefined);
  });

  test("opens the bucket of wrong passwords, and buys no guess of a code (RL-01)", async () => {
    const ada = await person(true);
    const thief = world.browser();
    await submit(thief, "/sign-in", { login: ada.login, password: PASSWORD });
    for (let miss = 0; miss < 5; miss++) {
      await submit(thief, "/sign-in/code", { code: wrongCode(ada, world.clock.now(), miss) });
    }
    for (let miss = 0; miss < 12; miss++) await submit(thief, "/sign-in", { login: ada.login, password: "wrong" });
    const misses = async () =>
      (await world.context.db.selectFrom("attempts").select(["kind", "misses"]).where("subject", "=", ada.id).execute())
        .map(({ kind, misses }) => `${kind} ${misses}`)
        .sort();
    assert.deepEqual((await misses())[0], "code 5");
    assert.equal((await misses()).length, 2);
    assert.equal(await works(await linkFor(ada)), true);
    assert.deepEqual(await misses(), ["code 5"]);
  });

  test("a mailbox is not flooded, its owner is not locked out, and the last link works (ML-05)", async () => {
    const ada = await person();
    for (let n = 0; n < 12; n++) assert.equal((await ask(ada.login)).status, 200);
    const mailed = await links();
    assert.equal(mailed.length, 3);
    assert.equal(await passwordOf(ada, PASSWORD), true, "signing in is not touched");
    const outcomes = [];
    for (const ticket of mailed) outcomes.push(await works(ticket));
    assert.equal(outcomes.filter(Boolean).length, 1);
  });

  test("one address asks a limited number of times, whatever the names, and signs in all the same (ML-05)", async () => {
    const ada = await person();
    const browser = world.browser({ address: "198.51.100.7" });
    const statuses = [];
    for (let n = 0; n < 21; n++)
      statuses.push((await submit(browser, "/forgotten-password", { login: `n${n}` })).status);
    assert.deepEqual([...new Set(statuses.slice(0, 20))], [200]);
    assert.equal(statuses[20], 429);
    assert.equal((await submit(browser, "/forgotten-password", { login: ada.login })).status, 429);
    await world.signIn(browser, ada);
    assert.equal(await whoIs(browser), ada.login);
  });

  test("a flood from many addresses fills neither the table nor the record, and whoever waits is served (ML-05)", async () => {
    await using flooded = await createArena(dialect);
    const ada = await flooded.person("ada");
    let n = 0;
    const askFrom = (address: string) => flooded.auth.passwordReset.request(clientAt(address), "nobody");
    const flood = async () => {
      for (;;) {
        const outcome = await askFrom(`10.${n >> 8}.${n++ & 255}.7`);
        if (!outcome.ok) return outcome;
      }
    };
    assert.deepEqual(await flood(), { ok: false, reason: "too_many_attempts", retryAfterSeconds: 3 });
    assert.equal(n, 501);
    const answer = await submit(flooded.browser(), "/forgotten-password", { login: ada.login });
    assert.equal(answer.status, 429);
    assert.equal(answer.headers.get("retry-after"), "3");
    assert.match(await answer.text(), /Try again in 3 seconds/);
    await flooded.signIn(flooded.browser(), ada);
    flooded.clock.advance(3_000);
    const served = await submit(flooded.browser(), "/forgotten-password", { login: ada.login });
    assert.equal(served.status, 200);
    assert.ok((await takeMails(flooded)).some(({ kind }) => kind === "password_reset"));
    const { events } = await flooded.context.db
      .selectFrom("events")
      .select((eb) => eb.fn.countAll<number>().as("events"))
      .where("kind", "=", "password.reset_requested")
      .executeTakeFirstOrThrow();
    assert.equal(Number(events), 501);
    flooded.clock.advance(3_600_000);
    await flood();
    assert.equal(n, 502 + 500, "an hour of quiet gives no more than the reserve");
  });

  test("the link of one kind opens nothing of another kind (ML-01)", async () => {
    const ticket = await linkFor(await person());
    const guest = {
      login: `guest${++people}`,
      name: "Guest",
      email: `g${people}@example.org`,
      role: "person" as const,
    };
    const invited = await world.auth.people.invite({ client: OPERATOR, authority: authority(), ...guest });
    assert.ok(invited.ok);
    assert.equal((await world.browser().get(`/invitation?ticket=${ticket}`)).status, 410);
    const crossed = await world.browser().post("/invitation", { ticket, new_password: NEXT });
    assert.equal(crossed.status, 410);
    assert.equal(await works(String(invited.ticket)), false);
    assert.equal(await works(ticket), true);
    const accepted = await world.browser().post("/invitation", { ticket: String(invited.ticket), new_password: NEXT });
    assert.equal(accepted.path, "/sign-in");
  });

  test("many use one link at once, and one wins (ML-01, RP-05)", async () => {
    const ada = await person();
    const ticket = await linkFor(ada);
    const uses = Array.from({ length: 5 }, (_, n) =>
      world.auth.passwordReset.complete(clientAt("192.0.2.1"), { ticket, password: `${NEXT} number ${n}` }),
    );
    assert.equal((await Promise.all(uses)).filter(({ ok }) => ok).length, 1);
  });

  test("many servers answer one request with one mail, and a damaged one stops nobody (ML-05)", async () => {
    const ada = await person();
    await ask("nobody");
    await world.context.db.updateTable("password_reset_requests").set({ name_sealed: "v1.damaged" }).execute();
    await ask(ada.login);
    const nodes = dialect === "postgres" ? [world, await world.node(), await world.node()] : [world];
    const answerAll = async ({ auth }: Pick<Arena, "auth">) => {
      while (await auth.passwordReset.answerNext());
    };
    await Promise.all(nodes.map(answerAll));
    assert.equal((await links()).length, 1);
  });

  test("starts with the configured address, keeps the name sealed, and leaves no trail (ML-03, ML-04)", async () => {
    const ada = await person();
    const headers = { host: "evil.example", "x-forwarded-host": "evil.example", forwarded: "host=evil.example" };
    await submit(world.browser(), "/forgotten-password", { login: ada.login }, headers);
    const { name_sealed } = await world.context.db
      .selectFrom("password_reset_requests")
      .selectAll()
      .executeTakeFirstOrThrow();
    assert.ok(!name_sealed.includes(ada.login));
    const mail = (await takeMails(world)).find(({ kind }) => kind === "password_reset");
    assert.ok(mail !== undefined);
    const { text, html } = render(mail, world.auth.options);
    assert.doesNotMatch(text + html, /evil/);
    assert.ok(text.includes(`${PUBLIC_URL}/password-reset?ticket=${mail.facts.ticket}`));
    const page = await world.browser().get(`/password-reset?ticket=${mail.facts.ticket}`);
    assert.match(page.text, /<script [^>]*data-hide-query="ticket"/);
  });

  test("a request that nobody answered for an hour is dropped (ML-01)", async () => {
    await ask((await person()).login);
    world.clock.advance(60 * MINUTE);
    await world.auth.upkeep.run();
    assert.equal(await world.auth.passwordReset.answerNext(), false);
  });
});
