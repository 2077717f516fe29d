import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import { KeysFileError, readKeys } from "./keys.ts";

describe("the key file", () => {
  test("is made at the first start, for its owner's eyes alone (SK-04)", async () => {
    await using place = await makePlace();
    const keys = readKeys(place.path, false);
    assert.equal(statSync(place.path).mode & 0o777, 0o600);
    assert.equal(keys.active.bytes.length, 32);
    assert.deepEqual(readdirSync(place.folder), ["keys.json"]);
  });

  test("gives the same keys at every start", async () => {
    await using place = await makePlace();
    const made = readKeys(place.path, false);
    assert.deepEqual(readKeys(place.path, true), made);
    assert.deepEqual(readKeys(place.path, false), made);
  });

  test("is different in every installation", async () => {
    await using here = await makePlace();
    await using there = await makePlace();
    assert.notDeepEqual(readKeys(here.path, false).active.bytes, readKeys(there.path, false).active.bytes);
  });

  test("is made with its folder, which is closed to others too", async () => {
    await using place = await makePlace();
    readKeys(join(place.folder, "deeper", "keys.json"), false);
    assert.equal(statSync(join(place.folder, "deeper")).mode & 0o777, 0o700);
  });

  for (const mode of [0o640, 0o604, 0o620, 0o666, 0o610]) {
    test(`is refused with mode ${mode.toString(8)} (SK-04)`, async () => {
      await using place = await makePlace();
      readKeys(place.path, false);
      chmodSync(place.path, mode);
      assert.throws(() => readKeys(place.path, true), problem(/can be read by others: chmod 600 it/));
      assert.equal(statSync(place.path).mode & 0o777, mode);
    });
  }

  test("is never made anew for a database that was used with another (SK-05)", async () => {
    await using place = await makePlace();
    assert.throws(() => readKeys(place.path, true), problem(/missing, but the database was used.*backup/));
    assert.deepEqual(readdirSync(place.folder), []);
  });

  test("is the same for all who start at the same moment (SK-05)", async () => {
    // A second key would make what was sealed with the first unreadable for good.
    await using place = await makePlace();
    const paths = Array.from({ length: 25 }, (_, index) => join(place.folder, `${index}`, "keys.json"));
    const seen = await readAtOnce(paths, 2);
    for (const [index, path] of paths.entries()) {
      const kept = readKeys(path, true).active.id;
      assert.deepEqual(
        seen.map((ids) => ids[index]),
        [kept, kept],
      );
      assert.deepEqual(readdirSync(dirname(path)), ["keys.json"], "an unfinished key file was left behind");
    }
  });

  const long = randomBytes(32).toString("base64");
  for (const [what, text, message] of [
    ["that is no JSON", "keys", /is not JSON/],
    ["that is empty", "", /is not JSON/],
    ["without a key", "{}", /names no active key/],
    ["of null", "null", /names no active key/],
    ["whose active key is not in it", JSON.stringify({ active: "b", keys: { a: long } }), /names no active key/],
    ["with a short key", JSON.stringify({ active: "a", keys: { a: long.slice(0, 20) } }), /is not 32 random bytes/],
    ["with a long key", JSON.stringify({ active: "a", keys: { a: `AAAA${long}` } }), /is not 32 random bytes/],
    [
      "with a key of one byte over and over",
      JSON.stringify({ active: "a", keys: { a: Buffer.alloc(32, 7).toString("base64") } }),
      /is not 32 random bytes/,
    ],
    ["with a bad key beside a good one", JSON.stringify({ active: "a", keys: { a: long, b: "" } }), /The key b in/],
  ] as const) {
    test(`${what} is refused (SK-04)`, async () => {
      await using place = await makePlace();
      writeFileSync(place.path, text, { mode: 0o600 });
      assert.throws(() => readKeys(place.path, false), problem(message));
      assert.equal(readFileSync(place.path, "utf8"), text);
    });
  }

  test("may hold several keys, of which one is active (SK-03)", async () => {
    await using place = await makePlace();
    const [old, current] = [randomBytes(32), randomBytes(32)];
    const keys = { old: old.toString("base64"), current: current.toString("base64") };
    writeFileSync(place.path, JSON.stringify({ active: "current", keys }), { mode: 0o600 });
    const read = readKeys(place.path, true);
    assert.deepEqual(read.active, { id: "current", bytes: current });
    assert.deepEqual(
      read.all.map(({ id }) => id),
      ["old", "current"],
    );
  });

  test("never appears in what is said about it", async () => {
    await using place = await makePlace();
    const secret = randomBytes(31).toString("base64");
    writeFileSync(place.path, JSON.stringify({ active: "a", keys: { a: secret } }), { mode: 0o600 });
    assert.throws(
      () => readKeys(place.path, false),
      (error: Error) => !error.message.includes(secret) && error instanceof KeysFileError,
    );
  });
});

async function makePlace() {
  const folder = await mkdtemp(join(tmpdir(), "countersign-keys-"));
  return {
    folder,
    path: join(folder, "keys.json"),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function problem(message: RegExp) {
  return (error: unknown) => error instanceof KeysFileError && message.test(error.message);
}

/** The ids of the keys that several threads get, who read each file in the same moment. */
function readAtOnce(paths: readonly string[], threads: number): Promise<string[][]> {
  const shared = {
    paths,
    threads,
    module: new URL("keys.ts", import.meta.url).href,
    arrivals: new Int32Array(new SharedArrayBuffer(4 * paths.length)),
  };
  return Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = new Worker(AT_ONCE, { eval: true, workerData: shared });
      const [ids] = await once(worker, "message");
      return ids;
    }),
  );
}

const AT_ONCE = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { paths, threads, module, arrivals } = workerData;
  import(module).then(({ readKeys }) => {
    const ids = paths.map((path, index) => {
      Atomics.add(arrivals, index, 1);
      while (Atomics.load(arrivals, index) < threads);
      return readKeys(path, false).active.id;
    });
    parentPort.postMessage(ids);
  });
`;
