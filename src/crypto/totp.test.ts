import assert from "node:assert/strict";
import crypto, { randomBytes } from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { describe, type TestContext, test } from "node:test";
import fc from "fast-check";
import {
  type Algorithm,
  assertParameters,
  DEFAULT_PARAMETERS,
  matchStep,
  normaliseCode,
  SECRET_BYTES,
  stepAt,
  totp,
} from "./totp.ts";

const secrets = fc.uint8Array({ minLength: 20, maxLength: 64 });
const times = fc.integer({ min: 0, max: 2 ** 40 }).map((seconds) => seconds * 1000);
const algorithms = fc.constantFrom<Algorithm>("SHA1", "SHA256", "SHA512");
const digitsOf = (value: number, digits: number) => value.toString().padStart(digits, "0");

describe("a code", () => {
  test("keeps the zeros in front, and only with them it is right (TC-05)", () => {
    const secret = randomBytes(SECRET_BYTES);
    const short = Array.from({ length: 2_000 }, (_, step) => ({
      step,
      code: totp(secret, step * 30_000, DEFAULT_PARAMETERS),
    }));
    const padded = short.filter(({ code }) => code.startsWith("0"));
    assert.ok(padded.length > 100, "about a tenth of all codes start with a zero");
    assert.ok(short.every(({ code }) => /^[0-9]{6}$/.test(code)));
    for (const { step, code } of padded) {
      const parameters = { ...DEFAULT_PARAMETERS, time: step * 30_000, window: 0 };
      assert.equal(matchStep(secret, code, parameters), step);
      const number = String(Number(code));
      assert.equal(normaliseCode(number, 6), undefined);
      assert.equal(matchStep(secret, number, parameters), undefined);
    }
  });

  test("is right in its own step and the two beside it, and in no other (TC-07)", () => {
    fc.assert(
      fc.property(secrets, times, algorithms, fc.integer({ min: -4, max: 4 }), (secret, time, algorithm, distance) => {
        const parameters = { algorithm, digits: 8, period: 30 };
        const step = stepAt(time, 30) + distance;
        fc.pre(step >= 0);
        const code = totp(secret, step * 30_000, parameters);
        const matched = matchStep(secret, code, { ...parameters, time, window: 1 });
        // Two steps may show the same code, once in a hundred million; then the nearer one is meant.
        if (Math.abs(distance) <= 1) assert.ok(matched !== undefined);
        else if (matched !== undefined) assert.equal(totp(secret, matched * 30_000, parameters), code);
        assert.ok(matched === undefined || Math.abs(matched - stepAt(time, 30)) <= 1);
      }),
      { numRuns: 500 },
    );
  });

  test("is one of three at any moment, tried with every code of four digits there is (TC-07)", () => {
    for (let round = 0; round < 3; round++) {
      const secret = randomBytes(SECRET_BYTES);
      const time = randomBytes(4).readUInt32BE() * 1000;
      const parameters = { algorithm: "SHA1", digits: 4, period: 30 } as const;
      const right = [-1, 0, 1].map((distance) => totp(secret, time + distance * 30_000, parameters));
      const accepted: string[] = [];
      for (let value = 0; value < 10_000; value++) {
        const code = digitsOf(value, 4);
        if (matchStep(secret, code, { ...parameters, time, window: 1 }) !== undefined) accepted.push(code);
      }
      assert.deepEqual(accepted, [...new Set(right)].sort());
    }
  });

  test("is one of three at any moment, tried with a sample of six digits and all their neighbours (TC-07)", () => {
    const secret = randomBytes(SECRET_BYTES);
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 999_999 }), fc.integer({ min: -9, max: 9 }), (time, any, near) => {
        const parameters = { ...DEFAULT_PARAMETERS, time, window: 1 };
        const right = [-1, 0, 1]
          .map((distance) => time + distance * 30_000)
          .filter((at) => at >= 0)
          .map((at) => totp(secret, at, DEFAULT_PARAMETERS));
        const neighbour = (Number(right[0]) + near + 1_000_000) % 1_000_000;
        for (const code of [digitsOf(any, 6), digitsOf(neighbour, 6)]) {
          assert.equal(matchStep(secret, code, parameters) !== undefined, right.includes(code), code);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("of two steps that show the same code, the nearest is meant, so that a spent one stays spent", () => {
    // With one digit, neighbours often agree.
    const parameters = { algorithm: "SHA1", digits: 1, period: 30 } as const;
    const secret = randomBytes(SECRET_BYTES);
    let agreed = 0;
    for (let step = 1; step < 500; step++) {
      const now = totp(secret, step * 30_000, parameters);
      if (totp(secret, (step + 1) * 30_000, parameters) === now) agreed++;
      assert.equal(matchStep(secret, now, { ...parameters, time: step * 30_000, window: 1 }), step);
    }
    assert.ok(agreed > 0);
  });

  test("at the very beginning of time has no step before it", () => {
    const secret = randomBytes(SECRET_BYTES);
    const parameters = { ...DEFAULT_PARAMETERS, time: 0, window: 1 };
    assert.equal(matchStep(secret, totp(secret, 0, DEFAULT_PARAMETERS), parameters), 0);
    assert.ok(matchStep(secret, totp(secret, 30_000, DEFAULT_PARAMETERS), parameters) !== undefined);
  });
});

describe("what a person types", () => {
  const decorations = fc.array(fc.constantFrom("", " ", "-", "  ", " - ", "--"), { minLength: 9, maxLength: 9 });
  const numbers = (digits: number) => fc.integer({ min: 0, max: 10 ** digits - 1 }).map((n) => digitsOf(n, digits));

  test("is the same code with any spaces and hyphens in it, so no spelling of it is new (TC-09)", () => {
    for (const digits of [6, 8]) {
      fc.assert(
        fc.property(numbers(digits), decorations, (code, between) => {
          const typed = between.map((decoration, index) => decoration + (code[index] ?? "")).join("");
          assert.equal(normaliseCode(typed, digits), code);
          assert.equal(normaliseCode(code, digits), code);
        }),
      );
    }
  });

  test("is no code with anything else in it (TC-09)", () => {
    const foreign = fc.oneof(
      fc.constantFrom(..."\0\n\r\t\v\f+.,eExX_'\"\\/:;#%&=\u00a0\u2003\u200b\ufeff\u2010\u2013\u2212"),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 3 }).filter((text) => !/^[0-9 -]*$/.test(text)),
    );
    fc.assert(
      fc.property(numbers(6), foreign, fc.integer({ min: 0, max: 6 }), fc.boolean(), (code, sign, at, instead) => {
        const typed = code.slice(0, at) + sign + code.slice(at + (instead ? sign.length : 0));
        assert.equal(normaliseCode(typed, 6), undefined, JSON.stringify(typed));
      }),
      { numRuns: 1_000 },
    );
  });

  test("is no code when its digits are those of another script (TC-09)", () => {
    const zeros = ["０", "٠", "۰", "०", "０", "𝟎", "𝟘", "๐", "⁰", "₀", "⓪"];
    for (const zero of zeros) {
      const point = zero.codePointAt(0) ?? 0;
      const typed = [1, 2, 3, 4, 5, 6].map((digit) => String.fromCodePoint(point + digit)).join("");
      assert.equal(normaliseCode(typed, 6), undefined, typed);
      assert.equal(normaliseCode(`12345${zero}`, 6), undefined, zero);
    }
  });

  test("must have every digit and no more (TC-09)", () => {
    for (const typed of [
      "",
      " ",
      "-",
      "12345",
      "1234567",
      "1e5",
      "-12345",
      "+12345",
      "0x1234",
      "123456.0",
      "１２３４５６",
    ]) {
      assert.equal(normaliseCode(typed, 6), undefined, typed);
    }
    assert.equal(normaliseCode("123456", 8), undefined);
    assert.equal(normaliseCode("12345678", 6), undefined);
    assert.equal(normaliseCode("12345678", 8), "12345678");
  });
});

