// "Chrome on Linux": what a person recognises a browser by.

import bowser from "bowser";

/** Names the browser and platform of a user agent; `undefined` where it tells nothing. */
export function deviceName(userAgent: string): string | undefined {
  if (userAgent === "") return undefined;
  const { browser, os } = bowser.parse(userAgent);
  const parts = [browser.name, os.name].filter((part) => part !== undefined && part !== "");
  return parts.length > 0 ? parts.join(" on ") : undefined;
}
