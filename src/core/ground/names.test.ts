import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { createTestEngine } from "../../testing/auth.ts";
import { canonicalName } from "./names.ts";

const anyText = fc
  .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 20 })
  .map((points) => String.fromCodePoint(...points));

const OPERATOR = { address: "-", userAgent: "", requestId: "test" };

const profileOf = (login: string, email: string | null = null, name = "Somebody") =>
  ({ login, name, email, role: "person" }) as const;

/** An installation with the two things that these tests do: add people, and find them by what somebody types. */
async function installation() {
  const { auth } = await createTestEngine();
  const operator = auth.operatorAuthority();
  return {
    auth,
    add: (login: string, email: string | null = null, name?: string) =>
      auth.people.invite({ client: OPERATOR, authority: operator, ...profileOf(login, email, name) }),
    find: (typed: string) => auth.people.findByName({ reader: operator, name: typed }),
    search: async (search: string) => {
      const { people } = await auth.people.list({ reader: operator, filter: { search }, page: 1 });
      return people.map(({ login }) => login);
    },
  };
}

describe("the canonical form of a name", () => {
  test("is the same for every way of typing it: capitals, spaces around, accents apart, full width (RL-06, ML-06)", () => {
    const same = [
      ["ada", "ADA", " ada ", "\tAda\n", "ａｄａ", "ＡＤＡ", "\u00a0ada\u3000"],
      ["zoë@example.org", "Zoë@Example.ORG", "zoe\u0308@example.org", "ZOE\u0308@EXAMPLE.ORG"],
      ["ﬁona", "fiona", "FIONA", "ﬁONA"],
      ["ά", "Ά", "\u03ac", "\u0386", "α\u0301"],
    ];
    for (const [first = "", ...others] of same) {
      for (const other of others) assert.equal(canonicalName(other), canonicalName(first), other);
    }
  });

  test("keeps names apart that merely look alike (ML-06)", () => {
    const [latin, cyrillic] = ["ada", "\u0430d\u0430"];
    assert.notEqual(canonicalName(latin), canonicalName(cyrillic));
    assert.notEqual(canonicalName("paypa1"), canonicalName("paypal"));
    assert.notEqual(canonicalName("zoe"), canonicalName("zoë"));
    assert.notEqual(canonicalName("a.da"), canonicalName("ada"));
  });

  test("of a canonical form is itself, for any text (RL-06)", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string({ unit: "grapheme" })), (text) => {
        const once = canonicalName(text);
        assert.equal(canonicalName(once), once);
        assert.equal(canonicalName(text.normalize("NFD")), once);
        assert.equal(canonicalName(` ${text}\t`), once);
      }),
      { numRuns: 200 },
    );
  });

  test("of every single character is itself, too (RL-06)", () => {
    for (let point = 0; point <= 0x10ffff; point++) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const once = canonicalName(`a${String.fromCodePoint(point)}a`);
      if (canonicalName(once) !== once) assert.fail(`U+${point.toString(16)}`);
    }
  });
});

