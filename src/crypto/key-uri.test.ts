import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import * as otpauth from "otpauth";
import { encodeBase32 } from "./base32.ts";
import { accountLabel, issuerLabel, keyUri } from "./key-uri.ts";
import { DEFAULT_PARAMETERS, SECRET_BYTES } from "./totp.ts";

const secret = randomBytes(SECRET_BYTES);

/** Names as people and attackers write them: any script, plenty of syntax, marks that combine, halves of pairs. */
const names = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 90 }),
  fc.string({ unit: "grapheme", maxLength: 90 }),
  fc
    .array(
      fc.constantFrom(
        ..."aZ09 @.-_:&?#%/+=\\;,'\"<>~\t\n\0\u0301\u0338\u200b\u202eé",
        "%3A",
        "%26secret=",
        "Å",
        "🔐",
        "\ud83d",
      ),
      {
        maxLength: 90,
      },
    )
    .map((parts) => parts.join("")),
);

function uriOf(issuer: string, account: string): string {
  return keyUri({ issuer, account, secret, ...DEFAULT_PARAMETERS });
}

/** Reads an address as an app does that knows URLs. */
function parse(uri: string) {
  const { protocol, host, pathname, searchParams } = new URL(uri);
  const [issuer, account, ...more] = decodeURIComponent(pathname.slice(1)).split(":");
  return { protocol, host, issuer, account, more, parameters: [...searchParams] };
}

/** Characters that some app takes for syntax after it has decoded the whole address. */
const SYNTAX = /[:&?#%/+=\\\p{C}]/u;

test("the address of a plain name is this one, all parameters stated", () => {
  const uri = keyUri({
    issuer: "Countersign",
    account: "ada@example.org",
    secret: Buffer.alloc(20),
    ...DEFAULT_PARAMETERS,
  });
  assert.equal(
    uri,
    "otpauth://totp/Countersign:ada%40example.org?secret=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&issuer=Countersign" +
      "&algorithm=SHA1&digits=6&period=30",
  );
});

test("the secret of the address is 32 characters of base32 without padding, all of its 20 bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
      const uri = keyUri({ issuer: "A", account: "b", secret: bytes, ...DEFAULT_PARAMETERS });
      const given = new URL(uri).searchParams.getAll("secret");
      assert.deepEqual(given, [encodeBase32(bytes)]);
      assert.match(given[0] ?? "", /^[A-Z2-7]{32}$/);
    }),
  );
});

test("an app that decodes the whole address before it reads it finds the same fields", () => {
  fc.assert(
    fc.property(names, names, (issuer, account) => {
      const uri = uriOf(issuer, account);
      const read = parse(uri);
      assert.deepEqual(parse(decodeURIComponent(uri)), read);
      assert.deepEqual(read, {
        protocol: "otpauth:",
        host: "totp",
        issuer: issuerLabel(issuer),
        account: accountLabel(account),
        more: [],
        parameters: [
          ["secret", encodeBase32(secret)],
          ["issuer", issuerLabel(issuer)],
          ["algorithm", "SHA1"],
          ["digits", "6"],
          ["period", "30"],
        ],
      });
    }),
    { numRuns: 2_000 },
  );
});

test("a strict reader of another make finds the same fields, before and after decoding", () => {
  fc.assert(
    fc.property(names, names, (issuer, account) => {
      const uri = uriOf(issuer, account);
      for (const form of [uri, decodeURIComponent(uri)]) {
        const read = otpauth.URI.parse(form);
        assert.ok(read instanceof otpauth.TOTP);
        assert.equal(read.issuer, issuerLabel(issuer));
        assert.equal(read.label, accountLabel(account));
        assert.equal(read.secret.base32, encodeBase32(secret));
        assert.deepEqual([read.algorithm, read.digits, read.period], ["SHA1", 6, 30]);
      }
    }),
  );
});

