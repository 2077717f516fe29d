// The attack: somebody does harm and then removes the traces, or writes traces that accuse another. They may have an
// administrator's rights, or the database itself. So every act leaves a record in the same commit, a record names who,
// whom, when and from where, nothing a person types can look like another record, the tables refuse changes, and a
// chain of hashes shows the change of whoever gets around that.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Kysely, sql } from "kysely";
import { EVENT_KINDS } from "../../../src/auth.ts";
import { chainHash } from "../../../src/core/ground/events.ts";
import { newKey } from "../../../src/crypto/secret-box.ts";
import type { EventTable, Schema } from "../../../src/db/schema.ts";
import { codeFor } from "../../../src/testing/auth.ts";
import { type Browser, createBrowser } from "../../../src/testing/browser.ts";
import { startNode } from "../../support/node-process.ts";
import { takeMails } from "../../support/outbox.ts";
import { allowMailedCodes, setRules } from "../../support/policies.ts";
import { dropGuards, openTables, readTables } from "../../support/tables.ts";
import {
  createWorld,
  type Dialect,
  enrol,
  type Member,
  OPERATOR,
  onBothDatabases,
  PASSWORD,
  recoveryCodesOn,
  secretOn,
  type World,
} from "../../support/world.ts";

const NEXT = "eleven copper kettles whistle";

async function allEvents(db: Kysely<Schema>): Promise<EventTable[]> {
  return db.selectFrom("events").selectAll().orderBy("id").execute();
}

/** What is wrong with the chain, as whoever has a copy of the database can find out; nothing if it is whole. */
async function faults(db: Kysely<Schema>): Promise<string[]> {
  const rows = await allEvents(db);
  const head = await db.selectFrom("event_head").selectAll().executeTakeFirstOrThrow();
  const found: string[] = [];
  let previous = "";
  for (const [index, { hash, ...row }] of rows.entries()) {
    if (row.id !== index + 1) found.push(`${row.id} stands at ${index + 1}`);
    if (chainHash(previous, row) !== hash) found.push(`${row.id} does not follow`);
    previous = hash;
  }
  if (head.last_event !== rows.length || head.hash !== previous) found.push("the end is not the newest");
  return found;
}

