import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { sha256 } from "./digest.ts";
import { newId, newToken, parseToken, pooledRandom, secretMatches } from "./token.ts";

/** A source of bytes that says how many it gave. */
function counted() {
  const taken: number[] = [];
  const random = (bytes: number) => {
    taken.push(bytes);
    return randomBytes(bytes);
  };
  return { taken, random };
}

test("a token is an identifier of 96 bits and a secret of 256, all of them from the given randomness (SE-01)", () => {
  const { taken, random } = counted();
  const { id, token } = newToken(random);
  assert.deepEqual(taken, [12, 32]);
  assert.match(id, /^[A-Za-z0-9_-]{16}$/);
  assert.match(token, /^[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{43}$/);
  assert.ok(token.startsWith(`${id}.`));
});

test("no two tokens or identifiers are the same", () => {
  const random = pooledRandom();
  const tokens = Array.from({ length: 10_000 }, () => newToken(random));
  assert.equal(new Set(tokens.map(({ id }) => id)).size, tokens.length);
  assert.equal(new Set(tokens.map(({ secretHash }) => secretHash)).size, tokens.length);
  assert.equal(new Set(Array.from({ length: 10_000 }, () => newId(randomBytes))).size, 10_000);
});

test("what is stored is SHA-256 of the secret, known beforehand, and does not contain it (SE-01)", () => {
  // The second value is of FIPS 180-2, appendix B.1.
  assert.equal(
    sha256(""),
    Buffer.from("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "hex").toString("base64url"),
  );
  assert.equal(sha256("abc"), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
  const bytes = Buffer.alloc(32, 7);
  const { token, secretHash } = newToken((length) => bytes.subarray(0, length));
  const secret = bytes.toString("base64url");
  assert.equal(token, `${bytes.subarray(0, 12).toString("base64url")}.${secret}`);
  assert.equal(secretHash, createHash("sha256").update(secret).digest("base64url"));
  assert.ok(!secretHash.includes(secret.slice(0, 8)));
});

test("a renewed token keeps its identifier, and the old secret is worth nothing (SE-02)", () => {
  const first = newToken(randomBytes);
  const second = newToken(randomBytes, first.id);
  assert.equal(second.id, first.id);
  assert.notEqual(second.token, first.token);
  const [, old = ""] = first.token.split(".");
  assert.ok(secretMatches(old, first.secretHash));
  assert.ok(!secretMatches(old, second.secretHash));
});

test("a presented token comes apart into exactly what it was made of", () => {
  const { id, token, secretHash } = newToken(randomBytes);
  const parsed = parseToken(token);
  assert.ok(parsed !== undefined);
  assert.equal(parsed.id, id);
  assert.ok(secretMatches(parsed.secret, secretHash));
});

test("anything but exactly one token is nobody's, and nothing of it reaches the database (SE-09)", () => {
  const { token } = newToken(randomBytes);
  const [id = "", secret = ""] = token.split(".");
  const broken = [
    undefined,
    "",
    ".",
    id,
    secret,
    `${id}.`,
    `.${secret}`,
    `${id}${secret}`,
    `${token}.`,
    `${token}=`,
    `${token}\n`,
    `\n${token}`,
    ` ${token}`,
    `${token}, ${token}`,
    `${token}${token}`,
    `${id}.${secret}.${secret}`,
    `${id}.${secret.slice(1)}`,
    `${id}.${secret}A`,
    `${id.slice(1)}.${secret}`,
    `${id}.${secret.slice(1)}+`,
    `${id}.${secret.slice(1)}/`,
    `${id}.${secret.slice(1)}\0`,
    `${id}.${secret.slice(1)}é`,
    `${id.slice(1)}'.${secret}`,
    `${id.slice(1)}%.${secret}`,
    "A".repeat(100_000),
  ];
  for (const text of broken) assert.equal(parseToken(text), undefined, JSON.stringify(text)?.slice(0, 100));
  fc.assert(
    fc.property(
      fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 70 }),
      (text) => {
        fc.pre(!/^[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{43}$/.test(text));
        assert.equal(parseToken(text), undefined);
      },
    ),
  );
});

test("one changed character anywhere in a secret is a wrong secret", () => {
  const { token, secretHash } = newToken(randomBytes);
  const secret = parseToken(token)?.secret ?? "";
  for (let at = 0; at < secret.length; at++) {
    for (const other of ["A", "B", "_"]) {
      if (secret[at] === other) continue;
      // The last character has bits that decode to nothing, but what is hashed is the text.
      assert.ok(!secretMatches(secret.slice(0, at) + other + secret.slice(at + 1), secretHash), `character ${at}`);
    }
  }
});

test("a stored hash of another length matches nothing and throws nothing (TC-10)", () => {
  const { token, secretHash } = newToken(randomBytes);
  const secret = parseToken(token)?.secret ?? "";
  for (const stored of ["", secretHash.slice(1), `${secretHash}A`, secret]) assert.ok(!secretMatches(secret, stored));
});

test("randomness that is fetched in advance comes in the length that was asked for, is never the same, and is not what is kept", () => {
  const random = pooledRandom();
  const taken = [12, 32, 4_052, 4_096, 1, 5_000, 16].map((bytes) => random(bytes));
  assert.deepEqual(
    taken.map(({ length }) => length),
    [12, 32, 4_052, 4_096, 1, 5_000, 16],
  );
  assert.ok(
    taken.every(({ buffer, length }) => buffer.byteLength === length),
    "what was handed out stands alone",
  );
  const long = taken.filter(({ length }) => length > 1).map((bytes) => Buffer.from(bytes).toString("hex"));
  assert.equal(new Set(long.map((hex) => hex.slice(0, 24))).size, long.length);
  assert.ok(long.every((hex) => !/^(00)+$/.test(hex)));
});