describe("a login or an address", () => {
  test("means one person, however it is typed", async () => {
    const { auth, add, find } = await installation();
    const ada = await add(" Ada ", "Ada.King@Example.org");
    assert.ok(ada.ok);
    for (const typed of ["ada", "ADA", " ａｄａ", "ada.king@example.org", "ADA.KING@EXAMPLE.ORG\n"]) {
      assert.equal((await find(typed))?.id, ada.id, typed);
    }
    for (const typed of ["", " ", "ad", "adaa", "ada.king", "%", "_da", "ada\u200b"]) {
      assert.equal(await find(typed), undefined, typed);
    }
    await auth.close();
  });

  test("of one person cannot be a login or an address of another, in any spelling (RL-06)", async () => {
    const { auth, add } = await installation();
    assert.ok((await add("ada", "king@example.org")).ok);
    const taken: [string, string | null, string][] = [
      ["ADA", null, "login_taken"],
      ["ａｄａ", null, "login_taken"],
      ["King@example.org", null, "login_taken"],
      ["other", "KING@EXAMPLE.ORG", "email_taken"],
    ];
    for (const [login, email, reason] of taken) assert.deepEqual(await add(login, email), { ok: false, reason });
    assert.ok((await add("b@example.org", "b@example.org")).ok, "one's login may be one's own address");
    assert.deepEqual(await add("c", "b@example.org"), { ok: false, reason: "email_taken" });
    await auth.close();
  });

  test("taken by two at the same moment goes to one of them", async () => {
    const { auth, add } = await installation();
    const outcomes = await Promise.all(Array.from({ length: 5 }, (_, n) => add("ada", `ada${n}@example.org`)));
    assert.equal(outcomes.filter(({ ok }) => ok).length, 1);
    await auth.close();
  });

  test("is refused where it could not be typed, mailed to or shown", async () => {
    const { auth, add } = await installation();
    const refused: [string, string | null, string | undefined, string][] = [
      ["", null, undefined, "login_invalid"],
      [" ", null, undefined, "login_invalid"],
      ["a b", null, undefined, "login_invalid"],
      ["a@b@c", null, undefined, "login_invalid"],
      ["@", null, undefined, "login_invalid"],
      ["a\u0000", null, undefined, "login_invalid"],
      ["a\u202eb", null, undefined, "login_invalid"],
      ["a".repeat(121), null, undefined, "login_invalid"],
      ["\ud800", null, undefined, "login_invalid"],
      ["a", "", undefined, "email_invalid"],
      ["a", "a@b", undefined, "email_invalid"],
      ["a", "a b@example.org", undefined, "email_invalid"],
      ["a", "a@example.org\r\nBcc: x@evil.example", undefined, "email_invalid"],
      ["a", "<a@example.org>", undefined, "email_invalid"],
      ["a", "a@example.org,b@example.org", undefined, "email_invalid"],
      ["a", "a@example..org", undefined, "email_invalid"],
      ["a", `${"a".repeat(250)}@example.org`, undefined, "email_invalid"],
      ["a", null, "", "name_invalid"],
      ["a", null, " \t ", "name_invalid"],
      ["a", null, "Ada\u0007", "name_invalid"],
      ["a", null, "Ada\u202e", "name_invalid"],
      ["a", null, "A".repeat(121), "name_invalid"],
      ["a", null, "\udfff", "name_invalid"],
    ];
    for (const [login, email, name, reason] of refused) {
      assert.deepEqual(await add(login, email, name), { ok: false, reason }, JSON.stringify([login, email, name]));
    }
    assert.ok((await add("a".repeat(120), null, "🦊".repeat(120))).ok, "lengths are counted in code points");
    await auth.close();
  });

  test("is found by searching for any part of it, as the list of people does", async () => {
    const { auth, add, search } = await installation();
    await add("ada", "ada.king@example.org", "Ada Lovelace");
    await add("ioannis", null, "İoannis Ϋψηλάντης");
    for (const part of ["ADA", "lovelace", "a lov", "king@", "ａｄａ"])
      assert.deepEqual(await search(part), ["ada"], part);
    for (const part of ["ioannis", "İOANNIS", "ϋψηλάντης", "ΫΨΗΛΆΝΤΗΣ"])
      assert.deepEqual(await search(part), ["ioannis"], part);
    await auth.close();
  });

  test("with any single letter in it is found by that letter, small or capital", async () => {
    const { auth, search } = await installation();
    const missing: string[] = [];
    const { add } = {
      add: (name: string, n: number) =>
        auth.people.invite({
          client: OPERATOR,
          authority: auth.operatorAuthority(),
          ...profileOf(`l${n}`, null, name),
        }),
    };
    // Letters whose small and compatible forms are longer, shorter or several.
    for (const [n, letter] of [..."ßẞİıſŉǰΐΰẖẗẘẙẚﬀﬁﬆﬓἀᾀᾈᾳῼⅠⅷⓐＡÅKΩ㎏㍿ǅẛ"].entries()) {
      const added = await add(`x${letter}x`, n);
      assert.ok(added.ok, letter);
      for (const typed of [letter, letter.normalize("NFD")]) {
        if (!(await search(`x${typed}x`)).includes(`l${n}`)) missing.push(`${letter} by ${typed}`);
      }
    }
    assert.deepEqual(missing, []);
    await auth.close();
  });
});
