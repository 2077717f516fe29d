// Whatever a test did: nobody is logged in by a way that is not in the list, and no session came to be beside the gate.

import assert from "node:assert/strict";
import type { Kysely } from "kysely";
import { ROADS } from "../../src/core/roads.ts";
import type { Schema } from "../../src/db/schema.ts";

/** Every session has a road of core/roads.ts, and the record of the log-in that it came by. */
export async function assertKnownRoads(db: Kysely<Schema>): Promise<void> {
  const sessions = await db.selectFrom("sessions").select(["id", "road"]).execute();
  const signIns = await db
    .selectFrom("events")
    .select(["session_id", "details"])
    .where("kind", "=", "sign_in.succeeded")
    .execute();
  const roads = new Map(signIns.map(({ session_id, details }) => [session_id, JSON.parse(details).road]));
  for (const { id, road } of sessions) {
    assert.ok(Object.hasOwn(ROADS, road), `a session by the road ${road}, which is not in the list`);
    assert.ok(Object.hasOwn(ROADS, roads.get(id)), `a session that no record tells of, by the road ${road}`);
  }
}
