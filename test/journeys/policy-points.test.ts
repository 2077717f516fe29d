// What the table of points promises: a point that stands there, with its column and its sentences, can be typed, is
// checked, rehearsed, kept, told of and documented, without a line of code for it anywhere else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { POINT_NAMES, POINTS, type Point, type PointName, type Said } from "../../src/core/session/policy-points.ts";
import type { Page } from "../../src/testing/browser.ts";
import { en } from "../../src/text/en.ts";
import { setRules } from "../support/policies.ts";
import { createWorld, onBothDatabases, PASSWORD } from "../support/world.ts";

const NOT_POINTS = ["scope", "required_since", "changed_at"];
const DAY = "2031-05-06";

/** What can be typed about a point, with what it says then and how the list of rules puts it. */
function sayings(name: PointName): { typed: string; said: Said; summary: string }[] {
  const point: Point = POINTS[name];
  const { choices, says = choices }: { choices?: object; says?: unknown } = en.policy.points[name];
  const summary = (value: Said) => String(typeof says === "function" ? says(value) : Object(says)[value]);
  const saying = (typed: string, said: Said) => ({ typed, said, summary: summary(said) });
  switch (point.kind) {
    case "number":
      return [point.least, point.most].map((value) => saying(String(value), value));
    case "time":
      return [{ ...saying(DAY, Date.parse(DAY)), summary: "from May 6, 2031" }];
    case "allowance":
      return [saying("no", 0), saying("yes", 1)];
    default:
      return point.choices.map((value) => saying(String(value), value));
  }
}

/** What the page says to whoever typed something that a point cannot say. */
function problemOf(name: PointName): string {
  const point: Point = POINTS[name];
  const { problem }: { problem: unknown } = en.policy.points[name];
  return String(typeof problem === "function" ? problem(point) : problem);
}

/** The control for a point, as it stands on a page. */
function controlOf({ text }: Page, name: PointName): string {
  const controls = text.match(/<input [^>]*>|<select .*?<\/select>/gs) ?? [];
  return controls.find((control) => control.includes(` name="${name}"`) && !control.includes("hidden")) ?? "";
}

onBothDatabases("each point of the policy", (dialect) => {
  test("is a column, and each column is one", async () => {
    await using world = await createWorld(dialect);
    await setRules(world, {});
    const [row = {}] = await world.context.db.selectFrom("policies").selectAll().execute();
    assert.deepEqual(
      Object.keys(row)
        .filter((column) => !NOT_POINTS.includes(column))
        .sort(),
      [...POINT_NAMES].sort(),
    );
  });

  test("can be typed, is rehearsed, saved, listed, told of and shown again as it was typed", async () => {
    await using world = await createWorld(dialect);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, root);
    await browser.post("/policy", {
      scope: "everyone",
      current_password: PASSWORD,
      current_code: world.freshCode(root),
    });
    const operator = world.auth.operatorAuthority();
    for (const name of POINT_NAMES) {
      const point: Point = POINTS[name];
      // Only a rule that requires leaves time.
      const rest = point.part === "requirement" && name !== "requirement" ? { requirement: "required" } : {};
      for (const { typed, said, summary } of sayings(name)) {
        const of = `${name}: ${typed}`;
        const rule = { scope: "everyone", ...rest, [name]: typed };
        const rehearsed = await browser.get(`/policy/rehearsal?${new URLSearchParams(rule)}`);
        assert.ok(rehearsed.text.includes(`type="hidden" name="${name}" value="${typed}"`), of);
        assert.match((await browser.post("/policy", rule)).words, /The policy is saved/, of);
        const [row] = await world.context.db.selectFrom("policies").selectAll().execute();
        assert.equal(row?.[name], said, of);
        const [event] = await world.auth.events.list({ reader: operator, filter: {}, limit: 1 });
        assert.deepEqual(event?.details, { scope: "everyone", ...rest, [name]: said }, of);
        const { words } = await browser.get("/policy");
        assert.ok(words.includes(summary), `${of} is listed as ${summary}`);
        const control = controlOf(await browser.get("/policy/rule?scope=everyone"), name);
        assert.match(control, new RegExp(`value="${typed}"${control.startsWith("<select") ? " selected" : ""}`), of);
        if (point.kind === "number") assert.match(control, new RegExp(`min="${point.least}" max="${point.most}"`), of);
      }
      const wrong = { scope: "everyone", [name]: "anything else" };
      const { status, words } = await browser.get(`/policy/rehearsal?${new URLSearchParams(wrong)}`);
      assert.equal(status, 422, name);
      assert.ok(words.includes(problemOf(name)), name);
    }
  });
});
