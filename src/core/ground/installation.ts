// The one row of the installation. Its sealed known text tells at start whether the key file belongs to the database:
// a wrong key must stop the server, not turn every code into a wrong one.

import { type Kysely, sql } from "kysely";
import type { Context } from "../../context.ts";
import { type Keys, seal, sealedPrefix, UnsealError, unseal } from "../../crypto/secret-box.ts";
import type { Schema } from "../../db/schema.ts";

/** Thrown at start when the keys are not those that this database's secrets were sealed with. */
export class WrongKeysError extends Error {
  override name = "WrongKeysError";
}

const HOUR = 3_600_000;
const PLACE = { table: "installation", column: "key_check_sealed", row: "1", owner: "" };
const KNOWN = "countersign";

/** Whether this database has been used with keys before. */
export async function exists(db: Kysely<Schema>): Promise<boolean> {
  return (await db.selectFrom("installation").select("id").executeTakeFirst()) !== undefined;
}

/** Writes the row at the first start and checks the keys at every one. Throws a WrongKeysError. */
export async function prepare(db: Kysely<Schema>, keys: Keys, now: number): Promise<void> {
  let row = await db.selectFrom("installation").select("key_check_sealed").executeTakeFirst();
  if (row === undefined) {
    const sealed = seal(keys, PLACE, Buffer.from(KNOWN));
    await db
      .insertInto("installation")
      .values({
        id: 1,
        key_check_sealed: sealed,
        set_up_at: null,
        administrators_changed_at: now,
        reminded_at: 0,
        swept_at: 0,
      })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
    row = await db.selectFrom("installation").select("key_check_sealed").executeTakeFirstOrThrow();
  }
  if (!opens(keys, row.key_check_sealed) || (await needsAnotherKey(db, keys))) {
    throw new WrongKeysError("The keys do not belong to this database; restore the key file that it was used with");
  }
}

/** Whether it is this node's turn to do what one node does once an hour. */
export async function takeTurn(
  { db, now }: Pick<Context, "db" | "now">,
  work: "reminded_at" | "swept_at",
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("installation")
    .set({ [work]: now() })
    .where("id", "=", 1)
    .where(work, "<=", now() - HOUR)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function opens(keys: Keys, sealed: string): boolean {
  try {
    return Buffer.from(unseal(keys, PLACE, sealed)).toString() === KNOWN;
  } catch (error) {
    if (error instanceof UnsealError) return false;
    throw error;
  }
}

/** Whether somebody's authenticator is sealed with a key that is not among these, such as a newer one. */
async function needsAnotherKey(db: Kysely<Schema>, keys: Keys): Promise<boolean> {
  const row = await db
    .selectFrom("authenticators")
    .select("id")
    .where((eb) =>
      eb.and(
        keys.all.map((key) => {
          const prefix = sealedPrefix(key);
          return sql<boolean>`substr(secret_sealed, 1, ${sql.lit(prefix.length)}) <> ${prefix}`;
        }),
      ),
    )
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
