// Events that are older than the installation keeps them. The oldest are removed, a thousand at a time; a checkpoint
// with the hash of the last one stays, from which the rest can still be verified, and the removal is an event itself.

import type { Client, Context } from "../../context.ts";
import { transact } from "../ground/transaction.ts";
import { follow } from "./chain.ts";

const DAY = 86_400_000;
const BATCH = 1_000;
/** Removing waits for so long, so that a quiet installation gains one event a day by it and not one a minute. */
const GRAIN = DAY;

/**
 * Removes the oldest events that are older than the retention. What does not follow from the checkpoint was changed by
 * somebody, and is evidence: then everything stays, and the operator's log says so.
 */
export async function run(context: Context, client: Client): Promise<void> {
  const { eventRetentionDays: days } = context.options;
  if (days === null) return;
  const oldEnough = context.now() - days * DAY;
  const oldest = await context.db.selectFrom("events").select("at").orderBy("id").limit(1).executeTakeFirst();
  if (oldest === undefined || oldest.at > oldEnough - GRAIN) return;
  await transact(context, client, async (tx) => {
    // Its lock comes first: what is read after it, another node has removed or leaves alone.
    const checkpoint = tx.db.selectFrom("event_checkpoint").selectAll();
    const locked = tx.dialect === "postgres" ? checkpoint.forUpdate() : checkpoint;
    const { last_removed: id, hash } = await locked.executeTakeFirstOrThrow();
    const rows = await tx.db.selectFrom("events").selectAll().orderBy("id").limit(BATCH).execute();
    if (rows[0] === undefined || rows[0].at > oldEnough - GRAIN) return;
    const kept = rows.findIndex(({ at }) => at > oldEnough);
    const { at: last, fault } = follow({ id, hash }, kept < 0 ? rows : rows.slice(0, kept));
    if (fault !== undefined) {
      tx.log("old events were not removed: they were changed", { event: fault.id });
      return;
    }
    const { numUpdatedRows } = await tx.db
      .updateTable("event_checkpoint")
      .set({ last_removed: last.id, hash: last.hash })
      .where("last_removed", "=", id)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return;
    await tx.db.deleteFrom("events").where("id", "<=", last.id).execute();
    tx.record({ kind: "events.removed", details: { removed: last.id - id, through: last.id, hash: last.hash } });
  });
}
