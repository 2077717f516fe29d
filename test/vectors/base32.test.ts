// RFC 4648 §10, and the example of the key URI format.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase32, encodeBase32 } from "../../src/crypto/base32.ts";

const TABLE: [text: string, encoded: string][] = [
  ["", ""],
  ["f", "MY======"],
  ["fo", "MZXQ===="],
  ["foo", "MZXW6==="],
  ["foob", "MZXW6YQ="],
  ["fooba", "MZXW6YTB"],
  ["foobar", "MZXW6YTBOI======"],
];

for (const [text, encoded] of TABLE) {
  test(`"${text}" is ${encoded || "nothing"} in base32, padding left off (RFC 4648 §10)`, () => {
    assert.equal(encodeBase32(Buffer.from(text)), encoded.replace(/=+$/, ""));
    for (const form of [encoded, encoded.replace(/=+$/, ""), encoded.toLowerCase()]) {
      assert.deepEqual(Buffer.from(decodeBase32(form) ?? "refused"), Buffer.from(text), form);
    }
  });
}

test("the example secret of the key URI format decodes to its published bytes", () => {
  const bytes = Buffer.concat([Buffer.from("Hello!"), Buffer.from("deadbeef", "hex")]);
  assert.deepEqual(Buffer.from(decodeBase32("JBSWY3DPEHPK3PXP") ?? []), bytes);
  assert.equal(encodeBase32(bytes), "JBSWY3DPEHPK3PXP");
});
