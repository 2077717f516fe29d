// Limits how many rows of a kind a person has: the newest stays, and the oldest makes room for it.

import { statement } from "../../db/statement.ts";
import type { Tx } from "./transaction.ts";

/** The column that orders by age: sessions and trust by their beginning, browsers by their last use. */
const AGE = { sessions: "created_at", trusted_browsers: "created_at", known_browsers: "last_used_at" } as const;

/** Deletes the oldest rows of a person beyond `most`. `newest` stays, whatever the clocks of several nodes say. */
export async function makeRoom(
  tx: Tx,
  table: keyof typeof AGE,
  { userId, newest, most }: { userId: string; newest: string; most: number },
): Promise<void> {
  // There is almost always room, and counting costs a tenth of finding the oldest.
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
