// Things of which a person has so many at most: the one that is made last stays, and the oldest makes room.

import { statement } from "../../db/statement.ts";
import type { Tx } from "./transaction.ts";

/** What counts as old: sessions and trust by when they began, browsers by when they were last used. */
const AGE = { sessions: "created_at", trusted_browsers: "created_at", known_browsers: "last_used_at" } as const;

/** Deletes the oldest rows of a person beyond `most`. `newest` stays, whatever the clocks of several nodes say. */
export async function makeRoom(
  tx: Tx,
  table: keyof typeof AGE,
  { userId, newest, most }: { userId: string; newest: string; most: number },
): Promise<void> {
  // Almost always there is room, and counting costs a tenth of looking for the oldest.
  const counted = await count[table].first(tx, { userId });
  if (counted === undefined || counted.rows <= most) return;
  const kept = tx.db
    .selectFrom(table)
    .select("id")
    .where("user_id", "=", userId)
    .where("id", "!=", newest)
    .orderBy(AGE[table], "desc")
    .orderBy("id")
    .limit(most - 1);
  await tx.db
    .deleteFrom(table)
    .where("user_id", "=", userId)
    .where("id", "!=", newest)
    .where("id", "not in", kept)
    .execute();
}

const count = {
  sessions: countOf("sessions"),
  trusted_browsers: countOf("trusted_browsers"),
  known_browsers: countOf("known_browsers"),
};

function countOf(table: keyof typeof AGE) {
  return statement((db, { userId }: { userId: string }) =>
    db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as("rows"))
      .where("user_id", "=", userId),
  );
}
