// Languages that nobody speaks, made of the English sentences, to see whether pages and mails do for another language:
// one with accents, and one that is written from right to left.

import { type Direction, en, type Text } from "../../src/text/en.ts";

/** What stands around each sentence of a pseudo-language. */
export const OPEN = "⟦";
export const CLOSE = "⟧";

const ACCENTS: Readonly<Record<string, string>> = { a: "å", e: "é", i: "î", o: "ø", u: "ü", c: "ç", n: "ñ", s: "š" };

/** Every sentence in brackets, and those without parameters with accents. */
function pseudo(language: string, direction: Direction): Text {
  return { ...(translated(en) as Text), language, languageName: language, direction };
}

function translated(value: unknown): unknown {
  if (typeof value === "string")
    return `${OPEN}${value.replace(/[aeioucns]/g, (letter) => ACCENTS[letter] ?? "")}${CLOSE}`;
  if (typeof value === "function") {
    return (...given: unknown[]) => {
      const made: unknown = value(...given);
      return typeof made === "string" ? `${OPEN}${made}${CLOSE}` : translated(made);
    };
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, translated(inner)]));
}

export const ACCENTED = pseudo("en-XA", "ltr");
export const MIRRORED = pseudo("ar-XB", "rtl");
