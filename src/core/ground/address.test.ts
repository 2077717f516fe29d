// Addresses as they are counted: every spelling of one address is one key, and a whole IPv6 network is one party.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { addressKey } from "./address.ts";

const group = fc.integer({ min: 0, max: 0xffff });
const groups = fc.array(group, { minLength: 8, maxLength: 8 });

/** All ways to write an IPv6 address that differ in letters, zeros and what `::` stands for. */
function spellings(address: readonly number[]): string[] {
  const plain = address.map((each) => each.toString(16));
  const padded = address.map((each) => each.toString(16).padStart(4, "0"));
  const all = [plain.join(":"), padded.join(":"), plain.join(":").toUpperCase(), `${plain.join(":")}%eth0`];
  for (let from = 0; from < 8; from++) {
    for (let to = from + 1; to <= 8 && address.slice(from, to).every((each) => each === 0); to++) {
      all.push(`${plain.slice(0, from).join(":")}::${plain.slice(to).join(":")}`);
    }
  }
  const [a = 0, b = 0] = address.slice(6);
  all.push([...plain.slice(0, 6), [a >> 8, a & 255, b >> 8, b & 255].join(".")].join(":"));
  return all;
}

describe("the key of an address", () => {
  test("an IPv4 address counts as itself", () => {
    assert.equal(addressKey("192.0.2.1"), "192.0.2.1");
    assert.notEqual(addressKey("192.0.2.1"), addressKey("192.0.2.10"));
  });

  test("an IPv6 address counts as its /64, which one party has to itself (RL-08, T-24)", () => {
    assert.equal(addressKey("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    assert.equal(addressKey("2001:db8:1:2::"), "2001:db8:1:2::/64");
    assert.notEqual(addressKey("2001:db8:1:3::6"), addressKey("2001:db8:1:2::6"));
    assert.equal(addressKey("::1"), "0:0:0:0::/64");
  });

  test("an IPv4 address inside an IPv6 one counts as the IPv4 address, not as one network for all of IPv4 (RL-08)", () => {
    for (const spelling of ["::ffff:192.0.2.1", "::FFFF:c000:201", "0:0:0:0:0:ffff:c000:0201"]) {
      assert.equal(addressKey(spelling), "192.0.2.1", spelling);
    }
  });

  test("all spellings of one IPv6 address have one key, whatever the lower half (T-24)", () => {
    const sparse = fc.array(fc.constantFrom(0, 0, 0, 1, 0xdb8, 0xffff), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(fc.oneof(groups, sparse), groups, (address, other) => {
        // Those with IPv4 inside have a rule of their own.
        fc.pre(address.slice(0, 5).some((each) => each !== 0) || address[5] !== 0xffff);
        const neighbour = [...address.slice(0, 4), ...other.slice(4)];
        fc.pre(neighbour.slice(0, 5).some((each) => each !== 0) || neighbour[5] !== 0xffff);
        const keys = [...spellings(address), ...spellings(neighbour)].map(addressKey);
        assert.deepEqual(
          [...new Set(keys)],
          [
            `${address
              .slice(0, 4)
              .map((each) => each.toString(16))
              .join(":")}::/64`,
          ],
        );
      }),
      { numRuns: 500 },
    );
  });

  test("two networks never share a key", () => {
    fc.assert(
      fc.property(groups, groups, (one, two) => {
        fc.pre(one.slice(0, 4).join() !== two.slice(0, 4).join());
        assert.notEqual(
          addressKey(one.map((each) => each.toString(16)).join(":")),
          addressKey(spellings(two)[1] ?? ""),
        );
      }),
    );
  });

  test("text that is no address counts as itself", () => {
    for (const text of ["-", "", "unknown", "192.0.2.256", "2001:db8::1::2", "1.2.3"]) {
      assert.equal(addressKey(text), text);
    }
  });
});
