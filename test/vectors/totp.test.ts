// RFC 6238, appendix B: six moments, three hash functions, eight digits. The seed is as long as the hash, which the
// RFC's own program does and its text forgets to say.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, test } from "node:test";
import { type Algorithm, matchStep, stepAt, totp } from "../../src/crypto/totp.ts";

const SEED_BYTES = { SHA1: 20, SHA256: 32, SHA512: 64 } as const;
const DIGITS = "1234567890".repeat(7);

/** Seconds since the epoch, the step in hexadecimal, the codes. */
const TABLE: [seconds: number, step: string, codes: Record<Algorithm, string>][] = [
  [59, "0000000000000001", { SHA1: "94287082", SHA256: "46119246", SHA512: "90693936" }],
  [1111111109, "00000000023523ec", { SHA1: "07081804", SHA256: "68084774", SHA512: "25091201" }],
  [1111111111, "00000000023523ed", { SHA1: "14050471", SHA256: "67062674", SHA512: "99943326" }],
  [1234567890, "000000000273ef07", { SHA1: "89005924", SHA256: "91819424", SHA512: "93441116" }],
  [2000000000, "0000000003f940aa", { SHA1: "69279037", SHA256: "90698825", SHA512: "38618901" }],
  [20000000000, "0000000027bc86aa", { SHA1: "65353130", SHA256: "77737706", SHA512: "47863826" }],
];

function seed(algorithm: Algorithm): Buffer {
  return Buffer.from(DIGITS.slice(0, SEED_BYTES[algorithm]), "ascii");
}

for (const [seconds, step, codes] of TABLE) {
  for (const algorithm of ["SHA1", "SHA256", "SHA512"] as const) {
    test(`${algorithm} at ${seconds} seconds gives the published code of RFC 6238 (TC-02)`, () => {
      const parameters = { algorithm, digits: 8, period: 30 };
      const time = seconds * 1000;
      assert.equal(stepAt(time, 30).toString(16).padStart(16, "0"), step);
      assert.equal(totp(seed(algorithm), time, parameters), codes[algorithm]);
      assert.equal(totp(seed(algorithm), time, { ...parameters, digits: 6 }), codes[algorithm].slice(2));
      const matched = matchStep(seed(algorithm), codes[algorithm], { ...parameters, time, window: 0 });
      assert.equal(matched, Number.parseInt(step, 16));
    });
  }
}

describe("the counter", () => {
  test("is 64 bits long, the most significant byte first (TC-03)", () => {
    // With a period of one second the counter is the time itself.
    const parameters = { algorithm: "SHA1", digits: 8, period: 1 } as const;
    for (const counter of [0, 255, 256, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 40 + 2 ** 20, 2 ** 43]) {
      const message = Buffer.from(counter.toString(16).padStart(16, "0"), "hex");
      const mac = createHmac("sha1", seed("SHA1")).update(message).digest();
      const offset = mac.readUInt8(19) & 15;
      const expected = (mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** 8;
      assert.equal(Number(totp(seed("SHA1"), counter * 1000, parameters)), expected, `counter ${counter}`);
    }
  });

  test("goes on after the years 2038 and 2106, where 32 bits of seconds end (TC-03)", () => {
    for (const seconds of [2 ** 31, 2 ** 32, 2 ** 40]) {
      assert.equal(stepAt(seconds * 1000, 30), Math.floor(seconds / 30));
      assert.equal(stepAt(seconds * 1000, 30), stepAt((seconds - 30) * 1000, 30) + 1);
    }
  });

  test("changes at the first millisecond of a period, not before", () => {
    assert.equal(stepAt(29_999, 30), 0);
    assert.equal(stepAt(30_000, 30), 1);
    assert.equal(stepAt(59_999, 60), 0);
  });
});

test("the vectors tell a truncation by byte 19 from one by the last byte (TC-04)", () => {
  for (const algorithm of ["SHA256", "SHA512"] as const) {
    const byByte19 = TABLE.map(([, step]) => {
      const mac = createHmac(algorithm, seed(algorithm)).update(Buffer.from(step, "hex")).digest();
      return ((mac.readUInt32BE(mac.readUInt8(19) & 15) & 0x7fffffff) % 10 ** 8).toString().padStart(8, "0");
    });
    const published = TABLE.map(([, , codes]) => codes[algorithm]);
    assert.notDeepEqual(byByte19, published);
    assert.ok(byByte19.filter((code, index) => code !== published[index]).length >= 5, "most of them differ");
  }
});
