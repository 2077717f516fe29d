// The attack: an administrator wants into somebody's account, and resetting the second factor is their job. Where the
// policy asks for a second pair of eyes or for time, they approve their own request, have it approved by somebody who
// was made one for it, hurry, or go around it by another form. Or the person says stop in the very moment.

import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { perform } from "../../../src/core/console/acting.ts";
import { onOther } from "../../../src/core/session/authority.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { COOKIE, createArena, submit } from "../../support/attacker.ts";
import { disable, enable, setRole } from "../../support/keeper.ts";
import { takeMails } from "../../support/outbox.ts";
import { setRules } from "../../support/policies.ts";
import { administratorOf, authorityOf } from "../../support/staff.ts";
import { openTables } from "../../support/tables.ts";
import { type Member, OPERATOR, onBothKinds, ownTest, PASSWORD, type World } from "../../support/world.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function stage(world: World, rule: "waiting" | "approval") {
  const ada = await world.person("ada", { twoFactor: true });
  const [root, liz] = await Promise.all(
    ["root", "liz"].map((login) => world.person(login, { role: "administrator", twoFactor: true })),
  );
  assert.ok(root && liz);
  await setRules(world, { rescue: rule });
  const { auth } = world;
  const isOn = async (who: Member = ada) =>
    (await auth.people.find({ reader: auth.operatorAuthority(), id: who.id }))?.twoFactor;
  const open = async (): Promise<string> => {
    const standing = await auth.rescues.find(auth.operatorAuthority(), ada.id);
    return standing.open?.id ?? "";
  };
  const kinds = async () =>
    (await auth.events.list({ reader: auth.operatorAuthority(), filter: { userId: ada.id }, limit: 50 })).map(
      ({ kind }) => kind,
    );
  return {
    ada,
    root,
    liz,
    isOn,
    open,
    kinds,
    asked: { id: ada.id, act: "reset-two-factor", reason: "lost phone" } as const,
  };
}

const NEXT = "another eleven walnut boats";
const approving = (id: string, rescue: string) => ({ act: "approve-rescue", id, rescue }) as const;
const carryingOut = (id: string, rescue: string) => ({ act: "carry-out-rescue", id, rescue }) as const;
const withdrawing = (id: string, rescue: string) => ({ act: "withdraw-rescue", id, rescue }) as const;
const result = (outcome: { ok: true; next?: string } | { ok: false; reason: string }) =>
  outcome.ok ? (outcome.next ?? "done") : outcome.reason;