describe("checking a code", () => {
  /** Counts what node:crypto is asked for; our own code stays as it is. */
  function watch(t: TestContext) {
    const hmacs = t.mock.method(crypto, "createHmac");
    const hashes = t.mock.method(crypto, "hash");
    const comparisons = t.mock.method(crypto, "timingSafeEqual");
    syncBuiltinESMExports();
    t.after(() => {
      t.mock.restoreAll();
      syncBuiltinESMExports();
    });
    return {
      take: () => {
        const digests = hmacs.mock.callCount() + hashes.mock.callCount();
        const lengths = comparisons.mock.calls.map(({ arguments: [a, b] }) => [a.byteLength, b.byteLength]);
        for (const counted of [hmacs, hashes, comparisons]) counted.mock.resetCalls();
        return { digests, lengths };
      },
    };
  }

  test("costs the same whichever step matches, or none: nothing ends early (TC-10)", (t) => {
    const secret = randomBytes(SECRET_BYTES);
    const time = 1_700_000_000_000;
    const shown = [-1, 0, 1].map((distance) => totp(secret, time + distance * 30_000, DEFAULT_PARAMETERS));
    const next = digitsOf((Number(shown[1]) + 1) % 10 ** 6, 6);
    const watched = watch(t);
    totp(secret, time, DEFAULT_PARAMETERS);
    const { digests: ofOneCode } = watched.take();
    assert.ok(ofOneCode > 0);
    for (const code of [...shown, next, "000000", "999999"]) {
      matchStep(secret, code, { ...DEFAULT_PARAMETERS, time, window: 1 });
      const { digests, lengths } = watched.take();
      assert.equal(digests, 3 * ofOneCode, `${code}: all three steps are computed`);
      // Other lengths would make the comparison throw, and tell.
      assert.deepEqual(lengths, Array(3).fill([4, 4]), `${code}: all three are compared`);
    }
  });

  test("of another length compares nothing and does not throw (TC-10)", (t) => {
    const watched = watch(t);
    for (const code of ["", "1", "12345", "1234567", "123456\n"]) {
      const parameters = { ...DEFAULT_PARAMETERS, time: 0, window: 1 };
      assert.equal(matchStep(randomBytes(SECRET_BYTES), code, parameters), undefined);
    }
    assert.deepEqual(watched.take().lengths, []);
  });
});

