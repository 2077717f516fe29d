// The attack: a program that embeds the engine forgets a fact of the client, and hopes that the record of what it does is
// lost on the way while the act stays. Nothing of it stays, and the chain is whole.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "../../../src/context.ts";
import { createArena } from "../../support/attacker.ts";
import { onBothDatabases } from "../../support/world.ts";

onBothDatabases("a client without a user agent", (dialect) => {
  test("is refused as a whole, and the chain stays whole", async () => {
    await using world = await createArena(dialect);
    await world.person("ada", { role: "administrator" });
    const reader = world.auth.operatorAuthority();
    const left = { address: "192.0.2.1", requestId: "x" } as Client;
    const told = await world.auth.requests.recordRefused(left, "/sign-in").then(
      () => "done",
      (error: Error) => error.message,
    );
    const verdict = await world.auth.events.verify({ reader });
    assert.ok(verdict.ok, `told «${told}», verdict ${JSON.stringify(verdict)}`);
    await world.auth.requests.recordRefused({ ...left, userAgent: "" }, "/sign-in");
    const after = await world.auth.events.verify({ reader });
    assert.ok(after.ok, JSON.stringify(after));
  });
});