test("what takes a second factor from its owner is written once for others, and asks the policy (AD-07)", async () => {
  const folder = fileURLToPath(new URL("../../../src/", import.meta.url));
  const found: string[] = [];
  for await (const file of glob("**/*.ts", { cwd: folder })) {
    const text = await readFile(join(folder, file), "utf8");
    if (/\b(forgetFactors|recoveryCodes\.forgetAll)\(tx, /.test(text)) found.push(file);
    if (/deleteFrom\("recovery_codes"\)/.test(text)) found.push(`${file}: codes`);
    if (/deleteFrom\("authenticators"\)/.test(text)) found.push(`${file}: table`);
    if (/"enrolment-link", \{/.test(text)) found.push(`${file}: link`);
  }
  assert.deepEqual(found.sort(), [
    "core/factors/authenticators.ts",
    "core/factors/authenticators.ts: table",
    "core/factors/enrolment.ts",
    "core/factors/recovery-codes.ts: codes",
    "core/people/enrolment-links.ts: link",
    "core/rescue/rescues.ts",
  ]);
  const rescues = await readFile(join(folder, "core/rescue/rescues.ts"), "utf8");
  const [, ...calls] = rescues.split(/\bperform\(tx,/);
  assert.equal(calls.length, 3, "at once, approved, carried out");
});

onBothKinds("a rescue that needs approval", (dialect) => {
  const testOwn = ownTest(dialect);
  test("is done by a second administrator, and told to everybody whom it concerns (AD-07)", async () => {
    await using world = await createArena(dialect);
    const { ada, root, liz, isOn, kinds } = await stage(world, "approval");
    const mine = await administratorOf(world, root);
    const hers = await administratorOf(world, liz);
    await takeMails(world);
    const asked = await mine.browser.post(`/users/${ada.id}/reset-two-factor`, { reason: "lost phone" });
    assert.match(asked.words, /Your request is recorded/);
    assert.equal(await isOn(), true);
    const mails = await takeMails(world);
    assert.deepEqual(mails.map(({ kind, to }) => `${kind} ${to}`).toSorted(), [
      "rescue_approval_wanted liz@example.org",
      "rescue_asked ada@example.org",
    ]);
    assert.match((await hers.browser.get("/rescues")).words, /Ada.*Reset two-factor authentication.*Root/);
    const [, rescue = ""] =
      /name="rescue" value="([\w-]+)"/.exec((await hers.browser.get(`/users/${ada.id}`)).text) ?? [];
    await hers.browser.post(`/users/${ada.id}/rescue/approve`, { rescue });
    assert.equal(await isOn(), false);
    assert.deepEqual((await kinds()).slice(0, 3), ["two_factor.reset", "rescue.approved", "rescue.asked"]);
    assert.deepEqual(
      (await takeMails(world)).map(({ kind }) => kind),
      ["two_factor_reset"],
    );
  });

  test("is not approved by whoever asked for it, by a page or by hand (AD-07)", async () => {
    await using world = await createArena(dialect);
    const { ada, root, isOn, open, asked } = await stage(world, "approval");
    const { authority, browser } = await administratorOf(world, root);
    assert.equal(result(await world.auth.people.act({ client: OPERATOR, authority, ...asked })), "approval");
    const rescue = await open();
    assert.doesNotMatch((await browser.get(`/users/${ada.id}`)).text, /rescue\/approve/);
    const page = await browser.post(`/users/${ada.id}/rescue/approve`, { rescue });
    assert.match(page.words, /You asked for this yourself/);
    assert.equal(
      result(await world.auth.people.act({ client: OPERATOR, authority, ...approving(ada.id, rescue) })),
      "own_request",
    );
    assert.equal(await isOn(), true);
    assert.equal(await open(), rescue, "and it is still open");
  });

  test("is not approved by the person themselves, nor by support (AD-07, AD-08)", async () => {
    await using world = await createArena(dialect);
    const { liz, root, asked } = await stage(world, "approval");
    const sue = await world.person("sue", { role: "support", twoFactor: true });
    const { rescues, operatorAuthority } = world.auth;
    const mine = await administratorOf(world, root);
    const hers = await administratorOf(world, liz);
    const help = await authorityOf(world, sue);
    assert.equal(
      result(await world.auth.people.act({ client: OPERATOR, authority: mine.authority, ...asked, id: liz.id })),
      "approval",
    );
    const id = (await rescues.find(operatorAuthority(), liz.id)).open?.id ?? "";
    assert.equal(
      result(await world.auth.people.act({ client: OPERATOR, authority: hers.authority, ...approving(liz.id, id) })),
      "yourself",
    );
    // @ts-expect-error what support holds is not enough
    const beyond = await world.auth.people.act({
      client: OPERATOR,
      authority: help.authority,
      ...approving(asked.id, id),
    });
    assert.equal(result(beyond), "no_authority");
    assert.equal((await help.browser.post(`/users/${asked.id}/rescue/approve`, { rescue: id })).status, 404);
    assert.equal((await help.browser.get("/rescues")).status, 404);
  });

  test("may be asked for by support, and is then done by an administrator (AD-08)", async () => {
    await using world = await createArena(dialect);
    const { ada, root, isOn, open, asked } = await stage(world, "approval");
    const sue = await world.person("sue", { role: "support", twoFactor: true });
    const help = await authorityOf(world, sue);
    assert.equal(
      result(await world.auth.people.act({ client: OPERATOR, authority: help.authority, ...asked })),
      "approval",
    );
    const { authority } = await administratorOf(world, root);
    assert.equal(
      result(await world.auth.people.act({ client: OPERATOR, authority, ...approving(ada.id, await open()) })),
      "reset",
    );
    assert.equal(await isOn(), false);
  });

  test("takes two who are administrators at that moment: a demoted one is none (AD-07, SE-05)", async () => {
    for (const demoted of ["asker", "approver"] as const) {
      await using world = await createArena(dialect);
      const { ada, root, liz, isOn, open, asked } = await stage(world, "approval");
      const mine = await administratorOf(world, root);
      const hers = await administratorOf(world, liz);
      await world.auth.people.act({ client: OPERATOR, authority: mine.authority, ...asked });
      await setRole(world, demoted === "asker" ? root : liz, "person");
      const outcome = result(
        await world.auth.people.act({
          client: OPERATOR,
          authority: hers.authority,
          ...approving(ada.id, await open()),
        }),
      );
      assert.equal(outcome, demoted === "asker" ? "asker_gone" : "no_authority");
      assert.equal(await isOn(), true);
    }
  });

  test("is approved as it was read: a newer request is another one (AD-07, T-21)", async () => {
    await using world = await createArena(dialect);
    const { ada, root, liz, isOn, open, asked } = await stage(world, "approval");
    const mine = await administratorOf(world, root);
    const hers = await administratorOf(world, liz);
    await world.auth.people.act({ client: OPERATOR, authority: mine.authority, ...asked, act: "mail-enrolment-link" });
    const read = await open();
    await world.auth.people.act({ client: OPERATOR, authority: mine.authority, ...asked });
    assert.equal(
      result(await world.auth.people.act({ client: OPERATOR, authority: hers.authority, ...approving(ada.id, read) })),
      "rescue_gone",
    );
    assert.equal(await isOn(), true);
  });

  testOwn(
    "goes by mail to nobody whose password came by mail: a second administrator would approve the first (AD-07)",
    async () => {
      await using world = await createArena(dialect);
      const { ada, root, asked } = await stage(world, "approval");
      const mine = await administratorOf(world, root);
      const profile = { login: "ada", name: "Ada", email: "root@example.net", role: "person" };
      await mine.browser.post(`/users/${ada.id}`, { ...profile, old_mailbox_lost: "on" });
      const thief = world.browser();
      await thief.post("/forgotten-password", { login: "ada" });
      const mail = (await takeMails(world)).find(({ kind }) => kind === "password_reset");
      assert.equal(mail?.to, "root@example.net");
      await thief.post("/password-reset", { ticket: String(mail?.facts.ticket), new_password: NEXT });
      const mailed = await world.auth.people.act({
        client: OPERATOR,
        authority: mine.authority,
        ...asked,
        act: "mail-enrolment-link",
      });
      assert.equal(result(mailed), "mail_not_enough");
      const page = await mine.browser.post(`/users/${ada.id}/enrolment-link`, {
        way: "mailed-link",
        link_reason: "lost",
      });
      assert.match(page.words, /Hand it over/);
      assert.equal(
        result(
          await world.auth.people.act({
            client: OPERATOR,
            authority: mine.authority,
            ...asked,
            act: "show-enrolment-link",
          }),
        ),
        "approval",
      );
    },
  );

  test("is over after a week, and with any change of the account (AD-07, T-39)", async () => {
    await using world = await createArena(dialect);
    const { ada, root, open, asked } = await stage(world, "approval");
    const { authority } = await administratorOf(world, root);
    await world.auth.people.act({ client: OPERATOR, authority, ...asked });
    await disable(world, ada);
    assert.equal(await open(), "");
    await enable(world, ada);
    await world.auth.people.act({ client: OPERATOR, authority, ...asked });
    world.clock.advance(7 * DAY - 1);
    assert.notEqual(await open(), "");
    world.clock.advance(1);
    assert.equal(await open(), "");
    await world.auth.upkeep.run();
    await using db = await openTables(world);
    assert.deepEqual(await db.selectFrom("rescues").select("id").execute(), []);
  });

  test("is what an act on many makes of a reset, too (AD-07)", async () => {
    await using world = await createArena(dialect);
    const { ada, root, isOn, open } = await stage(world, "approval");
    const { authority } = await administratorOf(world, root);
    const whom = { authority, least: "administrator", id: ada.id } as const;
    const needed = { reason: "a stolen bag of phones" };
    const outcome = await onOther(world.context, OPERATOR, whom, (tx, user) =>
      perform(tx, user, { act: "reset-two-factor", authority, needed }),
    );
    assert.deepEqual(outcome, { ok: true, next: "approval" });
    assert.equal(await isOn(), true);
    assert.notEqual(await open(), "");
  });

  test("has no side door: no form and no way of asking gets around it (AD-07)", async () => {
    await using world = await createArena(dialect);
    const { ada, root, isOn, asked } = await stage(world, "approval");
    const { authority, browser } = await administratorOf(world, root);
    for (const act of ["reset-two-factor", "show-enrolment-link", "mail-enrolment-link"] as const) {
      assert.equal(result(await world.auth.people.act({ client: OPERATOR, authority, ...asked, act })), "approval");
      const id = (await world.auth.rescues.find(authority, ada.id)).open?.id ?? "";
      const carried = await world.auth.people.act({ client: OPERATOR, authority, ...carryingOut(ada.id, id) });
      assert.equal(result(carried), "needs_approval");
    }
    for (const path of ["reset-two-factor", "enrolment-link", "rescue/carry-out", "rescue/approve"]) {
      const rescue = (await world.auth.rescues.find(authority, ada.id)).open?.id ?? "";
      await browser.post(`/users/${ada.id}/${path}`, {
        reason: "x",
        link_reason: "x",
        act: "show-enrolment-link",
        rescue,
      });
    }
    assert.equal(await isOn(), true);
    assert.deepEqual(
      (await takeMails(world)).filter(({ kind }) => kind === "enrolment_link"),
      [],
    );
    const operator = await world.auth.people.act({
      client: OPERATOR,
      authority: world.auth.operatorAuthority(),
      ...asked,
    });
    assert.equal(result(operator), "reset", "but whoever has the database needs nobody's leave");
  });
});

onBothKinds("a rescue that has to wait", (dialect) => {
  const testOwn = ownTest(dialect);
  test("is done once the wait is over, not a millisecond before (AD-07)", async () => {
    await using world = await createArena(dialect);
    const { ada, root, isOn, open, asked } = await stage(world, "waiting");
    await setRules(world, { rescue: "waiting", rescue_wait_hours: 1 });
    const { authority } = await administratorOf(world, root);
    assert.equal(result(await world.auth.people.act({ client: OPERATOR, authority, ...asked })), "waiting");
    const id = await open();
    const carryOut = async () =>
      result(await world.auth.people.act({ client: OPERATOR, authority, ...carryingOut(ada.id, id) }));
    assert.equal(await carryOut(), "rescue_gone");
    world.clock.advance(HOUR - 1);
    assert.equal(await carryOut(), "rescue_gone");
    assert.equal(await isOn(), true);
    world.clock.advance(1);
    assert.equal(await carryOut(), "reset");
    assert.equal(await isOn(), false);
    assert.equal(await carryOut(), "rescue_gone", "once");
  });

  test("waits anew when it is asked for anew (AD-07)", async () => {
    await using world = await createArena(dialect);
    const { ada, root, open, asked } = await stage(world, "waiting");
    const { authority } = await administratorOf(world, root);
    await world.auth.people.act({ client: OPERATOR, authority, ...asked });
    world.clock.advance(DAY / 2);
    const again = await administratorOf(world, root);
    await world.auth.people.act({ client: OPERATOR, authority: again.authority, ...asked });
    world.clock.advance(DAY / 2);
    const last = await administratorOf(world, root);
    assert.equal(
      result(
        await world.auth.people.act({
          client: OPERATOR,
          authority: last.authority,
          ...carryingOut(ada.id, await open()),
        }),
      ),
      "rescue_gone",
    );
  });

  test("is on every page of the person, who stops it with one click (AD-07)", async () => {
    await using world = await createArena(dialect);
    const { ada, root, isOn, open, kinds, asked } = await stage(world, "waiting");
    const browser = world.browser();
    await world.signIn(browser, ada);
    const { authority } = await administratorOf(world, root);
    assert.doesNotMatch((await browser.get("/")).words, /Somebody asked to reset/);
    await world.auth.people.act({ client: OPERATOR, authority, ...asked });
    const preferences = dialect === "host" ? [] : ["/account"];
    for (const path of ["/", ...preferences, "/account/security", "/account/api-keys"]) {
      assert.match((await browser.get(path)).words, /Somebody asked to reset your two-factor authentication/, path);
    }
    assert.match((await browser.post("/account/rescue/stop")).words, /It is stopped/);
    assert.equal(await open(), "");
    assert.equal(await isOn(), true);
    assert.deepEqual((await kinds()).slice(0, 2), ["rescue.stopped", "rescue.asked"]);
    assert.match((await browser.post("/account/rescue/stop")).words, /nothing left to stop/);
  });

  test("is stopped by the mailed link, once, and by that of the newest request alone (ML-01, ML-02)", async () => {
    await using world = await createArena(dialect);
    const { root, open, asked } = await stage(world, "waiting");
    const { authority } = await administratorOf(world, root);
    const linkOf = async () => {
      await world.auth.people.act({ client: OPERATOR, authority, ...asked });
      const mail = (await takeMails(world)).find(({ kind }) => kind === "rescue_asked");
      return String(mail?.facts.token);
    };
    const first = await linkOf();
    const ticket = await linkOf();
    const stop = async (token: string) => (await world.browser().post("/rescue-stop", { ticket: token })).status;
    assert.equal(await stop(first), 410);
    assert.equal(await stop(`${ticket.slice(0, -1)}${ticket.endsWith("A") ? "B" : "A"}`), 410, "nor by a guess");
    const id = await open();
    for (const method of ["GET", "HEAD"]) {
      assert.equal((await world.browser().send(`/rescue-stop?ticket=${ticket}`, { method })).status, 200);
    }
    assert.equal(await open(), id, "looking stops nothing");
    assert.equal(await stop(ticket), 200);
    assert.equal(await open(), "");
    assert.equal(await stop(ticket), 410);
  });

  testOwn("is told to the old address, too, while that can undo a new one (AD-07, ML-09)", async () => {
    await using world = await createArena(dialect);
    const { ada, root, open, asked } = await stage(world, "waiting");
    const { authority } = await administratorOf(world, root);
    const profile = { id: ada.id, login: ada.login, name: "Ada", role: "person" as const };
    const given = { ...profile, email: "thief@example.org", oldMailboxLost: false };
    assert.ok((await world.auth.people.change({ client: OPERATOR, authority, ...given })).ok);
    await takeMails(world);
    await world.auth.people.act({ client: OPERATOR, authority, ...asked });
    const mails = (await takeMails(world)).filter(({ kind }) => kind === "rescue_asked");
    assert.deepEqual(mails.map(({ to }) => to).toSorted(), ["ada@example.org", "thief@example.org"]);
    const old = mails.find(({ to }) => to === "ada@example.org");
    await world.browser().post("/rescue-stop", { ticket: String(old?.facts.token) });
    assert.equal(await open(), "");
  });

  test("is either stopped or done, when both are asked for at once (AD-07)", async () => {
    await using world = await createArena(dialect);
    await setRules(world, { rescue: "waiting", rescue_wait_hours: 1 });
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const { people, rescues, operatorAuthority } = world.auth;
    let stops = 0;
    for (let round = 0; round < 10; round++) {
      const ada = await world.person(`ada${round}`, { twoFactor: true });
      const { authority } = await administratorOf(world, root);
      await world.auth.people.act({ client: OPERATOR, authority, id: ada.id, act: "reset-two-factor", reason: "lost" });
      const id = (await rescues.find(operatorAuthority(), ada.id)).open?.id ?? "";
      world.clock.advance(HOUR);
      const later = await administratorOf(world, root);
      const carryOut = () =>
        world.auth.people.act({ client: OPERATOR, authority: later.authority, ...carryingOut(ada.id, id) });
      const browser = world.browser();
      await world.signIn(browser, ada);
      const session = await world.auth.session.find({ token: browser.cookies.get(COOKIE.session) });
      assert.ok(session);
      const stop = () => rescues.stop(OPERATOR, session);
      const outcomes = await Promise.all(round % 2 === 0 ? [carryOut(), stop()] : [stop(), carryOut()]);
      assert.equal(outcomes.filter(({ ok }) => ok).length, 1);
      const person = await people.find({ reader: operatorAuthority(), id: ada.id });
      const [stopped] = round % 2 === 0 ? [outcomes[1]] : [outcomes[0]];
      if (stopped?.ok) stops++;
      assert.equal(person?.twoFactor, stopped?.ok === true);
    }
    assert.ok(stops > 0, "or this was no race");
  });

  test("takes an approval when the rules have become stricter meanwhile (AD-07)", async () => {
    await using world = await createArena(dialect);
    const { ada, root, isOn, open, asked } = await stage(world, "waiting");
    const before = await administratorOf(world, root);
    await world.auth.people.act({ client: OPERATOR, authority: before.authority, ...asked });
    await setRules(world, { rescue: "approval" });
    world.clock.advance(DAY);
    const { authority } = await administratorOf(world, root);
    const id = await open();
    assert.equal(
      result(await world.auth.people.act({ client: OPERATOR, authority, ...carryingOut(ada.id, id) })),
      "needs_approval",
    );
    assert.equal(
      result(await world.auth.people.act({ client: OPERATOR, authority, ...approving(ada.id, id) })),
      "rescue_gone",
    );
    assert.equal(await isOn(), true);
  });

  test("is taken back by whoever asked or by administrators, not by support (AD-08)", async () => {
    await using world = await createArena(dialect);
    const { ada, root, liz, open, asked } = await stage(world, "waiting");
    const help = await authorityOf(world, await world.person("sue", { role: "support", twoFactor: true }));
    const mine = await administratorOf(world, root);
    const hers = await administratorOf(world, liz);
    await world.auth.people.act({ client: OPERATOR, authority: mine.authority, ...asked });
    const withdraw = async ({ authority }: { authority: typeof help.authority }) =>
      result(await world.auth.people.act({ client: OPERATOR, authority, ...withdrawing(ada.id, await open()) }));
    assert.equal(await withdraw(help), "not_yours");
    assert.equal(await withdraw(hers), "done");
    await world.auth.people.act({ client: OPERATOR, authority: help.authority, ...asked });
    assert.equal(await withdraw(help), "done");
  });

  test("of one person is nobody else's to stop, whatever their form holds (T-17)", async () => {
    await using world = await createArena(dialect);
    const { ada, root, open, asked } = await stage(world, "waiting");
    const eve = await world.person("eve", { twoFactor: true });
    const browser: Browser = world.browser();
    await world.signIn(browser, eve);
    const { authority } = await administratorOf(world, root);
    await world.auth.people.act({ client: OPERATOR, authority, ...asked });
    const id = await open();
    await submit(browser, "/account/rescue/stop", { user_id: ada.id, rescue: id, id });
    await submit(browser, `/users/${ada.id}/rescue/withdraw`, { rescue: id, current_password: PASSWORD });
    assert.equal(await open(), id);
  });
});
