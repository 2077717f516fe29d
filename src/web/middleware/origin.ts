// A request that changes something must come from our own pages, the sign-in form included (login CSRF).
//
// Fetch Metadata decides where the browser sends it: `same-site` is refused, because a sibling host is not us. Older
// browsers send Origin. A request with neither is no browser's form; it passes only if it carries no cookie of ours.

/** Whether a request with an unsafe method may go on. */
export function isOurs(headers: Headers, publicUrl: string, hasCookies: boolean): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" || site === "none";
  const origin = headers.get("origin");
  if (origin !== null) return origin === publicUrl;
  return !hasCookies;
}
