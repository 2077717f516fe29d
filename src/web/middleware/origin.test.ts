// Where a request that changes something comes from, as far as the browser tells.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isOurs } from "./origin.ts";

const SITE = "https://accounts.example.org";

function decide(headers: Record<string, string>, hasCookies = true): boolean {
  return isOurs(new Headers(headers), SITE, hasCookies);
}

describe("the origin of a request", () => {
  test("Fetch Metadata decides alone where the browser sends it (CH-01, LS-11)", () => {
    const sites = { "same-origin": true, none: true, "same-site": false, "cross-site": false, "": false, other: false };
    for (const [site, expected] of Object.entries(sites)) {
      for (const origin of [undefined, SITE, "https://evil.example", "null"]) {
        const headers = { "sec-fetch-site": site, ...(origin === undefined ? {} : { origin }) };
        for (const hasCookies of [true, false])
          assert.equal(decide(headers, hasCookies), expected, JSON.stringify(headers));
      }
    }
  });

  test("without it the Origin must be this site, letter for letter (CH-01)", () => {
    assert.ok(decide({ origin: SITE }));
    assert.ok(decide({ origin: SITE }, false));
    for (const origin of [
      "null",
      "",
      "http://accounts.example.org",
      "https://accounts.example.org:444",
      "https://accounts.example.org.evil.example",
      "https://evil-accounts.example.org",
      "https://example.org",
      "https://ACCOUNTS.example.org",
      `${SITE}/`,
      `${SITE} https://evil.example`,
    ]) {
      for (const hasCookies of [true, false]) assert.ok(!decide({ origin }, hasCookies), origin);
    }
  });

  test("no origin but this site's passes, however alike", () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string()), (text) => {
        // What is no header value at all cannot arrive; white space around one is not part of it.
        const origin = text.replace(/[^\x21-\x7e]/g, "");
        fc.pre(origin !== SITE);
        assert.ok(!decide({ origin }));
        assert.ok(!decide({ origin: `${SITE + origin}x` }));
      }),
    );
  });

  test("a request that tells nothing passes only if it carries no cookie of ours (CH-01)", () => {
    assert.ok(decide({}, false));
    assert.ok(!decide({}, true));
    // A Referer is no proof: policies drop it and programs make it up.
    assert.ok(!decide({ referer: `${SITE}/account` }, true));
  });
});
