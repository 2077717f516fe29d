import assert from "node:assert/strict";
import { createCipheriv, hkdfSync, randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { fingerprint, type Keys, newKey, type Place, seal, UnsealError, unseal } from "./secret-box.ts";

const PLACE: Place = { table: "authenticators", column: "secret_sealed", row: "row", owner: "owner" };
const SECRET = Buffer.from("12345678901234567890");
const MASTER = { id: "k1", bytes: Uint8Array.from({ length: 32 }, (_, index) => index) };

/** Made by two other implementations (WebCrypto, Python's cryptography), with the key `MASTER` for `PLACE`. */
const KNOWN = "v1.k1.oKGio6Slpqeoqaqr.c8vCrqivDpPnlQRXmuFCk1jt_vE.DbJFBr582Xwqz4p3EpB0qQ";

function keysOf(active = newKey(), ...older: (typeof active)[]): Keys {
  return { active, all: [active, ...older] };
}

/** Seals as `seal` does, by the platform alone, under any label and with any associated data. */
function sealUnder(label: string, associated: unknown[]): string {
  const key = new Uint8Array(hkdfSync("sha256", MASTER.bytes, "", label, 32));
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(JSON.stringify(associated)));
  const parts = [nonce, Buffer.concat([cipher.update(SECRET), cipher.final()]), cipher.getAuthTag()];
  return ["v1", "k1", ...parts.map((part) => part.toString("base64url"))].join(".");
}

const ASSOCIATED = ["v1", "k1", PLACE.table, PLACE.column, PLACE.row, PLACE.owner];

describe("a sealed secret", () => {
  test("opens at its place, byte for byte, and is not in the text (SK-01)", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (plain) => {
        const keys = keysOf();
        assert.deepEqual([...unseal(keys, PLACE, seal(keys, PLACE, plain))], [...plain]);
      }),
    );
    const sealed = seal(keysOf(), PLACE, SECRET);
    const written = Buffer.concat(sealed.split(".").map((part) => Buffer.from(part, "base64url")));
    assert.ok(!written.includes(SECRET.subarray(0, 4)));
    for (const form of ["latin1", "hex", "base64url"] as const) {
      assert.ok(!sealed.includes(SECRET.toString(form).slice(0, 8)), form);
    }
  });

  test("names version and key in front: a value from another implementation opens (SK-03)", () => {
    assert.deepEqual(Buffer.from(unseal(keysOf(MASTER), PLACE, KNOWN)), SECRET);
    const [version, keyId, nonce = "", text = "", tag = "", ...rest] = seal(keysOf(MASTER), PLACE, SECRET).split(".");
    assert.deepEqual([version, keyId, rest], ["v1", "k1", []]);
    const lengths = [nonce, text, tag].map((part) => Buffer.from(part, "base64url").length);
    assert.deepEqual(lengths, [12, SECRET.length, 16]);
  });

  test("has a nonce of its own each time, in ten thousand of them (SK-01)", () => {
    const keys = keysOf();
    const nonces = new Set<string | undefined>();
    for (let round = 0; round < 10_000; round++) nonces.add(seal(keys, PLACE, SECRET).split(".")[2]);
    assert.equal(nonces.size, 10_000);
  });

  test("does not open at any other table, column, row or owner (SK-02)", () => {
    const keys = keysOf();
    const sealed = seal(keys, PLACE, SECRET);
    for (const part of ["table", "column", "row", "owner"] as const) {
      for (const other of ["", "x", `${PLACE[part]} `, PLACE[part].toUpperCase()]) {
        assert.throws(() => unseal(keys, { ...PLACE, [part]: other }, sealed), UnsealError, `${part} ${other}`);
      }
    }
  });

  test("does not open where only the borders between the parts of its place have moved (SK-02)", () => {
    const keys = keysOf();
    const texts = fc.string({ unit: fc.constantFrom("a", "b", '"', ",", "\\", ".", "[", "]"), maxLength: 6 });
    const places = fc.record({ table: texts, column: texts, row: texts, owner: texts });
    fc.assert(
      fc.property(places, places, (one, other) => {
        const sealed = seal(keys, one, SECRET);
        const same = (["table", "column", "row", "owner"] as const).every((part) => one[part] === other[part]);
        if (same) assert.deepEqual(Buffer.from(unseal(keys, other, sealed)), SECRET);
        else assert.throws(() => unseal(keys, other, sealed), UnsealError);
      }),
      { numRuns: 300 },
    );
    const shifted = { ...PLACE, row: `${PLACE.row}o`, owner: PLACE.owner.slice(1) };
    assert.throws(() => unseal(keys, shifted, seal(keys, PLACE, SECRET)), UnsealError);
  });

  test("does not open after a change of any byte (SK-02)", () => {
    const keys = keysOf(MASTER);
    const [version, keyId, ...coded] = KNOWN.split(".");
    const parts = coded.map((part) => Buffer.from(part, "base64url"));
    for (const [which, part] of parts.entries()) {
      for (let at = 0; at < part.length; at++) {
        const changed = parts.map((each) => Buffer.from(each));
        changed[which]?.writeUInt8(part.readUInt8(at) ^ (1 << (at % 8)), at);
        const sealed = [version, keyId, ...changed.map((each) => each.toString("base64url"))].join(".");
        assert.throws(() => unseal(keys, PLACE, sealed), UnsealError, `part ${which}, byte ${at}`);
      }
    }
  });

  test("is refused in any other form, with the one error that callers know", () => {
    const keys = keysOf(MASTER);
    const [version, keyId, nonce, text, tag = ""] = KNOWN.split(".");
    const forms = [
      "",
      ".",
      "....",
      "12345678901234567890",
      SECRET.toString("base64"),
      KNOWN.replace("v1", "v2"),
      KNOWN.replace("v1", "V1"),
      KNOWN.replace("k1", "k2"),
      KNOWN.replace("k1", ""),
      KNOWN.replace("k1", "__proto__"),
      `${KNOWN}.`,
      `${KNOWN}.x`,
      [version, keyId, nonce, text].join("."),
      [version, keyId, nonce, text, ""].join("."),
      [version, keyId, nonce, tag, text].join("."),
      [version, keyId, "", text, tag].join("."),
      [version, keyId, nonce, "", tag].join("."),
      // A short tag is quicker to guess: 4, 8 and 12 bytes are valid lengths of GCM, but not of ours.
      ...[4, 8, 12, 15].map((bytes) =>
        [version, keyId, nonce, text, Buffer.from(tag, "base64url").subarray(0, bytes).toString("base64url")].join("."),
      ),
    ];
    for (const form of forms) assert.throws(() => unseal(keys, PLACE, form), UnsealError, form);
  });

  test("does not tell in its error what it holds", () => {
    try {
      unseal(keysOf(MASTER), { ...PLACE, row: "other" }, KNOWN);
      assert.fail("it opened");
    } catch (error) {
      assert.ok(error instanceof UnsealError);
      assert.match(error.message, /authenticators\.secret_sealed/);
      assert.doesNotMatch(error.message, /12345|oKGio6|c8vCrqiv/);
    }
  });
});

