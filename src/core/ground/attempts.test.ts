// The arithmetic of the budgets, on both databases: how many misses are free, how long the waits are to the
// millisecond, what forgives and what does not. What they protect is in test/attacks/.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { type Arena, clientAt, createArena } from "../../../test/support/attacker.ts";
import { onBothDatabases } from "../../../test/support/world.ts";
import type { Context } from "../../context.ts";
import { type MasterKey, newKey } from "../../crypto/secret-box.ts";
import * as attempts from "./attempts.ts";
import { sweep } from "./sweep.ts";
import { transact } from "./transaction.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The wait in seconds after each miss, as the design promises it; `null` where the bucket is shut for good. */
const CODE_WAITS = [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, ...Array<number>(8).fill(3600), null];
const PASSWORD_WAITS = [
  ...Array<number>(9).fill(0),
  1,
  2,
  4,
  8,
  16,
  32,
  64,
  128,
  256,
  512,
  ...Array<number>(9).fill(900),
];

onBothDatabases("budgets", (dialect) => {
  let world: Arena & AsyncDisposable;
  let context: Context;
  let people = 0;

  before(async () => {
    world = await createArena(dialect);
    context = world.context;
  });
  after(() => world[Symbol.asyncDispose]());

  const somebody = () => `person-${++people}`;
  const inTx = <T>(work: (tx: Parameters<typeof attempts.unlock>[0]) => Promise<T>, address = "192.0.2.1") =>
    transact(context, clientAt(address), work);
  const charge = (subject: string, bucket = attempts.STRANGERS, budget = attempts.CODE) =>
    inTx((tx) => attempts.charge(tx, subject, bucket, budget));
  const chargeOk = async (...given: Parameters<typeof charge>) => {
    const charged = await charge(...given);
    assert.ok(charged.ok, "the attempt was refused");
    return charged;
  };
  const wait = async (subject: string, bucket = attempts.STRANGERS, budget = attempts.CODE) =>
    (await attempts.blocked(context, subject, bucket, budget))?.retryAfterSeconds;

  for (const { budget, waits } of [
    { budget: attempts.CODE, waits: CODE_WAITS },
    { budget: attempts.PASSWORD, waits: PASSWORD_WAITS },
  ]) {
    test(`${budget.kind}: each wait is as long as promised, to the millisecond (RL-01, RL-02)`, async () => {
      const subject = somebody();
      for (const [index, seconds] of waits.entries()) {
        assert.equal((await chargeOk(subject, attempts.STRANGERS, budget)).misses, index + 1);
        if (seconds === null) break;
        assert.equal(await wait(subject, attempts.STRANGERS, budget), seconds === 0 ? undefined : seconds);
        if (seconds === 0) continue;
        world.clock.advance(seconds * SECOND - 1);
        assert.deepEqual(await charge(subject, attempts.STRANGERS, budget), {
          ok: false,
          reason: "too_many_attempts",
          retryAfterSeconds: 1,
        });
        world.clock.advance(1);
        assert.equal(await wait(subject, attempts.STRANGERS, budget), undefined);
      }
    });
  }

  test("twenty codes shut the bucket, and a hundred years do not open it (RL-01)", async () => {
    const subject = somebody();
    const since = world.clock.now();
    for (let miss = 0; miss < 20; miss++) {
      await chargeOk(subject);
      world.clock.advance(HOUR);
    }
    const shut = { ok: false, reason: "too_many_attempts", retryAfterSeconds: null };
    assert.deepEqual(await charge(subject), shut);
    world.clock.advance(100 * 365 * DAY);
    for (const over of attempts.over(world.context)) await sweep(world.context, over);
    assert.deepEqual(await charge(subject), shut);
    const [lock, ...others] = await attempts.locked(context, subject);
    assert.deepEqual([lock?.kind, lock?.bucket, lock?.misses, lock?.until], ["code", attempts.STRANGERS, 20, null]);
    assert.equal(lock?.since, since);
    assert.deepEqual(others, []);

    await inTx((tx) => attempts.unlock(tx, subject));
    assert.deepEqual(await attempts.locked(context, subject), []);
    assert.equal((await chargeOk(subject)).misses, 1);
  });

  test("a refused attempt costs nothing and moves nothing", async () => {
    const subject = somebody();
    for (let miss = 0; miss < 5; miss++) await chargeOk(subject);
    for (let refusal = 0; refusal < 20; refusal++) assert.ok(!(await charge(subject)).ok);
    assert.equal(await wait(subject), 30);
    world.clock.advance(30 * SECOND);
    assert.equal((await chargeOk(subject)).misses, 6);
  });

  test("each quiet hour halves the misses of passwords, a quiet day forgets them (RL-07)", async () => {
    for (const [hours, expected] of [
      [0.99, 16],
      [1, 8],
      [2, 4],
      [3, 2],
      [4, 1],
      [23, 1],
      [24, 1],
      [400 * 24, 1],
    ] as const) {
      const subject = somebody();
      for (let miss = 0; miss < 15; miss++) {
        await chargeOk(subject, attempts.STRANGERS, attempts.PASSWORD);
        // Below the hour altogether, so that nothing is halved yet.
        world.clock.advance(((await wait(subject, attempts.STRANGERS, attempts.PASSWORD)) ?? 0) * SECOND);
      }
      const { last_at } = await row(subject);
      world.clock.set(last_at + hours * HOUR);
      assert.equal((await chargeOk(subject, attempts.STRANGERS, attempts.PASSWORD)).misses, expected, `${hours} hours`);
    }
  });

  test("no quiet time halves the misses of codes (RL-01)", async () => {
    const subject = somebody();
    for (let miss = 0; miss < 4; miss++) await chargeOk(subject);
    world.clock.advance(365 * DAY);
    for (const over of attempts.over(world.context)) await sweep(world.context, over);
    assert.equal((await chargeOk(subject)).misses, 5);
  });

  test("success forgives its own bucket, and neither another bucket nor another person (T-25)", async () => {
    const [one, two] = [somebody(), somebody()];
    for (const [subject, bucket] of [
      [one, "known"],
      [one, attempts.STRANGERS],
      [two, attempts.STRANGERS],
    ] as const) {
      for (let miss = 0; miss < 5; miss++) await chargeOk(subject, bucket);
      await chargeOk(subject, bucket, attempts.PASSWORD);
    }
    await inTx((tx) => attempts.forgive(tx, one, "known"));
    assert.equal(await wait(one, "known"), undefined);
    assert.equal((await chargeOk(one, "known", attempts.PASSWORD)).misses, 1);
    assert.equal(await wait(one), 30);
    assert.equal(await wait(two), 30);
    assert.equal((await chargeOk(one, attempts.STRANGERS, attempts.PASSWORD)).misses, 2);
  });

  test("kinds of attempts do not use up each other's budget", async () => {
    const subject = somebody();
    for (let miss = 0; miss < 5; miss++) await chargeOk(subject);
    assert.ok(!(await charge(subject)).ok);
    for (const budget of [attempts.PASSWORD, attempts.USED_CODE, attempts.ENROLMENT]) {
      assert.equal((await chargeOk(subject, attempts.STRANGERS, budget)).misses, 1, budget.kind);
    }
  });

  test("a refund gives back one attempt and the wait that it caused, and no more (RL-04)", async () => {
    const subject = somebody();
    for (let miss = 0; miss < 4; miss++) await chargeOk(subject);
    const fifth = await chargeOk(subject);
    assert.equal(await wait(subject), 30);
    await inTx((tx) => attempts.refund(tx, fifth));
    assert.equal(await wait(subject), undefined);
    assert.equal((await chargeOk(subject)).misses, 5);
    assert.equal(await wait(subject), 30);

    // A wait that another attempt caused stays.
    const other = somebody();
    const first = await chargeOk(other);
    for (let miss = 0; miss < 4; miss++) await chargeOk(other);
    await inTx((tx) => attempts.refund(tx, first));
    assert.equal(await wait(other), 30);
  });

  test("refunds never make more of a budget than there was", async () => {
    const subject = somebody();
    const charged = await chargeOk(subject);
    for (let again = 0; again < 10; again++) await inTx((tx) => attempts.refund(tx, charged));
    for (let miss = 0; miss < 5; miss++) await chargeOk(subject);
    assert.ok(!(await charge(subject)).ok);
  });

  test("of many attempts at once no more pass than are free (RL-04, T-05)", async () => {
    const subject = somebody();
    // On PostgreSQL each waits for a connection, and gives up after five seconds.
    const many = dialect === "sqlite" ? 200 : 50;
    const outcomes = await Promise.all(Array.from({ length: many }, () => charge(subject)));
    const misses = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.misses] : []));
    assert.deepEqual(misses.sort(), [1, 2, 3, 4, 5]);
  });

  test("looking whether a bucket is blocked charges nothing", async () => {
    const subject = somebody();
    for (let look = 0; look < 50; look++) assert.equal(await wait(subject), undefined);
    assert.equal((await chargeOk(subject)).misses, 1);
  });

  test("two thousand invented names leave no more rows than there are places, and a day later none (RL-15)", async () => {
    const subjects = Array.from({ length: dialect === "sqlite" ? 2_000 : 200 }, (_, name) =>
      attempts.unknownSubject(context, `flood-${name}`),
    );
    await inTx(async (tx) => {
      for (const subject of subjects) await attempts.charge(tx, subject, attempts.STRANGERS, attempts.PASSWORD);
    });
    assert.equal(await rowsLike("unknown:%"), new Set(subjects).size);
    world.clock.advance(DAY + 1);
    await world.auth.upkeep.run();
    assert.equal(await rowsLike("unknown:%"), 0);
  });

  test("a rate lets a burst through and then one for each unit of time", async () => {
    const rate = { name: "test", burst: 3, perHour: 60 };
    const subject = somebody();
    const spend = () => inTx((tx) => attempts.spend(tx, rate, subject));
    for (let unit = 0; unit < 3; unit++) assert.deepEqual(await spend(), { ok: true });
    assert.deepEqual(await spend(), { ok: false, reason: "too_many_attempts", retryAfterSeconds: 60 });
    world.clock.advance(MINUTE - 1);
    assert.equal((await spend()).ok, false);
    world.clock.advance(1);
    assert.deepEqual(await spend(), { ok: true });
    assert.equal((await spend()).ok, false);
    world.clock.advance(DAY);
    for (let unit = 0; unit < 3; unit++) assert.deepEqual(await spend(), { ok: true });
    assert.equal((await spend()).ok, false, "a quiet day saves up no more than the burst");
  });

  test("over any time a rate never lets through more than its burst and its pace", async () => {
    const rate = { name: "property", burst: 5, perHour: 120 };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 90 * SECOND }), { minLength: 5, maxLength: 25 }), async (pauses) => {
        const subject = somebody();
        const started = world.clock.now();
        let passed = 0;
        for (const pause of pauses) {
          if ((await inTx((tx) => attempts.spend(tx, rate, subject))).ok) passed++;
          world.clock.advance(pause);
        }
        const hours = (world.clock.now() - started) / HOUR;
        assert.ok(passed <= rate.burst + hours * rate.perHour, `${passed} passed in ${hours} hours`);
        assert.ok(passed >= Math.min(pauses.length, rate.burst));
      }),
      { numRuns: 20 },
    );
  });

  test("strangers are counted by address and over all, and a refusal by one costs nothing of the other (RL-08)", async () => {
    const strangers = (address: string) => inTx((tx) => attempts.chargeStrangers(tx), address);
    world.clock.advance(DAY);
    for (let attempt = 0; attempt < 100; attempt++) assert.ok((await strangers("198.51.100.1")).ok);
    assert.ok(!(await strangers("198.51.100.1")).ok);
    for (let refusal = 0; refusal < 20; refusal++) await strangers("198.51.100.1");
    // 900 of the thousand are left for all others together.
    const others = await inTx(async (tx) => {
      let passed = 0;
      for (let host = 0; host < 920; host++) {
        const at = { ...tx, client: clientAt(`10.0.${host >> 8}.${host & 255}`) };
        if ((await attempts.chargeStrangers(at)).ok) passed++;
      }
      return passed;
    });
    assert.equal(others, 900);
    world.clock.advance(HOUR);
    assert.ok((await strangers("10.9.9.9")).ok);
  });

  test("what no longer limits anything is removed, what still does stays", async () => {
    const subject = somebody();
    for (const budget of [attempts.CODE, attempts.PASSWORD, attempts.USED_CODE, attempts.ENROLMENT]) {
      await chargeOk(subject, attempts.STRANGERS, budget);
    }
    await inTx((tx) => attempts.spend(tx, attempts.WARNINGS, subject));
    await world.auth.upkeep.run();
    assert.equal(await rowsLike(subject), 4);
    world.clock.advance(DAY + 1);
    await world.auth.upkeep.run();
    assert.equal(await rowsLike(subject), 1);
    assert.equal((await chargeOk(subject)).misses, 2, "the miss of a code is still known");
    assert.equal((await context.db.selectFrom("rates").selectAll().execute()).length, 0);
  });

  async function row(subject: string) {
    return context.db.selectFrom("attempts").selectAll().where("subject", "=", subject).executeTakeFirstOrThrow();
  }

  async function rowsLike(subject: string): Promise<number> {
    const rows = await context.db.selectFrom("attempts").select("kind").where("subject", "like", subject).execute();
    return rows.length;
  }
});

test("invented names share 65,536 places that nobody can compute without the keys (RL-15)", async () => {
  await using world = await createArena("sqlite");
  const [key, other] = [newKey(), newKey()];
  const place = (active: MasterKey, name: string) =>
    attempts.unknownSubject({ ...world.context, keys: { active, all: [active] } }, name);
  const names = Array.from({ length: 100_000 }, (_, name) => `name-${name}`);
  const places = new Set(names.map((name) => place(key, name)));
  for (const each of places) assert.match(each, /^unknown:[0-9a-f]{4}$/);
  // 100,000 balls in 65,536 bins leave about 51,300 of them used: the places are spread evenly.
  assert.ok(places.size > 50_000 && places.size < 52_500, `${places.size} places`);
  const same = names.slice(0, 1_000).filter((name) => place(key, name) === place(other, name));
  assert.ok(same.length < 10, "the places do not depend on the keys");
});
