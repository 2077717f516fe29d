// The attack: somebody writes what an administrator will open in a spreadsheet one day. A name, a reason, a browser's
// description that is a formula there, or that makes two rows of one. Or they export everything and leave no trace.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chainHash } from "../../../src/core/ground/events.ts";
import { transact } from "../../../src/core/ground/transaction.ts";
import type { EventTable } from "../../../src/db/schema.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { createWorld, type Member, OPERATOR, onBothDatabases, type World } from "../../support/world.ts";

const COLUMNS =
  "id at kind actor_id actor user_id user address user_agent session_id request_id node details hash".split(" ");

/** Reads CSV as RFC 4180 has it, with a byte order mark in front. */
function parseCsv(text: string): string[][] {
  assert.ok(text.startsWith("\ufeff") && text.endsWith("\r\n"));
  const rows: string[][] = [[]];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/gy;
  let end = 1;
  for (cell.lastIndex = 1; end < text.length; end = cell.lastIndex) {
    const [, raw = "", stop] = cell.exec(text) ?? assert.fail(`not CSV at ${end}: ${text.slice(end, end + 60)}`);
    rows.at(-1)?.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (stop === "\r\n") rows.push([]);
  }
  return rows.slice(0, -1);
}

async function administrator(world: World): Promise<{ browser: Browser; root: Member }> {
  const root = await world.person("root", { role: "administrator", twoFactor: true });
  const browser = world.browser();
  await world.signIn(browser, root);
  return { browser, root };
}

function download(browser: Browser, fields: Record<string, string>): Promise<Response> {
  const headers = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" };
  return browser.send("/events/export", { method: "POST", headers, body: new URLSearchParams(fields).toString() });
}

function allRows({ context }: World): Promise<EventTable[]> {
  return context.db.selectFrom("events").selectAll().orderBy("id").execute();
}

onBothDatabases("a file of events", (dialect) => {
  test("holds every event once, in order, as a chain that its reader can follow, however many there are (AU-04)", async () => {
    await using world = await createWorld(dialect);
    const { browser, root } = await administrator(world);
    await transact(world.context, OPERATOR, async (tx) => {
      for (let n = 0; n < 1_234; n++) tx.record({ kind: "mails.retried", user: root.id, details: { mails: n } });
    });
    const before = await allRows(world);
    const answer = await download(browser, { format: "jsonl" });
    assert.match(answer.headers.get("content-disposition") ?? "", /^attachment; filename="events-[\d-]{10}\.jsonl"$/);
    assert.equal(answer.headers.get("cache-control"), "no-store");
    const lines = (await answer.text()).trimEnd().split("\n");
    assert.equal(lines.length, before.length, "up to the moment when it was asked for");
    let previous = "";
    for (const [index, line] of lines.entries()) {
      const { at, details, actor, user, hash, ...rest } = JSON.parse(line);
      assert.equal(actor === null || actor === "root", true);
      assert.equal(user === null || user === "root", true);
      previous = chainHash(previous, { ...rest, at: Date.parse(at), details: JSON.stringify(details) });
      assert.equal(hash, previous, `line ${index + 1}`);
      assert.equal(hash, before[index]?.hash);
    }
    // `text()` would drop the byte order mark.
    const file = await (await download(browser, { format: "csv" })).arrayBuffer();
    const csv = parseCsv(Buffer.from(file).toString());
    assert.deepEqual(csv[0], COLUMNS);
    assert.equal(csv.length, before.length + 2, "and the first export");
  });

  test("keeps the filter of the page, and is on record as whose and what (AU-01)", async () => {
    await using world = await createWorld(dialect);
    const { browser, root } = await administrator(world);
    await world.person("ada");
    const ids = async (fields: Record<string, string>) => {
      const answer = await download(browser, { format: "jsonl", ...fields });
      assert.equal(answer.status, 200);
      return (await answer.text())
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line))
        .map(({ kind, user }) => `${kind} ${user}`);
    };
    assert.deepEqual(await ids({ kind: "user.created" }), ["user.created root", "user.created ada"]);
    assert.deepEqual(await ids({ person: "ada" }), ["user.created ada"]);
    const { actor_id, kind, details, session_id } = (await allRows(world)).at(-1) ?? {};
    assert.deepEqual([kind, actor_id, details], ["events.exported", root.id, '{"format":"jsonl"}']);
    assert.ok(session_id);
    const count = (await allRows(world)).length;
    for (const fields of [{ format: "xlsx" }, {}, { format: "csv", person: "nobody" }]) {
      assert.equal((await download(browser, fields)).status, 400);
    }
    assert.equal((await browser.get("/events/export")).status, 405);
    assert.equal((await allRows(world)).length, count, "what was refused exported nothing");
  });

  test("makes no formula and no second row of what people typed (AU-03)", async () => {
    await using world = await createWorld(dialect);
    const { auth } = world;
    const hostile = [
      '=HYPERLINK("https://evil.example","x")',
      "+1+1",
      "-2+3+cmd|' /C calc'!A0",
      "@SUM(1+1)*cmd|' /C calc'!A0",
      "\t=1+1",
      "  =1+1",
      "\u00a0=1+1",
      "\u200b=1+1",
      "＝1+1",
      '",=1+1',
      'a"\r\n=1+1,"',
      "|calc",
      "%0A=1",
      "'=1+1",
    ];
    for (const userAgent of hostile) {
      const client = { address: "-", userAgent, requestId: "-x" };
      await transact(world.context, client, async (tx) =>
        tx.record({ kind: "authenticator.added", details: { name: userAgent } }),
      );
    }
    const csv: string[] = [];
    const wanted = { format: "csv", filter: {} } as const;
    for await (const { text } of await auth.events.export({
      client: OPERATOR,
      reader: auth.operatorAuthority(),
      ...wanted,
    }))
      csv.push(text);
    const [, ...rows] = parseCsv(csv.join(""));
    assert.equal(rows.length, hostile.length);
    for (const [index, row] of rows.entries()) {
      assert.equal(row.length, COLUMNS.length);
      for (const cell of row) assert.doesNotMatch(cell, /^[\s\p{C}]*[=+@|%＝＋－＠]|^[\s\p{C}]*-./u);
      assert.equal(row[8]?.replace(/^'(?!=1\+1$)/, ""), hostile[index]?.replace(/^'(?!=1\+1$)/, ""));
      assert.equal(row[7], "-", "a sign alone is no formula");
      assert.equal(row[10], "'-x");
      assert.deepEqual(JSON.parse(row[12] ?? ""), { name: hostile[index] });
    }
  });

  test("ends when its reader goes away, and holds nobody up (AU-07)", async () => {
    await using world = await createWorld(dialect);
    const { browser, root } = await administrator(world);
    await transact(world.context, OPERATOR, async (tx) => {
      for (let n = 0; n < 2_000; n++) tx.record({ kind: "attempts.unlocked", user: root.id });
    });
    let turns = 0;
    const others = setInterval(() => turns++, 0);
    const lines = (await (await download(browser, { format: "csv" })).text()).split("\r\n").length;
    clearInterval(others);
    assert.equal(lines, 2_004);
    assert.ok(turns >= 2, "others had a turn between the pages");
    const answer = await download(browser, { format: "csv" });
    const reader = answer.body?.getReader();
    await reader?.read();
    assert.equal((await browser.get("/users")).status, 200, "in the middle of it");
    await reader?.cancel();
    assert.equal((await browser.get("/users")).status, 200);
  });
});