onBothDatabases("every act", (dialect) => {
  test("is on record as what it was, by whom, to whom, from where, in which session (AU-01)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const seen = new Set<string>();
    const requests = new Set<string>();
    let last = 0;

    /** The records since the last time; each is one of the given kinds, in order. */
    const expectEvents = async (
      browser: { address: string; userAgent: string },
      expected: {
        kind: string;
        actor: string | null;
        user: string | null;
        session?: "some" | "none";
        details?: object;
      }[],
    ) => {
      const rows = await db.selectFrom("events").selectAll().where("id", ">", last).orderBy("id").execute();
      last += rows.length;
      assert.deepEqual(
        rows.map(({ kind, actor_id, user_id }) => [kind, actor_id, user_id]),
        expected.map(({ kind, actor, user }) => [kind, actor, user]),
      );
      for (const [index, row] of rows.entries()) {
        seen.add(row.kind);
        assert.equal(row.at, world.clock.now(), row.kind);
        assert.equal(row.address, browser.address, row.kind);
        assert.equal(row.user_agent, browser.userAgent, row.kind);
        assert.match(row.node, /^\S+:\d+$/);
        const { session, details } = expected[index] ?? {};
        if (session === "some") assert.match(row.session_id ?? "", /^[\w-]{16}$/, row.kind);
        if (session === "none") assert.equal(row.session_id, null, row.kind);
        if (details !== undefined) assert.deepEqual(JSON.parse(row.details), details, row.kind);
      }
      if (rows.length === 0) return;
      const [request] = new Set(rows.map((row) => row.request_id));
      assert.equal(new Set(rows.map((row) => row.request_id)).size, 1, "one request, one number");
      assert.ok(request && (browser === OPERATOR || !requests.has(request)), "and a number of its own");
      requests.add(request);
    };
    const lastEvent = async () => (await db.selectFrom("events").selectAll().execute()).length;
    const from = (n: number) => ({ address: `203.0.113.${n}`, userAgent: `Mozilla/5.0 (browser ${n})` });
    const open = (n: number): Browser => world.browser(from(n));

    // Setting up and the first administrator.
    const ticket = await world.auth.people.issueSetupTicket({ client: OPERATOR });
    const rootBrowser = open(1);
    const first = { login: "root", name: "Root", email: "root@example.org", new_password: PASSWORD };
    await rootBrowser.post("/setup", { ticket, ...first });
    const { id } = await db.selectFrom("users").select("id").executeTakeFirstOrThrow();
    const root: Member = { id, login: "root", secret: undefined };
    const own = { actor: root.id, user: root.id, session: "some" } as const;
    await expectEvents(from(1), [{ kind: "setup.completed", actor: root.id, user: root.id }]);

    // Signing in with a password, and turning two factors on.
    const wrong = { password: "a guess that is wrong" };
    await open(2).post("/sign-in", { login: "nobody", ...wrong });
    await expectEvents(from(2), [
      { kind: "sign_in.password_refused", actor: null, user: null, session: "none", details: {} },
    ]);
    await open(3).post("/sign-in", { login: "root", ...wrong });
    await expectEvents(from(3), [
      { kind: "sign_in.password_refused", actor: null, user: root.id, session: "none", details: {} },
    ]);
    await rootBrowser.post("/sign-in", { login: "root", password: PASSWORD });
    const byPassword = { method: "password", assurance: "password" };
    await expectEvents(from(1), [{ kind: "sign_in.succeeded", ...own, details: byPassword }]);
    const enrolment = "/account/security/enrolment";
    await rootBrowser.post(enrolment, { current_password: wrong.password });
    await expectEvents(from(1), [{ kind: "confirmation.refused", ...own, details: { reason: "wrong_password" } }]);
    root.secret = secretOn(await rootBrowser.post(enrolment, { current_password: PASSWORD }));
    await expectEvents(from(1), [
      { kind: "confirmation.succeeded", ...own },
      { kind: "enrolment.begun", ...own },
    ]);
    await rootBrowser.post(`${enrolment}/confirm`, { code: codeFor(root.secret, world.clock.now() - 900_000) });
    await expectEvents(from(1), [{ kind: "enrolment.refused", ...own, details: {} }]);
    await rootBrowser.post(`${enrolment}/confirm`, { code: world.freshCode(root) });
    await expectEvents(from(1), [{ kind: "two_factor.enabled", ...own, details: {} }]);
    await rootBrowser.post("/sign-out");
    await expectEvents(from(1), [{ kind: "session.ended", ...own }]);

    // Signing in by two steps.
    const half = { actor: null, user: root.id, session: "none", details: {} } as const;
    const firstStep = (browser: Browser) => browser.post("/sign-in", { login: "root", password: PASSWORD });
    await firstStep(rootBrowser);
    await expectEvents(from(1), []);
    const code = world.freshCode(root);
    await rootBrowser.post("/sign-in/code", { code });
    const byCode = { method: "password+code", assurance: "password + code" };
    await expectEvents(from(1), [{ kind: "sign_in.succeeded", ...own, details: byCode }]);
    const thief = open(4);
    await firstStep(thief);
    await thief.post("/sign-in/code", { code });
    await expectEvents(from(4), [{ kind: "sign_in.code_reused", ...half }]);
    const other = codeFor(root.secret, world.clock.now() - 900_000);
    for (const _ of [1, 2]) {
      await thief.post("/sign-in/code", { code: other });
      await expectEvents(from(4), [{ kind: "sign_in.code_refused", ...half }]);
    }
    await thief.post("/sign-in/code", { code: other });
    const abandoned = { ...half, details: { ...from(4), at: world.clock.now() } };
    await expectEvents(from(4), [
      { kind: "sign_in.code_refused", ...half },
      { kind: "sign_in.abandoned", ...abandoned },
    ]);
    await thief.post("/sign-in/cancel");
    await expectEvents(from(4), [{ kind: "sign_in.cancelled", ...half }]);

    // Acts of an administrator on somebody else.
    const profile = { login: "ada", name: "Ada", email: "ada@example.org", role: "person" };
    const proof = { current_password: PASSWORD, current_code: world.freshCode(root) };
    const page = await rootBrowser.post("/users", { ...profile, ...proof });
    const ada: Member = { id: page.path.slice("/users/".length), login: "ada", secret: undefined };
    const onAda = { actor: root.id, user: ada.id, session: "some" } as const;
    await expectEvents(from(1), [
      { kind: "confirmation.succeeded", ...own },
      { kind: "user.created", ...onAda, details: { role: "person" } },
      { kind: "user.invited", actor: root.id, user: ada.id, details: {} },
    ]);
    const invitation = (await takeMails(world)).find(({ kind }) => kind === "invitation");
    const adaBrowser = open(5);
    await adaBrowser.post("/invitation", { ticket: String(invitation?.facts.ticket), new_password: PASSWORD });
    await expectEvents(from(5), [{ kind: "user.accepted", actor: ada.id, user: ada.id, session: "none", details: {} }]);
    await adaBrowser.post("/sign-in", { login: "ada", password: PASSWORD });
    ada.secret = secretOn(await adaBrowser.post(enrolment, { current_password: PASSWORD }));
    await adaBrowser.post(`${enrolment}/confirm`, { code: world.freshCode(ada) });
    last = (await allEvents(db)).length;
    const act = async (path: string, fields: Record<string, string>, kind: string, details: object) => {
      await rootBrowser.post(`/users/${ada.id}${path}`, fields);
      await expectEvents(from(1), [{ kind, ...onAda, details }]);
    };
    const changed = { what: "name, role", role: "administrator" };
    await act("", { ...profile, name: "Ada King", role: "administrator" }, "user.changed", changed);
    await act("/sign-out-everywhere", {}, "sessions.ended", { ended: 1 });
    await act("/unlock", {}, "attempts.unlocked", {});

    // A rescue: asked for and taken back, asked for and stopped, approved, and used.
    await setRules(world, { rescue: "approval" });
    const liz = await world.person("liz", { role: "administrator" });
    last = await lastEvent();
    const asked = { way: "shown-link", reason: "lost" };
    const askForLink = async () => {
      await act("/enrolment-link", { way: "shown-link", link_reason: "lost" }, "rescue.asked", asked);
      return (await db.selectFrom("rescues").select("id").executeTakeFirstOrThrow()).id;
    };
    await act("/rescue/withdraw", { rescue: await askForLink() }, "rescue.withdrawn", { way: "shown-link" });
    await takeMails(world);
    await askForLink();
    const stop = (await takeMails(world)).find(({ kind }) => kind === "rescue_asked");
    await open(12).post("/rescue-stop", { ticket: String(stop?.facts.token) });
    const stopped = { by: "link", way: "shown-link" };
    await expectEvents(from(12), [{ kind: "rescue.stopped", actor: null, user: ada.id, details: stopped }]);
    const rescue = await askForLink();
    await db.updateTable("rescues").set({ asked_by: liz.id }).execute();
    const shown = await rootBrowser.post(`/users/${ada.id}/rescue/approve`, { rescue });
    await expectEvents(from(1), [
      { kind: "rescue.approved", ...onAda, details: { way: "shown-link" } },
      { kind: "enrolment_link.made", ...onAda, details: { reason: "lost", given: "by hand" } },
    ]);
    const enrolmentTicket = /enrolment-link\?ticket=([\w.-]+)/.exec(shown.words)?.[1] ?? "";
    const newPhone = open(13);
    const byAda = { actor: ada.id, user: ada.id, session: "some" } as const;
    await newPhone.post("/enrolment-link", { ticket: enrolmentTicket, login: "ada", password: PASSWORD });
    await expectEvents(from(13), [
      {
        kind: "sign_in.succeeded",
        ...byAda,
        details: { method: "enrolment-link", assurance: "password + enrolment link" },
      },
    ]);
    ada.secret = secretOn(await newPhone.post(enrolment));
    await expectEvents(from(13), [{ kind: "enrolment.begun", ...byAda }]);
    await newPhone.post(`${enrolment}/confirm`, { code: world.freshCode(ada) });
    await expectEvents(from(13), [{ kind: "two_factor.replaced", ...byAda, details: {} }]);
    await setRules(world);

    await act("/reset-two-factor", { reason: "lost phone" }, "two_factor.reset", { reason: "lost phone" });
    await act("/two-factor-invitation", {}, "two_factor.invited", {});
    const from14 = world.clock.now() + 14 * 86_400_000;
    await act("/require-two-factor", { days: "14" }, "two_factor.required", { from: from14 });
    await act("/stop-requiring", {}, "two_factor.not_required", {});
    await act("/void-password", {}, "password.voided", {});
    await act("/disable", {}, "user.disabled", {});
    await act("/enable", {}, "user.enabled", {});
    const onGroup = async (path: string, fields: Record<string, string>, kind: string, details: object, user = "") => {
      const page = await rootBrowser.post(path, fields);
      const whom = user === "" ? null : user;
      await expectEvents(from(1), [{ kind, actor: root.id, user: whom, session: "some", details }]);
      return page.path;
    };
    const group = await onGroup("/groups", { name: "Sales" }, "group.created", { group: "Sales" });
    const renamed = { group: "Sale", before: "Sales" };
    await onGroup(group, { name: "Sale" }, "group.renamed", renamed);
    await onGroup(`${group}/members`, { person: "ada" }, "group.member_added", { group: "Sale" }, ada.id);
    await onGroup(`${group}/members/remove`, { user: ada.id }, "group.member_removed", { group: "Sale" }, ada.id);
    await onGroup(`${group}/remove`, {}, "group.removed", { group: "Sale", members: 0 });
    await rootBrowser.post("/events/export", { format: "csv", kind: "user.enabled", person: "ada" });
    const copied = { format: "csv", kind: "user.enabled" };
    await expectEvents(from(1), [{ kind: "events.exported", ...onAda, details: copied }]);

    // An act on many people; what it does later is on record as of the request that had it done.
    const job = (await rootBrowser.post("/jobs", { act: "sign-out", person_0: ada.id })).path;
    const onJob = { actor: root.id, user: null, session: "some" } as const;
    const details = { job: job.slice("/jobs/".length) };
    await rootBrowser.post(`${job}/begin`);
    await expectEvents(from(1), [{ kind: "job.begun", ...onJob, details: { ...details, act: "sign-out", people: 1 } }]);
    await rootBrowser.post(`${job}/stop`);
    await expectEvents(from(1), [{ kind: "job.stopped", ...onJob, details }]);
    await rootBrowser.post(`${job}/resume`);
    while (await world.auth.jobs.workNext());
    await expectEvents(from(1), [
      { kind: "job.resumed", ...onJob, details },
      { kind: "sessions.ended", ...onAda, details: { ...details, ended: 0 } },
      { kind: "job.finished", ...onJob, details },
    ]);

    // A rule; one that says the same again is no change.
    const rule = { scope: "role:support", session_hours: "8" };
    await rootBrowser.post("/policy", rule);
    await rootBrowser.post("/policy", rule);
    await expectEvents(from(1), [
      { kind: "policy.changed", actor: root.id, user: null, details: { scope: "role:support", session_hours: 8 } },
    ]);

    // Mails that no server took, tried again.
    const { mails } = world.auth;
    for (let mail = await mails.claim(); mail !== undefined; mail = await mails.claim())
      await mails.failed(mail.id, "");
    await rootBrowser.post("/mails/retry");
    await expectEvents(from(1), [{ kind: "mails.retried", actor: root.id, user: null }]);

    // Acts on one's own account.
    await rootBrowser.post("/account", { name: "Root", language: "en", time_zone: "Europe/Vienna" });
    await expectEvents(from(1), [{ kind: "profile.changed", ...own, details: { what: "time zone" } }]);
    await rootBrowser.post("/account", { name: "Root", language: "en", time_zone: "Europe/Vienna" });
    await expectEvents(from(0), []);
    await rootBrowser.post("/account/email", { email: "new@example.org" });
    await expectEvents(from(1), [{ kind: "profile.changed", ...own, details: { what: "email" } }]);
    const again = () => ({ current_password: PASSWORD, current_code: world.freshCode(root) });
    await rootBrowser.post("/account/password", { ...again(), new_password: NEXT });
    await expectEvents(from(1), [
      { kind: "confirmation.succeeded", ...own },
      { kind: "password.changed", ...own, details: {} },
    ]);
    await rootBrowser.post("/account/security/disable", { ...again(), current_password: NEXT });
    await expectEvents(from(1), [
      { kind: "confirmation.succeeded", ...own },
      { kind: "two_factor.disabled", ...own, details: {} },
    ]);

    // A forgotten password: asked for by anybody, set by whoever has the link.
    const forgetful = open(11);
    await forgetful.post("/forgotten-password", { login: "ada" });
    const link = (await takeMails(world)).find(({ kind }) => kind === "password_reset");
    await expectEvents(from(11), [{ kind: "password.reset_requested", actor: null, user: ada.id, session: "none" }]);
    await forgetful.post("/password-reset", { ticket: String(link?.facts.ticket), new_password: NEXT });
    await expectEvents(from(11), [{ kind: "password.reset", actor: ada.id, user: ada.id, session: "none" }]);
    // A changed address, by its owner, and undone by whoever has the link.
    await forgetful.post("/sign-in", { login: "ada", password: NEXT });
    last = await lastEvent();
    await forgetful.post("/account/email", { email: "ada@example.com", current_password: NEXT });
    await expectEvents(from(11), [
      { kind: "confirmation.succeeded", actor: ada.id, user: ada.id },
      { kind: "profile.changed", actor: ada.id, user: ada.id, details: { what: "email" } },
    ]);
    const undo = (await takeMails(world)).find(({ kind }) => kind === "email_changed");
    await open(11).post("/email-undo", { ticket: String(undo?.facts.ticket) });
    await expectEvents(from(11), [{ kind: "email.undone", actor: null, user: ada.id, session: "none" }]);
    // Trusting a browser, and no longer.
    const eve = await world.person("eve", { twoFactor: true });
    const byEve = { actor: eve.id, user: eve.id } as const;
    const eveBrowser = open(11);
    await eveBrowser.post("/sign-in", { login: "eve", password: PASSWORD });
    last = await lastEvent();
    await eveBrowser.post("/sign-in/code", { code: world.freshCode(eve), trust: "on" });
    await expectEvents(from(11), [
      { kind: "sign_in.succeeded", ...byEve },
      { kind: "trusted_browser.added", ...byEve },
    ]);
    const proven = { current_password: PASSWORD, current_code: world.freshCode(eve) };
    await eveBrowser.post("/account/security/trusted-browsers/end-all", proven);
    await expectEvents(from(11), [
      { kind: "confirmation.succeeded", ...byEve },
      { kind: "trusted_browser.removed", ...byEve, session: "some", details: { removed: 1 } },
    ]);

    // A key for a program: made, used, revoked, and used again.
    const made = await rootBrowser.post("/account/api-keys", {
      ...{ name: "report", days: "7", scope_profile_read: "on", form_number: "A".repeat(16) },
    });
    const named = { name: "report" };
    await expectEvents(from(1), [
      { kind: "api_key.created", ...own, details: { ...named, scopes: "profile:read", days: 7 } },
    ]);
    const [key = ""] = /cs_[a-z2-7]{40}/.exec(made.words) ?? [];
    const headers = { authorization: `Bearer ${key}` };
    await open(6).send("/api/v1/me", { headers });
    await expectEvents(from(6), [{ kind: "api_key.used", ...own, session: "none", details: named }]);
    const [, keyId = ""] = /name="key" value="([\w-]+)"/.exec((await rootBrowser.get("/account/api-keys")).text) ?? [];
    await rootBrowser.post("/account/api-keys/revoke", { key: keyId });
    await expectEvents(from(1), [{ kind: "api_key.revoked", ...own, details: named }]);
    await open(6).send("/api/v1/me", { headers });
    const revoked = { actor: null, user: root.id, session: "none", details: { reason: "revoked", ...named } } as const;
    await expectEvents(from(6), [{ kind: "api_key.refused", ...revoked }]);

    // What another site made a browser send.
    await rootBrowser.send("/account", { method: "POST", headers: { "sec-fetch-site": "cross-site" } });
    const refused = { kind: "request.refused", actor: null, user: null, details: { route: "/account" } };
    await expectEvents(from(1), [refused]);

    // Recovery codes: made, proved to be kept, used.
    const bob = await world.person("bob", { twoFactor: true });
    const byBob = { actor: bob.id, user: bob.id, session: "some" } as const;
    const bobBrowser = open(9);
    await world.signIn(bobBrowser, bob);
    last = await lastEvent();
    const sure = { current_password: PASSWORD, current_code: world.freshCode(bob) };
    const [recovery_code = "", kept = ""] = recoveryCodesOn(
      await bobBrowser.post("/account/security/recovery-codes", sure),
    );
    await expectEvents(from(9), [
      { kind: "confirmation.succeeded", ...byBob },
      { kind: "recovery_codes.made", ...byBob, details: {} },
    ]);
    await bobBrowser.post("/account/security/recovery-codes/check", { recovery_code: kept });
    await expectEvents(from(9), [{ kind: "recovery_codes.kept", ...byBob, details: {} }]);
    const [app] = await db.selectFrom("authenticators").select("id").where("user_id", "=", bob.id).execute();
    await bobBrowser.post("/account/security/authenticators/rename", { authenticator: app?.id ?? "", name: "Old" });
    await expectEvents(from(9), [{ kind: "authenticator.renamed", ...byBob, details: { name: "Old" } }]);
    const next = { ...bob, secret: secretOn(await bobBrowser.post(enrolment, { replaces: app?.id ?? "" })) };
    await expectEvents(from(9), [{ kind: "enrolment.begun", ...byBob }]);
    await bobBrowser.post(`${enrolment}/confirm`, { code: world.freshCode(next) });
    await expectEvents(from(9), [{ kind: "authenticator.added", ...byBob, details: { name: "Authenticator app" } }]);
    await bobBrowser.post("/account/security/authenticators/remove", { authenticator: app?.id ?? "" });
    await expectEvents(from(9), [{ kind: "authenticator.removed", ...byBob, details: { name: "Old" } }]);
    const lost = open(10);
    await lost.post("/sign-in", { login: "bob", password: PASSWORD });
    await lost.post("/sign-in/recovery-code", { recovery_code });
    await expectEvents(from(10), [
      { kind: "recovery_code.used", actor: bob.id, user: bob.id, details: { left: 9 } },
      { kind: "sign_in.succeeded", ...byBob },
    ]);
    await allowMailedCodes(world);
    await lost.post("/sign-in", { login: "bob", password: PASSWORD });
    await lost.post("/sign-in/mailed-code/send");
    await expectEvents(from(10), [
      { kind: "mailed_code.sent", actor: null, user: bob.id, session: "none", details: {} },
    ]);

    assert.deepEqual(await faults(db), []);
    const rest = EVENT_KINDS.filter((kind) => !seen.has(kind));
    assert.deepEqual(
      rest,
      ["attempts.slowed", "events.removed"],
      "every kind is written; those have tests of their own",
    );
  });

  test("that makes somebody wait is on record (AU-01)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const ada = await world.person("ada", { twoFactor: true });
    const thief = world.browser();
    await thief.post("/sign-in", { login: "ada", password: PASSWORD });
    const code = codeFor(ada.secret ?? "", world.clock.now() - 900_000);
    for (let n = 0; n < 5; n++) await thief.post("/sign-in/code", { code });
    assert.match((await thief.post("/sign-in/code", { code })).words, /Too many tries/);
    const slowed = (await allEvents(db)).filter(({ kind }) => kind === "attempts.slowed");
    assert.ok(slowed.length > 0 && slowed.every((row) => row.user_id === ada.id));
  });

  test("of time itself, such as a sign-in that nobody completed, is on record (AU-01)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const ada = await world.person("ada", { twoFactor: true });
    const thief = world.browser({ address: "203.0.113.9" });
    await thief.post("/sign-in", { login: "ada", password: PASSWORD });
    world.clock.advance(600_000);
    await world.auth.upkeep.run();
    const event = (await allEvents(db)).at(-1);
    assert.deepEqual([event?.kind, event?.actor_id, event?.user_id], ["sign_in.abandoned", null, ada.id]);
    assert.equal(JSON.parse(event?.details ?? "").address, "203.0.113.9");
  });
});

