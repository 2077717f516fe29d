// The attack: somebody who can write to the database takes the guards off the table of events and changes the past. One
// row, or several, in the middle, at the beginning, at the end; or all that follows, with hashes that fit again. Or they
// let the retention do it: they set the checkpoint, or turn the past into something that it will throw away.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Kysely, sql } from "kysely";
import type { Fault, Position } from "../../../src/auth.ts";
import { chainHash } from "../../../src/core/ground/events.ts";
import { transact } from "../../../src/core/ground/transaction.ts";
import type { VerifyOptions } from "../../../src/core/record/chain.ts";
import type { EventTable, Schema } from "../../../src/db/schema.ts";
import { dropGuards, openTables } from "../../support/tables.ts";
import { createWorld, OPERATOR, onBothDatabases, type World } from "../../support/world.ts";

const DAY = 86_400_000;
const KEPT = { options: { eventRetentionDays: 30 } };

function verify({ auth }: Pick<World, "auth">, options: VerifyOptions = {}) {
  return auth.events.verify({ reader: auth.operatorAuthority(), ...options });
}

async function faultOf(world: World, options: VerifyOptions = {}): Promise<Fault | undefined> {
  const verdict = await verify(world, options);
  return verdict.ok ? undefined : verdict.fault;
}

/** Events of nobody in particular; each a day after the one before. */
async function writeEvents(world: World, days: number): Promise<void> {
  const { auth, clock } = world;
  const { id } = await world.person(`ada${clock.now()}`);
  for (let day = 0; day < days; day++) {
    clock.advance(DAY);
    const unlocked = await auth.people.act({
      client: OPERATOR,
      authority: auth.operatorAuthority(),
      act: "unlock",
      id,
    });
    assert.ok(unlocked.ok);
  }
}

function rowsOf(db: Kysely<Schema>): Promise<EventTable[]> {
  return db.selectFrom("events").selectAll().orderBy("id").execute();
}

/** Writes hashes that fit, from an event on, as whoever knows how they are made can; and the head. */
async function hashAgain(db: Kysely<Schema>, from: number, first?: Position): Promise<void> {
  const rows = await rowsOf(db);
  let previous = first?.hash ?? rows.find(({ id }) => id === from - 1)?.hash ?? "";
  for (const { hash: _, ...row } of rows.filter(({ id }) => id >= from)) {
    previous = chainHash(previous, row);
    await db.updateTable("events").set({ hash: previous }).where("id", "=", row.id).execute();
  }
  await db
    .updateTable("event_head")
    .set({ hash: previous, last_event: rows.at(-1)?.id ?? 0 })
    .execute();
}

