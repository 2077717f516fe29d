// The directory of people is kept by the database, after tables that many places write. It must never tell anything
// else than they do: whom a search finds, who is in which state, and how many.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Kysely, sql } from "kysely";
import { Client } from "pg";
import * as people from "../../src/core/console/people.ts";
import * as protection from "../../src/core/console/protection.ts";
import { canonicalName } from "../../src/core/ground/names.ts";
import { transact } from "../../src/core/ground/transaction.ts";
import { lockAccount } from "../../src/core/session/account.ts";
import { migrate } from "../../src/db/migrate.ts";
import { openDatabase } from "../../src/db/open.ts";
import type { AuthenticatorTable, DirectoryTable, Schema, UserTable } from "../../src/db/schema.ts";
import { addPeople } from "../support/crowd.ts";
import { openWatched } from "../support/faulty-database.ts";
import { createDatabase } from "../support/postgres.ts";
import { createWorld, OPERATOR, onBothDatabases, type World } from "../support/world.ts";

const DAY = 86_400_000;
const PEOPLE = ["ada", "bob", "cleo"];
const APPS = ["a1", "a2", "a3", "a4"];
const CODES = ["c1", "c2", "c3"];

const some = <T>(...values: T[]) => fc.constantFrom(...values);
const time = some(1_700_000_000_000, 1_700_000_000_001, 1_700_000_000_000 + DAY, 1_800_000_000_000);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

type Act = (db: Kysely<Schema>) => Promise<unknown>;

/** What is written, wherever it comes from: as the program does it, and as it never does. */
const anAct: fc.Arbitrary<Act> = fc.oneof(
  fc
    .record({
      id: some(...PEOPLE),
      change: fc.record<Partial<UserTable>>(
        {
          name: some("Ada", "Zoë", "李雷"),
          search_text: some("ada ada@example.org", "zoë", "李雷 lilei"),
          role: some("person", "support", "administrator"),
          email: maybe(some("a@example.org", "b@example.org")),
          password_hash: maybe(some("x")),
          disabled_at: maybe(time),
          last_sign_in_at: maybe(time),
          required_from: maybe(time),
          warnings_read_at: time,
        },
        { requiredKeys: ["warnings_read_at"] },
      ),
    })
    .map(
      ({ id, change }): Act =>
        (db) =>
          db.updateTable("users").set(change).where("id", "=", id).execute(),
    ),
  fc
    .record({
      id: some(...APPS),
      user_id: some(...PEOPLE),
      replaced_by: maybe(some(...APPS)),
      drift: fc.integer({ min: -3, max: 3 }),
    })
    .map(
      ({ id, user_id, replaced_by, drift }): Act =>
        async (db) => {
          await db.deleteFrom("authenticators").where("id", "=", id).execute();
          await db
            .insertInto("authenticators")
            .values({ ...APP, id, user_id, replaced_by, drift_steps: drift })
            .execute();
        },
    ),
  fc.record({ id: some(...APPS), replaced_by: maybe(some(...APPS)), drift_steps: fc.integer({ min: -3, max: 3 }) }).map(
    ({ id, ...change }): Act =>
      (db) =>
        db
          .updateTable("authenticators")
          .set({ ...change, last_step: 2 })
          .where("id", "=", id)
          .execute(),
  ),
  some(...APPS).map(
    (id): Act =>
      (db) =>
        db.deleteFrom("authenticators").where("id", "=", id).execute(),
  ),
  some(...PEOPLE).map(
    (user_id): Act =>
      async (db) => {
        await db.deleteFrom("recovery_codes").where("set_id", "=", `set ${user_id}`).execute();
        await db.deleteFrom("recovery_code_sets").where("user_id", "=", user_id).execute();
        await db
          .insertInto("recovery_code_sets")
          .values({ user_id, id: `set ${user_id}`, made_at: 0, kept_at: null })
          .execute();
        const rows = CODES.map((code) => ({
          id: `${user_id} ${code}`,
          set_id: `set ${user_id}`,
          selector: code,
          code_hash_sealed: "",
        }));
        await db.insertInto("recovery_codes").values(rows).execute();
      },
  ),
  fc.record({ user_id: some(...PEOPLE), code: some(...CODES), used_at: maybe(time) }).map(
    ({ user_id, code, used_at }): Act =>
      (db) =>
        db.updateTable("recovery_codes").set({ used_at }).where("id", "=", `${user_id} ${code}`).execute(),
  ),
  fc.record({ user_id: some(...PEOPLE), scope: some("everyone", "role:person") }).map(
    (asking): Act =>
      (db) =>
        db
          .insertInto("askings")
          .values({ ...asking, since: 1, sign_ins: 1 })
          .onConflict((conflict) => conflict.columns(["user_id", "scope"]).doUpdateSet({ sign_ins: 2 }))
          .execute(),
  ),
  some(...PEOPLE).map(
    (user_id): Act =>
      (db) =>
        db.deleteFrom("recovery_code_sets").where("user_id", "=", user_id).execute(),
  ),
);