test("label and parameter name the same issuer, with one colon between issuer and account", () => {
  fc.assert(
    fc.property(names, names, (issuer, account) => {
      const [, rest = ""] = uriOf(issuer, account).split("otpauth://totp/");
      const [label = "", query = ""] = rest.split("?");
      assert.equal(label.split(":").length, 2);
      assert.doesNotMatch(label, /%3a/i);
      assert.equal(label.split(":")[0], /&issuer=([^&]*)/.exec(query)?.[1]);
      // The expression by which FreeOTP reads a label.
      assert.match(`/${decodeURIComponent(label)}`, /^\/(?:([^:]*):)?([^:]*)$/);
    }),
  );
});

test("spaces are %20, never +, and nothing but unreserved ASCII stands in the address", () => {
  assert.match(uriOf("Two Words", "a b@c"), /^otpauth:\/\/totp\/Two%20Words:a%20b%40c\?.*&issuer=Two%20Words&/);
  fc.assert(
    fc.property(names, names, (issuer, account) => {
      assert.match(uriOf(issuer, account), /^otpauth:\/\/totp\/[\w.~!*'()%-]+:[\w.~!*'()%-]+\?[\w.~!*'()%&=-]+$/);
    }),
  );
});

test("a name keeps no character that an app takes for syntax, and no control character", () => {
  for (const sign of [...":&?#%/+=\\\0\n\r\t\u007f\u0085\u200b\u202e\u2066\ufeff", "\ud83d"]) {
    assert.equal(accountLabel(`a${sign}b`), "a b", JSON.stringify(sign));
    assert.equal(issuerLabel(`a${sign}b`), "a b", JSON.stringify(sign));
  }
  fc.assert(
    fc.property(names, (name) => {
      assert.doesNotMatch(issuerLabel(name), SYNTAX);
      assert.doesNotMatch(accountLabel(name), SYNTAX);
    }),
    { numRuns: 1_000 },
  );
});

test("names are NFC, at most 30 and 50 characters, not empty, without space around them", () => {
  fc.assert(
    fc.property(names, (name) => {
      for (const [label, longest] of [
        [issuerLabel(name), 30],
        [accountLabel(name), 50],
      ] as const) {
        assert.equal(label, label.normalize("NFC"));
        assert.ok(Array.from(label).length <= longest);
        assert.ok(label.length > 0);
        assert.equal(label, label.trim());
        assert.ok(label.isWellFormed(), "no half of a surrogate pair, or encoding would throw");
      }
    }),
    { numRuns: 1_000 },
  );
  assert.equal(accountLabel("Ame\u0301lie"), "Am\u00e9lie");
  assert.equal(Array.from(issuerLabel("é".repeat(100))).length, 30);
  assert.equal(Array.from(accountLabel("🔐".repeat(100))).length, 50);
});

test("names that are empty, or nothing but syntax, are replaced", () => {
  for (const name of ["", " ", ":::", "\0", "%&?", "\u200b\u200b"]) {
    assert.equal(issuerLabel(name), "Countersign");
    assert.equal(accountLabel(name), "account");
  }
});

test("the issuer is never Steam, which would make apps show codes of another alphabet", () => {
  for (const name of [
    "Steam",
    "steam",
    "STEAM",
    " Steam ",
    "Steam:",
    "%Steam",

    "Steam\0",
  ]) {
    assert.notEqual(issuerLabel(name).toLowerCase(), "steam", name);
  }
  assert.equal(issuerLabel("Steamship Company"), "Steamship Company");
});

test("what is made safe once stays as it is", () => {
  fc.assert(
    fc.property(names, (name) => {
      assert.equal(issuerLabel(issuerLabel(name)), issuerLabel(name));
      assert.equal(accountLabel(accountLabel(name)), accountLabel(name));
    }),
  );
});

test("other parameters are stated as they are", () => {
  const uri = keyUri({ issuer: "A", account: "b", secret, algorithm: "SHA512", digits: 8, period: 60 });
  assert.match(uri, /&algorithm=SHA512&digits=8&period=60$/);
});
