import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

type Scheme = "light" | "dark";

const TEXT = 4.5; // WCAG 2.2, 1.4.3
const EDGE = 3; // WCAG 2.2, 1.4.11

const sheet = readFileSync(new URL("style.css", import.meta.url), "utf8");
const surfaces = ["canvas", "surface", "raised"];
const tones = ["accent", "success", "warning", "danger"];

for (const scheme of ["light", "dark"] as const) {
  test(`text can be read on every surface it stands on, ${scheme}`, () => {
    for (const surface of [...surfaces, ...tones.map((tone) => `${tone}-soft`)]) {
      for (const text of ["text", "muted"]) check(scheme, text, surface, TEXT);
    }
    for (const tone of tones) {
      for (const surface of [...surfaces, `${tone}-soft`]) check(scheme, tone, surface, TEXT);
    }
    check(scheme, "on-accent", "accent", TEXT);
    check(scheme, "on-danger", "danger", TEXT);
  });

  test(`the edge of a field and of a quiet button can be seen, ${scheme}`, () => {
    for (const surface of surfaces) check(scheme, "edge", surface, EDGE);
  });
}

function check(scheme: Scheme, ink: string, ground: string, least: number): void {
  const [light, dark] = [luminance(token(ink, scheme)), luminance(token(ground, scheme))].sort((a, b) => b - a);
  const contrast = ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
  assert.ok(contrast >= least, `${ink} on ${ground}: ${contrast.toFixed(2)}`);
}

function token(name: string, scheme: Scheme): string {
  const found = new RegExp(`--${name}: light-dark\\((#[0-9a-f]+), (#[0-9a-f]+)\\)`).exec(sheet);
  const color = found?.[scheme === "light" ? 1 : 2];
  assert.ok(color, `the token --${name}`);
  return color.length === 4 ? color.replace(/[0-9a-f]/g, "$&$&") : color;
}

/** WCAG 2.2, relative luminance. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
