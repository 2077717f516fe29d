// "Chrome on Linux": what a person recognises a browser by.

import bowser from "bowser";
import type { Text } from "./text/text.ts";

/** Names the browser and platform of a user agent in a language; `undefined` where it tells nothing. */
export function deviceName(userAgent: string, text: Text): string | undefined {
  if (userAgent === "") return undefined;
  const { browser, os } = bowser.parse(userAgent);
  if (browser.name && os.name) return text.common.device(browser.name, os.name);
  return browser.name || os.name || undefined;
}
