import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeBase32, encodeBase32 } from "./base32.ts";

const bytes = fc.uint8Array({ maxLength: 80 });

function decoded(text: string): number[] {
  const found = decodeBase32(text);
  assert.ok(found !== undefined, `${JSON.stringify(text)} is refused`);
  return [...found];
}

test("what was encoded decodes to the same bytes", () => {
  fc.assert(fc.property(bytes, (given) => assert.deepEqual(decoded(encodeBase32(given)), [...given])));
});

test("the encoding has upper-case letters and the digits 2 to 7 alone, as long as the bits need", () => {
  fc.assert(
    fc.property(bytes, (given) => {
      const text = encodeBase32(given);
      assert.match(text, /^[A-Z2-7]*$/);
      assert.equal(text.length, Math.ceil((given.length * 8) / 5));
    }),
  );
});

test("a secret of a multiple of five bytes leaves no bits over, and decodes from all its characters", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 16 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
      (fives, stream) => {
        const given = Uint8Array.from([...stream.take(fives * 5)]);
        const text = encodeBase32(given);
        assert.equal(text.length, fives * 8);
        assert.equal(encodeBase32(Uint8Array.from(decoded(text))), text);
      },
    ),
  );
});

test("letter case, spaces, hyphens and padding make no difference to what a person typed", () => {
  const between = fc.array(fc.constantFrom("", "", " ", "-", "  "), { minLength: 130, maxLength: 130 });
  const padding = fc.constantFrom("", "=", "====", "======");
  fc.assert(
    fc.property(bytes, between, padding, fc.infiniteStream(fc.boolean()), (given, decorations, end, lower) => {
      const typed = [...encodeBase32(given)]
        .map((symbol, index) => (decorations[index] ?? "") + (lower.next().value ? symbol.toLowerCase() : symbol))
        .join("");
      assert.deepEqual(decoded(typed + end), [...given]);
    }),
  );
});

test("left-over bits are dropped, whatever they are", () => {
  assert.deepEqual(decoded("MY"), [0x66]);
  assert.deepEqual(decoded("MZ"), [0x66]);
  assert.deepEqual(decoded("M"), []);
});

test("any other character is refused, the look-alikes 0, 1, 8 and 9 too", () => {
  const symbols = fc
    .integer({ min: 0, max: 0xffff })
    .map((unit) => String.fromCharCode(unit))
    .filter((text) => !/^[A-Za-z2-7 =-]$/.test(text));
  fc.assert(
    fc.property(fc.oneof(fc.constantFrom(..."0189+/_.:%\0\n\t"), symbols), bytes, fc.nat(), (symbol, given, place) => {
      const text = encodeBase32(given);
      const at = place % (text.length + 1);
      assert.equal(decodeBase32(text.slice(0, at) + symbol + text.slice(at)), undefined, JSON.stringify(symbol));
    }),
    { numRuns: 500 },
  );
  assert.equal(decodeBase32("MZ=XW6YTB"), undefined, "padding in the middle");
});

test("a letter of another alphabet is refused, even if its capital is one of ours", () => {
  // The capitals of the first four are I, S, SS and FI; the last looks like K and is the kelvin sign.
  for (const letter of ["\u0131", "\u017f", "\u00df", "\ufb01", "\u212a"]) {
    assert.equal(decodeBase32(`MZXW6YT${letter}`), undefined, letter);
  }
});
