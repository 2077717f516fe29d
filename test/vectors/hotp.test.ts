// RFC 4226, appendix D: ten counters of one secret, with every intermediate value.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { hotp } from "../../src/crypto/totp.ts";

const SECRET = Buffer.from("12345678901234567890", "ascii");

/** HMAC-SHA-1, the 31 bits that truncation takes from it, the same as a decimal number, the code. */
const TABLE: [mac: string, truncated: string, decimal: number, code: string][] = [
  ["cc93cf18508d94934c64b65d8ba7667fb7cde4b0", "4c93cf18", 1284755224, "755224"],
  ["75a48a19d4cbe100644e8ac1397eea747a2d33ab", "41397eea", 1094287082, "287082"],
  ["0bacb7fa082fef30782211938bc1c5e70416ff44", "082fef30", 137359152, "359152"],
  ["66c28227d03a2d5529262ff016a1e6ef76557ece", "66ef7655", 1726969429, "969429"],
  ["a904c900a64b35909874b33e61c5938a8e15ed1c", "61c5938a", 1640338314, "338314"],
  ["a37e783d7b7233c083d4f62926c7a25f238d0316", "33c083d4", 868254676, "254676"],
  ["bc9cd28561042c83f219324d3c607256c03272ae", "7256c032", 1918287922, "287922"],
  ["a4fb960c0bc06e1eabb804e5b397cdc4b45596fa", "04e5b397", 82162583, "162583"],
  ["1b3c89f65e6c9e883012052823443f048b4332db", "2823443f", 673399871, "399871"],
  ["1637409809a679dc698207310c8c7fc07290d9e5", "2679dc69", 645520489, "520489"],
];

for (const [counter, [mac, truncated, decimal, code]] of TABLE.entries()) {
  test(`counter ${counter} gives the published values of RFC 4226 (TC-01)`, () => {
    const message = Buffer.alloc(8);
    message.writeUInt32BE(counter, 4);
    assert.equal(createHmac("sha1", SECRET).update(message).digest("hex"), mac);
    assert.equal(Number.parseInt(truncated, 16), decimal);

    const parameters = { algorithm: "SHA1", period: 30 } as const;
    // Ten digits hold all 31 bits: this is the value before it is cut to a code.
    assert.equal(hotp(SECRET, counter, { ...parameters, digits: 10 }), decimal.toString().padStart(10, "0"));
    assert.equal(hotp(SECRET, counter, { ...parameters, digits: 6 }), code);
  });
}
