import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { textOfStranger } from "../web/middleware/language.ts";
import { type Catalogues, choicesOf, type Text, textFor, textIn } from "./text.ts";

const english = textIn("en");
const [german, brazilian, traditional] = ["de", "pt-BR", "zh-Hant"].map(
  (language): Text => ({ ...english, language, languageName: language.toUpperCase() }),
);
assert.ok(german && brazilian && traditional);
const catalogues: Catalogues = [english, german, brazilian, traditional];

test("who reads a language that there is gets its catalogue, anybody else the first", () => {
  assert.equal(textIn("pt-BR", catalogues), brazilian);
  assert.equal(textIn("tlh", catalogues), english);
  assert.equal(textIn("tlh", [german, english]), german);
});

test("a wanted language is content with a wider one, as RFC 4647 has it", () => {
  const found: [string[], Text][] = [
    [["de"], german],
    [["de-AT"], german],
    [["DE-at"], german],
    [["de-DE-u-co-phonebk"], german],
    [["zh-Hant-TW"], traditional],
    [["zh-TW"], english],
    [["pt"], english],
    [["fr-CA", "pt-BR", "de"], brazilian],
    [["fr", "*"], english],
    [[], english],
  ];
  for (const [wanted, text] of found) assert.equal(textFor(wanted, catalogues), text, String(wanted));
});

test("a stranger gets the language that the browser wants most, of those that there are", () => {
  const languageFor = (header: string | undefined) =>
    textOfStranger(new Headers(header === undefined ? {} : { "accept-language": header }), catalogues).language;
  assert.equal(languageFor("de-AT,de;q=0.9,en;q=0.8"), "de");
  assert.equal(languageFor("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5"), "en");
  assert.equal(languageFor("en;q=0.1, pt-br;q=0.2"), "pt-BR");
  assert.equal(languageFor("de;q=0, fr"), "en", "what is not wanted is not given");
  assert.equal(languageFor("*"), "en");
  assert.equal(languageFor(""), "en");
  assert.equal(languageFor(undefined), "en");
});

test("whatever a browser says it wants, there is a catalogue", () => {
  const printable = fc.string({ unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)) });
  fc.assert(
    fc.property(fc.oneof(printable, fc.stringMatching(/^[a-z;=,*0-9. -]{0,600}$/)), (header) => {
      const headers = new Headers({ "accept-language": header });
      assert.ok(catalogues.includes(textOfStranger(headers, catalogues)));
    }),
  );
});

test("languages are chosen under their own names", () => {
  assert.deepEqual(choicesOf([english, german]), [
    { value: "en", label: "English" },
    { value: "de", label: "DE" },
  ]);
});
