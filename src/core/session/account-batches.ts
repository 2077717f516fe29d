// Accounts of very many people: found by reports, some hundreds at a time, in the order of their ids.

import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Context } from "../../context.ts";
import { type Account, accountIn, accounts } from "./account.ts";

/** The most that are read at once. */
export const BATCH = 500;

/** Rows of a table that has a column `user_id`: those whom they belong to are meant. */
export type Owned = { table: "directory" | "trusted_browsers" | "api_keys"; when: RawBuilder<SqlBool> };

/** Gives the accounts of the owners who are not disabled. */
export async function* ownersOf(context: Context, { table, when }: Owned): AsyncGenerator<Account[]> {
  const { reports } = context;
  for (let after = ""; ; ) {
    const { rows } = await sql<{ user_id: string }>`select distinct user_id from ${sql.table(table)}
      where ${when} and user_id > ${after} order by user_id limit ${sql.lit(BATCH)}`.execute(reports);
    const ids = rows.map(({ user_id }) => user_id);
    const last = ids.at(-1);
    if (last === undefined) return;
    const found = await accounts(reports)
      .where("users.id", "in", ids)
      .where("disabled_at", "is", null)
      .orderBy("users.id")
      .execute();
    const byUser = Map.groupBy(found, (row) => row.user_id);
    yield [...byUser.values()].flatMap((own) => accountIn(context, own) ?? []);
    if (ids.length < BATCH) return;
    after = last;
  }
}
