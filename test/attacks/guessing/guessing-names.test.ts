// The attack: the budget is counted by name, and one person has many: the login, the e-mail address, capitals, a space
// behind it, the full-width letters of a Japanese keyboard, an accent as one sign or two. If each spelling had a budget
// of its own, guesses would cost nothing. A person is counted as one, and so is a name that nobody has.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as attempts from "../../../src/core/ground/attempts.ts";
import { canonicalName } from "../../../src/core/ground/names.ts";
import { submit, useArena } from "../../support/attacker.ts";
import { onBothDatabases } from "../../support/world.ts";

const SPACES = ["", " ", "  ", "\t", "\u00a0", "\u2003", "\u3000", "\ufeff"];

/** A spelling of a letter that keyboards and programs take for the same. */
const FORMS: ((letter: string) => string)[] = [
  (letter) => letter,
  (letter) => letter.toUpperCase(),
  (letter) => letter.normalize("NFD"),
  (letter) => letter.toUpperCase().normalize("NFD"),
  // Full-width letters, U+FF01 to U+FF5E.
  (letter) => (/^[!-~]$/.test(letter) ? String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0) : letter),
  (letter) => (/^[a-z]$/.test(letter) ? String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfec0) : letter),
  // Mathematical bold and script letters.
  (letter) => (/^[a-z]$/.test(letter) ? String.fromCodePoint(0x1d41a + letter.charCodeAt(0) - 97) : letter),
  (letter) => (/^[a-z]$/.test(letter) ? String.fromCodePoint(0x24d0 + letter.charCodeAt(0) - 97) : letter),
];

/** Any spelling of a name, with space around it. */
function spelling(name: string): fc.Arbitrary<string> {
  const letters = Array.from(name);
  const forms = fc.array(fc.nat({ max: FORMS.length - 1 }), { minLength: letters.length, maxLength: letters.length });
  const space = fc.constantFrom(...SPACES);
  return fc
    .tuple(space, forms, space)
    .map(
      ([front, chosen, back]) => front + letters.map((letter, at) => FORMS[chosen[at] ?? 0]?.(letter)).join("") + back,
    );
}

test("a name has one canonical form, and that form is its own (RL-06)", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.emailAddress());
  fc.assert(
    fc.property(text, (name) => {
      const canonical = canonicalName(name);
      assert.equal(canonicalName(canonical), canonical);
    }),
    { numRuns: 2_000 },
  );
});

onBothDatabases("names of one person", (dialect) => {
  const world = useArena(dialect);

  const slow = (subject: string) =>
    world.context.db
      .insertInto("attempts")
      .values({
        subject,
        bucket: attempts.STRANGERS,
        kind: "password",
        misses: 15,
        blocked_until: world.clock.now() + 32_000,
        first_at: 0,
        last_at: world.clock.now(),
      })
      .execute();
  const tryName = (login: string) => submit(world.browser(), "/sign-in", { login, password: "not the right one" });

  for (const login of ["ada.lovelace", "zoë-brontë", "müller", "ἀριστοτέλης", "åsa_strøm"]) {
    test(`every spelling of ${login} and of the address is slowed down with it (RL-06, T-24, WILD-1b)`, async () => {
      const { id } = await world.person(login);
      const { email } = await world.context.db
        .selectFrom("users")
        .select("email")
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
      await slow(id);
      await fc.assert(
        fc.asyncProperty(fc.oneof(spelling(login), spelling(email ?? "")), async (typed) => {
          assert.equal((await tryName(typed)).status, 429);
        }),
        { numRuns: 60 },
      );
    });
  }

  test("every spelling of a name that nobody has is slowed down with it (RL-06, RL-14)", async () => {
    const name = "no-körper";
    await slow(attempts.unknownSubject(world.context, name));
    await fc.assert(
      fc.asyncProperty(spelling(name), async (typed) => {
        assert.equal((await tryName(typed)).status, 429);
      }),
      { numRuns: 60 },
    );
    assert.equal((await tryName("no-körper2")).status, 422, "another name is not");
  });

  test("misses under different spellings add up in one place (RL-06, T-24)", async () => {
    const { id } = await world.person("grace");
    const names = [
      "grace",
      "GRACE",
      " grace\u3000",
      "ｇｒａｃｅ",
      "grace@example.org",
      "Grace@EXAMPLE.org",
      "ⓖrace@example．org",
    ];
    for (const [index, name] of names.entries()) {
      assert.equal((await tryName(name)).status, 422, name);
      const rows = await world.context.db.selectFrom("attempts").select("misses").where("subject", "=", id).execute();
      assert.deepEqual(
        rows.map(({ misses }) => misses),
        [index + 1],
        name,
      );
    }
  });

  test("two people never share a budget, however alike they are", async () => {
    const [one, other] = [await world.person("hedy"), await world.person("hedy.l")];
    await slow(one.id);
    assert.equal((await tryName("hedy")).status, 429);
    assert.equal((await tryName("hedy.l")).status, 422);
    assert.notEqual(one.id, other.id);
  });
});
