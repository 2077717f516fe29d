// The day from which a second factor is required, as administrators choose it.

import type { Text } from "../../text/text.ts";
import { selectField } from "../ui/field.ts";
import type { Markup } from "../ui/markup.ts";

const DAYS = [0, 7, 14, 30] as const;
const DAY = 86_400_000;

/** The choice, for a form. */
export function requiredFromField(text: Text): Markup {
  return selectField({
    name: "days",
    label: text.person.from,
    options: DAYS.map((days) => ({ value: String(days), label: text.person.inDays[days] })),
  });
}

/** The time that a form chose; whatever else was sent means at once. */
export function requiredFrom(typed: string, now: number): number {
  return now + (DAYS.find((days) => String(days) === typed) ?? 0) * DAY;
}
