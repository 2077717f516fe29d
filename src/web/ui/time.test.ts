import assert from "node:assert/strict";
import { test } from "node:test";
import { clockText, exactTime, time } from "./time.ts";

const reader = { language: "en", zone: "Europe/Berlin" };
const now = Date.UTC(2025, 5, 12, 9, 30);
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

test("a recent time is told by its distance, an old one by its date", () => {
  const told: [number, string][] = [
    [0, "now"],
    [44 * second, "now"],
    [45 * second, "1 minute ago"],
    [3 * minute, "3 minutes ago"],
    [hour - second, "59 minutes ago"],
    [hour, "1 hour ago"],
    [day - second, "23 hours ago"],
    [day, "yesterday"],
    [6.9 * day, "6 days ago"],
    [7 * day, "Jun 5, 2025"],
    [-5 * minute, "in 5 minutes"],
  ];
  for (const [ago, text] of told) {
    const written = String(time({ ...reader, at: now - ago, now, style: "relative" }));
    assert.equal(written.replace(/<[^>]+>/g, ""), text);
  }
});

test("the exact time stands beside it, in the reader's zone, for people and for programs", () => {
  const written = String(time({ ...reader, at: now, style: "date" }));
  assert.match(written, /datetime="2025-06-12T09:30:00\.000Z"/);
  assert.match(written, /title="Thursday, June 12, 2025 at 11:30:00\sAM GMT\+2"/);
  assert.match(exactTime({ at: now, language: "de", zone: "UTC" }), /^Donnerstag, 12\. Juni 2025 um 09:30:00 UTC$/);
});

test("the time of day is told to the second, with its zone, to be compared with another clock", () => {
  assert.match(clockText({ ...reader, at: now + 7 * second }), /^11:30:07\sAM GMT\+2$/);
});