const APP: Omit<AuthenticatorTable, "id" | "user_id" | "replaced_by" | "drift_steps"> = {
  ...{ name: "Phone", secret_sealed: "", algorithm: "SHA1", digits: 6, period: 30, last_step: 1 },
  ...{ created_at: 0, last_used_at: 0, goes_at: null },
};

/** What the directory should say, out of the tables that it follows; nobody takes back an asking here. */
async function derive(db: Kysely<Schema>): Promise<Omit<DirectoryTable, "number">[]> {
  const users = await db.selectFrom("users").selectAll().orderBy("id").execute();
  const apps = await db.selectFrom("authenticators").selectAll().execute();
  const codes = await db
    .selectFrom("recovery_codes")
    .innerJoin("recovery_code_sets", "recovery_code_sets.id", "set_id")
    .select(["user_id", "used_at"])
    .execute();
  const askings = await db.selectFrom("askings").selectAll().execute();
  return users.map((user) => {
    const own = apps.filter(({ user_id }) => user_id === user.id);
    const lasting = own.filter(({ replaced_by }) => replaced_by === null).length;
    return {
      user_id: user.id,
      name: user.name,
      search_text: user.search_text,
      role: user.role,
      disabled: user.disabled_at === null ? 0 : 1,
      may_sign_in: user.disabled_at === null && user.password_hash !== null ? 1 : 0,
      has_email: user.email === null ? 0 : 1,
      required: user.required_from === null ? 0 : 1,
      asked: askings.some(({ user_id }) => user_id === user.id) ? 1 : 0,
      apps: own.length === 0 ? 0 : lasting > 1 ? 2 : 1,
      has_codes: codes.some(({ user_id, used_at }) => user_id === user.id && used_at === null) ? 1 : 0,
      clock_off: own.some(({ drift_steps }) => drift_steps >= 1 || drift_steps <= -2) ? 1 : 0,
      seen_on: Math.floor((user.last_sign_in_at ?? user.created_at) / DAY),
    };
  });
}

async function assertKept({ context }: World): Promise<void> {
  const { db, dialect } = context;
  const expected = await derive(db);
  const rows = await db.selectFrom("directory").selectAll().orderBy("user_id").execute();
  assert.deepEqual(
    rows.map(({ number, ...row }) => row),
    expected,
  );
  const counts = await db.selectFrom("people_counts").selectAll().execute();
  const sums = new Map<string, number>();
  const add = (alike: object, many: number) => {
    const key = JSON.stringify(Object.entries(alike).sort());
    sums.set(key, (sums.get(key) ?? 0) + many);
  };
  for (const { people: many, ...alike } of counts) add(alike, many);
  for (const { user_id, name, search_text, seen_on, ...alike } of expected) add(alike, -1);
  assert.deepEqual(
    [...sums].filter(([, many]) => many !== 0),
    [],
  );
  if (dialect !== "sqlite") return;
  // The index compares itself with what it is the index of.
  await sql`insert into directory_grams (directory_grams, rank) values ('integrity-check', 1)`.execute(db);
}

