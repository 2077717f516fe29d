import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { rule } from "../../../test/support/policies.ts";
import type { PolicyTable, Role } from "../../db/schema.ts";
import { checkOptions } from "../../options.ts";
import { combine, demand, type MetRule, type Subject } from "./policies.ts";
import { FACTORS, POINTS } from "./policy-points.ts";

const REQUIREMENTS = POINTS.requirement.choices;
const RESCUES = POINTS.rescue.choices;
const NOW = 1_800_000_000_000;
const DAY = 86_400_000;
const context = { options: checkOptions({}), now: () => NOW };
const ada: Subject = { id: "ada", role: "person", required_from: null };
const met = (given: Partial<MetRule>): MetRule => ({
  asked_since: null,
  asked_sign_ins: null,
  ...rule(given),
  ...given,
});
const policy = (rules: Partial<MetRule>[], subject: Partial<Subject> = {}) =>
  combine(context, rules.map(met), { ...ada, ...subject });

describe("combining rules", () => {
  test("asks for nothing where there is no rule", () => {
    assert.deepEqual(policy([]), {
      requirement: "optional",
      dueAt: null,
      signInsLeft: null,
      factors: new Set(["authenticator", "recovery-code"]),
      trust_days: 30,
      session_hours: 24,
      endless_keys: 0,
      rescue: "at-once",
      rescue_wait_hours: 24,
      self_rescue: 0,
    });
    assert.equal(demand(policy([]), NOW), undefined);
  });

  test("requires at once where a rule leaves no time", () => {
    assert.equal(demand(policy([{ requirement: "required" }]), NOW), "only-enrol");
  });

  test("takes the earliest end of all the time that rules leave", () => {
    const rules = [
      { requirement: "required", required_from: NOW + 9 * DAY },
      { requirement: "required", grace_days: 5 },
      { requirement: "required", skips: 3 },
      { requirement: "encouraged" },
    ] as const;
    assert.equal(policy([...rules]).dueAt, NOW + 5 * DAY);
    const asked = (asked_since: number) => rules.map((given) => ({ ...given, asked_since, asked_sign_ins: 2 }));
    assert.equal(policy(asked(NOW - 3 * DAY)).dueAt, NOW + 2 * DAY);
    assert.equal(policy(asked(NOW)).signInsLeft, 1);
    assert.equal(policy([{ requirement: "required", skips: 3 }]).dueAt, null, "sign-ins alone know no time");
  });

  test("lets in until the last sign-in that a rule leaves, and not once more", () => {
    const left = (asked_sign_ins: number) =>
      demand(policy([{ requirement: "required", skips: 2, asked_since: NOW, asked_sign_ins }]), NOW);
    assert.notEqual(left(2), "only-enrol");
    assert.equal(left(3), "only-enrol");
  });

  test("asks anew when a rule began to require later, and by that rule alone", () => {
    const asked = { requirement: "required", grace_days: 5, asked_since: NOW - 20 * DAY, asked_sign_ins: 9 } as const;
    const anew = { ...asked, required_since: NOW - DAY };
    assert.equal(policy([anew]).dueAt, NOW + 5 * DAY);
    assert.equal(policy([anew, asked]).dueAt, NOW - 15 * DAY);
  });

  test("trusts no browser of an administrator, unless a rule for a role says so", () => {
    assert.equal(policy([{ trust_days: 30 }], { role: "administrator" }).trust_days, 0);
    assert.equal(policy([{ scope: "role:administrator", trust_days: 7 }], { role: "administrator" }).trust_days, 7);
    assert.equal(policy([{ trust_days: 0 }, { scope: "role:person", trust_days: 7 }]).trust_days, 0);
    assert.equal(policy([{ trust_days: 400 }]).trust_days, 30, "never longer than the operator allows");
  });

  test("rescues as carefully, and after as long a wait, as any rule says", () => {
    const both = policy([
      { rescue: "approval", rescue_wait_hours: 12 },
      { rescue: "waiting", rescue_wait_hours: 48 },
    ]);
    assert.deepEqual([both.rescue, both.rescue_wait_hours], ["approval", 48]);
    assert.equal(
      policy([{ rescue: "waiting", rescue_wait_hours: 12 }]).rescue_wait_hours,
      12,
      "shorter, if rules say so",
    );
  });

  test("lets people rescue themselves only where a rule says so and none against it, and never those who help", () => {
    const may = (rules: Partial<PolicyTable>[], role: Role = "person") => policy(rules, { role }).self_rescue;
    assert.equal(may([{ self_rescue: 1 }]), 1);
    assert.equal(may([{ self_rescue: 1 }, { self_rescue: 0 }]), 0);
    assert.equal(may([{ self_rescue: 1 }, { rescue: "approval" }]), 0, "it would get around the second person");
    assert.equal(may([{ self_rescue: 1 }], "administrator"), 0);
    assert.equal(may([{ self_rescue: 1 }], "support"), 0);
  });

  test("counts a mailed code only where every rule that names factors names it", () => {
    assert.ok(policy([{ factors: "authenticator mailed-code" }]).factors.has("mailed-code"));
    assert.ok(
      !policy([{ factors: "authenticator mailed-code" }, { factors: "authenticator" }]).factors.has("mailed-code"),
    );
  });

  test("never weakens anybody by one more rule", () => {
    const roles: Role[] = ["person", "administrator"];
    const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
    const rules = fc.array(
      fc.record({
        requirement: some(fc.constantFrom(...REQUIREMENTS)),
        required_from: some(fc.integer({ min: NOW - 5 * DAY, max: NOW + 5 * DAY })),
        grace_days: some(fc.integer({ min: 0, max: 9 })),
        skips: some(fc.integer({ min: 0, max: 5 })),
        factors: some(fc.subarray([...FACTORS], { minLength: 1 }).map((names) => names.join(" "))),
        session_hours: some(fc.integer({ min: 1, max: 24 })),
        trust_days: some(fc.integer({ min: 0, max: 30 })),
        rescue: some(fc.constantFrom(...RESCUES)),
        self_rescue: some(fc.constantFrom<0 | 1>(0, 1)),
        endless_keys: some(fc.constantFrom<0 | 1>(0, 1)),
        required_since: some(fc.integer({ min: NOW - 9 * DAY, max: NOW })),
        asked_since: some(fc.integer({ min: NOW - 9 * DAY, max: NOW })),
        asked_sign_ins: fc.integer({ min: 0, max: 9 }),
      }),
      { minLength: 1, maxLength: 5 },
    );
    const subject = fc.record({ role: fc.constantFrom(...roles) });
    fc.assert(
      fc.property(rules, subject, (given, who) => {
        const all = policy(given, who);
        const [, ...rest] = given;
        const fewer = policy(rest, who);
        assert.ok(REQUIREMENTS.indexOf(all.requirement) >= REQUIREMENTS.indexOf(fewer.requirement));
        if (fewer.requirement === "required") {
          assert.ok((all.dueAt ?? Number.POSITIVE_INFINITY) <= (fewer.dueAt ?? Number.POSITIVE_INFINITY));
          assert.ok((all.signInsLeft ?? 99) <= (fewer.signInsLeft ?? 99));
          if (demand(fewer, NOW) === "only-enrol") assert.equal(demand(all, NOW), "only-enrol");
        }
        assert.ok(all.trust_days <= fewer.trust_days);
        assert.ok(all.session_hours <= fewer.session_hours);
        assert.ok(RESCUES.indexOf(all.rescue) >= RESCUES.indexOf(fewer.rescue));
        if (rest.some(({ self_rescue }) => self_rescue !== null)) assert.ok(all.self_rescue <= fewer.self_rescue);
        if (rest.some(({ endless_keys }) => endless_keys !== null)) assert.ok(all.endless_keys <= fewer.endless_keys);
        if (rest.some(({ factors }) => factors !== null)) assert.ok(all.factors.isSubsetOf(fewer.factors));
      }),
    );
  });
});
