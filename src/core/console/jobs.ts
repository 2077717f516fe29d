// Jobs: an act on many people. An administrator prepares one, which fixes whom it is for; sees whom it touches and whom it
// skips, and why; and begins it. Any administrator may stop it. Only who began it may let it go on, with a confirmation
// that is fresh again, because it acts in their name. core/console/job-work.ts does the work.

import { sql } from "kysely";
import type { Client, Context } from "../../context.ts";
import { newId } from "../../crypto/token.ts";
import type { JobItemTable, JobTable } from "../../db/schema.ts";
import { type Reason, type Refused, refused } from "../../outcomes.ts";
import type { Tx } from "../ground/transaction.ts";
import { accountOf } from "../session/account.ts";
import { type AdministratorAuthority, type AdministratorReader, by, withAuthority } from "../session/authority.ts";
import type { ActReason, Needed } from "./act.ts";
import { obstacle, prepare as prepareAct } from "./acting.ts";
import type { BulkAct } from "./acts.ts";
import { inOrder, matchingPeople, type PeopleFilter } from "./people-filter.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** How long what was prepared can be begun: the people in it are as they were when it was. */
const PREPARED = 60 * MINUTE;
/** How long a job can be looked at. What it did stays in the record of events. */
const KEPT = 90 * DAY;
const LISTED = 50;
const PAGE = 50;

/** Who is meant: people by their ids, or all that a filter lets through at that moment. */
export type Selection = { ids: readonly string[] } | { filter: PeopleFilter };

export type JobState = JobTable["state"];
export type ItemState = JobItemTable["state"];

/** What the act of a job needs besides the people. */
export type JobParameters = Pick<Partial<Needed>, "reason" | "from">;

/** What an act leaves to be done, where the policy wants time or another administrator. */
export type Pending = "waiting" | "approval";

export type Job = {
  id: string;
  act: BulkAct;
  parameters: JobParameters;
  actor: { id: string; name: string };
  state: JobState;
  /** Why it stopped by itself. */
  stoppedBecause: Reason | null;
  createdAt: number;
  begunAt: number | null;
  finishedAt: number | null;
  total: number;
};

/** Why nothing was done to somebody, or what it waits for. */
export type ItemReason = ActReason | Pending | "beyond_support" | "yourself";

export type JobItem = { user: { id: string; name: string }; state: ItemState; reason: ItemReason | null };

/** Fixes who is meant and what is against it for each of them. Nothing is done to anybody yet. */
export async function prepare(
  context: Context,
  client: Client,
  authority: AdministratorAuthority,
  { act, selection }: { act: BulkAct; selection: Selection },
) {
  const { actor, session } = authority;
  // Only somebody who can be demoted may leave work behind.
  if (actor === null || session === null) return refused("no_authority");
  if ("ids" in selection && selection.ids.length === 0) return refused("nobody_selected");
  const made = await withAuthority(context, client, authority, async (tx) => {
    const id = newId(tx.random);
    await tx.db
      .insertInto("jobs")
      .values({
        id,
        act,
        parameters: "{}",
        actor_id: actor,
        ...(await signature(tx, actor, session)),
        state: "prepared",
        stopped_because: null,
        total: 0,
        created_at: tx.now(),
        begun_at: null,
        finished_at: null,
        leased_by: "",
        leased_until: 0,
      })
      .execute();
    return { ok: true, id } as const;
  });
  if (!made.ok) return made;
  // Nobody knows the job yet, so the people may come one after the other.
  const total = await addItems(context, { id: made.id, act, selection, actor });
  if (total === 0) {
    await context.db.deleteFrom("jobs").where("id", "=", made.id).execute();
    return refused("nobody_selected");
  }
  await context.db.updateTable("jobs").set({ total }).where("id", "=", made.id).execute();
  return made;
}

/** Who answers for a job, as they are in this request. */
async function signature(tx: Tx, actor: string, session: string) {
  const account = await accountOf(tx, actor);
  if (account === undefined) throw new Error("Whoever begins a job is there");
  const { address, userAgent: user_agent, requestId: request_id } = tx.client;
  return { security_version: account.user.security_version, session_id: session, address, user_agent, request_id };
}

