// Many people and events, written straight to the database, as an import or some years would.

import type { Kysely } from "kysely";
import type { EventTable, Schema, UserTable } from "../../src/db/schema.ts";

/** Writes many people at once, as an import would. */
export async function addPeople(
  db: Kysely<Schema>,
  people: Pick<UserTable, "id" | "name" | "login" | "email">[],
  given: Partial<UserTable> = {},
) {
  for (let at = 0; at < people.length; at += 1_000) {
    const rows = people.slice(at, at + 1_000).map(
      ({ id, name, login, email }): UserTable => ({
        id,
        name,
        login,
        email,
        role: "person",
        language: "en",
        time_zone: "UTC",
        password_hash: null,
        changed_by_mail_at: null,
        security_version: 1,
        created_at: 1_700_000_000_000,
        disabled_at: null,
        last_sign_in_at: null,
        required_from: null,
        reminded_at: null,
        warnings_read_at: 0,
        search_text: `${name} ${login} ${email}`.normalize("NFKC").toLowerCase(),
        ...given,
      }),
    );
    await db.insertInto("users").values(rows).execute();
  }
}

/** Appends many events of one kind, as years would. */
export async function addEvents(db: Kysely<Schema>, count: number, event: Partial<EventTable>): Promise<void> {
  const { last_event } = await db.selectFrom("event_head").select("last_event").executeTakeFirstOrThrow();
  for (let at = 0; at < count; at += 1_000) {
    const rows = Array.from(
      { length: Math.min(1_000, count - at) },
      (_, n): EventTable => ({
        id: last_event + at + n + 1,
        at: 1_700_000_000_000 + at + n,
        kind: "enrolment.begun",
        actor_id: null,
        user_id: null,
        session_id: null,
        address: `10.0.${Math.floor((at + n) / 250)}.${(at + n) % 250}`,
        user_agent: "",
        request_id: "r",
        node: "n",
        details: "{}",
        hash: "h",
        ...event,
      }),
    );
    await db.insertInto("events").values(rows).execute();
  }
  await db
    .updateTable("event_head")
    .set({ last_event: last_event + count })
    .execute();
}
