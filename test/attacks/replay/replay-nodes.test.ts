// The attack: an installation has several servers, and their clocks or their memories differ. Whoever caught a code
// sends it to the server whose clock is behind, for which it is still to come, or to one
// that has not heard that it was used. And a server that promised before the disk did may forget that, after a power
// cut. All of them ask one database, and it does not forget.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { openDatabase } from "../../../src/db/open.ts";
import { codeFor } from "../../../src/testing/auth.ts";
import { type Browser, createBrowser } from "../../../src/testing/browser.ts";
import type { Clock } from "../../../src/testing/clock.ts";
import { clientAt, wrongCode } from "../../support/attacker.ts";
import { createDatabase } from "../../support/postgres.ts";
import { openTables } from "../../support/tables.ts";
import { createWorld, type Node, onBothDatabases, PASSWORD } from "../../support/world.ts";

const SKEW = 45_000;
/** The window is one step before and after the current one; codes are tried twice in each. */
const WINDOW = 60_000;
const TRY_EVERY = 15_000;

/** A clock that differs from another by so many milliseconds, and moves with it. */
function shifted(clock: Clock, by: number): Clock {
  return { ...clock, now: () => clock.now() + by };
}

/** The same browser, as another server of the installation meets it. */
function at(node: Node, browser: Browser): Browser {
  const copy = createBrowser(node.fetch, { address: "192.0.2.66", publicUrl: node.auth.options.publicUrl });
  for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
  return copy;
}

onBothDatabases("several servers", (dialect) => {
  test("whose clocks differ by 45 seconds neither take a code again nor keep its owner out (RP-06)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const { clock } = world;
    const ada = await world.person("ada", { twoFactor: true });
    const nodes = {
      right: world as Node,
      ahead: await world.node({ clock: shifted(clock, SKEW) }),
      behind: await world.node({ clock: shifted(clock, -SKEW) }),
    };
    const client = clientAt("192.0.2.5");
    const shown = () => codeFor(ada.secret ?? "", clock.now());

    const begin = async () => {
      const options = { name: "ada", password: PASSWORD, wantedPage: "/", browserTokens: [] };
      const begun = await world.auth.signIn.begin({ client, ...options });
      assert.ok(begun.ok && begun.next === "code");
      return begun.pendingToken;
    };
    let pendingToken = await begin();
    const tryCode = async ({ auth }: Node, code: string) => {
      // The limits on tries have tests of their own; here they would only hide what is looked for.
      await db.deleteFrom("attempts").execute();
      const outcome = await auth.signIn.confirmCode({ client, pendingToken, code });
      if (outcome.ok) pendingToken = await begin();
      return outcome.ok ? "in" : outcome.reason;
    };
    /** Tries what the phone shows until it is taken; gives the code and how long that took. */
    const untilIn = async (node: Node) => {
      for (let waited = 0; waited <= 10 * WINDOW; waited += TRY_EVERY) {
        const code = shown();
        if ((await tryCode(node, code)) === "in") return { code, waited };
        clock.advance(TRY_EVERY);
      }
      assert.fail("kept out for ten minutes");
    };

    clock.advance(30_000);
    const refusals = new Set<string>();
    for (const [spender, first] of Object.entries(nodes)) {
      const { code } = await untilIn(first);
      for (let passed = 0; passed <= 150_000; passed += 30_000) {
        for (const node of Object.values(nodes)) {
          const outcome = await tryCode(node, code);
          assert.notEqual(outcome, "in", `${spender}, then again after ${passed} ms`);
          refusals.add(outcome);
        }
        clock.advance(30_000);
      }
      for (const [name, second] of Object.entries(nodes)) {
        await untilIn(first);
        const { waited } = await untilIn(second);
        // What the first learned of the phone may cost a code more at the second: drift.test.ts.
        assert.ok(waited <= WINDOW + 30_000, `${waited} ms from ${spender} to ${name}`);
      }
    }
    assert.deepEqual([...refusals].sort(), ["used_code", "wrong_code"]);
  });

  test("count tries and spent codes together (RP-09, RL-12)", async () => {
    await using world = await createWorld(dialect);
    const other = await world.node();
    const ada = await world.person("ada", { twoFactor: true });
    const used = world.freshCode(ada);
    other.clock.set(world.clock.now());
    const first = world.browser();
    await first.post("/sign-in", { login: "ada", password: PASSWORD });
    assert.equal((await first.post("/sign-in/code", { code: used })).path, "/");

    const second = world.browser();
    await second.post("/sign-in", { login: "ada", password: PASSWORD });
    assert.match((await at(other, second).post("/sign-in/code", { code: used })).words, /already used/);
    for (let nth = 0; nth < 5; nth++) {
      const node = nth % 2 === 0 ? at(world, second) : at(other, second);
      const page = await node.post("/sign-in/code", { code: wrongCode(ada, world.clock.now(), nth) });
      assert.equal(page.status, 422, `wrong code ${nth}`);
    }
    for (const node of [world, other]) {
      const page = await at(node, second).post("/sign-in/code", { code: codeFor(ada.secret ?? "", world.clock.now()) });
      assert.equal(page.status, 429);
    }
  });

  test("write to the disk before they answer, and do not start where that is switched off (RP-07)", async () => {
    await using world = await createWorld(dialect);
    const { db } = await openDatabase(world.databaseUrl);
    try {
      const ask = async (question: string) =>
        Object.values((await sql.raw<object>(question).execute(db)).rows[0] ?? {});
      if (dialect === "sqlite") {
        assert.deepEqual(await ask("pragma journal_mode"), ["wal"]);
        assert.deepEqual(await ask("pragma synchronous"), [2], "FULL");
      } else {
        assert.deepEqual(await ask("show synchronous_commit"), ["on"]);
      }
    } finally {
      await db.destroy();
    }
    if (dialect === "sqlite") return;
    const { url, drop } = await createDatabase();
    try {
      const { db: own } = await openDatabase(url);
      await sql.raw(`alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`).execute(own);
      await own.destroy();
      await assert.rejects(openDatabase(url), /synchronous_commit=off/);
    } finally {
      await drop();
    }
  });
});