onBothDatabases("a record", (dialect) => {
  test("is one record, whatever is in the names, reasons and headers that it tells of (AU-03)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const hostile = `x\u001b[2J\r\n2026-01-15T12:00:00Z user.disabled {"by":"operator"}\u2028\u0007","kind":"setup.completed`;
    const browser = world.browser({ userAgent: 'Evil/1.0 "},{"kind":"user.enabled" \u00e9\u0085\u009b31m' });
    await world.signIn(browser, root);
    const proof = { current_password: PASSWORD, current_code: world.freshCode(root) };
    await browser.post(enrolmentPath, proof);
    const targets = [];
    for (const name of [hostile, `"><script>alert(1)</script>`, "Ада Лавлейс", "أدا", "a".repeat(120)]) {
      const login = `p${targets.length}`;
      const page = await browser.post("/users", { login, name, email: `${login}@example.org`, role: "person" });
      targets.push(page.path);
    }
    const ada = await world.person("ada", { twoFactor: true });
    const before = (await allEvents(db)).length;
    await browser.post(`/users/${ada.id}/reset-two-factor`, { reason: hostile });
    const rows = await allEvents(db);
    assert.equal(rows.length, before + 1);
    const { details, user_agent } = rows.at(-1) ?? { details: "", user_agent: "" };
    assert.doesNotMatch(details + user_agent, /[\p{Cc}\u2028\u2029]/u);
    assert.deepEqual(Object.keys(JSON.parse(details)), ["reason"]);
    assert.match(JSON.parse(details).reason, /user\.disabled/, "it is kept, as the reason that it was given as");
    assert.match(user_agent, /^[\x20-\x7e]*$/);
    const { text } = await browser.get("/events");
    assert.doesNotMatch(text, /<script>alert|[^\P{Cc}\n\t]/u);
    assert.deepEqual(await faults(db), []);
  });

  test("cannot be changed, taken out or replaced by the program's own access to the database (AU-04)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    await world.person("ada");
    await world.person("bob");
    const before = await allEvents(db);
    assert.ok(before.length >= 2);
    const attempts: (() => Promise<unknown>)[] = [
      () => db.updateTable("events").set({ details: "{}" }).execute(),
      () => db.updateTable("events").set({ kind: "user.enabled" }).where("id", "=", 1).execute(),
      () => db.deleteFrom("events").execute(),
      () => db.deleteFrom("events").where("id", "=", 2).execute(),
      ...(dialect === "postgres"
        ? [() => sql`truncate events`.execute(db)]
        : [
            () => sql`replace into events select * from events where id = 1`.execute(db),
            () =>
              sql`insert or replace into events select id, at, 'forged', null, null, null, '', '', '', '', '{}', '' from events`.execute(
                db,
              ),
            () => sql`update or replace events set id = 1 where id = 2`.execute(db),
          ]),
    ];
    for (const [index, attempt] of attempts.entries()) {
      await assert.rejects(attempt, /append-only/, `attempt ${index}`);
      assert.deepEqual(await allEvents(db), before);
    }
  });

  test("that was changed by whoever got around that shows in the chain (AU-04)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const root = await world.person("root", { role: "administrator" });
    await enrol(world, root);
    await world.signIn(world.browser(), root);
    const whole = await allEvents(db);
    assert.ok(whole.length >= 5);
    assert.deepEqual(await faults(db), [], "it is whole before");
    await dropGuards(db, dialect);
    const restore = async () => {
      await db.deleteFrom("events").execute();
      await db.insertInto("events").values(whole).execute();
      assert.deepEqual(await faults(db), []);
    };
    const set = (values: Partial<EventTable>) => () =>
      db.updateTable("events").set(values).where("id", "=", 3).execute();
    const harm: Record<string, () => Promise<unknown>> = {
      "another time": set({ at: 1 }),
      "another kind": set({ kind: "user.enabled" }),
      "another actor": set({ actor_id: "somebody-else" }),
      "no actor": set({ actor_id: null }),
      "another person": set({ user_id: "somebody-else" }),
      "another session": set({ session_id: "other" }),
      "another address": set({ address: "192.0.2.99" }),
      "another browser": set({ user_agent: "other" }),
      "another request": set({ request_id: "other" }),
      "another server": set({ node: "other" }),
      "other details": set({ details: '{"by":"operator"}' }),
      "another hash": set({ hash: "x" }),
      "one taken out": () => db.deleteFrom("events").where("id", "=", 3).execute(),
      "one taken out and the rest closed up": async () => {
        await db.deleteFrom("events").where("id", "=", 3).execute();
        for (let id = 4; id <= whole.length; id++) {
          await db
            .updateTable("events")
            .set({ id: id - 1 })
            .where("id", "=", id)
            .execute();
        }
      },
      "the first taken out": () => db.deleteFrom("events").where("id", "=", 1).execute(),
      "the newest taken out": () => db.deleteFrom("events").where("id", "=", whole.length).execute(),
      "two in another order": async () => {
        await db.updateTable("events").set({ id: 0 }).where("id", "=", 2).execute();
        await db.updateTable("events").set({ id: 2 }).where("id", "=", 3).execute();
        await db.updateTable("events").set({ id: 3 }).where("id", "=", 0).execute();
      },
      "one put in": async () => {
        const [model] = whole;
        assert.ok(model);
        await db
          .insertInto("events")
          .values({ ...model, id: whole.length + 1 })
          .execute();
      },
      "one edited and hashed again": async () => {
        const [, , third] = whole;
        assert.ok(third);
        const { hash: _, ...row } = { ...third, actor_id: "somebody-else" };
        const hash = chainHash(whole[1]?.hash ?? "", row);
        await db
          .updateTable("events")
          .set({ ...row, hash })
          .where("id", "=", 3)
          .execute();
      },
    };
    for (const [what, act] of Object.entries(harm)) {
      await act();
      assert.notDeepEqual(await faults(db), [], what);
      await restore();
    }
  });
});