describe("keys", () => {
  test("are 256 random bits with an identifier that fits into the text (SK-03)", () => {
    const keys = Array.from({ length: 1_000 }, newKey);
    assert.ok(keys.every(({ id, bytes }) => /^[0-9a-f]{8}$/.test(id) && bytes.length === 32));
    assert.equal(new Set(keys.map(({ bytes }) => Buffer.from(bytes).toString("hex"))).size, keys.length);
  });

  test("that were active before still open, and only the active one seals (SK-03)", () => {
    const [oldest, older, active] = [newKey(), newKey(), newKey()];
    const before = [oldest, older].map((key) => seal(keysOf(key), PLACE, SECRET));
    const keys = keysOf(active, older, oldest);
    for (const sealed of before) assert.deepEqual(Buffer.from(unseal(keys, PLACE, sealed)), SECRET);
    assert.equal(seal(keys, PLACE, SECRET).split(".")[1], active.id);
  });

  test("that are missing are named, so that the operator knows which to bring back (SK-03)", () => {
    const lost = newKey();
    const sealed = seal(keysOf(lost), PLACE, SECRET);
    assert.throws(() => unseal(keysOf(), PLACE, sealed), { name: "UnsealError", message: new RegExp(lost.id) });
  });

  test("of the same name with other bytes do not open, nor does a key under another's name (SK-03)", () => {
    const [key, other] = [newKey(), newKey()];
    const sealed = seal(keysOf(key), PLACE, SECRET);
    assert.throws(() => unseal(keysOf({ id: key.id, bytes: other.bytes }), PLACE, sealed), UnsealError);
    const renamed = sealed.replace(key.id, other.id);
    assert.throws(() => unseal(keysOf({ id: other.id, bytes: key.bytes }), PLACE, renamed), UnsealError);
  });
});

describe("purposes", () => {
  test("have keys of their own: what one sealed or hashed, another cannot open or forge (SK-06)", () => {
    const keys = keysOf(MASTER);
    assert.deepEqual(Buffer.from(unseal(keys, PLACE, sealUnder("countersign secret-box", ASSOCIATED))), SECRET);
    for (const label of ["countersign fingerprint", "countersign", "", "secret-box"]) {
      assert.throws(() => unseal(keys, PLACE, sealUnder(label, ASSOCIATED)), UnsealError, label);
    }
    // The version is sealed in too, so an old form can never be passed off as a new one.
    const otherVersion = ["v0", ...ASSOCIATED.slice(1)];
    assert.throws(() => unseal(keys, PLACE, sealUnder("countersign secret-box", otherVersion)), UnsealError);
  });

  test("of the key file itself are none: the key as it stands there opens nothing (SK-06)", () => {
    const cipher = createCipheriv("aes-256-gcm", MASTER.bytes, Buffer.alloc(12)).setAAD(
      Buffer.from(JSON.stringify(ASSOCIATED)),
    );
    const parts = [Buffer.alloc(12), Buffer.concat([cipher.update(SECRET), cipher.final()]), cipher.getAuthTag()];
    const sealed = ["v1", "k1", ...parts.map((part) => part.toString("base64url"))].join(".");
    assert.throws(() => unseal(keysOf(MASTER), PLACE, sealed), UnsealError);
  });

  test("of a fingerprint: the same for the same text and key, another for any other, known beforehand (SK-06)", () => {
    const known = "73d2896193c6dfce5f6e76a32e498cc0459965276b2696add7c53b69af6ecebd";
    assert.equal(Buffer.from(fingerprint(keysOf(MASTER), "nobody")).toString("hex"), known);
    assert.notEqual(Buffer.from(fingerprint(keysOf(MASTER), "nobody ")).toString("hex"), known);
    assert.notEqual(Buffer.from(fingerprint(keysOf(), "nobody")).toString("hex"), known);
  });
});
