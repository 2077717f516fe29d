// The attack: one act on many people is the largest lever that there is here. Somebody who was an administrator a moment
// ago wants it to go on, somebody else wants to begin or lengthen a job that is not theirs, puts people into it who were
// not shown, or counts on an accident: two nodes at once, a crash in the middle, a second click.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { AdministratorAuthority, BulkAct } from "../../../src/auth.ts";
import { COOKIE, createArena } from "../../support/attacker.ts";
import { takeMails } from "../../support/outbox.ts";
import { setRules } from "../../support/policies.ts";
import { type Member, type Node, OPERATOR, onBothDatabases, PASSWORD, type World } from "../../support/world.ts";

const MINUTE = 60_000;

/** What the handler of an administrator's form holds, and the browser that it came from. */
async function authorityOf(world: World, member: Member) {
  const browser = world.browser();
  await world.signIn(browser, member);
  const session = await world.auth.session.find({ token: browser.cookies.get(COOKIE.session) });
  assert.ok(session);
  const proof = { password: PASSWORD, code: world.freshCode(member) };
  const confirmed = await world.auth.session.confirm({ client: OPERATOR, session, ...proof });
  assert.ok(confirmed.ok);
  browser.cookies.set(COOKIE.session, confirmed.sessionToken);
  const admitted = world.auth.admit({ session: confirmed.session, role: "administrator" });
  assert.ok(!("ok" in admitted));
  return { authority: world.auth.authorityOf({ session: admitted }), browser };
}

async function office(world: World, people = 45) {
  const root = await world.person("root", { role: "administrator", twoFactor: true });
  await world.person("second", { role: "administrator", twoFactor: true });
  const crowd: Member[] = [];
  for (let n = 10; n < 10 + people; n++) crowd.push(await world.person(`crowd${n}`));
  return { root, crowd, ...(await authorityOf(world, root)) };
}

async function prepare({ auth }: World, authority: AdministratorAuthority, act: BulkAct, ids: string[]) {
  const prepared = await auth.jobs.prepare(OPERATOR, authority, { act, selection: { ids } });
  assert.ok(prepared.ok);
  return prepared.id;
}

async function begin(world: World, authority: AdministratorAuthority, act: BulkAct, people: readonly Member[]) {
  const id = await prepare(
    world,
    authority,
    act,
    people.map((member) => member.id),
  );
  assert.deepEqual(await world.auth.jobs.begin(OPERATOR, authority, { id, reason: "lost" }), { ok: true });
  return id;
}

async function workToTheEnd({ auth }: Node) {
  while (await auth.jobs.workNext());
}

async function stateOf({ auth }: World, id: string) {
  const found = await auth.jobs.find(auth.operatorAuthority(), id);
  assert.ok(found);
  return { state: found.job.state, because: found.job.stoppedBecause, ...found.counts };
}

/** How often each person was touched, by the record. */
async function touched({ auth }: World, kind: "sessions.ended" | "two_factor.reset" | "two_factor.invited") {
  const events = await auth.events.list({ reader: auth.operatorAuthority(), filter: { kind }, limit: 1_000 });
  return events.map(({ user }) => user?.id).toSorted();
}

const idsOf = (people: readonly Member[]) => people.map(({ id }) => id).toSorted();