/** Makes every insertion into or change of a table fail, as a full disk would. */
async function breakTable(db: Kysely<Schema>, dialect: Dialect, table: keyof Schema): Promise<void> {
  const acts = table === "events" ? ["insert"] : ["insert", "update", "delete"];
  if (dialect === "postgres") {
    await sql`create or replace function broken() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$`.execute(
      db,
    );
    await sql
      .raw(`create trigger broken before ${acts.join(" or ")} on ${table} for each statement execute function broken()`)
      .execute(db);
    return;
  }
  for (const act of acts) {
    await sql
      .raw(`create trigger broken_${act} before ${act} on ${table} begin select raise(abort, 'broken'); end`)
      .execute(db);
  }
}

async function mendTable(db: Kysely<Schema>, dialect: Dialect, table: keyof Schema): Promise<void> {
  if (dialect === "postgres") await sql.raw(`drop trigger broken on ${table}`).execute(db);
  else
    for (const act of ["insert", "update", "delete"]) await sql.raw(`drop trigger if exists broken_${act}`).execute(db);
}

const enrolmentPath = "/account/security/enrolment";

/** Acts, each with the table that it changes. Each is done in vain first and then for good, so their order counts. */
async function acts(world: World) {
  const { auth } = world;
  const operator = auth.operatorAuthority();
  const root = await world.person("root", { role: "administrator", twoFactor: true });
  const ada = await world.person("ada", { twoFactor: true });
  const bob = await world.person("bob");
  const [rootBrowser, bobBrowser] = [world.browser(), world.browser()];
  await world.signIn(rootBrowser, root);
  await world.signIn(world.browser(), ada);
  await rootBrowser.post(enrolmentPath, { current_password: PASSWORD, current_code: world.freshCode(root) });
  await world.signIn(bobBrowser, bob);
  const secret = secretOn(await bobBrowser.post(enrolmentPath, { current_password: PASSWORD }));
  const invited = await auth.people.invite({
    client: OPERATOR,
    authority: operator,
    login: "new",
    name: "New",
    email: "new@example.org",
    role: "person",
  });
  assert.ok(invited.ok);
  // Something to unlock.
  await world.browser().post("/sign-in", { login: "ada", password: "a guess that is wrong" });
  const cross = { method: "POST", headers: { "sec-fetch-site": "cross-site" } };
  const status = async (answer: Promise<{ status: number }>) => (await answer).status;
  const list: { what: string; table: keyof Schema; run: () => Promise<number> }[] = [
    { what: "unlocking", table: "attempts", run: () => status(rootBrowser.post(`/users/${ada.id}/unlock`)) },
    {
      what: "signing in",
      table: "sessions",
      run: () => status(world.browser().post("/sign-in", { login: "bob", password: PASSWORD })),
    },
    {
      what: "accepting an invitation",
      table: "users",
      run: () => status(world.browser().post("/invitation", { ticket: invited.ticket, new_password: NEXT })),
    },
    {
      what: "inviting",
      table: "users",
      run: () =>
        status(rootBrowser.post("/users", { login: "eve", name: "Eve", email: "eve@example.org", role: "person" })),
    },
    {
      what: "changing a person",
      table: "users",
      run: () =>
        status(
          rootBrowser.post(`/users/${ada.id}`, {
            login: "ada",
            name: "Ada King",
            email: "king@example.org",
            role: "person",
          }),
        ),
    },
    {
      what: "logging somebody out",
      table: "sessions",
      run: () => status(rootBrowser.post(`/users/${ada.id}/sign-out-everywhere`)),
    },
    {
      what: "a reset",
      table: "authenticators",
      run: () => status(rootBrowser.post(`/users/${ada.id}/reset-two-factor`, { reason: "lost" })),
    },
    { what: "disabling", table: "users", run: () => status(rootBrowser.post(`/users/${ada.id}/disable`)) },
    { what: "enabling", table: "users", run: () => status(rootBrowser.post(`/users/${ada.id}/enable`)) },
    {
      what: "preferences",
      table: "users",
      run: () => status(bobBrowser.post("/account", { name: "Robert", language: "en", time_zone: "UTC" })),
    },
    {
      what: "a new address",
      table: "users",
      run: () => status(bobBrowser.post("/account/email", { email: "robert@example.org" })),
    },
    {
      what: "two factors on",
      table: "authenticators",
      run: () => status(bobBrowser.post(`${enrolmentPath}/confirm`, { code: codeFor(secret, world.clock.now()) })),
    },
    { what: "signing out", table: "sessions", run: () => status(bobBrowser.post("/sign-out")) },
    {
      what: "a refusal",
      table: "rates",
      run: async () => ((await status(bobBrowser.send("/account", cross))) === 403 ? 200 : 500),
    },
  ];
  return list;
}

