// Things of which a person has so many at most: the one that is made last stays, and the oldest makes room.

import { statement } from "../../db/statement.ts";
import type { Tx } from "./transaction.ts";

/** What counts as old: sessions and trust by when they began, browsers by when they were last used. */
const AGE = { sessions: "created_at", trusted_browsers: "created_at", known_browsers: "last_used_at" } as const;

type Room = { userId: string; newest: string; most: number };

/** Deletes the oldest rows of a person beyond `most`. `newest` stays, whatever the clocks of several nodes say. */
export async function makeRoom(tx: Tx, table: keyof typeof AGE, { userId, newest, most }: Room): Promise<void> {
  await DELETIONS[table].run(tx, { userId, newest, most, others: most - 1 });
}

const DELETIONS = {
  sessions: deletion("sessions"),
  trusted_browsers: deletion("trusted_browsers"),
  known_browsers: deletion("known_browsers"),
};

function deletion(table: keyof typeof AGE) {
  return statement((db, { userId, newest, most, others }: Room & { others: number }) => {
    const kept = db
      .selectFrom(table)
      .select("id")
      .where("user_id", "=", userId)
      .where("id", "!=", newest)
      .orderBy(AGE[table], "desc")
      .orderBy("id")
      .limit(others);
    const counted = db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as("rows"))
      .where("user_id", "=", userId);
    return (
      db
        .deleteFrom(table)
        .where("user_id", "=", userId)
        // Almost always there is room, and counting costs a tenth of looking for the oldest.
        .where((eb) => eb(counted, ">", most))
        .where("id", "!=", newest)
        .where("id", "not in", kept)
    );
  });
}
