// Numbers, plurals, waits and lists in English, from Intl.

const plural = new Intl.PluralRules("en");
const numbers = new Intl.NumberFormat("en");
const lists = {
  and: new Intl.ListFormat("en", { type: "conjunction" }),
  or: new Intl.ListFormat("en", { type: "disjunction" }),
};

/** A number, with its thousands apart. */
export function number(value: number): string {
  return numbers.format(value);
}

/** A number with what it counts. */
export function count(value: number, one: string, other: string): string {
  return `${number(value)} ${isOne(value) ? one : other}`;
}

/** Whether a number takes the singular. */
export function isOne(value: number): boolean {
  return plural.select(value) === "one";
}

/** A wait in words that a person would use. */
export function duration(seconds: number): string {
  if (seconds < 90) return count(Math.max(1, Math.round(seconds)), "second", "seconds");
  if (seconds < 5400) return count(Math.round(seconds / 60), "minute", "minutes");
  return count(Math.round(seconds / 3600), "hour", "hours");
}

/** Several sentences after one another. */
export function paragraph(sentences: readonly string[]): string {
  return sentences.join(" ");
}

/** Several things in one sentence. */
export function list(items: Iterable<string>, word: "and" | "or"): string {
  return lists[word].format(items);
}
