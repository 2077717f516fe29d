// The cookies of known and of trusted browsers: one token for each person who has signed in here, the newest first.

import { type Cookies, setCookie } from "../middleware/cookies.ts";

const SECONDS = 400 * 86_400;
const MOST = 8;
const SEPARATOR = "~";

/** The tokens that a browser presents. */
export function browserTokens({ browsers }: Cookies): string[] {
  return tokensIn(browsers);
}

/** Adds a token; the oldest ones give way. */
export function rememberBrowser(cookies: Cookies, token: string): string {
  return setCookie("browsers", [token, ...browserTokens(cookies)].slice(0, MOST).join(SEPARATOR), SECONDS);
}

/** The server decides until when; this is the longest that it may. */
const TRUST_SECONDS = 30 * 86_400;

/** The tokens of the people who trust this browser. */
export function trustTokens({ trust }: Cookies): string[] {
  return tokensIn(trust);
}

/** Adds a token in the place of the one that it renews; the oldest ones give way. */
export function trustBrowser(cookies: Cookies, token: string): string {
  const id = token.slice(0, token.indexOf(".") + 1);
  const others = trustTokens(cookies).filter((other) => !other.startsWith(id));
  return setCookie("trust", [token, ...others].slice(0, MOST).join(SEPARATOR), TRUST_SECONDS);
}

function tokensIn(cookie: string | undefined): string[] {
  return cookie === undefined || cookie === "" ? [] : cookie.split(SEPARATOR).slice(0, MOST);
}
