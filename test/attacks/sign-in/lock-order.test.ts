// The attack: somebody with many sessions signs in while the upkeep removes them. If the two waited for each other, or for
// each other with the record of events locked, everybody would wait (docs/decisions/0003-locks-in-one-order.md).

import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
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