describe("parameters", () => {
  test("by default are those that every authenticator app knows, with a secret of 160 bits (TC-06, TC-08)", () => {
    assert.deepEqual(DEFAULT_PARAMETERS, { algorithm: "SHA1", digits: 6, period: 30 });
    assert.equal(SECRET_BYTES, 20);
    assert.doesNotThrow(() => assertParameters(DEFAULT_PARAMETERS));
  });

  test("are refused outside of three algorithms, 6 or 8 digits, 15 to 120 seconds (TC-08)", () => {
    for (const algorithm of ["SHA1", "SHA256", "SHA512"] as const) {
      for (const digits of [6, 8]) {
        for (const period of [15, 30, 60, 120])
          assert.doesNotThrow(() => assertParameters({ algorithm, digits, period }));
      }
    }
    for (const digits of [0, 1, 5, 7, 9, 10, -6, 6.5, Number.NaN]) {
      assert.throws(() => assertParameters({ ...DEFAULT_PARAMETERS, digits }), RangeError, `${digits} digits`);
    }
    for (const period of [0, 1, 14, 121, 3600, -30, 30.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => assertParameters({ ...DEFAULT_PARAMETERS, period }), RangeError, `${period} seconds`);
    }
    for (const algorithm of ["MD5", "sha1", "SHA-1", "SHA224", "", "__proto__"]) {
      const parameters = { ...DEFAULT_PARAMETERS, algorithm: algorithm as Algorithm };
      assert.throws(() => assertParameters(parameters), RangeError, algorithm);
    }
  });
});
