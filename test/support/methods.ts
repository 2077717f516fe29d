// Whatever a test did: nobody is signed in by a way that is not in the list, and no session came to be beside the gate.

import assert from "node:assert/strict";
import type { Kysely } from "kysely";
import { METHODS } from "../../src/core/ground/methods.ts";
import type { Schema } from "../../src/db/schema.ts";

/** Every session has a method of core/ground/methods.ts, and the record of the sign-in that it came by. */
export async function assertKnownMethods(db: Kysely<Schema>): Promise<void> {
  const sessions = await db.selectFrom("sessions").select(["id", "method"]).execute();
  const signIns = await db
    .selectFrom("events")
    .select(["session_id", "details"])
    .where("kind", "=", "sign_in.succeeded")
    .execute();
  const methods = new Map(signIns.map(({ session_id, details }) => [session_id, JSON.parse(details).method]));
  for (const { id, method } of sessions) {
    assert.ok(Object.hasOwn(METHODS, method), `a session by the method ${method}, which is not in the list`);
    assert.ok(Object.hasOwn(METHODS, methods.get(id)), `a session that no record tells of, by the method ${method}`);
  }
}