onBothDatabases("a change and its record", (dialect) => {
  /** Everything but what counts attempts, and when sessions were last seen: those are written before, on purpose. */
  const contents = async (db: Kysely<Schema>) => {
    const { attempts: _a, rates: _r, ...tables } = await readTables(db);
    for (const row of tables.sessions ?? []) delete row.last_seen_at;
    return tables;
  };

  test("come together: without the record there is no change, without the change no record (AU-05)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    for (const { what, table, run } of await acts(world)) {
      for (const broken of ["events", table] as const) {
        const before = await contents(db);
        await breakTable(db, dialect, broken);
        const status = await run();
        await mendTable(db, dialect, broken);
        assert.equal(status, 500, `${what}, while ${broken} is broken`);
        assert.deepEqual(await contents(db), before, `${what}, while ${broken} is broken`);
      }
      const count = (await allEvents(db)).length;
      assert.equal(await run(), 200, `${what}, once all is well`);
      assert.ok((await allEvents(db)).length > count, what);
    }
    assert.deepEqual(await faults(db), []);
  });

  test("and its mail come together, too (AU-05, ML-08)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const ada = await world.person("ada", { twoFactor: true });
    const { auth } = world;
    const reset = () =>
      auth.people.act({
        client: OPERATOR,
        authority: auth.operatorAuthority(),
        id: ada.id,
        act: "reset-two-factor",
        reason: "lost",
      });
    const before = await contents(db);
    await breakTable(db, dialect, "mails");
    await assert.rejects(reset, /broken/);
    await mendTable(db, dialect, "mails");
    assert.deepEqual(await contents(db), before);
    assert.deepEqual(await reset(), { ok: true, next: "reset" });
  });
});