onBothDatabases("verifying the record of events", (dialect) => {
  test("finds it whole, empty, in batches, and while others write (AU-04)", async () => {
    await using world = await createWorld(dialect);
    const empty = await verify(world);
    assert.ok(empty.ok && empty.complete && empty.begins === null);
    const { id } = await world.person("ada");
    const template = { kind: "attempts.unlocked", user: id } as const;
    await transact(world.context, OPERATOR, async (tx) => {
      for (let n = 0; n < 2_500; n++) tx.record(template);
    });
    const seen: number[] = [];
    const writes: Promise<void>[] = [];
    const whole = await verify(world, {
      onProgress: (done, total) => {
        assert.equal(total, 2_501);
        seen.push(done);
        writes.push(transact(world.context, OPERATOR, async (tx) => tx.record(template)));
      },
    });
    await Promise.all(writes);
    assert.deepEqual(seen, [1_000, 2_000, 2_501]);
    assert.ok(whole.ok && whole.complete && whole.at.id === 2_501);
  });

  test("lets others have their turn, a signal to stop above all (AU-04, AU-07)", async () => {
    await using world = await createWorld(dialect);
    await transact(world.context, OPERATOR, async (tx) => {
      for (let n = 0; n < 6_000; n++) tx.record({ kind: "attempts.unlocked" });
    });
    const stop = new AbortController();
    setImmediate(() => stop.abort());
    const stopped = await verify(world, { signal: stop.signal });
    assert.ok(stopped.ok && !stopped.complete && stopped.at.id < 6_000);
    const whole = await verify(world);
    assert.ok(whole.ok && whole.at.id === 6_000, "so many at once are one chain, too");
  });

  test("can be stopped, and goes on where it was (AU-04)", async () => {
    await using world = await createWorld(dialect);
    await writeEvents(world, 5);
    const stop = new AbortController();
    stop.abort();
    const stopped = await verify(world, { signal: stop.signal });
    assert.ok(stopped.ok && !stopped.complete && stopped.at.id === 0);
    const { hash = "" } = (await rowsOf(world.context.db))[2] ?? {};
    const rest = await verify(world, { since: { id: 3, hash } });
    assert.ok(rest.ok && rest.complete && rest.first.id === 3 && rest.at.id === 6);
  });

  test("finds each change of the past, and where it begins (AU-04, T-17)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    await writeEvents(world, 7);
    const whole = await rowsOf(db);
    assert.equal(whole.length, 8);
    const head = await db.selectFrom("event_head").selectAll().executeTakeFirstOrThrow();
    await dropGuards(db, dialect);
    const restore = async () => {
      await db.deleteFrom("events").execute();
      await db.insertInto("events").values(whole).execute();
      await db.updateTable("event_head").set(head).execute();
      await db.updateTable("event_checkpoint").set({ last_removed: 0, hash: "" }).execute();
      assert.equal(await faultOf(world), undefined);
    };
    const set = (id: number, values: Partial<EventTable>) =>
      db.updateTable("events").set(values).where("id", "=", id).execute();
    const remove = (...ids: number[]) => db.deleteFrom("events").where("id", "in", ids).execute();
    const checkpointAt = (id: number) =>
      db
        .updateTable("event_checkpoint")
        .set({ last_removed: id, hash: whole[id - 1]?.hash ?? "" })
        .execute();

    const harm: Record<string, [act: () => Promise<unknown>, found: Fault]> = {
      "one edited": [() => set(3, { actor_id: "somebody-else" }), { what: "changed", id: 3 }],
      "the first edited": [() => set(1, { at: 1 }), { what: "changed", id: 1 }],
      "the newest edited": [() => set(8, { details: '{"by":"ada"}' }), { what: "changed", id: 8 }],
      "one edited and hashed again": [
        async () => {
          await set(3, { at: 1 });
          const { hash: _, ...row } = { ...(whole[2] as EventTable), at: 1 };
          await set(3, { hash: chainHash(whole[1]?.hash ?? "", row) });
        },
        { what: "changed", id: 4 },
      ],
      "the newest edited and hashed again": [
        async () => {
          const { hash: _, ...row } = { ...(whole[7] as EventTable), at: 1 };
          await set(8, { at: 1, hash: chainHash(whole[6]?.hash ?? "", row) });
        },
        { what: "head_changed", id: 8 },
      ],
      "some removed": [() => remove(3, 4), { what: "missing", id: 3, upTo: 4 }],
      "one removed and the rest closed up": [
        async () => {
          await remove(3);
          for (let id = 4; id <= 8; id++) await set(id, { id: id - 1 });
          await db.updateTable("event_head").set({ last_event: 7 }).execute();
        },
        { what: "changed", id: 3 },
      ],
      "two in another order": [
        async () => {
          await set(4, { id: 99 });
          await set(5, { id: 4 });
          await set(99, { id: 5 });
        },
        { what: "changed", id: 4 },
      ],
      "one put in at the end": [
        () =>
          db
            .insertInto("events")
            .values({ ...(whole[0] as EventTable), id: 9 })
            .execute(),
        { what: "beyond_head", id: 9 },
      ],
      "cut off at the beginning": [() => remove(1, 2), { what: "cut_off_at_beginning", id: 1, upTo: 2 }],
      "cut off at the beginning, with a checkpoint": [
        async () => {
          await checkpointAt(2);
          await remove(1, 2);
        },
        { what: "checkpoint_forged", id: 2 },
      ],
      "a checkpoint, and nothing cut off": [() => checkpointAt(2), { what: "before_beginning", id: 1 }],
      "the checkpoint gone": [
        async () => {
          await checkpointAt(2);
          await remove(1, 2);
          await db.updateTable("event_checkpoint").set({ last_removed: 0, hash: "" }).execute();
        },
        { what: "cut_off_at_beginning", id: 1, upTo: 2 },
      ],
      "cut off at the end": [() => remove(7, 8), { what: "cut_off_at_end", id: 7, upTo: 8 }],
      "all removed": [() => db.deleteFrom("events").execute(), { what: "cut_off_at_end", id: 1, upTo: 8 }],
    };
    for (const [what, [act, found]] of Object.entries(harm)) {
      await act();
      assert.deepEqual(await faultOf(world), found, what);
      await restore();
    }
  });

  test("finds by a noted head what the database alone cannot show: all hashed again, or an earlier state (AU-04)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    await writeEvents(world, 5);
    const noted = await world.auth.events.head();
    await writeEvents(world, 2);
    assert.equal(await faultOf(world, { expect: noted }), undefined);
    await dropGuards(db, dialect);

    await db.updateTable("events").set({ actor_id: "somebody-else" }).where("id", "=", 2).execute();
    await hashAgain(db, 2);
    assert.equal(await faultOf(world), undefined, "the database agrees with itself");
    assert.deepEqual(await faultOf(world, { expect: noted }), { what: "not_as_noted", id: 6 });
    assert.deepEqual(await faultOf(world, { since: noted }), { what: "not_as_noted", id: 6 });

    await db.deleteFrom("events").where("id", ">", 4).execute();
    await hashAgain(db, 5, undefined);
    assert.deepEqual(await faultOf(world, { expect: noted }), { what: "cut_off_at_end", id: 5, upTo: 6 });
  });
});

