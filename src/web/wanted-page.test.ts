// The page that is opened after signing in comes from the address bar, so anybody may have written it into a link.
// Only a path of this site may pass, in whatever way a parser reads it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { wantedPage } from "./wanted-page.ts";

const SITE = "https://accounts.example.org";

/** Ways to another site that some browser, proxy or framework fell for. */
const BYPASSES = [
  "//evil.example",
  "///evil.example",
  "////evil.example//",
  "/\\evil.example",
  "\\\\evil.example",
  "\\/evil.example",
  "/\\/evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "/\r\n/evil.example",
  "\t//evil.example",
  " //evil.example",
  "/ /evil.example",
  "/\u0000/evil.example",
  "/%09/evil.example",
  "/%0a/evil.example",
  "/%0d%0aLocation:%20https://evil.example",
  "/%2f/evil.example",
  "/%2fevil.example",
  "/%2F%2Fevil.example",
  "/%5cevil.example",
  "/%5c%5cevil.example",
  "/.//evil.example",
  "/..//evil.example",
  "/%2e//evil.example",
  "/%2e%2e//evil.example",
  "/account/..//evil.example",
  "/account/../..//evil.example",
  "/./\\evil.example",
  "https://evil.example",
  "https:evil.example",
  "https:/evil.example",
  "http:///evil.example",
  "HTTPS://EVIL.EXAMPLE",
  "https://accounts.example.org@evil.example",
  "//accounts.example.org@evil.example",
  "//accounts.example.org:443@evil.example/",
  "@evil.example",
  ".evil.example",
  ":80",
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "java\tscript:alert(1)",
  "javascript://accounts.example.org/%0aalert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:msgbox(1)",
  "blob:https://evil.example/1",
  "file:///etc/passwd",
  "//[::1]/",
  "//3232235777",
  "//evil。example",
  "/／evil.example",
  "/\u2215evil.example",
  "?next=//evil.example",
  "#//evil.example",
  "account",
  "./account",
  "../account",
  "",
  " ",
  "/a%",
  "/%E0%A4%A",
  "/%ff",
  "/\u00e9",
  `/${"a".repeat(500)}`,
];

const GOOD = [
  "/",
  "/account",
  "/account/security",
  "/users?search=ada&state=not-seen&page=2",
  "/users/a-B_9?x=//not-a-host",
  "/events?person=ada%40example.org",
  "/account?name=%E2%82%AC",
  "/users?next=https://elsewhere.example",
];

/** What both a browser and a careless parser would make of the answer. */
function assertOurs(answer: string, given: string | null | undefined): void {
  const told = `${JSON.stringify(given)} gave ${JSON.stringify(answer)}`;
  assert.match(answer, /^\/(?![/\\])[\x21-\x7e]*$/, told);
  assert.ok(!answer.includes("\\"), told);
  for (const base of [SITE, `${SITE}/sign-in?next=x`, "http://localhost:4180/a/b/c"]) {
    assert.equal(new URL(answer, base).origin, new URL(base).origin, told);
  }
  const path = answer.split("?")[0] ?? "";
  assert.doesNotMatch(decodeURIComponent(path), /^\/[/\\]|\p{Cc}/u, told);
}

describe("the wanted page", () => {
  test("a path of this site passes, with its query", () => {
    for (const path of GOOD) assert.equal(wantedPage(path), path);
  });

  test("nothing wanted is the start page", () => {
    for (const nothing of [null, undefined, ""]) assert.equal(wantedPage(nothing), "/");
  });

  test("no known way to another site passes (CH-07, T-31)", () => {
    for (const bypass of BYPASSES) assert.equal(wantedPage(bypass), "/", bypass);
  });

  test("no known way to another site passes behind a path of ours (CH-07)", () => {
    for (const bypass of BYPASSES) {
      for (const given of [`/account${bypass}`, `/account?next=${bypass}`, `/${bypass}`, `/account/../${bypass}`]) {
        assertOurs(wantedPage(given), given);
      }
    }
  });

  test("whatever is given, a browser stays on this site (CH-07, T-31)", () => {
    const piece = fc.oneof(
      fc.constantFrom("/", "//", "\\", "%2f", "%5c", "%2e", ".", "..", ":", "@", "?", "#", "%", "&", "=", ";", "%00"),
      fc.constantFrom("http:", "https:", "javascript:", "evil.example", "accounts.example.org", "[::1]", "127.1"),
      fc.constantFrom("\t", "\n", "\r", " ", "\u0000", "\u00a0", "\u2028", "\u3000", "／", "＼", "。", "\ud800"),
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.string({ maxLength: 6 }),
      fc.webPath({ size: "small" }),
    );
    const given = fc.oneof(
      fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
      fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join("")}`),
      fc
        .tuple(fc.constantFrom("/", ...GOOD), piece, fc.constantFrom("", "?", "/x", "#"), piece)
        .map((parts) => parts.join("")),
      fc.constantFrom(...BYPASSES),
    );
    let passed = 0;
    fc.assert(
      fc.property(given, (text) => {
        const answer = wantedPage(text);
        if (answer !== "/") passed++;
        assertOurs(answer, text);
      }),
      { numRuns: 5_000 },
    );
    assert.ok(passed > 500, `only ${passed} of the generated pages passed, so the property says little`);
  });

  test("a page that passed passes again, because it is checked before and after signing in (CH-07)", () => {
    fc.assert(
      fc.property(fc.webPath(), fc.webQueryParameters(), (path, query) => {
        const once = wantedPage(`${path}?${query}`);
        fc.pre(once.length <= 500);
        assert.equal(wantedPage(once), once);
      }),
      { numRuns: 2_000 },
    );
  });
});
