import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTestEngine } from "../testing/auth.ts";
import { mailDelivery } from "./deliver.ts";
import type { Transport } from "./transport.ts";

const CLIENT = { address: "-", userAgent: "", requestId: "test" };

/** An installation, a way to queue mail, and what its log says. */
async function installation() {
  const lines: string[] = [];
  const log = (line: string, details?: object) => void lines.push(`${line} ${JSON.stringify(details)}`);
  const { auth, clock } = await createTestEngine({}, { log });
  const invite = async (login: string) => {
    const profile = { login, name: login, email: `${login}@example.org`, role: "person" } as const;
    assert.ok((await auth.people.invite({ client: CLIENT, authority: auth.operatorAuthority(), ...profile })).ok);
  };
  return { auth, clock, lines, invite };
}

/** A transport to nowhere that tells what it was given, and does with it what the test wants. */
function nowhere(carry: (to: string) => Promise<void> = async () => {}): Transport & { sent: string[] } {
  const sent: string[] = [];
  return {
    sent,
    send: async ({ to }) => {
      await carry(to);
      sent.push(to);
    },
    close: () => {},
  };
}

describe("delivering", () => {
  test("empties the outbox, each mail once", async () => {
    const { auth, invite } = await installation();
    for (const login of ["ada", "bob", "eve"]) await invite(login);
    const transport = nowhere();
    const deliver = mailDelivery(auth, transport);
    await deliver();
    await deliver();
    assert.deepEqual(transport.sent.sort(), ["ada@example.org", "bob@example.org", "eve@example.org"]);
    await auth.close();
  });

  test("is done once at a time, and a call that comes meanwhile misses nothing", async () => {
    const { auth, invite } = await installation();
    await invite("ada");
    let atOnce = 0;
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const transport = nowhere(async () => {
      assert.equal(++atOnce, 1, "one mail at a time");
      begun.resolve();
      await gate.promise;
      atOnce--;
    });
    const deliver = mailDelivery(auth, transport);
    const first = deliver();
    await begun.promise;
    await invite("bob");
    const others = [deliver(), deliver()];
    gate.resolve();
    await Promise.all([first, ...others]);
    assert.deepEqual(transport.sent, ["ada@example.org", "bob@example.org"]);
    await auth.close();
  });

  test("goes on after a mail that fails, says so in the log without what the mail says, and tries it later (ML-08, AU-02)", async () => {
    const { auth, clock, lines, invite } = await installation();
    await invite("bad");
    await invite("good");
    let broken = true;
    const transport = nowhere(async (to) => {
      if (broken && to.startsWith("bad")) throw new Error("550 no such mailbox");
    });
    const deliver = mailDelivery(auth, transport);
    await deliver();
    assert.deepEqual(transport.sent, ["good@example.org"]);
    assert.equal(lines.length, 1);
    assert.match(
      lines[0] ?? "",
      /^mail not sent, will be tried again .*"kind":"invitation","error":"550 no such mailbox"/,
    );
    assert.doesNotMatch(lines[0] ?? "", /ticket|example\.org\/|bad@/);
    broken = false;
    await deliver();
    assert.equal(transport.sent.length, 1, "not before its time");
    clock.advance(60_000);
    await deliver();
    assert.deepEqual(transport.sent, ["good@example.org", "bad@example.org"]);
    await auth.close();
  });

  test("hands a mail back that the stop broke off, so that the next node sends it at once (ML-08)", async () => {
    const { auth, lines, invite } = await installation();
    await invite("ada");
    const stop = new AbortController();
    const broken = nowhere(() => {
      stop.abort();
      return Promise.reject(new Error("Connection closed"));
    });
    await mailDelivery(auth, broken, stop.signal)();
    assert.deepEqual([broken.sent, lines], [[], []]);
    const transport = nowhere();
    await mailDelivery(auth, transport)();
    assert.deepEqual(transport.sent, ["ada@example.org"]);
    await auth.close();
  });

  test("that found no database rejects, and works again afterwards", async () => {
    const { auth, invite } = await installation();
    await invite("ada");
    let away = true;
    const { claim } = auth.mails;
    const flaky = {
      ...auth,
      mails: { ...auth.mails, claim: () => (away ? Promise.reject(new Error("away")) : claim()) },
    };
    const transport = nowhere();
    const deliver = mailDelivery(flaky, transport);
    await assert.rejects(deliver(), /away/);
    away = false;
    await deliver();
    assert.deepEqual(transport.sent, ["ada@example.org"]);
    await auth.close();
  });
});
