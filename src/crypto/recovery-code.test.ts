import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { newRecoveryCode, normaliseRecoveryCode, recoveryCodeSelector, showRecoveryCode } from "./recovery-code.ts";

test("a recovery code is eighty random bits, five a character, without look-alikes (RC-01)", () => {
  assert.equal(
    newRecoveryCode((bytes) => new Uint8Array(bytes).fill(0)),
    "0000000000000000",
  );
  assert.equal(
    newRecoveryCode((bytes) => new Uint8Array(bytes).fill(255)),
    "ZZZZZZZZZZZZZZZZ",
  );
  const seen = new Set(Array.from({ length: 2_000 }, () => newRecoveryCode(randomBytes)).flatMap((code) => [...code]));
  assert.equal([...seen].sort().join(""), "0123456789ABCDEFGHJKMNPQRSTVWXYZ");
});

test("it is shown in groups of four, and understood however it is typed", () => {
  const code = "K7QF3M9TXW2C10HN";
  assert.equal(showRecoveryCode(code), "K7QF-3M9T-XW2C-10HN");
  for (const typed of ["K7QF-3M9T-XW2C-10HN", " k7qf 3m9t xw2c iohn ", "k7qf3m9txw2cLOhn", "Ｋ７ＱＦ–3M9T–XW2C–10HN"])
    assert.equal(normaliseRecoveryCode(typed), code, typed);
});

test("what is none is not taken for one", () => {
  const none = [
    "",
    "123456",
    "K7QF-3M9T-XW2C-10H",
    "K7QF-3M9T-XW2C-10HNN",
    "U7QF-3M9T-XW2C-10HN",
    "K7QF\x003M9TXW2C10HN",
  ];
  for (const typed of [...none, "K".repeat(201)]) assert.equal(normaliseRecoveryCode(typed), undefined, typed);
});

test("its selector differs from set to set", () => {
  assert.match(recoveryCodeSelector("one", "K7QF3M9TXW2C10HN"), /^[\w-]{3}$/);
  assert.notEqual(recoveryCodeSelector("one", "K7QF3M9TXW2C10HN"), recoveryCodeSelector("two", "K7QF3M9TXW2C10HN"));
});
