// Which catalogue a person reads.

import { en, type Text } from "./en.ts";

const CATALOGUES: Record<string, Text> = { en };

/** The catalogue of a language; English where there is none. */
export function textIn(language: string): Text {
  return CATALOGUES[language] ?? en;
}

/** The languages there are, each under its own name. */
export function languages(): { value: string; label: string }[] {
  return Object.values(CATALOGUES).map(({ language, languageName }) => ({ value: language, label: languageName }));
}

export type { Text } from "./en.ts";