/** Writes down the people by name, some at a time, and tells how many they are. */
async function addItems(
  { db, reports, now }: Context,
  { id, act, selection, actor }: { id: string; act: BulkAct; selection: Selection; actor: string },
): Promise<number> {
  let total = 0;
  const add = async (ids: readonly string[]) => {
    if (ids.length === 0) return;
    const people = db
      .selectFrom("users")
      .where("id", "in", ids)
      .select("users.id as user_id")
      .select(sql<number>`cast(${total} as integer) + row_number() over (order by name, users.id)`.as("position"))
      .select(sql`case when users.id = ${actor} then 'yourself' else ${obstacle(act)} end`.as("reason"))
      .as("people");
    const { numInsertedOrUpdatedRows } = await db
      .insertInto("job_items")
      .columns(["job_id", "position", "user_id", "state", "reason"])
      .expression(
        db
          .selectFrom(people)
          .select(sql<string>`cast(${id} as text)`.as("job_id"))
          .select(["position", "user_id"])
          .select(sql<ItemState>`case when reason is null then 'waiting' else 'skipped' end`.as("state"))
          .select(sql<string | null>`reason`.as("reason")),
      )
      .executeTakeFirst();
    total += Number(numInsertedOrUpdatedRows ?? 0);
  };
  if ("ids" in selection) await add(selection.ids);
  else for await (const ids of inOrder(matchingPeople({ db: reports, now }, selection.filter))) await add(ids);
  return total;
}

/** Begins what was prepared, once: by the one who prepared it, within the hour. */
export async function begin(
  context: Context,
  client: Client,
  authority: AdministratorAuthority,
  { id, reason, from }: { id: string; reason?: string; from?: number },
) {
  const begun = await onOwn(context, client, authority, id, async (tx, job, answerable) => {
    const prepared = await prepareAct(tx, actOf(job), { reason, from });
    if (!prepared.ok) return prepared;
    const parameters: JobParameters = prepared.needed;
    const { numUpdatedRows } = await tx.db
      .updateTable("jobs")
      .set({ ...answerable, state: "running", parameters: JSON.stringify(parameters), begun_at: tx.now() })
      .where("id", "=", id)
      .where("state", "=", "prepared")
      .where("total", ">", 0)
      .where("created_at", ">", tx.now() - PREPARED)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return refused(job.state === "prepared" ? "expired" : "already_made");
    tx.record({ kind: "job.begun", ...by(authority, { job: id, act: job.act, people: job.total, ...parameters }) });
    return { ok: true } as const;
  });
  if (begun.ok) context.jobReady();
  return begun;
}

/** Lets a stopped job go on where it was, for whoever began it. */
export async function resume(context: Context, client: Client, authority: AdministratorAuthority, id: string) {
  const resumed = await onOwn(context, client, authority, id, async (tx, _job, answerable) => {
    const { numUpdatedRows } = await tx.db
      .updateTable("jobs")
      .set({ ...answerable, state: "running", stopped_because: null, leased_until: 0 })
      .where("id", "=", id)
      .where("state", "=", "stopped")
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return refused("already_made");
    tx.record({ kind: "job.resumed", ...by(authority, { job: id }) });
    return { ok: true } as const;
  });
  if (resumed.ok) context.jobReady();
  return resumed;
}

/** Stops a job after the person whose turn it is; nobody else is touched once this has returned. */
export async function stop(context: Context, client: Client, authority: AdministratorAuthority, id: string) {
  return withAuthority(context, client, authority, async (tx) => {
    if ((await findRow(tx, id)) === undefined) return refused("not_found");
    const { numUpdatedRows } = await tx.db
      .updateTable("jobs")
      .set({ state: "stopped" })
      .where("id", "=", id)
      .where("state", "=", "running")
      .executeTakeFirst();
    if (numUpdatedRows === 1n) tx.record({ kind: "job.stopped", ...by(authority, { job: id }) });
    return { ok: true } as const;
  });
}

