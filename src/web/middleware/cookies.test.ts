// Cookies as they arrive. A sibling host, an old browser or an attacker may have added some; one that is not exactly
// ours, exactly once, is nobody's.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type CookieName, clearCookie, readCookies, setCookie } from "./cookies.ts";

const PREFIX = "__Host-countersign-";
const NAMES: CookieName[] = ["session", "sign-in", "browsers", "notice"];
const TOKEN = "AAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";

describe("reading cookies", () => {
  test("each of ours is found, among those of others and whatever the spaces", () => {
    for (const name of NAMES) {
      for (const header of [
        `${PREFIX}${name}=${TOKEN}`,
        `a=b; ${PREFIX}${name}=${TOKEN}`,
        `${PREFIX}${name}=${TOKEN};a=b`,
        `a;=;${PREFIX}${name} =  ${TOKEN} ; `,
      ]) {
        assert.equal(readCookies(header)[name], TOKEN, header);
      }
    }
  });

  test("a value may contain an equals sign", () => {
    assert.equal(readCookies(`${PREFIX}notice=a=b=`).notice, "a=b=");
  });

  test("no header and an empty one hold nothing", () => {
    assert.deepEqual(readCookies(undefined), {});
    assert.deepEqual(readCookies(""), {});
  });

  test("a name that comes twice is nobody's, in either order and even with one value (SE-09)", () => {
    for (const other of [TOKEN, "other", ""]) {
      for (const header of [
        `${PREFIX}session=${TOKEN}; ${PREFIX}session=${other}`,
        `${PREFIX}session=${other}; ${PREFIX}session=${TOKEN}`,
        `${PREFIX}session=${TOKEN}; x=y; ${PREFIX}session=${other}; ${PREFIX}session=${TOKEN}`,
      ]) {
        assert.equal(readCookies(header).session, undefined, header);
      }
    }
  });

  test("a name in other letters is not ours, and takes ours with it (SE-09)", () => {
    for (const name of [
      "__host-countersign-session",
      "__HOST-countersign-session",
      "__Host-Countersign-session",
      "__Host-countersign-Session",
    ]) {
      assert.equal(readCookies(`${name}=${TOKEN}`).session, undefined, name);
      assert.equal(readCookies(`${PREFIX}session=${TOKEN}; ${name}=x`).session, undefined, name);
      assert.equal(readCookies(`${name}=x; ${PREFIX}session=${TOKEN}`).session, undefined, name);
    }
  });

  test("names that only resemble ours are no cookie of ours and do no harm", () => {
    for (const name of [
      "session",
      "countersign-session",
      "__Secure-countersign-session",
      "x__Host-countersign-session",
    ]) {
      assert.equal(readCookies(`${name}=${TOKEN}`).session, undefined, name);
      assert.equal(readCookies(`${name}=x; ${PREFIX}session=${TOKEN}`).session, TOKEN, name);
    }
  });

  test("a header that is too long holds nothing, however it is filled (SE-09)", () => {
    const ours = `${PREFIX}session=${TOKEN}`;
    assert.equal(readCookies(`${ours}; a=${"x".repeat(8_192 - ours.length - 4)}`).session, TOKEN);
    assert.deepEqual(readCookies(`${ours}; a=${"x".repeat(8_192 - ours.length - 3)}`), {});
  });

  test("names of JavaScript's own change nothing", () => {
    const cookies = readCookies(["__proto__", "constructor", "toString"].map((name) => `${PREFIX}${name}=x`).join(";"));
    assert.equal(cookies.session, undefined);
    assert.equal(({} as { x?: string }).x, undefined);
    assert.equal(Object.getPrototypeOf(cookies), Object.prototype);
  });

  test("whatever the header says, a value comes from exactly one pair of exactly our name (SE-09)", () => {
    const name = fc.constantFrom(
      ...NAMES.map((each) => PREFIX + each),
      ...NAMES.map((each) => (PREFIX + each).toUpperCase()),
      "a",
      "",
    );
    const pair = fc.tuple(
      name,
      fc.string({ maxLength: 5 }).filter((text) => !text.includes(";")),
    );
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 6 }), (pairs) => {
        const cookies = readCookies(pairs.map(([key, value]) => `${key}=${value}`).join("; "));
        for (const ours of NAMES) {
          const alike = pairs.filter(([key]) => key.toLowerCase() === (PREFIX + ours).toLowerCase());
          const [only] = alike;
          const expected = alike.length === 1 && only?.[0] === PREFIX + ours ? only[1].trim() : undefined;
          assert.equal(cookies[ours], expected);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("setting cookies", () => {
  test("every cookie is for this host alone, over TLS, unseen by script (SE-08)", () => {
    const attributes = "; Path=/; Secure; HttpOnly; SameSite=Lax";
    for (const name of NAMES) {
      assert.equal(setCookie(name, TOKEN), `${PREFIX}${name}=${TOKEN}${attributes}`);
      assert.equal(setCookie(name, TOKEN, 600), `${PREFIX}${name}=${TOKEN}${attributes}; Max-Age=600`);
      assert.equal(clearCookie(name), `${PREFIX}${name}=${attributes}; Max-Age=0`);
    }
  });
});
