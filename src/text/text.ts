// Chooses the catalogue that somebody reads.

import { en, type Text } from "./en.ts";

/** One catalogue for each language; the first serves readers of all others. */
export type Catalogues = readonly [Text, ...Text[]];

export const CATALOGUES: Catalogues = [en];

/** The languages that there are, as BCP 47 tags. */
export const LANGUAGES: readonly string[] = CATALOGUES.map(({ language }) => language);

/** The catalogue of a language; the first where there is none. */
export function textIn(language: string, catalogues: Catalogues = CATALOGUES): Text {
  return catalogues.find((catalogue) => catalogue.language === language) ?? catalogues[0];
}

/**
 * The catalogue for a list of wanted languages, the most wanted first. A reader of `de-AT` gets `de` (RFC 4647, section
 * 3.4).
 */
export function textFor(wanted: readonly string[], catalogues: Catalogues = CATALOGUES): Text {
  for (const range of wanted) {
    for (let tag = range.toLowerCase(); tag !== ""; tag = shorter(tag)) {
      const found = catalogues.find(({ language }) => language.toLowerCase() === tag);
      if (found !== undefined) return found;
    }
  }
  return catalogues[0];
}

/** Languages to choose from, each under its own name. */
export function choicesOf(catalogues: Catalogues): { value: string; label: string }[] {
  return catalogues.map(({ language, languageName }) => ({ value: language, label: languageName }));
}

/** A tag without its last subtag, and without a single letter before it, which means nothing alone. */
function shorter(tag: string): string {
  return tag.replace(/(?:^|-)[^-]*$/, "").replace(/(?:^|-)[^-]$/, "");
}

export type { Text } from "./en.ts";
