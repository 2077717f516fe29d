// The attack: somebody makes one piece of the upkeep fail, and so whatever comes after it is never done: what is over
// stays, and nobody is reminded.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { openTables } from "../../support/tables.ts";
import { createWorld, OPERATOR, onBothDatabases } from "../../support/world.ts";

const DAY = 86_400_000;

onBothDatabases("upkeep", (dialect) => {
  test("does the rest where a piece fails, and tells what failed", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const tickets = async () => (await db.selectFrom("tickets").select("id").execute()).length;
    await world.auth.people.issueSetupTicket({ client: OPERATOR });
    assert.equal(await tickets(), 1);
    world.clock.advance(60 * DAY);
    await sql`alter table pending_sign_ins rename to elsewhere`.execute(db);
    await assert.rejects(world.auth.upkeep.run(), /pending_sign_ins/);
    assert.equal(await tickets(), 0);
    await sql`alter table elsewhere rename to pending_sign_ins`.execute(db);
    await world.auth.upkeep.run();
  });
});
