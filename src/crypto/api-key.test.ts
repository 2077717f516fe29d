import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { apiKeyHash, newApiKey } from "./api-key.ts";
import { sha256 } from "./digest.ts";

describe("an API key", () => {
  test("is the prefix, 160 random bits and a checksum, and no two are alike (AK-01)", () => {
    const asked: number[] = [];
    const random = (bytes: number) => {
      asked.push(bytes);
      return randomBytes(bytes);
    };
    const keys = Array.from({ length: 1_000 }, () => newApiKey(random).key);
    for (const key of keys) assert.match(key, /^cs_[a-z2-7]{40}$/);
    assert.deepEqual([...new Set(asked)], [20]);
    assert.equal(new Set(keys.map((key) => key.slice(3, 19))).size, 1_000);
  });

  test("has this text for these bits, so that other programs can check it (AK-01)", () => {
    const { key, keyHash, lastFour } = newApiKey((bytes) => new Uint8Array(bytes));
    assert.equal(key, `cs_${"a".repeat(32)}qdbjyy7w`);
    assert.equal(keyHash, sha256(key));
    assert.equal(lastFour, key.slice(-4));
  });

  test("is found by its hash, and by no other text", () => {
    const { key, keyHash } = newApiKey(randomBytes);
    assert.equal(apiKeyHash(key), keyHash);
    const others = [
      key.toUpperCase(),
      ` ${key}`,
      `${key}\n`,
      key.slice(0, -1),
      `${key}a`,
      key.slice(3),
      `cs-${key.slice(3)}`,
    ];
    for (const other of others) assert.equal(apiKeyHash(other), undefined, other);
  });

  test("with any one character changed is told by its checksum (AK-05)", () => {
    const { key } = newApiKey(randomBytes);
    for (let at = 3; at < key.length; at++) {
      for (const letter of "abcdefghijklmnopqrstuvwxyz234567") {
        if (letter === key[at]) continue;
        assert.equal(apiKeyHash(key.slice(0, at) + letter + key.slice(at + 1)), undefined);
      }
    }
  });

  test("is never what somebody made up", () => {
    fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => apiKeyHash(text) === undefined));
    fc.assert(fc.property(fc.stringMatching(/^cs_[a-z2-7]{40}$/), (text) => apiKeyHash(text) === undefined));
  });
});
