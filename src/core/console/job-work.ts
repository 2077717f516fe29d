// The work of jobs, one person after the other. What is done to a person and the mark that it was done are one commit,
// and the mark is a conditional statement: a crash loses nothing and repeats nothing, and so does a second node. A lease
// only keeps nodes from standing in each other's way.

import { sql } from "kysely";
import type { Client, Context } from "../../context.ts";
import type { JobItemTable, JobTable } from "../../db/schema.ts";
import { type Reason, type Refused, refused } from "../../outcomes.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import { nextTurn } from "../ground/turns.ts";
import { authorityOfJob, by, onOther } from "../session/authority.ts";
import { perform } from "./acting.ts";
import { actOf, type JobParameters, type Pending } from "./jobs.ts";

/** People between two looks at the lease. */
const TURN = 20;
/** Milliseconds after which another node takes over from one that died. */
const LEASE = 60_000;

/** Works on the oldest job for a short while; false when there is nothing to do. */
export async function workNext(context: Context): Promise<boolean> {
  const job = await claim(context);
  if (job === undefined) return false;
  const waiting = await context.db
    .selectFrom("job_items")
    .select(["job_id", "position", "user_id"])
    .where("job_id", "=", job.id)
    // Written out, as in the index that has these alone.
    .where("state", "=", sql.lit("waiting" as const))
    .orderBy("position")
    .limit(TURN)
    .execute();
  for (const item of waiting) {
    if (!(await workOn(context, job, item))) return true;
    await nextTurn();
  }
  if (waiting.length < TURN) await finish(context, job);
  return true;
}

/** Takes the oldest job that no other node works on. */
async function claim({ db, now, node }: Context): Promise<JobTable | undefined> {
  for (;;) {
    const free = await db
      .selectFrom("jobs")
      .select("id")
      .where("state", "=", "running")
      .where((eb) => eb.or([eb("leased_until", "<=", now()), eb("leased_by", "=", node)]))
      .orderBy("begun_at")
      .orderBy("id")
      .limit(1)
      .executeTakeFirst();
    if (free === undefined) return undefined;
    const job = await db
      .updateTable("jobs")
      .set({ leased_by: node, leased_until: now() + LEASE })
      .where("id", "=", free.id)
      .where("state", "=", "running")
      .where((eb) => eb.or([eb("leased_until", "<=", now()), eb("leased_by", "=", node)]))
      .returningAll()
      .executeTakeFirst();
    if (job !== undefined) return job;
  }
}

type Item = Pick<JobItemTable, "job_id" | "position" | "user_id">;

/** Does the act to one person; false when the job must not go on. */
async function workOn(context: Context, job: JobTable, item: Item): Promise<boolean> {
  const authority = authorityOfJob(job);
  const client = clientOf(job);
  const whom = { authority, least: "administrator", id: item.user_id } as const;
  const outcome = await onOther<{ ok: true } | Refused>(context, client, whom, async (tx, account) => {
    if (!(await settle(tx, item, "done", null))) return refused("already_made");
    // Only `begin` writes this column.
    const needed = JSON.parse(job.parameters) as JobParameters;
    const done = await perform(tx, account, { act: actOf(job), authority, needed });
    if (done.ok && (done.next === "waiting" || done.next === "approval")) await note(tx, item, done.next);
    return done;
  });
  if (outcome.ok || outcome.reason === "already_made") return true;
  if (outcome.reason === "no_authority") {
    await stopBecause(context, job, outcome.reason);
    return false;
  }
  await settle(context, item, "refused", outcome.reason);
  return true;
}

/** Marks what came of a person's turn, if nobody did. */
async function settle(
  { db, now }: Context,
  { job_id, position }: Item,
  state: "done" | "refused",
  reason: Reason | null,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("job_items")
    .set({ state, reason, done_at: now() })
    .where("job_id", "=", job_id)
    .where("position", "=", position)
    .where("state", "=", "waiting")
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

async function note({ db }: Tx, { job_id, position }: Item, pending: Pending): Promise<void> {
  await db
    .updateTable("job_items")
    .set({ reason: pending })
    .where("job_id", "=", job_id)
    .where("position", "=", position)
    .execute();
}

/** A job that lost the rights of whoever began it stops; one that was stopped stays as it is. */
function stopBecause(context: Context, job: JobTable, reason: Reason): Promise<void> {
  return transact(context, clientOf(job), async (tx) => {
    const { numUpdatedRows } = await tx.db
      .updateTable("jobs")
      .set({ state: "stopped", stopped_because: reason })
      .where("id", "=", job.id)
      .where("state", "=", "running")
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return;
    tx.record({ kind: "job.stopped", ...by(authorityOfJob(job), { reason }) });
  });
}

function finish(context: Context, job: JobTable): Promise<void> {
  return transact(context, clientOf(job), async (tx) => {
    const { numUpdatedRows } = await tx.db
      .updateTable("jobs")
      .set({ state: "done", finished_at: tx.now() })
      .where("id", "=", job.id)
      .where("state", "=", "running")
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom("job_items")
              .select("position")
              .whereRef("job_id", "=", "jobs.id")
              .where("state", "=", "waiting"),
          ),
        ),
      )
      .executeTakeFirst();
    if (numUpdatedRows === 1n) tx.record({ kind: "job.finished", ...by(authorityOfJob(job)) });
  });
}

/** Where the confirmation came from, for the record of what it led to. */
function clientOf(job: JobTable): Client {
  return { address: job.address, userAgent: job.user_agent, requestId: job.request_id };
}
