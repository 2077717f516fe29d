import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sql } from "kysely";
import { createDatabase } from "../../test/support/postgres.ts";
import { openDatabase } from "./open.ts";
import { pick, statement } from "./statement.ts";

type Address = { id: string; email: string; expires_at: number };

const insert = statement((db, row: Address) =>
  db.insertInto("email_undos").values({ ...pick(row, ["id", "email", "expires_at"]), user_id: "u", secret_hash: "h" }),
);
const after = statement((db, { time }: { time: number }) =>
  db.selectFrom("email_undos").select(["id", "email"]).where("expires_at", ">", time).orderBy("id"),
);
const move = statement((db, { id, time }: { id: string; time: number }) =>
  db.updateTable("email_undos").set({ expires_at: time }).where("id", "=", id),
);

for (const dialect of ["sqlite", "postgres"] as const) {
  describe(`a statement that is made once (${dialect})`, () => {
    test("takes its values in the order in which the query has them, as often as it is run", async () => {
      await using place = await openPlace(dialect);
      const { database } = place;
      assert.equal(await insert.run(database, { expires_at: 5, email: "a@example.org", id: "a" }), 1);
      assert.equal(await insert.run(database, { id: "b", email: "b@example.org", expires_at: 7 }), 1);
      const plain = (rows: object[]) => rows.map((row) => ({ ...row }));
      assert.deepEqual(plain(await after.all(database, { time: 5 })), [{ id: "b", email: "b@example.org" }]);
      assert.equal(await move.run(database, { id: "a", time: 9 }), 1);
      assert.equal(await move.run(database, { id: "nobody", time: 9 }), 0);
      assert.deepEqual(
        (await after.all(database, { time: 5 })).map(({ id }) => id),
        ["a", "b"],
      );
      assert.equal((await after.first(database, { time: 8 }))?.id, "a");
      assert.equal(await after.first(database, { time: 9 }), undefined);
    });

    test("runs in a transaction, and goes with it", async () => {
      await using place = await openPlace(dialect);
      const { database } = place;
      const counted = await database.transaction(async (tx) => {
        await insert.run(tx, { id: "a", email: "a@example.org", expires_at: 1 });
        return { value: (await after.all(tx, { time: 0 })).length, commit: false };
      });
      assert.equal(counted, 1);
      assert.deepEqual(await after.all(database, { time: 0 }), []);
    });

    test("refuses a value that is missing, and changes nothing", async () => {
      await using place = await openPlace(dialect);
      const { database } = place;
      const forgotten = { id: "a", email: "a@example.org" } as Address;
      await assert.rejects(insert.run(database, forgotten), /undefined|bound/);
      assert.deepEqual(await after.all(database, { time: 0 }), []);
    });
  });
}

test("a value cannot be reckoned with before it is known", async () => {
  const { db, connection, close } = await openDatabase("file::memory:");
  const early = statement((make, { time }: { time: number }) =>
    make
      .selectFrom("email_undos")
      .select("id")
      .where("expires_at", ">", time + 1),
  );
  await assert.rejects(early.all({ dialect: "sqlite", connection }, { time: 1 }), /time is not known/);
  await sql`select 1`.execute(db);
  await close();
});

async function openPlace(dialect: "sqlite" | "postgres") {
  const place = dialect === "sqlite" ? { url: "file::memory:", drop: async () => {} } : await createDatabase();
  const database = await openDatabase(place.url);
  const [type, strict] = dialect === "sqlite" ? ["integer", " strict"] : ["bigint", ""];
  await sql
    .raw(
      `create table email_undos (user_id text, id text, secret_hash text, email text not null, expires_at ${type} not null)${strict}`,
    )
    .execute(database.db);
  return {
    database,
    [Symbol.asyncDispose]: async () => {
      await database.close();
      await place.drop();
    },
  };
}
