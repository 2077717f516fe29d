// The results: as data for a file, as a table for people.

import type { Measured } from "./load.ts";
import { ratios, type Summary, summary } from "./numbers.ts";

export type Row = { contestant: string; unit: string } & Summary;
export type Goal = { what: string; bound: "at least" | "at most"; limit: number; unit: string; met: boolean } & Summary;
export type Result = { title: string; rows: Row[]; goals: Goal[] };

/** One contestant's numbers. */
export function row(contestant: string, unit: string, values: readonly number[]): Row {
  return { contestant, unit, ...summary(values) };
}

/** What several contestants answered to a load: how many requests a second, and how fast. */
export function rateRows(prefix: string, series: Record<string, readonly Measured[]>): Row[] {
  const entries = Object.entries(series);
  return [
    ...entries.map(([name, values]) => row(`${prefix}${name}`, "/s", rates(values))),
    ...entries.map(([name, values]) => {
      const latencies = values.map(({ medianMilliseconds }) => medianMilliseconds);
      return row(`${prefix}${name}, median latency`, "ms", latencies);
    }),
  ];
}

/** Requests a second, round by round. */
export function rates(values: readonly Measured[]): number[] {
  return values.map(({ perSecond }) => perSecond);
}

/** A goal for the ratio of two series of the same rounds. */
export function ratioGoal(
  what: string,
  bound: Goal["bound"],
  limit: number,
  [over, under]: readonly [readonly number[], readonly number[]],
): Goal {
  return judge({ what, bound, limit, unit: "×", ...summary(ratios(over, under)) });
}

/** A goal for a series itself. */
export function goal(what: string, limit: number, unit: string, values: readonly number[]): Goal {
  return judge({ what, bound: "at most", limit, unit, ...summary(values) });
}

/** The table of one measurement, in Markdown. */
export function table({ title, rows, goals }: Result): string {
  const lines = [`### ${title}`, "", "| | median | min – max |", "|---|---:|---:|"];
  for (const { contestant, unit, ...numbers } of rows) lines.push(line(contestant, unit, numbers));
  for (const { what, bound, limit, unit, met, ...numbers } of goals) {
    const sign = bound === "at least" ? "≥" : "≤";
    lines.push(line(`${met ? "met" : "**missed**"}: ${what}, goal ${sign} ${limit} ${unit}`, unit, numbers));
  }
  return `${lines.join("\n")}\n`;
}

function judge(measured: Omit<Goal, "met">): Goal {
  const { bound, limit, median } = measured;
  return { ...measured, met: bound === "at least" ? median >= limit : median <= limit };
}

function line(name: string, unit: string, { median, min, max }: Summary): string {
  return `| ${name} | ${written(median)} ${unit} | ${written(min)} – ${written(max)} |`;
}

function written(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(value < 10 ? 2 : 1);
}
