import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { sayable } from "../../../test/support/policies.ts";
import { POINT_NAMES, POINTS, type Point } from "./policy-points.ts";

const NOW = 1_800_000_000_000;

describe("the stricter of two sayings", () => {
  for (const name of POINT_NAMES) {
    const point: Point = POINTS[name];
    const { stricter, loosest, otherwise, allows } = point;
    const said = sayable(point, NOW);

    test(`is the same in whatever order and however often rules say it: ${name}`, () => {
      fc.assert(
        fc.property(said, said, said, (one, two, three) => {
          assert.equal(stricter(one, two), stricter(two, one));
          assert.equal(stricter(stricter(one, two), three), stricter(one, stricter(two, three)));
          assert.equal(stricter(one, one), one);
          assert.equal(stricter(one, loosest), one, "the loosest asks for nothing");
        }),
      );
    });

    test(`is something that a rule can say: ${name}`, () => {
      fc.assert(fc.property(said, said, (one, two) => allows(one) && allows(stricter(one, two))));
      assert.ok(allows(loosest) && allows(otherwise));
      for (const not of [undefined, null, "", "toString", -1, 1.5, Number.NaN, "1", true, [0]]) {
        assert.ok(!allows(not), String(not));
      }
    });
  }
});
