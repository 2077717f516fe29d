// The attack: somebody with many sessions signs in while the upkeep removes them. If the two waited for each other, or for
// each other with the record of events locked, everybody would wait (docs/decisions/0003-locks-in-one-order.md).

import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import * as attempts from "../../../src/core/ground/attempts.ts";
import { sweep } from "../../../src/core/ground/sweep.ts";
import { transact } from "../../../src/core/ground/transaction.ts";
import * as sessions from "../../../src/core/session/sessions.ts";
import { COOKIE, cookiesSet, createArena, submit } from "../../support/attacker.ts";
import { PASSWORD } from "../../support/world.ts";

const HOUR = 3_600_000;

test("a sign-in whose oldest session is just being removed by upkeep fails neither of them (postgres)", async () => {
  await using world = await createArena("postgres");
  const { context } = world;
  const ada = await world.person("ada");
  const client = { address: "192.0.2.9", userAgent: "", requestId: "upkeep" };
  const known = world.browser();
  await world.signIn(known, ada);
  // Fifty living rows, the oldest of them over.
  const row = await context.db.selectFrom("sessions").selectAll().executeTakeFirstOrThrow();
  for (let nth = 0; nth < 50; nth++)
    await context.db
      .insertInto("sessions")
      .values({
        ...row,
        id: `x${nth}`.padEnd(16, "_"),
        created_at: row.created_at - 2 * HOUR - nth,
        last_seen_at: row.created_at - 2 * HOUR,
      })
      .execute();
  const held = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const upkeep = transact(context, client, async (tx) => {
    await tx.db.deleteFrom("sessions").where(sessions.over(tx).when).execute();
    held.resolve();
    await go.promise;
    // As authenticators.prune does for somebody whose old phone is over.
    tx.record({ kind: "authenticator.removed", actor: ada.id, user: ada.id, details: { name: "Old" } });
  }).then(
    () => "done",
    (error: Error) => error.message,
  );
  await held.promise;
  const signingIn = submit(known, "/sign-in", { login: "ada", password: PASSWORD });
  const waiting = sql`select 1 from pg_locks where not granted`;
  while ((await waiting.execute(context.db)).rows.length === 0);
  // Somebody else, who has nothing to do with either, is recorded meanwhile.
  await transact(context, client, async (tx) => tx.record({ kind: "sign_in.password_refused", user: null }));
  go.resolve();
  const [done, answer] = await Promise.all([upkeep, signingIn]);
  // Made by hand, so no record tells of them.
  await context.db.deleteFrom("sessions").execute();
  assert.deepEqual([done, answer.status < 500, Boolean(cookiesSet(answer)[COOKIE.session])], ["done", true, true]);
});

test("a stranger's try while rates that are over are swept fails neither of them (postgres)", async () => {
  await using world = await createArena("postgres");
  const { context } = world;
  const client = { address: "192.0.2.9", userAgent: "", requestId: "stranger" };
  await transact(context, client, async (tx) => attempts.chargeStrangers(tx));
  const [over] = attempts.over(context);
  assert.ok(over?.table === "rates");
  const rows = await context.db.selectFrom("rates").select("key").orderBy("key").execute();
  const [address = ""] = rows.map(({ key }) => key).filter((key) => key !== "all:");
  // What a try charges last is what is removed first.
  await context.db.deleteFrom("rates").execute();
  await context.db
    .insertInto("rates")
    .values([
      { key: "all:", used_until: 1 },
      { key: address, used_until: 1 },
    ])
    .execute();
  const outcomes = await transact(context, client, async (tx) => {
    await tx.db.updateTable("rates").set({ used_until: 2 }).where("key", "=", address).execute();
    const sweeping = sweep(context, over).then(
      () => "swept",
      (error: Error) => error.message,
    );
    const waiting = sql`select 1 from pg_locks where not granted`;
    let isOver = false;
    void sweeping.then(() => {
      isOver = true;
    });
    while (!isOver && (await waiting.execute(context.db)).rows.length === 0);
    await tx.db.updateTable("rates").set({ used_until: 2 }).where("key", "=", "all:").execute();
    return { ok: true, sweeping } as const;
  }).then(
    async ({ sweeping }) => ["tried", await sweeping],
    (error: Error) => [error.message],
  );
  assert.deepEqual(outcomes, ["tried", "swept"]);
});
