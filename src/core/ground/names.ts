// Names and reasons as people type them and as they are kept.

/**
 * The one form of a login or e-mail address, in which it is stored, compared and counted: NFKC, lower case, no space
 * around it. NFKC also folds full-width and other look-alike forms that people's keyboards produce.
 */
export function canonicalName(typed: string): string {
  return typed.normalize("NFKC").trim().toLowerCase().normalize("NFKC");
}

/** A name as it is kept: NFC, single spaces, without control characters, of bounded length; `undefined` if it is none. */
export function plainName(typed: string, length: number): string | undefined {
  const name = typed.normalize("NFC").replace(/\s+/g, " ").trim();
  return name !== "" && isPlain(name, length) ? name : undefined;
}

/** Text without control characters and of bounded length, counted in code points. */
export function isPlain(text: string, length: number): boolean {
  return !/[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(text) && Array.from(text).length <= length;
}

const REASON_LENGTH = 500;

/** A reason as it goes on record, or `undefined` where none was given. */
export function statedReason(typed: string): string | undefined {
  const stated = typed.replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return stated === "" ? undefined : Array.from(stated).slice(0, REASON_LENGTH).join("");
}
