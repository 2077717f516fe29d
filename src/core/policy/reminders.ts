// Reminders of a second factor that will be owed: when a rule begins to ask (core/console/acts.ts tells whom it asks), a
// week before the time is over, and the day before. One node an hour looks for whom one is due.

import { type SqlBool, sql } from "kysely";
import type { Client, Context } from "../../context.ts";
import * as mails from "../ground/mails.ts";
import { transact } from "../ground/transaction.ts";
import { ownersOf } from "../session/account-batches.ts";
import * as policies from "../session/policies.ts";
import { IS_APART, IS_WITHOUT_APP } from "./change.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BEFORE_DUE = [7 * DAY, DAY];

/** Queues the reminders that are due. */
export async function remind(context: Context, client: Client): Promise<void> {
  const now = context.now();
  const rules = context.db.selectFrom("policies").select("scope").where("requirement", "=", "required");
  const isAny = (await rules.execute()).length > 0;
  const when = isAny ? IS_WITHOUT_APP : sql<SqlBool>`${IS_WITHOUT_APP} and ${IS_APART}`;
  for await (const some of ownersOf(context, { table: "directory", when })) {
    for (const { user, hasFactor, rules, policy } of some) {
      const own = rules.filter(({ requirement }) => requirement === "required");
      if (hasFactor || user.email === null || (own.length === 0 && user.required_from === null)) continue;
      const demand = policies.demand(policy, now);
      if (demand === undefined || demand === "only-enrol") continue;
      const { dueAt, signInsLeft } = demand;
      // Time that the first sign-in begins does not run before it, so nothing comes nearer of which to remind.
      const running = policies.combine({ ...context, now: () => Number.POSITIVE_INFINITY }, own, user).dueAt;
      const began = Math.max(0, ...own.map(({ required_since }) => required_since ?? 0));
      const marks = [began, ...(running === null ? [] : BEFORE_DUE.map((time) => running - time))];
      const mark = Math.max(...marks.filter((time) => time <= now));
      if (user.reminded_at !== null && user.reminded_at >= mark) continue;
      await transact(context, client, async (tx) => {
        const { numUpdatedRows } = await tx.db
          .updateTable("users")
          .set({ reminded_at: now })
          .where("id", "=", user.id)
          .where((eb) => eb.or([eb("reminded_at", "is", null), eb("reminded_at", "<", mark)]))
          .executeTakeFirst();
        if (numUpdatedRows !== 1n) return;
        const facts = { ...(dueAt === null ? {} : { dueAt }), ...(signInsLeft === null ? {} : { signInsLeft }) };
        await mails.queue(tx, { kind: "second_factor_asked", user, facts });
      });
    }
  }
}
