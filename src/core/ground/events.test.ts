import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { createTestEngine } from "../../testing/auth.ts";
import { EVENT_KINDS } from "./event-kinds.ts";
import { chainHash, type EventFilter } from "./events.ts";

const ROW = {
  id: 7,
  at: 1_768_478_415_000,
  kind: "user.disabled",
  actor_id: "AAAAAAAAAAAAAAAA",
  user_id: "BBBBBBBBBBBBBBBB",
  session_id: null,
  address: "192.0.2.1",
  user_agent: "Mozilla/5.0",
  request_id: "r",
  node: "host:1",
  details: "{}",
};

describe("the hash of an event", () => {
  test("is SHA-256 over the row and the hash before it, as anybody can compute it (AU-04)", () => {
    // Computed by another program over the same JSON.
    assert.equal(chainHash("", ROW), "yZSeV2uSR3nyOuchFChA3NbqBa4507S370tmwnkv_Zk");
    assert.equal(
      chainHash("yZSeV2uSR3nyOuchFChA3NbqBa4507S370tmwnkv_Zk", { ...ROW, id: 8 }),
      "jXyTC_eiPoBrPDpRwxS7gNlKY11rz19bLVsLJrq_iVA",
    );
  });

  test("is another one for another value of any column, and for another event before (AU-04)", () => {
    const base = chainHash("p", ROW);
    for (const column of Object.keys(ROW) as (keyof typeof ROW)[]) {
      const value = typeof ROW[column] === "number" ? Number(ROW[column]) + 1 : `${ROW[column]}x`;
      assert.notEqual(chainHash("p", { ...ROW, [column]: value }), base, column);
    }
    assert.notEqual(chainHash("q", ROW), base);
    assert.notEqual(chainHash("p", { ...ROW, session_id: "null" }), base, "nothing is not the word null");
  });

  test("is not the same when text moves from one column to the next (AU-04)", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (a, b, c) => {
        fc.pre(b !== "");
        const one = { ...ROW, address: a + b, user_agent: c };
        const other = { ...ROW, address: a, user_agent: b + c };
        assert.notEqual(chainHash("p", one), chainHash("p", other));
      }),
    );
  });
});

describe("the list of events", () => {
  test("names who did it and whom it concerns, also when they have another name by now", async () => {
    const { auth, clock } = await createTestEngine();
    const operator = auth.operatorAuthority();
    const client = { address: "198.51.100.4", userAgent: "Tool/1", requestId: "one" };
    const profile = { login: "ada", name: "Ada", email: null, role: "person" } as const;
    const added = await auth.people.invite({ client, authority: operator, ...profile });
    assert.ok(added.ok);
    clock.advance(1_000);
    await auth.people.change({ client, authority: operator, ...profile, id: added.id, name: "Ada King" });
    const events = await auth.events.list({ reader: operator, filter: {}, limit: 10 });
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["user.changed", "user.invited", "user.created"],
      "the newest first",
    );
    for (const event of events) {
      assert.equal(event.actor, null);
      assert.deepEqual(event.user, { id: added.id, name: "Ada King" });
      assert.deepEqual([event.address, event.userAgent, event.requestId], ["198.51.100.4", "Tool/1", "one"]);
    }
    assert.equal((events[0]?.at ?? 0) - (events[1]?.at ?? 0), 1_000);
    await auth.close();
  });

  test("takes a person, a kind, a place to go on from, and a length", async () => {
    const { auth } = await createTestEngine();
    const operator = auth.operatorAuthority();
    const client = { address: "-", userAgent: "", requestId: "test" };
    const ids: string[] = [];
    for (const login of ["ada", "bob"]) {
      const profile = { login, name: login, email: null, role: "person" } as const;
      const added = await auth.people.invite({ client, authority: operator, ...profile });
      assert.ok(added.ok);
      ids.push(added.id);
      await auth.people.act({ client, authority: operator, act: "disable", id: added.id });
    }
    const list = async (filter: EventFilter, limit = 99) =>
      (await auth.events.list({ reader: operator, filter, limit })).map(({ id }) => id);
    assert.deepEqual(await list({}), [6, 5, 4, 3, 2, 1]);
    assert.deepEqual(await list({ userId: ids[0] }), [3, 2, 1]);
    assert.deepEqual(await list({ kind: "user.disabled" }), [6, 3]);
    assert.deepEqual(await list({ userId: ids[1], kind: "user.disabled" }), [6]);
    assert.deepEqual(await list({ before: 4 }), [3, 2, 1]);
    assert.deepEqual(await list({ before: 1 }), []);
    assert.deepEqual(await list({}, 2), [6, 5]);
    assert.deepEqual(await list({ before: 5 }, 2), [4, 3]);
    assert.deepEqual(await list({ userId: "nobody" }), []);
    await auth.close();
  });

  test("has a kind for each thing that happens, each once", () => {
    assert.equal(new Set(EVENT_KINDS).size, EVENT_KINDS.length);
    for (const kind of EVENT_KINDS) assert.match(kind, /^[a-z_]+\.[a-z_]+$/);
  });
});
