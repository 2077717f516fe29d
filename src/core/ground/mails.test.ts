import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Kysely } from "kysely";
import { newKey, UnsealError, unseal } from "../../crypto/secret-box.ts";
import { openDatabase } from "../../db/open.ts";
import type { Schema } from "../../db/schema.ts";
import { createTestEngine } from "../../testing/auth.ts";

const CLIENT = { address: "-", userAgent: "", requestId: "test" };
const MINUTE = 60_000;

/** An installation whose tables can be looked at, and a way to queue an invitation. */
async function outbox() {
  const key = newKey();
  const keys = { active: key, all: [key] };
  let opened: Kysely<Schema> | undefined;
  let queued = 0;
  const { auth, clock } = await createTestEngine(
    {},
    {
      keys,
      openDatabase: async (url) => {
        const database = await openDatabase(url);
        opened = database.db;
        return database;
      },
    },
  );
  auth.listen({ mailQueued: () => void queued++, jobReady: () => {} });
  assert.ok(opened);
  const db = opened;
  return {
    auth,
    clock,
    db,
    keys,
    calls: () => queued,
    invite: async (login: string, email: string | null = `${login}@example.org`) => {
      const profile = { login, name: "Ada", email, role: "person" } as const;
      const invited = await auth.people.invite({ client: CLIENT, authority: auth.operatorAuthority(), ...profile });
      assert.ok(invited.ok);
      return invited;
    },
    row: () => db.selectFrom("mails").selectAll().executeTakeFirstOrThrow(),
  };
}

describe("the outbox", () => {
  test("holds a mail from the commit that causes it, and calls for delivery after that commit (ML-08)", async () => {
    const { auth, clock, invite, row, calls } = await outbox();
    assert.equal(await auth.mails.claim(), undefined);
    const { ticket, id } = await invite("ada");
    assert.equal(calls(), 1);
    const stored = await row();
    assert.deepEqual(
      [stored.user_id, stored.kind, stored.recipient, stored.tries, stored.sent_at, stored.last_error],
      [id, "invitation", "ada@example.org", 0, null, null],
    );
    const mail = await auth.mails.claim();
    assert.deepEqual(mail, {
      id: stored.id,
      kind: "invitation",
      to: "ada@example.org",
      recipient: { id, name: "Ada", email: "ada@example.org", language: "en", timeZone: "UTC" },
      facts: { ticket, login: "ada" },
      at: clock.now(),
    });
    await auth.close();
  });

  test("gets nothing for somebody without an address, nor for what was rolled back (AU-05)", async () => {
    const { auth, invite, db, calls } = await outbox();
    await invite("nobody", null);
    await invite("ada");
    const before = calls();
    const profile = { login: "ADA", name: "Ada", email: "other@example.org", role: "person" } as const;
    const refused = await auth.people.invite({ client: CLIENT, authority: auth.operatorAuthority(), ...profile });
    assert.deepEqual(refused, { ok: false, reason: "login_taken" });
    assert.equal(calls(), before);
    const { length } = await db.selectFrom("mails").select("id").execute();
    assert.equal(length, 1);
    await auth.close();
  });

  test("seals what a mail says, for its own row and person alone, and erases it once it is sent (SK-02, AU-02)", async () => {
    const { auth, invite, row, keys } = await outbox();
    const { ticket, id } = await invite("ada");
    const stored = await row();
    const secret = ticket.split(".")[1] ?? "";
    assert.ok(!JSON.stringify(stored).includes(secret));
    assert.match(stored.content_sealed ?? "", /^v1\./);
    const open = (place: { row: string; owner: string }) =>
      Buffer.from(
        unseal(keys, { table: "mails", column: "content_sealed", ...place }, stored.content_sealed ?? ""),
      ).toString();
    assert.ok(open({ row: stored.id, owner: id }).includes(ticket));
    assert.throws(() => open({ row: stored.id, owner: "somebody-else" }), UnsealError);
    assert.throws(() => open({ row: "another", owner: id }), UnsealError);
    await auth.mails.sent(stored.id);
    const after = await row();
    assert.deepEqual([after.content_sealed, after.last_error], [null, null]);
    assert.notEqual(after.sent_at, null);
    await auth.close();
  });

  test("gives a mail to one who asks, and to nobody else before its next try", async () => {
    const { auth, clock, invite } = await outbox();
    await invite("ada");
    await invite("bob");
    const claimed = await Promise.all([auth.mails.claim(), auth.mails.claim(), auth.mails.claim()]);
    const given = claimed.flatMap((mail) => mail?.to ?? []).sort();
    assert.deepEqual(given, ["ada@example.org", "bob@example.org"]);
    clock.advance(MINUTE - 1);
    assert.equal(await auth.mails.claim(), undefined);
    clock.advance(1);
    assert.notEqual(await auth.mails.claim(), undefined, "whoever took it may have died");
    await auth.close();
  });

  test("gives out the longest waiting first", async () => {
    const { auth, clock, invite } = await outbox();
    for (const login of ["first", "second", "third"]) {
      await invite(login);
      clock.advance(1);
    }
    const order = [];
    for (let mail = await auth.mails.claim(); mail !== undefined; mail = await auth.mails.claim()) order.push(mail.to);
    assert.deepEqual(order, ["first@example.org", "second@example.org", "third@example.org"]);
    await auth.close();
  });

  test("keeps what failed, why, and when it is tried again: later and later, at most a day (ML-08)", async () => {
    const { auth, clock, invite, row } = await outbox();
    await invite("ada");
    for (const minutes of [1, 5, 15, 60, 240, 720, 1440, 1440]) {
      const mail = await auth.mails.claim();
      assert.ok(mail);
      await auth.mails.failed(mail.id, "421 come back later");
      const { next_try_at, last_error, content_sealed } = await row();
      assert.equal(next_try_at - clock.now(), minutes * MINUTE);
      assert.equal(last_error, "421 come back later");
      assert.notEqual(content_sealed, null);
      clock.set(next_try_at);
    }
    const mail = await auth.mails.claim();
    await auth.mails.failed(mail?.id ?? "", "x".repeat(10_000));
    assert.equal((await row()).last_error?.length, 500, "a server that talks much is cut short");
    await auth.close();
  });

  test("passes over a mail that does not open, and delivers the others (SK-02)", async () => {
    const { auth, clock, invite, db } = await outbox();
    await invite("broken");
    clock.advance(1);
    await invite("whole");
    const [first] = await db.selectFrom("mails").select("id").where("recipient", "=", "broken@example.org").execute();
    await db
      .updateTable("mails")
      .set({ content_sealed: "v1.damaged" })
      .where("id", "=", first?.id ?? "")
      .execute();
    const delivered: string[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const mail = await auth.mails.claim().catch(() => undefined);
      if (mail !== undefined) delivered.push(mail.to);
    }
    assert.deepEqual(delivered, ["whole@example.org"]);
    await auth.close();
  });
});
