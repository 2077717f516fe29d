// The page that a person wanted before they had to sign in. Only a path of this site passes: everything that some
// parser might read as another host is dropped.

/** The wanted page if it is a plain path of ours, else the start page. */
export function wantedPage(text: string | null | undefined): string {
  if (text == null || text.length > 500 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text) || text.includes("\\")) return "/";
  const base = "http://countersign.invalid";
  if (!URL.canParse(text, base)) return "/";
  const url = new URL(text, base);
  const path = url.pathname + url.search;
  let decoded = path;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return "/";
  }
  const suspicious = /\/\/|\\|\p{Cc}/u.test(decoded.split("?")[0] ?? "");
  return url.origin !== base || suspicious || path.startsWith("//") ? "/" : path;
}
