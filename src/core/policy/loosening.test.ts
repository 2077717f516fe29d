import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { aRule } from "../../../test/support/policies.ts";
import { checkOptions } from "../../options.ts";
import { combine, type MetRule, type Policy } from "../session/policies.ts";
import { DECIDED_NAMES, type Decided, isLooser, NOTHING_SAID, type Rule } from "../session/policy-points.ts";
import { loosened } from "./loosening.ts";
import { readRule } from "./rules.ts";

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;
const context = { options: checkOptions({}), now: () => NOW };
const between = (before: Partial<Rule>, after: Partial<Rule>, scope = "everyone") =>
  loosened(context, { ...NOTHING_SAID, scope, ...before }, { ...NOTHING_SAID, scope, ...after });

describe("what a rule loosens", () => {
  test("is nothing where it says the same or more", () => {
    assert.deepEqual(between({}, {}), []);
    assert.deepEqual(between({}, { session_hours: 8, trust_days: 0, endless_keys: 0, factors: "authenticator" }), []);
    assert.deepEqual(between({ requirement: "encouraged" }, { requirement: "required", grace_days: 7 }), []);
    assert.deepEqual(between({ endless_keys: 1 }, {}), [], "nobody may any more, unless another rule allows it");
  });

  test("is each point on which it says less, or nothing any more", () => {
    assert.deepEqual(between({ session_hours: 8, trust_days: 7 }, { session_hours: 9 }), [
      "trust_days",
      "session_hours",
    ]);
    assert.deepEqual(between({ requirement: "required", rescue: "waiting" }, {}), ["requirement", "rescue"]);
  });

  test("is what it allows, and what it no longer forbids others to allow", () => {
    assert.deepEqual(between({}, { endless_keys: 1 }), ["endless_keys"]);
    assert.deepEqual(between({ self_rescue: 0 }, {}), ["self_rescue"]);
    assert.deepEqual(between({ rescue: "approval" }, {}), ["rescue", "self_rescue"], "which an approval keeps shut");
    assert.deepEqual(between({}, { factors: "authenticator mailed-code" }), ["factors"]);
    assert.deepEqual(between({ factors: "authenticator" }, {}), ["factors"]);
    assert.deepEqual(between({}, { rescue_wait_hours: 12 }), ["rescue_wait_hours"], "24 where nobody says any");
    assert.deepEqual(
      between({}, { trust_days: 7 }, "role:support"),
      ["trust_days"],
      "none without a rule for the role",
    );
    assert.deepEqual(between({}, { self_rescue: 1 }, "role:support"), [], "which staff never have");
  });

  test("is the requirement where it leaves more time", () => {
    const required = (ways: Partial<Rule>) => ({ requirement: "required", ...ways }) as const;
    const loosens = (before: Partial<Rule>, after: Partial<Rule>) =>
      between(required(before), required(after)).length > 0;
    assert.equal(loosens({}, { skips: 0 }), true);
    assert.equal(loosens({ grace_days: 5 }, {}), false);
    assert.equal(loosens({ grace_days: 5 }, { grace_days: 6 }), true);
    assert.equal(loosens({ grace_days: 5 }, { grace_days: 5, skips: 3 }), false);
    assert.equal(loosens({ grace_days: 5, skips: 3 }, { grace_days: 4 }), true, "for whoever signs in often");
  });

  test("leaves out nothing that it does to anybody, whatever the other rules are", () => {
    const scopes = ["everyone", "group:sales", "role:person", "role:support"];
    const aCase = fc.record({
      at: fc.constantFrom(...scopes),
      before: aRule(NOW),
      after: aRule(NOW),
      others: fc.uniqueArray(fc.tuple(fc.constantFrom(...scopes), aRule(NOW)), { selector: ([scope]) => scope }),
      isStaff: fc.boolean(),
      since: fc.integer({ min: NOW - 9 * DAY, max: NOW }),
      signIns: fc.integer({ min: 0, max: 5 }),
    });
    let loose = 0;
    fc.assert(
      fc.property(aCase, ({ at, before, after, others, isStaff, since, signIns }) => {
        const role = isStaff ? "support" : "person";
        const meets = (scope: string) => !scope.startsWith("role:") || scope === `role:${role}`;
        fc.pre(meets(at));
        const met = (scope: string, said: Rule): MetRule => {
          const read = readRule({ ...said, scope });
          assert.ok(read.ok);
          const rest = { required_since: null, changed_at: 0, asked_since: since, asked_sign_ins: signIns };
          return { ...read.rule, ...rest };
        };
        const rest = others.filter(([scope]) => scope !== at && meets(scope)).map(([scope, rule]) => met(scope, rule));
        const [was, is] = [met(at, before), met(at, after)];
        const found = loosened(context, was, is);
        const [old, next] = [was, is].map((rule) => combine(context, [rule, ...rest], { role, required_from: null }));
        assert.ok(old && next);
        for (const name of DECIDED_NAMES.filter((each) => isLooser(each, decided(next), decided(old)))) {
          assert.ok(found.includes(name), name);
          loose++;
        }
        if (waitsLonger(old, next)) assert.ok(found.includes("requirement"), "time");
      }),
      { numRuns: 3_000 },
    );
    assert.ok(loose > 1_000, `${loose} points were loosened`);
  });
});

function decided({ factors, ...policy }: Policy): Decided {
  return { ...policy, factors: [...factors].join(" ") };
}

/** Whether somebody, at some time or after some sign-ins, is past the time of one policy and not of the other. */
function waitsLonger(old: Policy, next: Policy): boolean {
  if (old.requirement !== "required" || next.requirement !== "required") return false;
  const never = Number.POSITIVE_INFINITY;
  const [dueOld, dueNext] = [old.dueAt ?? never, next.dueAt ?? never];
  const [leftOld, leftNext] = [old.signInsLeft ?? never, next.signInsLeft ?? never];
  return (dueOld < dueNext && leftNext >= 0) || (leftOld < leftNext && dueNext > NOW);
}
