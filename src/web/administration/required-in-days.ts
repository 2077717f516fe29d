/** Days until a second factor is required, for administrators to choose from. */
export const REQUIRED_IN_DAYS = [0, 7, 14, 30] as const;

const DAY = 86_400_000;

/** The time that a form chose; whatever else was sent means at once. */
export function requiredFrom(typed: string, now: number): number {
  return now + (REQUIRED_IN_DAYS.find((days) => String(days) === typed) ?? 0) * DAY;
}
