// What must be true of a database at any moment, however its servers ended: everything that was done was done whole.

import assert from "node:assert/strict";
import { type Kysely, sql } from "kysely";
import { chainHash } from "../../src/core/ground/events.ts";
import { openDatabase } from "../../src/db/open.ts";
import type { Schema } from "../../src/db/schema.ts";

/** Checks a database of which no server uses two-factor authentication for more than turning it on. */
export async function assertWhole(databaseUrl: string): Promise<void> {
  const { db, dialect } = await openDatabase(databaseUrl);
  try {
    if (dialect === "sqlite") await assertSound(db);
    await assertChain(db);
    await assertPeople(db);
    await assertAuthenticators(db);
    await assertSessions(db);
  } finally {
    await db.destroy();
  }
}

async function assertSound(db: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(db);
  assert.equal(rows[0]?.integrity_check, "ok");
  assert.deepEqual((await sql`pragma foreign_key_check`.execute(db)).rows, []);
}

/** Every event is there, in its place, as it was written (AU-04, AU-07). */
async function assertChain(db: Kysely<Schema>): Promise<void> {
  const events = await db.selectFrom("events").selectAll().orderBy("id").execute();
  let previous = "";
  for (const [index, { hash, ...row }] of events.entries()) {
    assert.equal(row.id, index + 1, "an event is missing");
    previous = chainHash(previous, row);
    assert.equal(hash, previous, `event ${row.id} does not follow from the one before`);
  }
  const head = await db.selectFrom("event_head").selectAll().executeTakeFirstOrThrow();
  assert.deepEqual({ last: head.last_event, hash: head.hash }, { last: events.length, hash: previous });
}

/** Each person has the names they sign in by, the event of their making, and their invitation where they need one. */
async function assertPeople(db: Kysely<Schema>): Promise<void> {
  const users = await db.selectFrom("users").selectAll().execute();
  const names = await db.selectFrom("user_names").selectAll().execute();
  const expected = users.flatMap(({ id, login, email }) => [
    [login, id, "login"],
    ...(email === null ? [] : [[email, id, "email"]]),
  ]);
  assert.deepEqual(names.map(({ name, user_id, kind }) => [name, user_id, kind]).sort(), expected.sort());
  assert.deepEqual(await subjectsOf(db, "user.created"), users.map(({ id }) => id).sort());
  const invited = users.filter(({ password_hash }) => password_hash === null).map(({ id }) => id);
  assert.deepEqual(await subjectsOf(db, "user.invited"), invited.sort());
  const tickets = await db.selectFrom("tickets").select("user_id").where("purpose", "=", "invitation").execute();
  assert.deepEqual(tickets.map(({ user_id }) => user_id).sort(), invited);
  assert.deepEqual(await mailed(db, "invitation"), invited);
}

/** Who has an authenticator turned it on, once, and was told; nobody else did. */
async function assertAuthenticators(db: Kysely<Schema>): Promise<void> {
  const rows = await db.selectFrom("authenticators").select("user_id").execute();
  const owners = rows.map(({ user_id }) => user_id).sort();
  assert.deepEqual(await subjectsOf(db, "two_factor.enabled"), owners);
  assert.deepEqual(await mailed(db, "two_factor_enabled"), owners);
  const enrolments = await db.selectFrom("enrolments").select("user_id").execute();
  assert.deepEqual(
    enrolments.filter(({ user_id }) => owners.includes(user_id)),
    [],
  );
}

/** Every session was earned: it has the event of its sign-in, and a code where one is owed. */
async function assertSessions(db: Kysely<Schema>): Promise<void> {
  const orphans = await db
    .selectFrom("sessions")
    .select("id")
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom("events")
            .select("events.id")
            .where("kind", "=", "sign_in.succeeded")
            .whereRef("events.session_id", "=", "sessions.id"),
        ),
      ),
    )
    .execute();
  assert.deepEqual(orphans, []);
  const unearned = await db
    .selectFrom("sessions")
    .innerJoin("authenticators", "authenticators.user_id", "sessions.user_id")
    .select("sessions.id")
    .where("method", "=", "password")
    .execute();
  assert.deepEqual(unearned, []);
}

async function subjectsOf(db: Kysely<Schema>, kind: string): Promise<(string | null)[]> {
  const rows = await db.selectFrom("events").select("user_id").where("kind", "=", kind).execute();
  return rows.map(({ user_id }) => user_id).sort();
}

async function mailed(db: Kysely<Schema>, kind: string): Promise<(string | null)[]> {
  const rows = await db.selectFrom("mails").select("user_id").where("kind", "=", kind).execute();
  return rows.map(({ user_id }) => user_id).sort();
}
