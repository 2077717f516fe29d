// The attack: an application that embeds the pages does not say who is at the other end, and trusts a proxy on its own
// machine. A stranger then writes any address into a header, and has the budget of each.

import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { test } from "node:test";
import { newKey } from "../../../src/crypto/secret-box.ts";
import { createAuth } from "../../../src/embed/create.ts";

test("without a peer nobody chooses an address of their own", async () => {
  const trustedProxies = new BlockList();
  trustedProxies.addAddress("127.0.0.1");
  const key = newKey();
  const auth = await createAuth(
    { publicUrl: "https://example.org", database: "file::memory:" },
    { keys: { active: key, all: [key] }, pages: { trustedProxies } },
  );
  const ask = (from: string) =>
    auth.handle(
      new Request("https://example.org/sign-in", {
        method: "POST",
        body: "login=x&password=y",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          "sec-fetch-site": "same-origin",
          "x-forwarded-for": from,
        },
      }),
    );
  await ask("192.0.2.1");
  await ask("192.0.2.2");
  const events = await auth.events.list({ reader: auth.operatorAuthority(), filter: {}, limit: 10 });
  await auth.close();
  assert.deepEqual(
    events.map(({ address }) => address),
    ["unknown", "unknown"],
  );
});
