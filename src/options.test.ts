import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOptions, OptionsError } from "./options.ts";

test("languages are BCP 47 tags, and there is one at least", () => {
  assert.deepEqual(checkOptions({}).languages, ["en"]);
  assert.deepEqual(checkOptions({ languages: ["pt-BR", "en-XA"] }).languages, ["pt-BR", "en-XA"]);
  for (const languages of [[], [""], ["en", "not a tag"], ["de_DE"], ["DE"]]) {
    assert.throws(() => checkOptions({ languages }), OptionsError, String(languages));
  }
});
