// The page of settings says what the program reads.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import {
  POINT_NAMES,
  POINTS,
  type Point,
  type PointName,
  type Said,
  WAYS_OF_LEAVING_TIME,
} from "../../src/core/session/policy-points.ts";
import { SETTINGS } from "../../src/server/settings.ts";
import { en } from "../../src/text/en.ts";
import { ROUTES } from "../../src/web/app.ts";

const PAGE = new URL("../../docs/settings.md", import.meta.url);

test("docs/settings.md names every setting with its default and its meaning, in the order of the program, and no other (OP-08)", async () => {
  const page = await readFile(PAGE, "utf8");
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (.+?) \| (.+?) \|$/gm)].map(([, name, byDefault, meaning]) => ({
    name,
    // A default that is no literal value may stand in plain words.
    byDefault: byDefault?.replaceAll("`", ""),
    meaning,
  }));
  const expected = Object.entries(SETTINGS).map(([name, setting]) => ({
    name,
    byDefault: setting.default,
    meaning: setting.meaning,
  }));
  assert.deepEqual(rows, expected);
  const mentioned = new Set(page.match(/\bCOUNTERSIGN_[A-Z_]+\b/g));
  assert.deepEqual(
    [...mentioned].filter((name) => !(name in SETTINGS)),
    [],
  );
});

test("docs/operating.md lists every route that is open to support, and no other (AD-05)", async () => {
  const page = await readFile(new URL("../../docs/operating.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| .+ \| `((?:GET|POST) \/.+)` \| (?:people|anybody) \|$/gm)].map(
    ([, route]) => route,
  );
  const open = ROUTES.filter(({ who }) => who === "support").map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(listed.sort(), open.sort());
});

test("docs/policy.md has a line for each point of the policy, with what it can say, in the order of the page", async () => {
  const page = await readFile(new URL("../../docs/policy.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => /^\| .+ \| `/.test(line));
  assert.deepEqual(
    rows.map((row) => row.slice(2, -2).split(" | ")),
    POINT_NAMES.map((name) => [en.policy.points[name].label, `\`${name}\``, ...limitsOf(name)]),
  );
});

/** What a point can say, the strictest of it, and what holds otherwise, in words. */
function limitsOf(name: PointName): string[] {
  const point: Point = POINTS[name];
  const { allowance, points } = en.policy;
  const { choices }: { label: string; choices?: Readonly<Record<string, string>> } = points[name];
  const inWords = (said: Said) => choices?.[said] ?? String(said);
  const leavesTime = ["whichever is over first", "at once"];
  switch (point.kind) {
    case "number": {
      const limits = `${point.least} to ${point.most}`;
      const isWay = WAYS_OF_LEAVING_TIME.some((way) => way === name);
      return isWay ? [limits, ...leavesTime] : [limits, `the ${point.strictest}`, String(point.otherwise)];
    }
    case "time":
      return ["a day", ...leavesTime];
    case "allowance":
      return [`${allowance[0]} / ${allowance[1]}`, allowance[0], allowance[0]];
    default: {
      const strictest = point.kind === "choice" ? "the last of them" : "what all of them name";
      return [point.choices.map(inWords).join(" / "), strictest, inWords(point.otherwise)];
    }
  }
}

test("docs/threat-model.md links each promise to a test that cites it, one row an id", async () => {
  const page = await readFile(new URL("../../docs/threat-model.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| ([A-Z]{2}-\d\d) \| .+ \| \[(.+?)\]\(\.\.\/(.+?)\) \|$/gm)];
  assert.ok(rows.length > 70);
  assert.equal(new Set(rows.map(([, id]) => id)).size, rows.length);
  for (const [, id = "", shown, linked] of rows) {
    assert.equal(shown, linked);
    const source = await readFile(new URL(`../../${linked}`, import.meta.url), "utf8");
    assert.match(source, new RegExp(`\\b${id}\\b`), `${linked} cites ${id}`);
  }
});
