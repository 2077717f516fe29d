// What a page shows or says of its own: its texts and the attributes that are read out or shown, without what people
// typed and without times, which Intl writes.

import { CLOSE, OPEN } from "./pseudo-languages.ts";

const UNSEEN = [
  /<(script|style|svg|time)\b.*?<\/\1>/gs,
  /<select[^>]*name="time_zone".*?<\/select>/gs,
  /<option value="[a-z]{2}-[A-Z]{2}"[^>]*>.*?<\/option>/gs,
  /<(p|ol|div) class="(?:secret|codes|qr)\b.*?<\/\1>/gs,
];
const SHOWN = /\s(?:title|aria-label|placeholder|alt|data-copied)="([^"]*)"/g;

/** Texts of a page in a pseudo-language that stand outside of its sentences, but for those that are `known`. */
export function untranslated(html: string, known: readonly string[]): string[] {
  const visible = UNSEEN.reduce((text, pattern) => text.replaceAll(pattern, " "), html).replaceAll(/<html[^>]*>/g, "");
  const attributes = [...visible.matchAll(SHOWN)].map(([, value = ""]) => value);
  const texts = visible.replaceAll(/<[^>]*>/g, "\n").split("\n");
  return [...texts, ...attributes]
    .map((text) => withoutSentences(text))
    .map((text) => known.reduce((left, word) => left.replaceAll(word, ""), text).trim())
    .filter((text) => /\p{L}{2}/u.test(text.replaceAll(/&[a-z#0-9]+;|cs_\S+/g, "")));
}

/** Sentences may hold sentences, such as a list within one. */
function withoutSentences(text: string): string {
  let depth = 0;
  let left = "";
  for (const character of text) {
    if (character === OPEN) depth++;
    if (depth === 0) left += character;
    if (character === CLOSE) depth--;
  }
  return left;
}