onBothDatabases("the directory", (dialect) => {
  test("tells what the tables tell, whatever is written to them and undone", async () => {
    await using world = await createWorld(dialect);
    const { context } = world;
    await addPeople(
      context.db,
      PEOPLE.map((id) => ({ id, name: id, login: id, email: null })),
    );
    const transactions = fc.array(
      fc.record({ acts: fc.array(anAct, { minLength: 1, maxLength: 4 }), commit: fc.boolean() }),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    const property = fc.asyncProperty(transactions, async (all) => {
      for (const { acts, commit } of all) {
        await context.transaction(async ({ db }) => {
          for (const act of acts) await act(db);
          return { value: undefined, commit };
        });
      }
      await assertKept(world);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test("tells what the tables tell after many acts at once on the same people", async () => {
    await using world = await createWorld(dialect);
    const { context } = world;
    await addPeople(
      context.db,
      PEOPLE.map((id) => ({ id, name: id, login: id, email: null })),
    );
    const acts: ((db: Kysely<Schema>, user_id: string, n: number) => Promise<unknown>)[] = [
      (db, user_id, n) =>
        db
          .insertInto("authenticators")
          .values({ ...APP, id: `app ${n}`, user_id, replaced_by: null, drift_steps: n % 3 })
          .execute(),
      (db, user_id, n) =>
        db
          .insertInto("askings")
          .values({ user_id, scope: `group:${n}`, since: 1, sign_ins: 1 })
          .execute(),
      (db, user_id, n) =>
        db
          .updateTable("users")
          .set({ disabled_at: n % 2 === 0 ? null : n, last_sign_in_at: n * DAY })
          .where("id", "=", user_id)
          .execute(),
      (db, user_id) => db.deleteFrom("authenticators").where("user_id", "=", user_id).execute(),
      (db, user_id) =>
        db.updateTable("authenticators").set({ drift_steps: 0 }).where("user_id", "=", user_id).execute(),
    ];
    const all = Array.from({ length: 120 }, (_, n) =>
      transact(context, OPERATOR, async (tx) => {
        const user_id = PEOPLE[n % PEOPLE.length] ?? "";
        // As everybody does who changes something of a person's setup.
        await lockAccount(tx, user_id);
        await acts[(n >> 1) % acts.length]?.(tx.db, user_id, n);
      }),
    );
    await Promise.all([...all, protection.addUp(context)]);
    await assertKept(world);
  });

  test("counts the same when its counts are added up, also while they are (postgres adds up later)", async () => {
    await using world = await createWorld(dialect);
    const { context } = world;
    const crowd = Array.from({ length: 700 }, (_, n) => ({ id: `p${n}`, name: "P", login: `p${n}`, email: null }));
    await addPeople(context.db, crowd, { password_hash: "x" });
    const disable = (n: number) =>
      context.db.updateTable("users").set({ disabled_at: 1 }).where("id", "=", `p${n}`).execute();
    await Promise.all([...Array(20).keys()].flatMap((n) => [disable(n), protection.addUp(context)]));
    await protection.addUp(context);
    await assertKept(world);
    const rows = await context.db.selectFrom("people_counts").selectAll().execute();
    assert.ok(rows.length < 100, `${rows.length} rows`);
    assert.equal(await protection.countOf(context, "no-second-factor"), 680);
  });
});

test("what an import leaves to be added up is added up some at a time (postgres)", async () => {
  const sent: string[] = [];
  const openDatabase = (url: string) => openWatched(url, ({ sql }) => void sent.push(sql));
  await using world = await createWorld("postgres", { host: { openDatabase } });
  const { context } = world;
  const counted = { role: "'person'", people: "case when n % 2 = 0 then 1 else -1 end" };
  const others = ["disabled", "may_sign_in", "has_email", "required", "asked", "apps", "has_codes", "clock_off"];
  const columns = [...Object.keys(counted), ...others].join(", ");
  const values = [...Object.values(counted), ...others.map(() => "0")].join(", ");
  await sql
    .raw(`insert into people_counts (${columns}) select ${values} from generate_series(1, 90001) n`)
    .execute(context.db);
  sent.length = 0;
  await Promise.all([protection.addUp(context), protection.addUp(context)]);
  const { rows } = await sql<{ many: number; people: number }>`
    select count(*) as many, sum(people) as people from people_counts`.execute(context.db);
  assert.deepEqual([(rows[0]?.many ?? 0) <= 500, Number(rows[0]?.people)], [true, -1]);
  // A single statement that takes longer than any may would be undone, each minute again.
  assert.ok(sent.length > 5, `${sent.length} statements`);
});

const signs = [
  "a",
  "b",
  "é",
  "e\u0301",
  "ß",
  "İ",
  "ı",
  "李",
  "雷",
  "😀",
  "%",
  "_",
  "\\",
  "'",
  '"',
  "*",
  "(",
  "-",
  " ",
  "@",
  ".",
  "0",
  ":",
  "^",
  "+",
  "{",
];
const aText = (length: number) =>
  fc.array(some(...signs), { minLength: 1, maxLength: length }).map((all) => all.join(""));

onBothDatabases("a search for people", (dialect) => {
  const find = async ({ context }: World, search: string) => {
    const reader = {} as Parameters<typeof people.list>[1];
    const pages: string[] = [];
    const first = await people.list(context, reader, { search }, 1);
    for (let page = 1; pages.length < first.total; page++) {
      const found = await people.list(context, reader, { search }, page);
      assert.equal(found.total, first.total);
      assert.notEqual(found.people.length, 0);
      pages.push(...found.people.map(({ id }) => id));
    }
    return pages.sort();
  };

  test("finds whoever has the text within name, login or address, and nobody else", async () => {
    await using world = await createWorld(dialect);
    const { db } = world.context;
    const property = fc.asyncProperty(
      fc.array(aText(12), { minLength: 1, maxLength: 12 }),
      fc.array(aText(5), { minLength: 1, maxLength: 8 }),
      async (names, terms) => {
        await db.deleteFrom("users").execute();
        await addPeople(
          db,
          names.map((name, n) => ({ id: `p${n}`, name, login: `l${n}`, email: `${n}@example.org` })),
        );
        const rows = await db.selectFrom("users").select(["id", "search_text"]).execute();
        // A part of what is there is found more often than what chance makes up.
        const parts = rows.flatMap(({ search_text }, n) =>
          Array.from(search_text)
            .slice(n % 3, (n % 3) + 1 + (n % 5))
            .join(""),
        );
        for (const term of [...terms, ...parts]) {
          const text = canonicalName(term);
          const expected = rows.filter(({ search_text }) => search_text.includes(text)).map(({ id }) => id);
          assert.deepEqual(await find(world, term), expected.sort(), JSON.stringify(term));
        }
      },
    );
    await fc.assert(property, { numRuns: 25 });
  });

  test("finds people by a name as it is written, also where its small letters are others", async () => {
    await using world = await createWorld(dialect);
    const authority = world.auth.operatorAuthority();
    for (const [nth, name] of ["\u0399\u0308\u0301\u0391\u039d", "\u0130pek", "Stra\u1e9ee", "\u2168 Ltd"].entries()) {
      const profile = { login: `login${nth}`, name, email: null, role: "person" } as const;
      const invited = await world.auth.people.invite({ client: OPERATOR, authority, ...profile });
      assert.ok(invited.ok);
      assert.deepEqual(await find(world, name), [invited.id], JSON.stringify(name));
    }
  });

  test("takes any text for text", async () => {
    await using world = await createWorld(dialect);
    await addPeople(world.context.db, [
      { id: "ada", name: 'Ada "The Countess" AND NEAR(a) ada* \\o/', login: "ada", email: null },
    ]);
    const long = Array.from({ length: 300 }, (_, n) => String.fromCodePoint(0x4e00 + n)).join("");
    for (const text of [
      "\0",
      "ada\0",
      "\ud800",
      "ad\ud83d",
      "\udc00da",
      "%",
      "_da",
      "ada%",
      "(b)",
      "ada OR x",
      long,
      "'; --",
    ])
      assert.deepEqual(await find(world, text), [], JSON.stringify(text));
    for (const text of ['"', '"the', "AND NEAR(a)", "ada*", "\\o/", "a* \\"]) {
      assert.deepEqual(await find(world, text), ["ada"], JSON.stringify(text));
    }
    await addPeople(world.context.db, [{ id: "long", name: long, login: "long", email: null }]);
    assert.deepEqual(await find(world, long), ["long"]);
  });

  test("finds the same where very many are found", { timeout: 60_000 }, async () => {
    await using world = await createWorld(dialect);
    const crowd = Array.from({ length: 6_000 }, (_, n) => ({
      id: `p${n}`,
      name: `Person ${n}`,
      login: `l${n}`,
      email: null,
    }));
    await addPeople(world.context.db, crowd);
    const ids = (text: string) =>
      crowd
        .filter(({ name }) => name.toLowerCase().includes(text))
        .map(({ id }) => id)
        .sort();
    for (const text of ["person", "on 59", "9", "son 1"]) assert.deepEqual(await find(world, text), ids(text), text);
  });
});

test("a search goes on where PostgreSQL lends no extension for it", async () => {
  const { url, drop } = await createDatabase();
  const admin = new Client({ connectionString: url });
  await admin.connect();
  const role = `limited_${process.pid}`;
  await admin.query(`create role ${role} login; grant create on schema public to ${role}`);
  const own = new URL(url);
  own.username = role;
  const database = await openDatabase(own.href);
  const { db, dialect, reports } = database;
  try {
    assert.deepEqual(await migrate(db, { dialect, now: 0 }), ["0001-first"]);
    const { rows } = await sql<{
      name: string;
    }>`select indexname as name from pg_indexes where indexname = 'directory_grams'`.execute(db);
    assert.deepEqual(rows, []);
    await addPeople(db, [
      { id: "ada", name: "Ada", login: "ada", email: null },
      { id: "bob", name: "Bob", login: "bob", email: null },
    ]);
    const context = { ...database, reports, now: () => 0 } as unknown as World["context"];
    const found = await people.list(context, {} as Parameters<typeof people.list>[1], { search: "bob" }, 1);
    assert.deepEqual(
      found.people.map(({ id }) => id),
      ["bob"],
    );
  } finally {
    await database.close();
    await admin.query(`drop owned by ${role} cascade; drop role ${role}`);
    await admin.end();
    await drop();
  }
});