function onOwn<T>(
  context: Context,
  client: Client,
  authority: AdministratorAuthority,
  id: string,
  act: (tx: Tx, job: JobTable, answerable: Awaited<ReturnType<typeof signature>>) => Promise<T>,
) {
  const { actor, session } = authority;
  return withAuthority<T | Refused<"not_found" | "somebody_elses">>(context, client, authority, async (tx) => {
    const job = await findRow(tx, id);
    if (job === undefined) return refused("not_found");
    if (job.actor_id !== actor || session === null) return refused("somebody_elses");
    return act(tx, job, await signature(tx, actor, session));
  });
}

function findRow({ db }: Context, id: string) {
  return db.selectFrom("jobs").selectAll().where("id", "=", id).executeTakeFirst();
}

/** A job and how far it is, or `undefined`. */
export async function find(context: Context, _reader: AdministratorReader, id: string) {
  const [row] = await query(context).where("jobs.id", "=", id).execute();
  if (row === undefined) return undefined;
  const counted = await context.reports
    .selectFrom("job_items")
    .select((eb) => ["state", eb.fn.countAll<number>().as("people")])
    .where("job_id", "=", id)
    .groupBy("state")
    .execute();
  const count = (state: ItemState) => Number(counted.find((each) => each.state === state)?.people ?? 0);
  return {
    job: jobOf(row),
    counts: {
      waiting: count("waiting"),
      done: count("done"),
      skipped: count("skipped"),
      refused: count("refused"),
    },
  };
}

/** One page of the people of a job, by name; of one state, where that is given. */
export async function items(
  { reports }: Context,
  _reader: AdministratorReader,
  { id, state, page }: { id: string; state: ItemState | undefined; page: number },
): Promise<{ items: JobItem[]; pageSize: number }> {
  let found = reports
    .selectFrom("job_items")
    .innerJoin("users", "users.id", "job_items.user_id")
    .select(["users.id", "users.name", "state", "reason"])
    .where("job_id", "=", id);
  if (state !== undefined) found = found.where("state", "=", state);
  const rows = await found
    .orderBy("position")
    .limit(PAGE)
    .offset((page - 1) * PAGE)
    .execute();
  return {
    // Only refusals and what is pending are ever written to this column.
    items: rows.map(({ id, name, state, reason }) => ({
      user: { id, name },
      state,
      reason: reason as ItemReason | null,
    })),
    pageSize: PAGE,
  };
}

/** The newest jobs that were begun. */
export async function list(context: Context, _reader: AdministratorReader): Promise<Job[]> {
  const rows = await query(context)
    .where("begun_at", "is not", null)
    .orderBy("begun_at", "desc")
    .orderBy("jobs.id")
    .limit(LISTED)
    .execute();
  return rows.map(jobOf);
}

function query({ db }: Context) {
  return db.selectFrom("jobs").innerJoin("users", "users.id", "actor_id").selectAll("jobs").select("users.name");
}

/** What a job does. */
export function actOf({ act }: Pick<JobTable, "act">): BulkAct {
  // Only `prepare` writes this column.
  return act as BulkAct;
}

function jobOf(row: JobTable & { name: string }): Job {
  return {
    id: row.id,
    act: actOf(row),
    // Only `begin` writes this column.
    parameters: JSON.parse(row.parameters) as JobParameters,
    actor: { id: row.actor_id, name: row.name },
    state: row.state,
    stoppedBecause: row.stopped_because as Reason | null,
    createdAt: row.created_at,
    begunAt: row.begun_at,
    finishedAt: row.finished_at,
    total: row.total,
  };
}

/** Removes what nobody began in time, and jobs of long ago, with their people some hundreds at a time. */
export async function prune({ db, now }: Context): Promise<void> {
  const over = await db
    .selectFrom("jobs")
    .select("id")
    .where((eb) =>
      eb.or([
        eb.and([eb("state", "=", "prepared"), eb("created_at", "<=", now() - PREPARED)]),
        eb.and([eb("state", "in", ["stopped", "done"]), eb("created_at", "<=", now() - KEPT)]),
      ]),
    )
    .execute();
  for (const { id } of over) {
    const items = db.deleteFrom("job_items").where("job_id", "=", id);
    const first = db.selectFrom("job_items").select("position").where("job_id", "=", id).orderBy("position").limit(500);
    while ((await items.where("position", "in", first).executeTakeFirst()).numDeletedRows > 0n);
    await db.deleteFrom("jobs").where("id", "=", id).execute();
  }
}
