// The cookie of known browsers: one token for each person who has logged in here, the newest first.

import { type Cookies, setCookie } from "../middleware/cookies.ts";

const SECONDS = 400 * 86_400;
const MOST = 8;
const SEPARATOR = "~";

/** The tokens that a browser presents. */
export function browserTokens({ browsers }: Cookies): string[] {
  return browsers === undefined || browsers === "" ? [] : browsers.split(SEPARATOR).slice(0, MOST);
}

/** Adds a token; the oldest ones give way. */
export function rememberBrowser(cookies: Cookies, token: string): string {
  return setCookie("browsers", [token, ...browserTokens(cookies)].slice(0, MOST).join(SEPARATOR), SECONDS);
}
