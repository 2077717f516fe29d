// Things of which a person has so many at most: the one that is made last stays, and the oldest makes room.

import { sql } from "kysely";
import { statement } from "../../db/statement.ts";
import type { Tx } from "./transaction.ts";

/** What counts as old: sessions and trust by when they began, browsers by when they were last used. */
const AGE = { sessions: "created_at", trusted_browsers: "created_at", known_browsers: "last_used_at" } as const;

type Made = { userId: string; newest: string };

/**
 * What deletes the oldest rows of a person beyond `most`. `newest` stays, whatever the clocks of several nodes say.
 */
export function roomFor(table: keyof typeof AGE, most: number): (tx: Tx, made: Made) => Promise<void> {
  const deletion = statement((db, { userId, newest }: Made) => {
    const kept = db
      .selectFrom(table)
      .select("id")
      .where("user_id", "=", userId)
      .where("id", "!=", newest)
      .orderBy(AGE[table], "desc")
      .orderBy("id")
      .limit(sql.lit(most - 1));
    const counted = db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as("rows"))
      .where("user_id", "=", userId);
    return (
      db
        .deleteFrom(table)
        .where("user_id", "=", userId)
        // Almost always there is room, and counting costs a tenth of looking for the oldest.
        .where((eb) => eb(counted, ">", sql.lit(most)))
        .where("id", "!=", newest)
        .where("id", "not in", kept)
    );
  });
  return async (tx, made) => void (await deletion.run(tx, made));
}
