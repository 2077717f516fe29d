// Which catalogue a person reads.

import type { Language } from "../auth.ts";
import { en, type Text } from "./en.ts";

/** Every language that the engine takes has a catalogue; the type sees to it. */
const CATALOGUES: Readonly<Record<Language, Text>> = { en };

/** The catalogue of a language; English where there is none. */
export function textIn(language: string): Text {
  return Object.values(CATALOGUES).find((catalogue) => catalogue.language === language) ?? en;
}

/** The languages there are, each under its own name. */
export function languages(): { value: string; label: string }[] {
  return Object.values(CATALOGUES).map(({ language, languageName }) => ({ value: language, label: languageName }));
}

export type { Text } from "./en.ts";
