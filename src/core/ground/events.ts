// The record of who did what to whom, when and from where. Only transaction.ts appends, at the end of the transaction
// that makes the change, so there is no change without its record and no record without its change.
//
// Each row carries a hash over itself and the hash before it. Appending takes the lock of the one `event_head` row,
// so the chain cannot fork, however many nodes write.

import { type Kysely, sql } from "kysely";
import type { Client, Context } from "../../context.ts";
import { sha256 } from "../../crypto/digest.ts";
import type { Place } from "../../db/open.ts";
import type { EventTable, Schema } from "../../db/schema.ts";
import { once, pick, statement } from "../../db/statement.ts";
import type { Details, DetailsOf, EventKind, Nothing } from "./event-kinds.ts";

type Told<K extends EventKind> = {
  [Kind in K]: Nothing extends DetailsOf[Kind] ? { details?: Details<Kind> } : { details: Details<Kind> };
}[K];

/** `actor` did it, to `user`; both are user ids. No actor: a stranger; the operator's acts say so in the details. */
export type NewEvent = {
  [Kind in EventKind]: {
    kind: Kind;
    actor?: string | null;
    user?: string | null;
    session?: string | null;
  } & Told<Kind>;
}[EventKind];

/** An event as it was recorded. */
export type Event<K extends EventKind = EventKind> = {
  [Kind in K]: {
    id: number;
    at: number;
    kind: Kind;
    actor: { id: string; name: string } | null;
    user: { id: string; name: string } | null;
    address: string;
    userAgent: string;
    requestId: string;
    details: Details<Kind>;
  };
}[K];

/** Which events to list: those that a person did or that were done to them, of one kind, before or after an id. */
export type EventFilter = {
  userId?: string | undefined;
  kind?: EventKind | undefined;
  before?: number | undefined;
  after?: number | undefined;
  /** At this time or later, and before `to`. */
  from?: number | undefined;
  to?: number | undefined;
};

/** SQLite takes 32,766 parameters in a statement, and an act on many people at once has as many events. */
const LARGEST_INSERT = 1_000;

/**
 * Appends to the chain, in the transaction of the change. The statements that come back are on their way: nothing of the
 * transaction follows them but its end.
 */
export async function append(
  place: Place,
  { now, node, client }: { now: number; node: string; client: Client },
  events: readonly NewEvent[],
): Promise<Promise<unknown>[]> {
  const all = events.map((event) => ({
    at: now,
    kind: event.kind,
    actor_id: event.actor ?? null,
    user_id: event.user ?? null,
    session_id: event.session ?? null,
    address: client.address,
    user_agent: client.userAgent,
    request_id: client.requestId,
    node,
    details: JSON.stringify(event.details ?? {}),
  }));
  const [one] = all;
  if (one === undefined) return [];
  const isOneStatement = place.dialect === "postgres" && all.length === 1;
  return isOneStatement ? [appendOne.run(place, { ...one, json: jsonOf(one) })] : appendAll(place, all);
}

type Facts = Omit<EventTable, "id" | "hash">;

/** Takes the head of the chain and sends what follows from it. */
async function appendAll(place: Place, all: readonly Facts[]): Promise<Promise<unknown>[]> {
  const head = await takeHead.first(place, { count: all.length });
  if (head === undefined) throw new Error("The record of events has no head");
  let previous = head.hash;
  const rows = all.map((facts, index) => {
    const row = { id: head.last_event - all.length + index + 1, ...facts };
    previous = chainHash(previous, row);
    return { ...row, hash: previous };
  });
  return [...insert(place, rows), setHead.run(place, { hash: previous })];
}

/**
 * The same for one event on PostgreSQL, which hashes it itself: all nodes wait for the head, and this way it is taken
 * for the time of a commit and not of a round trip besides.
 */
const appendOne = statement<Facts & { json: string }, never>((_, given) => {
  const { at, json } = given;
  const text = (name: (typeof TOLD)[number]) => sql`cast(${given[name]} as text)`;
  const hashed = sql`sha256(convert_to(concat('["', hash, '",', last_event + 1, ',', cast(${json} as text)), 'UTF8'))`;
  return sql<never>`
    with head as (
      update event_head set last_event = last_event + 1,
        hash = rtrim(translate(encode(${hashed}, 'base64'), '+/', '-_'), '=')
      where id = 1 returning last_event, hash)
    insert into events (id, at, ${sql.join(TOLD.map((name) => sql.ref(name)))}, hash)
    select last_event, cast(${at} as bigint), ${sql.join(TOLD.map(text))}, hash from head`;
});

/** Takes the turn to append, until the transaction ends. */
const takeHead = statement((db, { count }: { count: number }) =>
  db
    .updateTable("event_head")
    .set((eb) => ({ last_event: eb("last_event", "+", count) }))
    .where("id", "=", 1)
    .returning(["last_event", "hash"]),
);

const setHead = statement((db, { hash }: { hash: string }) =>
  db.updateTable("event_head").set({ hash }).where("id", "=", 1),
);

