// Cookies. All are `__Host-`: sent to this host alone, over TLS (browsers take localhost for safe), not to be set by a
// sibling host. A name that arrives twice is nobody's: one of the two was tossed in by somebody else.

export type CookieName = "session" | "sign-in" | "browsers" | "trust" | "notice";

const PREFIX = "__Host-countersign-";
const LARGEST_HEADER = 8_192;

export type Cookies = Readonly<Partial<Record<CookieName, string>>>;

/** Reads our cookies from the header; whatever is malformed, doubled or too long counts as absent. */
export function readCookies(header: string | undefined): Cookies {
  const found = new Map<string, string | undefined>();
  if (header === undefined || header.length > LARGEST_HEADER) return {};
  for (const pair of header.split(";")) {
    const split = pair.indexOf("=");
    if (split < 0) continue;
    const name = pair.slice(0, split).trim();
    if (name.slice(0, PREFIX.length).toLowerCase() !== PREFIX.toLowerCase()) continue;
    const key = name.slice(PREFIX.length).toLowerCase();
    const valid = !found.has(key) && name === PREFIX + key;
    found.set(key, valid ? pair.slice(split + 1).trim() : undefined);
  }
  return Object.fromEntries(found) as Cookies;
}

/** Sets a cookie until the browser closes, or for so many seconds. */
export function setCookie(name: CookieName, value: string, seconds?: number): string {
  const age = seconds === undefined ? "" : `; Max-Age=${seconds}`;
  return `${PREFIX}${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax${age}`;
}

/** Removes a cookie. */
export function clearCookie(name: CookieName): string {
  return setCookie(name, "", 0);
}
