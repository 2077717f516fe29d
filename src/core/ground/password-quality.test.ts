import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { checkPassword, SHORTEST } from "./password-quality.ts";

const WORDS = ["ada", "Ada Lovelace", "ada@analytical-engine.example", "Countersign"];

async function reasonFor(password: string, words: readonly (string | null)[] = WORDS) {
  const outcome = await checkPassword(password, words);
  return outcome.ok ? "good" : outcome.reason;
}

describe("a new password", () => {
  test("has 15 to 256 code points, counted after NFC, whatever they are made of (PW-01, PW-02)", async () => {
    assert.equal(SHORTEST, 15);
    const units: [string, number][] = [
      ["a", 1],
      ["é", 1],
      ["e\u0301", 1],
      ["\u1112\u1161\u11ab", 1],
      ["🦊", 1],
      ["👍🏽", 2],
      ["👩‍👩‍👧", 5],
      ["q\u0307\u0323", 3],
    ];
    for (const [unit, points] of units) {
      const times = (length: number) => unit.repeat(Math.ceil(length / points));
      assert.equal(await reasonFor(unit.repeat(Math.ceil(15 / points) - 1)), "password_too_short", unit);
      assert.notEqual(await reasonFor(times(15)), "password_too_short", unit);
      assert.notEqual(await reasonFor(unit.repeat(Math.floor(256 / points))), "password_too_long", unit);
      assert.equal(await reasonFor(times(257)), "password_too_long", unit);
    }
  });

  test("may be any text that is long enough and hard to guess: there are no rules of composition (PW-04)", async () => {
    for (const password of [
      "seven quiet lanterns drift",
      "sevenquietlanternsdrift",
      "SEVEN QUIET LANTERNS DRIFT",
      "4917 2206 8835 7140 3968",
      "                 x7Kq2                  ",
      "тринадцать усталых ёжиков",
      "十三只疲惫的刺猬在月光下慢慢走过石桥",
      "🦊🌋🧶🎷🛶🧊🪁🥝🧲🪴🦉🛵🎈🌵🪕",
    ]) {
      assert.equal(await reasonFor(password), "good", password);
    }
  });

  test("is not a common or leaked one, nor one lengthened by what everybody adds (PW-05)", async () => {
    for (const password of [
      "passwordpassword",
      "Passw0rdPassw0rd",
      "password12345678",
      "qwertyuiop123456",
      "1qaz2wsx3edc4rfv",
      "iloveyouiloveyou",
      "111111111111111",
      "123456789012345",
      "abcdefghijklmnop",
      "zyxwvutsrqponmlk",
      "letmeinletmeinletmein",
    ]) {
      assert.match(await reasonFor(password), /^password_(too_common|repeats|sequence|keys|easy)$/, password);
    }
  });

  test("is not made of the person's name, login, address or the product's name (PW-05)", async () => {
    for (const password of [
      "lovelacelovelace",
      "LovelaceLovelace!1",
      "Lovelace-2026-Lovelace",
      "analytical-engine",
      "ada@analytical-engine.example",
      "countersign countersign",
      "Countersign#20262027",
      "lovelace.countersign",
    ]) {
      assert.match(await reasonFor(password), /^password_(personal|repeats|easy|too_common)$/, password);
    }
    assert.equal(await reasonFor("lovelacelovelace"), "password_personal", "and the reason says so");
    assert.equal(await reasonFor("lovelace rides seven quiet lanterns"), "good", "a name among other words is no harm");
  });

  test("is refused with what makes it easy (PW-05)", async () => {
    assert.equal(await reasonFor("aaaaaaaaaaaaaaaaaaaa"), "password_repeats");
    assert.equal(await reasonFor("tick-tick-tick-tick-tick"), "password_repeats");
    assert.equal(await reasonFor("abcdefghijklmnopqrstu"), "password_sequence");
    assert.equal(await reasonFor("sdfghjklkjhgfdsa"), "password_keys");
    assert.equal(await reasonFor("letmein iloveyou"), "password_easy");
  });

  test("of the person's short login over and over is easy at least (PW-05)", async () => {
    for (const password of ["adaadaadaadaadaada", "ada-ada-ada-ada-ada"])
      assert.notEqual(await reasonFor(password), "good");
  });

  test("is judged without an address, and without words at all", async () => {
    assert.equal(await reasonFor("seven quiet lanterns drift", ["ada", "Ada", null, "Countersign"]), "good");
    assert.equal(await reasonFor("seven quiet lanterns drift", []), "good");
    assert.match(await reasonFor("passwordpassword", [null]), /^password_/);
  });

  test("is judged alike in both forms of its accents (PW-03)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 8, maxLength: 30 }), async (password) => {
        assert.equal(await reasonFor(password.normalize("NFD")), await reasonFor(password.normalize("NFC")));
      }),
      { numRuns: 100 },
    );
  });

  test("never takes long to judge, whatever it is made of (RL-10)", async () => {
    await reasonFor("the lists are loaded");
    const hostile = ["a", "1", "qwerty", "pa5$w0rd", "4@8({[<36ç1!|", "abc", "1/1/11", "aA", "\u0301", "ß", "🦊", "é"];
    for (const part of hostile) {
      const password = part.repeat(256).slice(0, 256);
      const started = process.cpuUsage();
      await reasonFor(password);
      const { user, system } = process.cpuUsage(started);
      assert.ok(user + system < 1_500_000, `${part}: ${Math.round((user + system) / 1000)} ms`);
    }
  });
});
