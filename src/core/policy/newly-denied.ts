// Who loses by a change of the rules what they have: the trust of a browser, or a key without an end.

import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Context } from "../../context.ts";
import { NEVER } from "../people/api-keys.ts";
import type { Policy } from "../session/policies.ts";
import { add, type Change, countOf, crowds, decided, firstOf, nobody, type Touched } from "./change.ts";

const DAY = 86_400_000;

/** Who loses the trust of a browser at the next sign-in. */
export function newlyUntrusted(context: Context, change: Change): Promise<Touched> {
  const now = context.now();
  const trusted = sql`select user_id from trusted_browsers where expires_at > ${now}`;
  return losing(context, change, trusted, (old, next) => {
    const [ended, ends] = [now - old.trust_days * DAY, now - next.trust_days * DAY];
    return ended < ends ? sql`${trusted} and created_at > ${ended} and created_at <= ${ends}` : undefined;
  });
}

/** Who has a key without an end, which stops at its next use. */
export function newlyWithoutKey(context: Context, change: Change): Promise<Touched> {
  const endless = sql`select user_id from api_keys where revoked_at is null and expires_at = ${NEVER}`;
  return losing(context, change, endless, (old, next) => (old.endless_keys > next.endless_keys ? endless : undefined));
}

/** Of those who have something: who loses it, by the query that two policies make, or nobody. */
async function losing(
  context: Context,
  change: Change,
  having: RawBuilder<unknown>,
  lost: (old: Policy, next: Policy) => RawBuilder<unknown> | undefined,
): Promise<Touched> {
  const touched = nobody();
  for await (const crowd of crowds(context, change, { state: isAmong(having) })) {
    const { old, next } = decided(context, change, crowd);
    const owners = lost(old, next);
    if (owners === undefined) continue;
    const rows = sql<SqlBool>`${crowd.rows} and ${isAmong(owners)}`;
    add(touched, await countOf(context, rows), await firstOf(context, rows, null));
  }
  return touched;
}

function isAmong(owners: RawBuilder<unknown>): RawBuilder<SqlBool> {
  return sql`directory.user_id in (${owners})`;
}
