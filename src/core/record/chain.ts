// Whether the record of events is whole: each row follows from the row before it, from the oldest that is kept to the
// head. Whoever writes to the database can hash everything again; a head that was noted elsewhere finds that, too
// (docs/decisions/0008-noted-heads.md).

import type { Context } from "../../context.ts";
import type { EventTable } from "../../db/schema.ts";
import { chainHash } from "../ground/events.ts";
import { nextTurn } from "../ground/turns.ts";
import type { AdministratorReader } from "../session/authority.ts";

/** An event and its hash: everything before it is in that hash. Id 0 and no hash stand for the beginning. */
export type Position = { id: number; hash: string };

/** What is wrong, at which event; `upTo` is the last of several that are missing. */
export type Fault = {
  what:
    | "changed"
    | "missing"
    | "cut_off_at_beginning"
    | "cut_off_at_end"
    | "before_beginning"
    | "beyond_head"
    | "head_changed"
    | "checkpoint_forged"
    | "not_as_noted"
    | "removed_by_age";
  id: number;
  upTo?: number;
};

/**
 * `at` is the last event that is known to be right; not `complete` when the signal stopped the work there. `first` is
 * what came before the first that was checked, and `begins` the time of that one.
 */
export type Verdict =
  | { ok: true; complete: boolean; at: Position; first: Position; begins: number | null }
  | { ok: false; fault: Fault };

export type VerifyOptions = {
  /** A position that was found right before; only what follows is checked. */
  since?: Position | undefined;
  /** A position that was noted elsewhere; the chain must still contain it. */
  expect?: Position | undefined;
  signal?: AbortSignal;
  onProgress?(done: number, total: number): void;
};

const BATCH = 1_000;

/** Follows the chain, a thousand rows at a time, to what is its head now. Stops at the first fault. */
export async function verify(context: Context, reader: AdministratorReader, options: VerifyOptions): Promise<Verdict> {
  const ends = await readEnds(context);
  const first = options.since ?? ends.checkpoint;
  const fault = faultOfEnds(ends) ?? (await faultOfNoted(context, ends, options));
  if (fault !== undefined) return { ok: false, fault };
  let at = first;
  let begins: number | null = null;
  while (at.id < ends.head.id) {
    if (options.signal?.aborted) return { ok: true, complete: false, at, first, begins };
    const rows = await rowsAfter(context, at.id, ends.head.id);
    begins ??= rows[0]?.at ?? null;
    const followed = follow(at, rows);
    at = followed.at;
    const missing = rows.length === 0 ? { id: at.id + 1, upTo: ends.head.id } : undefined;
    const found: Fault | undefined = followed.fault ?? (missing && { what: "cut_off_at_end", ...missing });
    if (found !== undefined) {
      // Not missing, but removed because of its age while we looked.
      const { checkpoint } = await readEnds(context);
      if (checkpoint.id > ends.checkpoint.id && checkpoint.id > at.id) return verify(context, reader, options);
      if (found.what === "missing" && at === ends.checkpoint) found.what = "cut_off_at_beginning";
      return { ok: false, fault: found };
    }
    await nextTurn();
    options.onProgress?.(at.id - first.id, ends.head.id - first.id);
  }
  if (at.hash !== ends.head.hash) return { ok: false, fault: { what: "head_changed", id: at.id } };
  return { ok: true, complete: true, at, first, begins };
}

/** The newest event and its hash, to be noted where whoever changes the database cannot change it. */
export async function head(context: Context): Promise<Position> {
  return (await readEnds(context)).head;
}

/** Follows the chain through rows that should come right after `from`, as far as they do. */
export function follow(from: Position, rows: readonly EventTable[]): { at: Position; fault?: Fault } {
  let at = from;
  for (const { hash, ...row } of rows) {
    if (row.id !== at.id + 1) return { at, fault: { what: "missing", id: at.id + 1, upTo: row.id - 1 } };
    if (chainHash(at.hash, row) !== hash) return { at, fault: { what: "changed", id: row.id } };
    at = { id: row.id, hash };
  }
  return { at };
}

type Ends = {
  head: Position;
  checkpoint: Position;
  oldest: number | null;
  newest: number | null;
  /** Details of the newest event that tells of a removal. */
  removal: string | null;
};

/** Both ends as they are at one moment: one statement sees one state of the database. */
async function readEnds({ db }: Context): Promise<Ends> {
  const row = await db
    .selectFrom("event_head")
    .leftJoin("event_checkpoint", "event_checkpoint.id", "event_head.id")
    .select(["last_event", "event_head.hash", "last_removed", "event_checkpoint.hash as removed_hash"])
    .select((eb) => [
      eb.selectFrom("events").select("id").orderBy("id").limit(1).as("oldest"),
      eb.selectFrom("events").select("id").orderBy("id", "desc").limit(1).as("newest"),
      eb
        .selectFrom("events")
        .select("details")
        .where("kind", "=", "events.removed")
        .orderBy("id", "desc")
        .limit(1)
        .as("removal"),
    ])
    .executeTakeFirst();
  return {
    head: { id: row?.last_event ?? 0, hash: row?.hash ?? "" },
    checkpoint: { id: row?.last_removed ?? 0, hash: row?.removed_hash ?? "" },
    oldest: row?.oldest ?? null,
    newest: row?.newest ?? null,
    removal: row?.removal ?? null,
  };
}

function faultOfEnds({ head, checkpoint, oldest, newest, removal }: Ends): Fault | undefined {
  if (newest !== null && newest > head.id) return { what: "beyond_head", id: newest };
  if (oldest !== null && oldest <= checkpoint.id) return { what: "before_beginning", id: oldest };
  // The removal is an event of the chain, so a checkpoint that no event tells of was not made by us.
  const told = removal === null ? { id: 0, hash: "" } : removalOf(removal);
  if (told.id !== checkpoint.id || told.hash !== checkpoint.hash) {
    return { what: "checkpoint_forged", id: checkpoint.id };
  }
  if (checkpoint.id > head.id) return { what: "cut_off_at_end", id: head.id + 1, upTo: checkpoint.id };
  return undefined;
}

function removalOf(details: string): Position {
  try {
    const { through, hash } = JSON.parse(details);
    return { id: through, hash };
  } catch {
    // Somebody changed it; no checkpoint is like this.
    return { id: -1, hash: "" };
  }
}

async function faultOfNoted({ db }: Context, ends: Ends, { since, expect }: VerifyOptions): Promise<Fault | undefined> {
  for (const { id, hash } of [since, expect].filter((noted) => noted !== undefined)) {
    if (id < ends.checkpoint.id) return { what: "removed_by_age", id };
    if (id > ends.head.id) return { what: "cut_off_at_end", id: ends.head.id + 1, upTo: id };
    const row = await db.selectFrom("events").select("hash").where("id", "=", id).executeTakeFirst();
    const found = id === ends.checkpoint.id ? ends.checkpoint.hash : row?.hash;
    if (found !== hash) return { what: "not_as_noted", id };
  }
  return undefined;
}

function rowsAfter({ db }: Context, id: number, upTo: number): Promise<EventTable[]> {
  return db
    .selectFrom("events")
    .selectAll()
    .where("id", ">", id)
    .where("id", "<=", upTo)
    .orderBy("id")
    .limit(BATCH)
    .execute();
}
