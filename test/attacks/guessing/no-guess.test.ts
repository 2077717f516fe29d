// The attack: a thief of the password types eight digits where every phone shows six. It is no guess and costs nothing, so
// it must gain nothing either: no record that grows, and no moment in which the owner is kept out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createArena, submit, whoIs, wrongCode } from "../../support/attacker.ts";
import { onBothKinds, PASSWORD } from "../../support/world.ts";

onBothKinds("eight digits where every phone shows six", (dialect) => {
  test("write no events, however often they are typed", async () => {
    await using world = await createArena(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    const thief = world.browser();
    await submit(thief, "/sign-in", { login: "ada", password: PASSWORD });
    for (let nth = 0; nth < 4; nth++)
      await submit(thief, "/sign-in/code", { code: wrongCode(ada, world.clock.now(), nth) });
    const events = async () => (await world.context.db.selectFrom("events").select("kind").execute()).length;
    const before = await events();
    for (let nth = 0; nth < 30; nth++) await submit(thief, "/sign-in/code", { code: "12345678" });
    assert.equal((await events()) - before, 0);
  });

  test("keep nobody out while they are looked at", async () => {
    await using world = await createArena(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    const thief = world.browser();
    await submit(thief, "/sign-in", { login: "ada", password: PASSWORD });
    for (let nth = 0; nth < 4; nth++)
      await submit(thief, "/sign-in/code", { code: wrongCode(ada, world.clock.now(), nth) });
    const owner = world.browser();
    await submit(owner, "/sign-in", { login: "ada", password: PASSWORD });
    let isDone = false;
    let sent = 0;
    const flood = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!isDone) {
          sent++;
          await submit(thief, "/sign-in/code", { code: "12345678" });
        }
      }),
    );
    const statuses: number[] = [];
    for (let nth = 0; nth < 10 && (await whoIs(owner)) === undefined; nth++)
      statuses.push((await submit(owner, "/sign-in/code", { code: world.freshCode(ada) })).status);
    isDone = true;
    await flood;
    assert.ok((await whoIs(owner)) === "ada" && !statuses.includes(429), `${statuses} (${sent} sent by the thief)`);
  });
});