// biome-ignore format: in the order of the table
const TOLD = [
  "kind", "actor_id", "user_id", "session_id", "address", "user_agent", "request_id", "node", "details",
] as const;
const COLUMNS = ["id", "at", ...TOLD, "hash"] as const;

const insertOne = statement((db, row: EventTable) => db.insertInto("events").values(pick(row, COLUMNS)));

/** Sends the rows at once, in their order: nothing of a transaction may go out behind its end. */
function insert(place: Place, rows: EventTable[]): Promise<unknown>[] {
  const [row] = rows;
  if (row !== undefined && rows.length === 1) return [insertOne.run(place, row)];
  const batches = Math.ceil(rows.length / LARGEST_INSERT);
  return Array.from({ length: batches }, (_, batch) => {
    const some = rows.slice(batch * LARGEST_INSERT, (batch + 1) * LARGEST_INSERT);
    return once(place, (db) => db.insertInto("events").values(some));
  });
}

/** The hash of a row, given the hash of the row before it: SHA-256 over both as a JSON array, and base64url. */
export function chainHash(previous: string, row: Omit<EventTable, "hash">): string {
  return sha256(`["${previous}",${row.id},${jsonOf(row)}`);
}

/** What an event tells, as the end of that array. */
function jsonOf(facts: Facts): string {
  return JSON.stringify([facts.at, ...TOLD.map((name) => facts[name])]).slice(1);
}

/** Lists events, newest first. */
export async function list({ db }: Context, filter: EventFilter, limit: number): Promise<Event[]> {
  const { userId, ...others } = filter;
  if (userId === undefined) return newest(matching(db, filter), limit);
  // One index has whom an event is about and another who did it; asked for both at once, a database reads them all.
  const found = await Promise.all([
    newest(matching(db, others).where("events.user_id", "=", userId), limit),
    newest(matching(db, others).where("events.actor_id", "=", userId).where(IS_ABOUT_ANOTHER), limit),
  ]);
  return found
    .flat()
    .sort((a, b) => b.id - a.id)
    .slice(0, limit);
}

// In the words of the indexes that hold these rows alone, so that the databases take them.
const IS_ABOUT_ANOTHER = sql<boolean>`(events.user_id is null or events.user_id <> events.actor_id)`;
const IS_OF_SIGN_INS = sql<boolean>`events.kind in ('sign_in.succeeded', 'sign_in.abandoned')`;
const IS_NO_SIGN_IN = sql<boolean>`events.kind <> 'sign_in.succeeded'`;

/** Lists events of a sign-in that happened to a person, newest first. */
export async function listOfSignIns<K extends EventKind>(
  { db }: Context,
  userId: string,
  kind: K & ("sign_in.succeeded" | "sign_in.abandoned"),
  limit: number,
): Promise<Event<K>[]> {
  const events = await newest(matching(db, { kind }).where(IS_OF_SIGN_INS).where("events.user_id", "=", userId), limit);
  // The query asked for this kind.
  return events as Event<K>[];
}

async function newest(query: ReturnType<typeof matching>, limit: number): Promise<Event[]> {
  const rows = await query.orderBy("events.id", "desc").limit(limit).execute();
  return rows.map((row) => eventOf(row));
}

function eventOf(row: Row): Event {
  const event = {
    id: row.id,
    at: row.at,
    kind: row.kind,
    actor: row.actor_id === null ? null : { id: row.actor_id, name: row.actor_name ?? row.actor_id },
    user: row.user_id === null ? null : { id: row.user_id, name: row.user_name ?? row.user_id },
    address: row.address,
    userAgent: row.user_agent,
    requestId: row.request_id,
    details: JSON.parse(row.details),
  };
  // Only `append` writes kinds and details, and it takes nothing else.
  return event as Event;
}

type Row = Awaited<ReturnType<ReturnType<typeof matching>["execute"]>>[number];

/** The query for events that a filter lets through, with the people they are about. */
export function matching(db: Kysely<Schema>, { userId, kind, before, after, from, to }: EventFilter) {
  let query = db
    .selectFrom("events")
    .leftJoin("users as actor", "actor.id", "events.actor_id")
    .leftJoin("users as target", "target.id", "events.user_id")
    .select(["events.id", "at", "kind", "events.actor_id", "events.user_id", "session_id", "address"])
    .select(["user_agent", "request_id", "node", "details", "hash"])
    .select(["actor.name as actor_name", "actor.login as actor_login"])
    .select(["target.name as user_name", "target.login as user_login"]);
  if (userId !== undefined) {
    query = query.where((eb) => eb.or([eb("events.user_id", "=", userId), eb("events.actor_id", "=", userId)]));
  }
  if (kind !== undefined) query = query.where("kind", "=", kind);
  if (kind !== undefined && kind !== "sign_in.succeeded") query = query.where(IS_NO_SIGN_IN);
  if (before !== undefined) query = query.where("events.id", "<", before);
  if (after !== undefined) query = query.where("events.id", ">", after);
  if (from !== undefined) query = query.where("at", ">=", from);
  if (to !== undefined) query = query.where("at", "<", to);
  return query;
}