onBothDatabases("an act on many people", (dialect) => {
  test("is done once to each who was shown and to nobody else, and is on record as its administrator's (AD-10, AU-01)", async () => {
    await using world = await createArena(dialect);
    const { authority, crowd, root } = await office(world);
    const filter = { search: "crowd" };
    const prepared = await world.auth.jobs.prepare(OPERATOR, authority, { act: "sign-out", selection: { filter } });
    assert.ok(prepared.ok);
    const late = await world.person("crowd99");
    await workToTheEnd(world);
    assert.deepEqual(await touched(world, "sessions.ended"), [], "nothing is done before it is begun");
    assert.deepEqual(await world.auth.jobs.begin(OPERATOR, authority, { id: prepared.id }), { ok: true });
    await workToTheEnd(world);
    assert.deepEqual(await touched(world, "sessions.ended"), idsOf(crowd));
    assert.ok(!idsOf(crowd).includes(late.id));
    const outcome = { state: "done", because: null, waiting: 0, done: 45, skipped: 0, refused: 0 };
    assert.deepEqual(await stateOf(world, prepared.id), outcome);
    const [last, one] = await world.auth.events.list({ reader: world.auth.operatorAuthority(), filter: {}, limit: 2 });
    assert.deepEqual([last?.kind, last?.actor?.id], ["job.finished", root.id]);
    assert.deepEqual([one?.kind, one?.actor?.id, one?.details.job], ["sessions.ended", root.id, prepared.id]);
  });

  test("begins once, within the hour, and only by who prepared it (AD-10, T-17)", async () => {
    await using world = await createArena(dialect);
    const { authority, crowd } = await office(world, 3);
    const third = await world.person("third", { role: "administrator", twoFactor: true });
    const theirs = (await authorityOf(world, third)).authority;
    const id = await prepare(world, authority, "sign-out", idsOf(crowd));
    const { jobs } = world.auth;
    const of = (by: AdministratorAuthority) => jobs.begin(OPERATOR, by, { id });
    assert.deepEqual(await of(theirs), { ok: false, reason: "somebody_elses" });
    assert.deepEqual(await of(world.auth.operatorAuthority()), { ok: false, reason: "somebody_elses" });
    const clicks = await Promise.all([of(authority), of(authority), of(authority)]);
    assert.deepEqual(clicks.map(({ ok }) => ok).toSorted(), [false, false, true]);
    const stale = await prepare(world, authority, "sign-out", idsOf(crowd));
    world.clock.advance(60 * MINUTE);
    assert.deepEqual(await jobs.begin(OPERATOR, authority, { id: stale }), { ok: false, reason: "expired" });
    await world.auth.upkeep.run();
    assert.equal(await jobs.find(authority, stale), undefined, "and is gone");
    await workToTheEnd(world);
    assert.deepEqual(await touched(world, "sessions.ended"), idsOf(crowd));
  });

  test("stops when its administrator is demoted, disabled, or changes password or factors (AD-10, SE-05)", async () => {
    const ends: ((world: World, root: Member) => Promise<unknown>)[] = [
      ({ auth }, { id, login }) =>
        auth.people.change({
          client: OPERATOR,
          authority: auth.operatorAuthority(),
          id,
          login,
          name: "Root",
          email: "root@example.org",
          role: "support",
        }),
      ({ auth }, { id }) =>
        auth.people.act({ client: OPERATOR, authority: auth.operatorAuthority(), act: "disable", id }),
      ({ auth }, { id }) =>
        auth.people.act({
          client: OPERATOR,
          authority: auth.operatorAuthority(),
          id,
          act: "reset-two-factor",
          reason: "stolen",
        }),
    ];
    for (const end of ends) {
      await using world = await createArena(dialect);
      const { authority, crowd, root } = await office(world);
      const id = await begin(world, authority, "sign-out", crowd);
      assert.equal(await world.auth.jobs.workNext(), true);
      const { done } = await stateOf(world, id);
      assert.ok(done > 0 && done < crowd.length);
      await end(world, root);
      await workToTheEnd(world);
      const { state, because, done: after, waiting } = await stateOf(world, id);
      assert.deepEqual([state, because, after], ["stopped", "no_authority", done]);
      assert.equal((await touched(world, "sessions.ended")).length, done);
      assert.ok(waiting > 0);
      assert.deepEqual(await world.auth.jobs.resume(OPERATOR, authority, id), { ok: false, reason: "no_authority" });
    }
  });

  test("outlives the session that began it, as the record says whose it was (AD-10)", async () => {
    await using world = await createArena(dialect);
    const { authority, browser, crowd } = await office(world);
    await begin(world, authority, "sign-out", crowd);
    await world.auth.jobs.workNext();
    await browser.post("/sign-out");
    await workToTheEnd(world);
    assert.deepEqual(await touched(world, "sessions.ended"), idsOf(crowd));
    const events = await world.auth.events.list({ reader: authority, filter: { kind: "sessions.ended" }, limit: 100 });
    assert.ok(events.every(({ actor }) => actor?.id === authority.actor));
  });

  test("is stopped by any administrator, and goes on where it was by its own alone (AD-10, T-17)", async () => {
    await using world = await createArena(dialect);
    const { authority, crowd } = await office(world);
    const third = await world.person("third", { role: "administrator", twoFactor: true });
    const theirs = (await authorityOf(world, third)).authority;
    const id = await begin(world, authority, "sign-out", crowd);
    const { jobs } = world.auth;
    const working = workToTheEnd(world);
    while ((await stateOf(world, id)).done === 0) await nextTurn();
    assert.deepEqual(await jobs.stop(OPERATOR, theirs, id), { ok: true });
    const { done } = await stateOf(world, id);
    assert.ok(done < crowd.length, "it was stopped in the middle");
    await working;
    await workToTheEnd(world);
    assert.equal((await stateOf(world, id)).done, done, "nobody was touched after the answer");
    assert.deepEqual(await jobs.resume(OPERATOR, theirs, id), { ok: false, reason: "somebody_elses" });
    const twice = await Promise.all([jobs.resume(OPERATOR, authority, id), jobs.resume(OPERATOR, authority, id)]);
    assert.deepEqual(twice.map(({ ok }) => ok).toSorted(), [false, true]);
    await workToTheEnd(world);
    assert.deepEqual(await touched(world, "sessions.ended"), idsOf(crowd));
    assert.deepEqual(await jobs.resume(OPERATOR, authority, id), { ok: false, reason: "already_made" });
    assert.deepEqual(await jobs.stop(OPERATOR, theirs, id), { ok: true });
    assert.equal((await stateOf(world, id)).state, "done", "stopping what is done changes nothing");
  });

  test("skips who is not meant, and refuses whom it is no longer for, each with the reason (AD-10)", async () => {
    await using world = await createArena(dialect);
    const { authority, root } = await office(world, 0);
    const [ada, bob, eve] = await Promise.all(
      ["ada", "bob", "eve"].map((login) => world.person(login, { twoFactor: login !== "eve" })),
    );
    assert.ok(ada && bob && eve);
    const id = await prepare(world, authority, "reset-two-factor", ["nobody", ...idsOf([root, ada, bob, eve])]);
    assert.deepEqual(await world.auth.jobs.begin(OPERATOR, authority, { id, reason: " \n " }), {
      ok: false,
      reason: "reason_missing",
    });
    await world.auth.jobs.begin(OPERATOR, authority, { id, reason: "lost phones" });
    const byHand = { id: bob.id, act: "reset-two-factor", reason: "by hand" } as const;
    await world.auth.people.act({ client: OPERATOR, authority: world.auth.operatorAuthority(), ...byHand });
    await workToTheEnd(world);
    const { items } = await world.auth.jobs.items(authority, { id, state: undefined, page: 1 });
    assert.deepEqual(
      items.map(({ user, state, reason }) => [user.id, state, reason]),
      [
        [ada.id, "done", null],
        [bob.id, "refused", "not_enabled"],
        [eve.id, "skipped", "not_enabled"],
        [root.id, "skipped", "yourself"],
      ],
    );
    assert.deepEqual(await touched(world, "two_factor.reset"), idsOf([ada, bob]));
    const mails = (await takeMails(world)).map(({ to }) => to).toSorted();
    assert.deepEqual(mails, ["ada@example.org", "bob@example.org"]);
  });

  test("asks for a rescue where the policy makes it wait, as on a person's page (AD-10)", async () => {
    await using world = await createArena(dialect);
    const { authority } = await office(world, 0);
    const ada = await world.person("ada", { twoFactor: true });
    await setRules(world, { rescue: "approval" });
    const id = await begin(world, authority, "reset-two-factor", [ada]);
    await workToTheEnd(world);
    const { items } = await world.auth.jobs.items(authority, { id, state: "done", page: 1 });
    assert.deepEqual(
      items.map(({ user, reason }) => [user.id, reason]),
      [[ada.id, "approval"]],
    );
    assert.deepEqual(await touched(world, "two_factor.reset"), [], "no second factor was taken from anybody");
  });

  test("is for administrators alone, also by calling the engine without its types (AD-08, AD-10)", async () => {
    await using world = await createArena(dialect);
    const { authority, crowd } = await office(world, 2);
    const support = { ...authority, role: "support" } as unknown as AdministratorAuthority;
    const selection = { ids: idsOf(crowd) };
    const no = { ok: false, reason: "no_authority" };
    const { jobs } = world.auth;
    assert.deepEqual(await jobs.prepare(OPERATOR, support, { act: "sign-out", selection }), no);
    const id = await prepare(world, authority, "sign-out", selection.ids);
    assert.deepEqual(await jobs.begin(OPERATOR, support, { id }), no);
    assert.deepEqual(await jobs.stop(OPERATOR, support, id), no);
    assert.deepEqual(await jobs.resume(OPERATOR, support, id), no);
    // What a job may do is asked of its row, so naming one that is not running gives nothing.
    const forged = { ...authority, job: id };
    assert.deepEqual(
      await world.auth.people.act({ client: OPERATOR, authority: forged, act: "disable", id: crowd[0]?.id ?? "" }),
      no,
    );
  });

  test("is done once to each by four workers at once, and after a node died with its lease (AD-10, RP-09)", async () => {
    await using world = await createArena(dialect);
    const { authority, crowd } = await office(world);
    const id = await begin(world, authority, "sign-out", crowd);
    // On SQLite two engines of one process wait for each other; there the workers share one.
    const other = dialect === "postgres" ? await world.node({ clock: world.clock }) : world;
    await Promise.all([world, other, world, other].map(workToTheEnd));
    assert.deepEqual(await touched(world, "sessions.ended"), idsOf(crowd));
    assert.equal((await stateOf(world, id)).done, crowd.length);

    const again = await begin(world, authority, "invite-to-two-factor", crowd);
    await world.context.db
      .updateTable("jobs")
      .set({ leased_by: "dead:1", leased_until: world.clock.now() + MINUTE })
      .where("id", "=", again)
      .execute();
    assert.equal(await world.auth.jobs.workNext(), false, "another node has it");
    world.clock.advance(MINUTE);
    await workToTheEnd(world);
    assert.deepEqual(await touched(world, "two_factor.invited"), idsOf(crowd));
    assert.equal((await takeMails(world)).length, crowd.length);
  });
});