onBothDatabases("the retention of events", (dialect) => {
  test("removes the oldest, tells it, and what stays can be verified, also by a head noted before (AU-06)", async () => {
    await using world = await createWorld(dialect, KEPT);
    await using db = await openTables(world);
    await writeEvents(world, 40);
    const noted = await world.auth.events.head();
    await world.auth.upkeep.run();
    const rows = await rowsOf(db);
    const [oldest, newest] = [rows[0], rows.at(-1)];
    assert.equal(oldest?.id, 12, "the ones of the last thirty days stay");
    assert.deepEqual([newest?.kind, newest?.actor_id, newest?.address], ["events.removed", null, "-"]);
    const checkpoint = await db.selectFrom("event_checkpoint").select(["last_removed", "hash"]).executeTakeFirst();
    assert.deepEqual(checkpoint?.last_removed, 11);
    assert.deepEqual(JSON.parse(newest?.details ?? ""), { removed: 11, through: 11, hash: checkpoint?.hash });
    const verdict = await verify(world, { expect: noted });
    assert.ok(verdict.ok && verdict.first.id === 11 && verdict.begins === oldest?.at && verdict.at.id === newest?.id);
    assert.deepEqual(await faultOf(world, { expect: { id: 3, hash: "x" } }), { what: "removed_by_age", id: 3 });

    await world.auth.upkeep.run();
    assert.equal((await rowsOf(db)).length, rows.length, "once a day, not once a minute");
    world.clock.advance(2 * DAY);
    await world.auth.upkeep.run();
    assert.equal((await rowsOf(db))[0]?.id, 14);
    world.clock.advance(400 * DAY);
    await world.auth.upkeep.run();
    assert.equal((await rowsOf(db)).length, 1, "the removal itself stays");
    assert.equal(await faultOf(world), undefined);
  });

  test("keeps everything unless it is asked for (AU-06)", async () => {
    await using world = await createWorld(dialect);
    await writeEvents(world, 3);
    world.clock.advance(5_000 * DAY);
    await world.auth.upkeep.run();
    assert.equal((await rowsOf(world.context.db)).length, 4);
  });

  // On SQLite, two engines in one process wait for each other.
  if (dialect === "postgres")
    test("on several nodes at once removes once (AU-06, AU-07)", async () => {
      await using world = await createWorld(dialect, KEPT);
      await writeEvents(world, 40);
      const nodes = await Promise.all([1, 2, 3].map(() => world.node({ clock: world.clock })));
      await Promise.all([world, ...nodes].map(({ auth }) => auth.upkeep.run()));
      const removals = (await rowsOf(world.context.db)).filter(({ kind }) => kind === "events.removed");
      assert.equal(removals.length, 1);
      assert.equal(await faultOf(world), undefined);
    });

  test("removes nothing that was changed: that is evidence (AU-06)", async () => {
    const lines: string[] = [];
    await using world = await createWorld(dialect, { ...KEPT, host: { log: (line) => void lines.push(line) } });
    await using db = await openTables(world);
    await writeEvents(world, 40);
    await dropGuards(db, dialect);
    await db.updateTable("events").set({ actor_id: "somebody-else" }).where("id", "=", 4).execute();
    const before = await rowsOf(db);
    await world.auth.upkeep.run();
    assert.deepEqual(await rowsOf(db), before);
    assert.match(lines.join("\n"), /not removed/);
    assert.deepEqual(await faultOf(world), { what: "changed", id: 4 });
  });

  test("is the only way past the guards: nobody removes by hand what it would keep (AU-04, AU-06)", async () => {
    await using world = await createWorld(dialect, KEPT);
    await using db = await openTables(world);
    await writeEvents(world, 40);
    await world.auth.upkeep.run();
    const before = await rowsOf(db);
    const checkpoint = () => db.updateTable("event_checkpoint");
    const attempts: (() => Promise<unknown>)[] = [
      () => db.deleteFrom("events").execute(),
      () => db.deleteFrom("events").where("id", "=", 12).execute(),
      () => db.updateTable("events").set({ at: 1 }).where("id", "=", 12).execute(),
      () => checkpoint().set({ last_removed: 20, hash: "x" }).execute(),
      () =>
        checkpoint()
          .set({ last_removed: 99, hash: before.at(-1)?.hash ?? "" })
          .execute(),
      () => checkpoint().set({ last_removed: 2 }).execute(),
      () => checkpoint().set({ last_removed: 11, hash: "x" }).execute(),
      () => db.deleteFrom("event_checkpoint").execute(),
      ...(dialect === "postgres"
        ? [() => sql`truncate events`.execute(db)]
        : [() => sql`replace into event_checkpoint (id, last_removed, hash) values (1, 20, '')`.execute(db)]),
    ];
    for (const [index, attempt] of attempts.entries()) {
      await assert.rejects(attempt, /append-only/, `attempt ${index}`);
      assert.deepEqual(await rowsOf(db), before);
    }
  });

  test("moved by hand, within the guards, is found: no event tells of it (AU-06)", async () => {
    await using world = await createWorld(dialect, KEPT);
    await using db = await openTables(world);
    await writeEvents(world, 40);
    await world.auth.upkeep.run();
    const twentieth = (await rowsOf(db)).find(({ id }) => id === 20);
    await db
      .updateTable("event_checkpoint")
      .set({ last_removed: 20, hash: twentieth?.hash ?? "" })
      .execute();
    await db.deleteFrom("events").where("id", "<=", 20).execute();
    assert.deepEqual(await faultOf(world), { what: "checkpoint_forged", id: 20 });
  });
});
