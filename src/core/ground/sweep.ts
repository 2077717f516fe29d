// What is over is dead already: every query asks for what lives. So it is removed when that holds nobody up. Reports find
// it, which need no index for that, and it goes some hundreds of rows at a time, each time in a commit of its own.

import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Context } from "../../context.ts";
import type { Schema } from "../../db/schema.ts";

const BATCH = 500;

/** Which rows of a table are over. `key` is the first column of its primary key. */
export type Over<Table extends keyof Schema = keyof Schema> = {
  [T in Table]: { table: T; key: keyof Schema[T] & string; when: RawBuilder<SqlBool> };
}[Table];

/**
 * Removes the rows that are over, but for those that somebody has locked: who waited for them would hold others meanwhile,
 * in no order, and whoever charges two of those rates could then wait for it in a circle.
 */
export async function sweep(
  { db, reports, dialect }: Pick<Context, "db" | "reports" | "dialect">,
  over: Over,
): Promise<void> {
  const [table, key] = [sql.table(over.table), sql.ref(over.key)];
  for (let last = ""; ; ) {
    const { rows } = await sql<{ key: string }>`select distinct ${key} as key from ${table}
      where ${key} > ${last} and (${over.when}) order by ${key} limit ${sql.lit(BATCH)}`.execute(reports);
    const end = rows.at(-1);
    if (end === undefined) return;
    // As many values each time, so that it is one statement for the database however many rows there are.
    const keys = Array.from({ length: BATCH }, (_, at) => (rows[at] ?? end).key);
    const dead = sql`${key} in (${sql.join(keys)}) and (${over.when})`;
    const free = sql`ctid = any (array (select ctid from ${table} where ${dead} for update skip locked))`;
    await sql`delete from ${table} where ${dialect === "postgres" ? free : dead}`.execute(db);
    if (rows.length < BATCH) return;
    last = end.key;
  }
}
