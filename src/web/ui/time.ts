import { html } from "hono/html";
import type { Markup } from "./markup.ts";

/** Who reads the time. */
export type Reader = {
  /** A BCP 47 language tag. */
  readonly language: string;
  /** An IANA time zone. */
  readonly zone: string;
};

/** A moment in the reader's language and time zone, the exact value in its title; `relative` turns into a date after a week. `at` and `now` are milliseconds since 1970. */
export function time(
  options: Reader &
    (
      | { readonly at: number; readonly style: "relative"; readonly now: number }
      | { readonly at: number; readonly style: "date" | "date-time" }
    ),
): Markup {
  const text =
    options.style === "relative"
      ? relativeTime(options)
      : format(options, options.style === "date" ? date : dateTime, options.at);
  return html`<time datetime="${new Date(options.at).toISOString()}" title="${exactTime(options)}">${text}</time>`;
}

/** The day, as a date field holds it. */
export function dayOf(at: number, zone: string): string {
  return wallClock(at, zone).slice(0, 10);
}

/** When a day of a date field begins in a time zone; `undefined` for what is no day since 1970. */
export function startOfDay(day: string, zone: string): number | undefined {
  const asUtc = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  // Before the year 1000 the wall clock is not written as ISO 8601 has it.
  if (!(asUtc >= 0) || new Date(asUtc).toISOString().slice(0, 10) !== day) return undefined;
  // The offset is that of the result, which may differ from that of midnight in UTC when clocks change in between.
  const offset = (at: number) => Date.parse(`${wallClock(at, zone).replace(" ", "T")}Z`) - at;
  return asUtc - offset(asUtc - offset(asUtc));
}

/** The Swedish way of writing a time is that of ISO 8601, but for the `T`. */
function wallClock(at: number, zone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: zone }).format(at);
}

/** The day as text. */
export function dateText(options: Reader & { readonly at: number }): string {
  return format(options, date, options.at);
}

/** The day and the minute as text. */
export function dateTimeText(options: Reader & { readonly at: number }): string {
  return format(options, dateTime, options.at);
}

/** The time of day to the second as text, with its time zone. */
export function clockText(options: Reader & { readonly at: number }): string {
  return format(options, clock, options.at);
}

/** The exact moment as text, with its time zone. */
export function exactTime(options: Reader & { readonly at: number }): string {
  return format(options, exact, options.at);
}

function relativeTime(options: Reader & { readonly at: number; readonly now: number }): string {
  const seconds = Math.round((options.at - options.now) / 1000);
  const span = Math.abs(seconds);
  if (span >= 7 * day) return format(options, date, options.at);
  const [size, unit] = span < 45 ? nowUnit : span < hour ? minuteUnit : span < day ? hourUnit : dayUnit;
  const amount = size === 0 ? 0 : Math.sign(seconds) * Math.max(1, Math.floor(span / size));
  return relativeFormat(options.language).format(amount, unit);
}

const hour = 3600;
const day = 24 * hour;
const nowUnit = [0, "second"] as const;
const minuteUnit = [60, "minute"] as const;
const hourUnit = [hour, "hour"] as const;
const dayUnit = [day, "day"] as const;

const date: Intl.DateTimeFormatOptions = { dateStyle: "medium" };
const dateTime: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };
const clock: Intl.DateTimeFormatOptions = { timeStyle: "long" };
const exact: Intl.DateTimeFormatOptions = { dateStyle: "full", timeStyle: "long" };

// A formatter costs more than a hundred formatted dates, so they are kept. Their number is bounded by languages × zones.
const dateFormats = new Map<string, Intl.DateTimeFormat>();
const relativeFormats = new Map<string, Intl.RelativeTimeFormat>();

function format(reader: Reader, style: Intl.DateTimeFormatOptions, at: number): string {
  const key = `${reader.language} ${reader.zone} ${style.dateStyle} ${style.timeStyle}`;
  let found = dateFormats.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(reader.language, { ...style, timeZone: reader.zone });
    dateFormats.set(key, found);
  }
  return found.format(at);
}

function relativeFormat(language: string): Intl.RelativeTimeFormat {
  let found = relativeFormats.get(language);
  if (found === undefined) {
    found = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
    relativeFormats.set(language, found);
  }
  return found;
}
