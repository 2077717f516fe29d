// Every page must do for languages that are written from right to left: the style sheet says start and end.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const sheet = readFileSync(new URL("style.css", import.meta.url), "utf8");

/** Properties and values that mean one side of the screen, whatever the language. */
const PHYSICAL = [
  /^(?:left|right|top|bottom)$/,
  /^(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right|top|bottom)\b/,
  /^border-(?:top|bottom)-(?:left|right)-radius$/,
];
const SIDE = /\b(?:left|right)\b/;

type Declaration = { property: string; value: string };

function physical({ property, value }: Declaration): boolean {
  if (PHYSICAL.some((pattern) => pattern.test(property)) || SIDE.test(value)) return true;
  return /^(?:margin|padding|inset|border-(?:width|style|color))$/.test(property) && !isSymmetric(value);
}

/** Four values in a shorthand are top, right, bottom and left; the second and the last are the sides. */
function isSymmetric(value: string): boolean {
  const parts = value.match(/(?:[^\s(]|\((?:[^()]|\([^()]*\))*\))+/g) ?? [];
  return parts.length < 4 || parts[1] === parts[3];
}

function declarations(css: string): Declaration[] {
  const plain = css.replaceAll(/\/\*.*?\*\//gs, "").replaceAll(/'[^']*'/g, "''");
  return [...plain.matchAll(/(?<=[{;]\s*)([a-z-]+)\s*:\s*([^;{}]+);/g)].map(([, property = "", value = ""]) => ({
    property,
    value: value.trim(),
  }));
}

test("the style sheet names no side of the screen", () => {
  const all = declarations(sheet);
  assert.ok(all.length > 400, "the declarations are found");
  assert.deepEqual(all.filter(physical), []);
});

test("a side would be found", () => {
  const sides =
    "a { margin-left: 1px; text-align: right; padding: 1px 2px 3px 4px; inset: 0 calc(1px + (2px)) 0 0; top: 0; }";
  assert.equal(declarations(sides).filter(physical).length, 5);
  const none = "a { margin: 1px 2px 3px; padding: 1px 2px 3px 2px; inset-inline-start: 0; vertical-align: bottom; }";
  assert.deepEqual(declarations(none).filter(physical), []);
});
