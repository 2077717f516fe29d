// The attack: whoever has taken an account over changes its e-mail address, so that every notice and every link for a
// new password goes to them. The owner has a link in the old mailbox and 72 hours. The thief changes the address twice
// to get a link of their own, changes the password to kill the owner's, has somebody take the old address, and comes
// back afterwards with all that they earned before. And the link itself must not become another way in.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { submit, useArena, whoIs } from "../../support/attacker.ts";
import { takeMails } from "../../support/outbox.ts";
import { openTables, readTables } from "../../support/tables.ts";
import { createWorld, type Member, OPERATOR, onBothDatabases, PASSWORD } from "../../support/world.ts";

const HOUR = 3_600_000;
const NEXT = "eleven copper kettles whistle";

onBothDatabases("a changed e-mail address", (dialect) => {
  const world = useArena(dialect);
  let people = 0;
  beforeEach(() => takeMails(world));

  const authority = () => world.auth.operatorAuthority();
  const person = (options = {}) => world.person(`ada${++people}`, options);
  const old = ({ login }: Member) => `${login}@example.org`;
  const thiefs = ({ login }: Member, n = 1) => `${login}.thief${n}@example.org`;
  const confirmed = (member: Member) => ({
    current_password: PASSWORD,
    ...(member.secret === undefined ? {} : { current_code: world.freshCode(member) }),
  });
  /** Signs in as the person, as whoever has all of their factors. */
  const enter = async (member: Member, password = PASSWORD) => {
    const browser = world.browser();
    await world.signIn(browser, member, password);
    assert.equal(await whoIs(browser), member.login);
    return browser;
  };
  const changeTo = async (browser: Awaited<ReturnType<typeof enter>>, member: Member, email: string) => {
    const page = await browser.post("/account/email", { email, ...confirmed(member) });
    assert.equal(page.path, "/account", page.words);
  };
  const addressOf = async ({ id }: Member) =>
    (await world.context.db.selectFrom("users").select("email").where("id", "=", id).executeTakeFirstOrThrow()).email;
  /** Where links went since the last time: addresses to tickets. */
  const links = async () =>
    new Map(
      (await takeMails(world))
        .filter(({ kind, facts }) => kind === "email_changed" && facts.ticket !== undefined)
        .map(({ to, facts }) => [to, String(facts.ticket)]),
    );
  const works = async (ticket: string | undefined) => {
    const shown = await world.browser().get(`/email-undo?ticket=${ticket}`);
    const used = await world.browser().post("/email-undo", { ticket: String(ticket) });
    assert.equal(used.path === "/forgotten-password", shown.status === 200, "the page and the form agree");
    if (used.path !== "/forgotten-password") assert.equal(used.status, 410);
    return used.path === "/forgotten-password";
  };

  test("is told to both, and the old one undoes it once, by the form alone (ML-09, ML-02)", async () => {
    const ada = await person();
    await changeTo(await enter(ada), ada, thiefs(ada));
    const mails = await takeMails(world);
    assert.deepEqual(mails.map(({ kind, to }) => [kind, to]).sort(), [
      ["email_changed", old(ada)],
      ["email_set", thiefs(ada)],
    ]);
    const ticket = String(mails.find(({ kind }) => kind === "email_changed")?.facts.ticket);
    assert.equal(mails.find(({ kind }) => kind === "email_set")?.facts.ticket, undefined);
    await using db = await openTables(world);
    const tables = await readTables(db);
    assert.ok(!JSON.stringify(tables).includes(ticket.split(".")[1] ?? "?"), "the database has a hash alone");
    for (let n = 0; n < 5; n++) {
      const page = await world.browser().get(`/email-undo?ticket=${ticket}`);
      assert.match(page.words, new RegExp(`makes ${old(ada)} the email address of the account ${ada.login} again`));
      assert.match(page.text, /<script [^>]*data-hide-query="ticket"/);
    }
    assert.deepEqual(await readTables(db), tables, "looking spends nothing");
    const browser = world.browser();
    const done = await browser.post("/email-undo", { ticket });
    assert.match(done.words, /Your email address is restored.*set a new password/);
    assert.equal(await whoIs(browser), undefined, "and it signs nobody in");
    assert.equal(await addressOf(ada), old(ada));
    assert.deepEqual((await takeMails(world)).map(({ kind, to, facts }) => [kind, to, facts]).sort(), [
      ["email_changed", thiefs(ada), {}],
      ["email_restored", old(ada), {}],
    ]);
    assert.equal(await works(ticket), false, "a second time");
  });

  test("is undone whatever the thief did since, and nothing of theirs is left (ML-09, RP-09)", async () => {
    const ada = await person();
    const thief = await enter(ada);
    const pending = world.browser();
    await changeTo(thief, ada, thiefs(ada));
    const ticket = (await links()).get(old(ada));
    await thief.post("/account/password", { current_password: PASSWORD, new_password: NEXT });
    await thief.post("/account/api-keys", {
      name: "nightly",
      scope_profile_read: "on",
      days: "365",
      form_number: "A".repeat(16),
      current_password: NEXT,
    });
    assert.ok((await takeMails(world)).some(({ kind }) => kind === "api_key_created"));
    const other = await enter(ada, NEXT);
    await pending.post("/sign-in", { login: ada.login, password: NEXT });
    await world.auth.passwordReset.request(OPERATOR, ada.login);
    const reset = (await takeMails(world)).find(({ kind }) => kind === "password_reset");
    assert.equal(reset?.to, thiefs(ada), "the thief has a link for a new password in hand");

    assert.equal(await works(ticket), true);
    for (const browser of [thief, other, pending]) assert.equal(await whoIs(browser), undefined);
    const reused = await world.browser().get(`/password-reset?ticket=${reset?.facts.ticket}`);
    assert.equal(reused.status, 410);
    const living = await world.context.db
      .selectFrom("api_keys")
      .select("id")
      .where("user_id", "=", ada.id)
      .where("revoked_at", "is", null)
      .execute();
    assert.deepEqual(living, []);
    const known = world.context.db.selectFrom("known_browsers").select("id").where("user_id", "=", ada.id);
    assert.deepEqual(await known.execute(), [], "no browser of the thief is known any more");

    await takeMails(world);
    await world.auth.passwordReset.request(OPERATOR, ada.login);
    const [link] = (await takeMails(world)).filter(({ kind }) => kind === "password_reset");
    assert.equal(link?.to, old(ada));
    await world.browser().post("/password-reset", { ticket: String(link?.facts.ticket), new_password: PASSWORD });
    assert.equal((await world.browser().post("/sign-in", { login: ada.login, password: NEXT })).path, "/sign-in");
    await enter(ada);
  });

  test("ends trust and a half-done sign-in, and leaves the second factor alone (ML-09, LS-06)", async () => {
    const ada = await person({ twoFactor: true });
    const trusted = world.browser();
    await trusted.post("/sign-in", { login: ada.login, password: PASSWORD });
    await trusted.post("/sign-in/code", { code: world.freshCode(ada), trust: "on" });
    const half = world.browser();
    await half.post("/sign-in", { login: ada.login, password: PASSWORD });
    await changeTo(await enter(ada), ada, thiefs(ada));
    assert.equal(await works((await links()).get(old(ada))), true);
    assert.equal(await whoIs(trusted), undefined);
    const { changed_by_mail_at } = await world.context.db
      .selectFrom("users")
      .select("changed_by_mail_at")
      .where("id", "=", ada.id)
      .executeTakeFirstOrThrow();
    assert.notEqual(changed_by_mail_at, null, "and no code by mail stands in for the phone");
    const again = await trusted.post("/sign-in", { login: ada.login, password: PASSWORD });
    assert.equal(again.path, "/sign-in/code", "trust is gone and the code is owed");
    const completed = await half.post("/sign-in/code", { code: world.freshCode(ada) });
    assert.equal(completed.path, "/sign-in");
    assert.equal(await whoIs(half), undefined);
    await enter(ada);
  });

  test("twice gives the thief no link of their own, and the owner's restores the first (ML-09)", async () => {
    const ada = await person();
    const thief = await enter(ada);
    await changeTo(thief, ada, thiefs(ada, 1));
    await changeTo(thief, ada, thiefs(ada, 2));
    world.clock.advance(71 * HOUR);
    await changeTo(await enter(ada), ada, thiefs(ada, 3));
    const sent = await links();
    assert.deepEqual([...sent.keys()], [old(ada)]);
    assert.equal(await works(sent.get(old(ada))), true);
    assert.equal(await addressOf(ada), old(ada));
  });

  test("again after it was undone gives the owner a new link, for 72 hours of its own (ML-09)", async () => {
    const ada = await person();
    await changeTo(await enter(ada), ada, thiefs(ada));
    assert.equal(await works((await links()).get(old(ada))), true);
    await changeTo(await enter(ada), ada, thiefs(ada));
    const second = (await links()).get(old(ada));
    // An administrator puts it right by hand, and the thief comes back once more.
    const profile = { id: ada.id, login: ada.login, name: "Ada", role: "person" as const };
    world.clock.advance(70 * HOUR);
    assert.ok(
      (await world.auth.people.change({ client: OPERATOR, authority: authority(), ...profile, email: old(ada) })).ok,
    );
    assert.deepEqual([...(await links())], [], "the thief's address gets no link");
    await changeTo(await enter(ada), ada, thiefs(ada));
    const third = (await links()).get(old(ada));
    world.clock.advance(3 * HOUR);
    assert.equal(await works(second), false, "the older link");
    assert.equal(await works(third), true);
  });

  test("can be undone for 72 hours and not a moment longer; then the new address is the one that can (ML-09)", async () => {
    const [ada, eve] = [await person(), await person()];
    for (const each of [ada, eve]) await changeTo(await enter(each), each, thiefs(each));
    const tickets = await links();
    world.clock.advance(72 * HOUR - 1);
    assert.equal(await works(tickets.get(old(ada))), true);
    world.clock.advance(1);
    assert.equal(await works(tickets.get(old(eve))), false);
    assert.equal(await addressOf(eve), thiefs(eve));
    await changeTo(await enter(eve), eve, `new.${old(eve)}`);
    assert.deepEqual([...(await links()).keys()], [thiefs(eve)]);
    await world.auth.upkeep.run();
    assert.equal(await works(tickets.get(old(eve))), false);
  });

  test("keeps the old address free for its owner until then (ML-09)", async () => {
    const [ada, insider] = [await person(), await person()];
    const accomplice = await enter(insider);
    await changeTo(await enter(ada), ada, thiefs(ada));
    const ticket = (await links()).get(old(ada));
    const refused = await accomplice.post("/account/email", { email: old(ada).toUpperCase(), ...confirmed(insider) });
    assert.equal(refused.status, 422);
    assert.match(refused.words, /Somebody has this email address, or had it until a few days ago/);
    const guest = { login: old(ada), name: "Guest", email: `guest${people}@example.org`, role: "person" as const };
    assert.deepEqual(await world.auth.people.invite({ client: OPERATOR, authority: authority(), ...guest }), {
      ok: false,
      reason: "login_taken",
    });
    assert.equal(await works(ticket), true);
    assert.equal(await addressOf(ada), old(ada));

    await changeTo(await enter(ada), ada, thiefs(ada));
    world.clock.advance(72 * HOUR);
    await changeTo(await enter(insider), insider, old(ada));
    assert.equal(await addressOf(insider), old(ada));
  });

  test("by an administrator can be undone, too, unless the old mailbox is in the wrong hands (ML-09, AD-02)", async () => {
    const root = await world.person(`root${++people}`, { role: "administrator", twoFactor: true });
    const browser = await enter(root);
    const save = async (member: Member, email: string, more: Record<string, string> = {}) => {
      const fields = { login: member.login, name: "Ada", role: member === root ? "administrator" : "person", email };
      return browser.post(`/users/${member.id}`, { ...fields, ...more, ...confirmed(root) });
    };
    const ada = await person();
    await save(ada, thiefs(ada));
    const ticket = (await links()).get(old(ada));
    assert.equal(await works(ticket), true);
    assert.equal(await addressOf(ada), old(ada));

    const lost = { old_mailbox_lost: "on" };
    await takeMails(world);
    await save(ada, `new.${old(ada)}`, lost);
    const told = (await takeMails(world)).filter(({ to }) => to === old(ada));
    assert.deepEqual(
      told.map(({ kind, facts }) => [kind, facts]),
      [["email_changed", {}]],
      "told, but no link",
    );
    // A link that is on its way can be stopped without another change.
    const eve = await person();
    await changeTo(await enter(eve), eve, `new.${old(eve)}`);
    const underway = (await links()).get(old(eve));
    await save(eve, `new.${old(eve)}`, lost);
    assert.equal(await works(underway), false);
    assert.equal(await addressOf(eve), `new.${old(eve)}`);

    const own = await save(root, thiefs(root), lost);
    assert.equal(own.status, 422);
    assert.equal(await addressOf(root), old(root), "nobody cuts off the owner with the owner's own session");
  });

  test("gives no link to an address that nobody has proved, and none works while the account is disabled (ML-09)", async () => {
    const guest = {
      login: `guest${++people}`,
      name: "Guest",
      email: `typo${people}@example.org`,
      role: "person" as const,
    };
    const invited = await world.auth.people.invite({ client: OPERATOR, authority: authority(), ...guest });
    assert.ok(invited.ok);
    const right = { ...guest, id: invited.id, email: `right${people}@example.org` };
    assert.ok((await world.auth.people.change({ client: OPERATOR, authority: authority(), ...right })).ok);
    assert.deepEqual([...(await links())], []);

    const ada = await person();
    await changeTo(await enter(ada), ada, thiefs(ada));
    const ticket = (await links()).get(old(ada));
    await world.auth.people.act({ client: OPERATOR, authority: authority(), act: "disable", id: ada.id });
    assert.equal(await works(ticket), false);
    await world.auth.people.act({ client: OPERATOR, authority: authority(), act: "enable", id: ada.id });
    assert.equal(await works(ticket), true, "the owner can still have it back");
  });

  test("is undone by nothing but the whole link (ML-09, ML-01)", async () => {
    const [ada, eve] = [await person(), await person()];
    for (const each of [ada, eve]) await changeTo(await enter(each), each, thiefs(each));
    const sent = await links();
    const [mine = "", other = ""] = [sent.get(old(ada)), sent.get(old(eve))];
    const [id, secret = ""] = mine.split(".");
    const [, otherSecret] = other.split(".");
    await world.auth.passwordReset.request(OPERATOR, ada.login);
    const reset = String((await takeMails(world)).find(({ kind }) => kind === "password_reset")?.facts.ticket);
    const turned = secret.startsWith("A") ? `B${secret.slice(1)}` : `A${secret.slice(1)}`;
    for (const forged of [`${id}.${turned}`, `${id}.${otherSecret}`, `${id}.`, "", "no", ` ${mine}`, reset]) {
      assert.equal(await works(forged), false, forged);
    }
    const elsewhere = await world.browser().post("/password-reset", { ticket: mine, new_password: NEXT });
    assert.equal(elsewhere.status, 410);
    assert.equal((await world.browser().get(`/invitation?ticket=${mine}`)).status, 410);
    const answer = await submit(world.browser(), "/email-undo", { ticket: mine }, { "sec-fetch-site": "cross-site" });
    assert.equal(answer.status, 403);
    assert.equal(await works(mine), true);
  });
});

