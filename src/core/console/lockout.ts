// Why wrong tries keep a person out: which budgets of core/ground/attempts.ts are used up, in which browser, since when, and
// where the tries came from. For whoever may open them again.

import type { Context } from "../../context.ts";
import type { Role } from "../../db/schema.ts";
import * as attempts from "../ground/attempts.ts";
import type { EventKind, Tried } from "../ground/event-kinds.ts";
import { reaches, roleOf, type SupportReader } from "../session/authority.ts";

/** A used-up budget; `browser` is the user agent of a browser known to be the person's, null for strangers. */
export type Lock = Omit<attempts.Lock, "bucket"> & { browser: string | null };

/** Wrong tries from one address. */
export type Origin = { address: string; tries: number };

export type Lockout = { locks: Lock[]; origins: Origin[] };

/** Addresses to show. */
const MOST_ORIGINS = 5;

const TRIES: Record<Tried, readonly EventKind[]> = {
  password: ["sign_in.password_refused", "confirmation.refused"],
  code: ["sign_in.code_refused", "confirmation.refused"],
  "recovery-code": ["sign_in.code_refused", "confirmation.refused"],
  "mailed-code": ["sign_in.code_refused"],
  "used-code": ["sign_in.code_reused"],
  enrolment: ["enrolment.refused"],
};

/** What keeps a person out now, where something does and the reader has business in it. */
export async function find(
  context: Context,
  reader: SupportReader,
  { id, role }: { id: string; role: Role },
): Promise<Lockout | undefined> {
  if (!reaches(roleOf(reader), role)) return undefined;
  const locked = await attempts.locked(context, id);
  if (locked.length === 0) return undefined;
  const browsers = await context.db
    .selectFrom("known_browsers")
    .select(["id", "user_agent"])
    .where("user_id", "=", id)
    .execute();
  const locks = locked.map(({ bucket, ...lock }) => ({
    ...lock,
    browser: bucket === attempts.STRANGERS ? null : (browsers.find((each) => each.id === bucket)?.user_agent ?? ""),
  }));
  return { locks, origins: await originsOf(context, id, locks) };
}

/** The addresses of most wrong tries since the first that counts. */
function originsOf({ reports }: Context, userId: string, locks: readonly Lock[]): Promise<Origin[]> {
  return reports
    .selectFrom("events")
    .select(({ fn }) => ["address", fn.countAll<number>().as("tries")])
    .where("user_id", "=", userId)
    .where("kind", "in", [...new Set(locks.flatMap(({ kind }) => TRIES[kind]))])
    .where("at", ">=", Math.min(...locks.map(({ since }) => since)))
    .groupBy("address")
    .orderBy("tries", "desc")
    .orderBy("address")
    .limit(MOST_ORIGINS)
    .execute();
}
