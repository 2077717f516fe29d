// Whom a change of the rules asks for a second factor who is not asked for it so now.

import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Context } from "../../context.ts";
import { ownersOf } from "../session/account-batches.ts";
import { type Demand, demand } from "../session/policies.ts";
import { WAYS_OF_LEAVING_TIME } from "../session/policy-points.ts";
import { current } from "../session/sessions.ts";
import {
  add,
  type Change,
  crowds,
  decided,
  firstOf,
  IS_APART,
  IS_WITHOUT_APP,
  isMeant,
  type Met,
  nobody,
} from "./change.ts";

/** On what it depends whom rules ask. */
export const ASKING = ["requirement", ...WAYS_OF_LEAVING_TIME] as const;

/** Of those without a second factor: who is asked, and who of them is stopped, has no address, or is a service. */
export async function newlyAsked(context: Context, change: Change) {
  const found = { ...nobodyAsked() };
  const alike = { state: sql<SqlBool>`${IS_WITHOUT_APP} and required = 0 and asked = 0`, isCounted: true };
  for await (const crowd of crowds(context, change, alike)) {
    const how = newDemand(context, change, crowd);
    if (how === undefined) continue;
    const { people: total, hasEmail, rows } = crowd;
    tell(found, how, { total, hasEmail, named: await firstOf(context, rows, timeOf(how)) });
    const theirs = sql<SqlBool>`user_id in (select user_id from directory where ${rows})`;
    if (how === "only-enrol") found.sessions += await sessionsOf(context, theirs);
  }
  const apart = sql<SqlBool>`${isMeant(change)} and ${IS_WITHOUT_APP} and ${IS_APART}`;
  for await (const some of ownersOf(context, { table: "directory", when: apart })) {
    const stopped: string[] = [];
    for (const account of some) {
      const how = newDemand(context, change, account);
      if (how === undefined) continue;
      const { id, name, email } = account.user;
      tell(found, how, { total: 1, hasEmail: email !== null, named: [{ id, name, at: timeOf(how) }] });
      if (how === "only-enrol") stopped.push(id);
    }
    if (stopped.length > 0) found.sessions += await sessionsOf(context, sql`user_id in (${sql.join(stopped)})`);
  }
  // Accounts of services have a key and never sign in.
  const keys = sql<SqlBool>`revoked_at is null and expires_at > ${context.now()} and exists (select 1 from directory
    where directory.user_id = api_keys.user_id and ${isMeant(change)} and ${IS_WITHOUT_APP})`;
  for await (const some of ownersOf(context, { table: "api_keys", when: keys })) {
    for (const account of some.filter(({ user }) => user.last_sign_in_at === null)) {
      const { id, name } = account.user;
      const how = newDemand(context, change, account);
      if (how !== undefined) add(found.services, 1, [{ id, name, at: timeOf(how) }]);
    }
  }
  return found;
}

/** What is found of a change that asks nobody. */
export function nobodyAsked() {
  return { asked: nobody(), stopped: nobody(), withoutEmail: nobody(), services: nobody(), sessions: 0 };
}

type Alike = { total: number; hasEmail: boolean; named: Parameters<typeof add>[2] };

function tell(found: ReturnType<typeof nobodyAsked>, how: Demand, { total, hasEmail, named }: Alike): void {
  add(found.asked, total, named);
  if (!hasEmail) add(found.withoutEmail, total, named);
  if (how === "only-enrol") add(found.stopped, total, named);
}

/** What is asked of somebody without a second factor who is required to have one, if that is not what is asked now. */
function newDemand(context: Context, change: Change, met: Met): Demand | undefined {
  const { old, next } = decided(context, change, met);
  const asked = demand(next, context.now());
  const isRequired = asked === "only-enrol" || asked?.requirement === "required";
  return isRequired && JSON.stringify(demand(old, context.now())) !== JSON.stringify(asked) ? asked : undefined;
}

function timeOf(how: Demand): number | null {
  return how === "only-enrol" ? null : how.dueAt;
}

async function sessionsOf({ reports: db, now }: Context, theirs: RawBuilder<SqlBool>): Promise<number> {
  const counted = current({ db, now }).select((eb) => eb.fn.countAll<number>().as("sessions"));
  return (await counted.where(theirs).executeTakeFirstOrThrow()).sessions;
}