onBothDatabases("undoing at once", (dialect) => {
  test("wins once of many, and against a thief who goes on changing (ML-09, RP-05)", async () => {
    await using world = await createWorld(dialect);
    const nodes = dialect === "postgres" ? [world, await world.node(), await world.node()] : [world];
    const addressOf = async (login: string) => {
      const named = world.context.db.selectFrom("users").select("email").where("login", "=", login);
      return (await named.executeTakeFirstOrThrow()).email;
    };
    for (const login of ["ada", "eve", "mia"]) {
      const member = await world.person(login);
      const thief = world.browser();
      await world.signIn(thief, member);
      await thief.post("/account/email", { email: `${login}.thief@example.org`, current_password: PASSWORD });
      const ticket = String((await takeMails(world)).find(({ kind }) => kind === "email_changed")?.facts.ticket);
      const changing = [1, 2, 3].map((n) => thief.post("/account/email", { email: `${login}.thief${n}@example.org` }));
      const undoing = [...nodes, ...nodes, ...nodes].map(({ auth }) => auth.emailUndo.complete(OPERATOR, ticket));
      const outcomes = await Promise.all(undoing);
      await Promise.all(changing);
      assert.equal(outcomes.filter(({ ok }) => ok).length, 1);
      assert.equal(await addressOf(login), `${login}@example.org`);
      await takeMails(world);
    }
  });
});
