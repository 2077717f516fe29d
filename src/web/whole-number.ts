/** The number that a text of digits stands for; `undefined` for any other text. */
export function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The page that a query asks for; the first where it asks for none. */
export function pageNumber(text: string | null): number {
  return Math.min(Math.max(1, wholeNumber(text) ?? 1), 1_000_000);
}
