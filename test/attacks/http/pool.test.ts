// The attack: a stranger names many browsers in one request, so that each is looked for on a connection of its own and the
// others find none left.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { Connection } from "../../../src/db/driver.ts";
import { databaseOn, driverOf } from "../../../src/db/open.ts";
import { COOKIE, createArena } from "../../support/attacker.ts";

test("a stranger's sign-in with made-up browsers takes one connection at a time", async () => {
  let [now, most, all] = [0, 0, 0];
  await using world = await createArena("postgres", {
    host: {
      openDatabase: async (url) => {
        const real = await driverOf(url);
        const wrap = (own: Connection): Connection => ({
          execute: async (text, values) => {
            all++;
            now++;
            most = Math.max(most, now);
            try {
              return await own.execute(text, values);
            } finally {
              now--;
            }
          },
        });
        return databaseOn({ ...real, connection: wrap(real.connection) });
      },
    },
  });
  await world.person("ada");
  const token = () => `${randomBytes(12).toString("base64url")}.${randomBytes(32).toString("base64url")}`;
  const cookie = `${COOKIE.browsers}=${Array.from({ length: 8 }, token).join("~")}`;
  [now, most, all] = [0, 0, 0];
  await world.browser().send("/sign-in", {
    method: "POST",
    body: "login=ada&password=x",
    headers: { cookie, "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
  });
  const { rows } = await (await import("kysely")).sql<{
    n: number;
  }>`select count(*)::int as n from pg_stat_activity where datname = current_database()`.execute(world.context.db);
  assert.ok(most <= 2, `${most} at once, ${all} in all, ${rows[0]?.n} connections opened (of 10)`);
});
