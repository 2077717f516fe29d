// The attack: somebody fills the disk while people sign in. SQLite then ends a whole transaction by itself, in the middle of
// whatever it was at. A sign-in that was refused because of it has left nothing: no session, no record, no spent code.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../../src/db/driver.ts";
import { databaseOn, driverOf } from "../../../src/db/open.ts";
import { cookiesSet, createArena, submit } from "../../support/attacker.ts";
import { PASSWORD } from "../../support/world.ts";

const ENDS = { sql: "insert or rollback into event_head select * from event_head", reads: false };

for (const way of ["code", "password"] as const)
  test(`a sign-in by ${way} that SQLite rolled back left nothing`, async () => {
    const fault: { in: number | undefined; calls: string[] } = { in: undefined, calls: [] };
    await using world = await createArena("sqlite", {
      host: {
        openDatabase: async (url) => {
          const real = await driverOf(url);
          const wrap = (own: Connection): Connection => ({
            execute: (text, values) => {
              if (fault.in === undefined) return own.execute(text, values);
              fault.calls.push(text.sql.slice(0, 50));
              if (fault.in-- > 0) return own.execute(text, values);
              fault.in = undefined;
              return own.execute(ENDS, []);
            },
          });
          return databaseOn({ ...real, transaction: (work) => real.transaction((own) => work(wrap(own))) });
        },
      },
    });
    const { db } = world.context;
    const ada = await world.person("ada", { twoFactor: true });
    const bob = await world.person("bob");
    await world.signIn(world.browser(), ada);
    await world.signIn(world.browser(), bob);
    const ids = async () => ({
      sessions: (await db.selectFrom("sessions").select("id").execute()).map(({ id }) => id).sort(),
      succeeded: (await db.selectFrom("events").select("session_id").where("kind", "=", "sign_in.succeeded").execute())
        .map(({ session_id }) => String(session_id))
        .sort(),
      newBrowserMails: (await db.selectFrom("mails").select("id").where("kind", "=", "new_browser").execute()).length,
      browsers: (await db.selectFrom("known_browsers").select("id").execute()).length,
      spent: await db.selectFrom("authenticators").select(["id", "last_step"]).execute(),
      chain: await (async () => {
        const rows = await db.selectFrom("events").select(["id", "hash"]).orderBy("id").execute();
        const head = await db.selectFrom("event_head").selectAll().executeTakeFirstOrThrow();
        return head.hash === rows.at(-1)?.hash && head.last_event === rows.at(-1)?.id;
      })(),
    });
    const found: string[] = [];
    let call = 0;
    for (; call < 60; call++) {
      const browser = world.browser();
      await db.deleteFrom("attempts").execute();
      await db.deleteFrom("rates").execute();
      if (way === "code") await submit(browser, "/sign-in", { login: "ada", password: PASSWORD });
      const code = world.freshCode(ada);
      const before = await ids();
      Object.assign(fault, { in: call, calls: [] });
      const answer =
        way === "code"
          ? await submit(browser, "/sign-in/code", { code })
          : await submit(browser, "/sign-in", { login: "bob", password: PASSWORD });
      const struck = fault.in === undefined;
      fault.in = undefined;
      if (!struck) break;
      const after = await ids();
      const orphans = after.succeeded.filter((id) => !after.sessions.includes(id) && !before.succeeded.includes(id));
      const changed = (Object.keys(before) as (keyof typeof before)[]).filter(
        (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
      );
      if (answer.status >= 500 && changed.length)
        found.push(
          `${call}: ${answer.status} after «${fault.calls.at(-1)}…», and yet changed: ${changed}${orphans.length ? " (recorded, no session)" : ""}`,
        );
      if (answer.status < 500)
        found.push(`${call}: ${answer.status} ${Object.keys(cookiesSet(answer))} after «${fault.calls.at(-1)}…»`);
    }
    assert.ok(call > 8);
    assert.deepEqual(found, []);
  });