onBothDatabases("several servers", (dialect) => {
  test("that write at the same moment write one chain (AU-07)", async () => {
    const key = newKey();
    const keys = { active: key, all: [key] };
    await using world = await createWorld(dialect, { host: { keys } });
    await using db = await openTables(world);
    const ada = await world.person("ada");
    const { databaseUrl, clock } = world;
    const nodes = await Promise.all([1, 2, 3].map(() => startNode({ databaseUrl, keys, time: clock.now() })));
    try {
      const headers = { "sec-fetch-site": "cross-site" };
      const before = (await allEvents(db)).length;
      const writes = nodes.flatMap((node, n) => {
        const publicUrl = world.auth.options.publicUrl;
        const strangers = Array.from({ length: 20 }, (_, i) =>
          createBrowser(node.fetch, { publicUrl, address: `198.51.${n}.${i}` }),
        );
        const person = createBrowser(node.fetch, { publicUrl, address: `198.51.100.${n}` });
        return [
          ...strangers.map((browser) => browser.send("/sign-in", { method: "POST", headers })),
          person.post("/sign-in", { login: "ada", password: PASSWORD }),
        ];
      });
      // This process writes along.
      const operator = world.auth.operatorAuthority();
      const own = Array.from({ length: 10 }, () =>
        world.auth.people.act({ client: OPERATOR, authority: operator, act: "unlock", id: ada.id }),
      );
      await Promise.all([...writes, ...own]);
      const rows = await allEvents(db);
      assert.equal(rows.length, before + 3 * 20 + 3 + 10);
      assert.equal(new Set(rows.map(({ node }) => node)).size, 4, "four servers wrote");
      assert.deepEqual(await faults(db), []);
    } finally {
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    }
  });
});
