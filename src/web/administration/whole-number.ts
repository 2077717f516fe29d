/** The number that a text of digits stands for; `undefined` for any other text. */
export function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}
