// Two libraries by other people compute the same codes from the same secrets, by other code. Any difference is our bug
// or theirs, and worth knowing in both cases.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as otpauth from "otpauth";
import { generateSync } from "otplib";
import { type Algorithm, matchStep, stepAt, totp } from "../../src/crypto/totp.ts";

const CASES = 10_000;

const oneCase = fc.record({
  // otplib takes no fewer and no more.
  secret: fc.uint8Array({ minLength: 16, maxLength: 64 }),
  seconds: fc.oneof(fc.integer({ min: 0, max: 2 ** 32 }), fc.integer({ min: 0, max: 2 ** 40 })),
  algorithm: fc.constantFrom<Algorithm>("SHA1", "SHA256", "SHA512"),
  digits: fc.constantFrom(6 as const, 8 as const),
});

test(`otpauth and otplib show the same code in ${CASES} random cases (TC-03, TC-13)`, () => {
  fc.assert(
    fc.property(oneCase, ({ secret, seconds, algorithm, digits }) => {
      const time = seconds * 1000;
      const code = totp(secret, time, { algorithm, digits, period: 30 });
      const key = new otpauth.Secret({ buffer: Uint8Array.from(secret).buffer });
      assert.equal(otpauth.TOTP.generate({ secret: key, algorithm, digits, period: 30, timestamp: time }), code);
      const name = algorithm.toLowerCase() as Lowercase<Algorithm>;
      assert.equal(generateSync({ secret, algorithm: name, digits, period: 30, epoch: seconds }), code);
    }),
    { numRuns: CASES },
  );
});

test("a secret longer than a block of the hash function, which HMAC hashes first, gives the same codes too (TC-13)", () => {
  const long = fc.uint8Array({ minLength: 65, maxLength: 200 });
  fc.assert(
    fc.property(oneCase, long, ({ seconds, algorithm, digits }, secret) => {
      const key = new otpauth.Secret({ buffer: Uint8Array.from(secret).buffer });
      const timestamp = seconds * 1000;
      const expected = otpauth.TOTP.generate({ secret: key, algorithm, digits, period: 30, timestamp });
      assert.equal(totp(secret, timestamp, { algorithm, digits, period: 30 }), expected);
    }),
    { numRuns: 300 },
  );
});

test("a code that another library shows a step early or late is taken for a step that shows it (TC-13)", () => {
  fc.assert(
    fc.property(oneCase, fc.constantFrom(-1, 0, 1), ({ secret, seconds, algorithm, digits }, drift) => {
      const time = (seconds + 60) * 1000;
      const code = generateSync({
        secret,
        algorithm: algorithm.toLowerCase() as Lowercase<Algorithm>,
        digits,
        period: 30,
        epoch: time / 1000 + drift * 30,
      });
      const step = matchStep(secret, code, { algorithm, digits, period: 30, time, window: 1 });
      assert.ok(step !== undefined && Math.abs(step - stepAt(time, 30)) <= Math.abs(drift));
      assert.equal(totp(secret, step * 30_000, { algorithm, digits, period: 30 }), code);
    }),
    { numRuns: 500 },
  );
});
