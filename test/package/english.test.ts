// No sentence for people stands outside of the catalogue: not in a page, a mail, the name of a device or a command.

import assert from "node:assert/strict";
import { glob } from "node:fs/promises";
import { test } from "node:test";
import type { Node } from "typescript/unstable/ast";
import {
  isCallExpression,
  isIdentifier,
  isNewExpression,
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isStringLiteral,
  isTaggedTemplateExpression,
  isTemplateExpression,
} from "typescript/unstable/ast/is";
import { openProgram, ROOT } from "../support/program.ts";

const PLACES = ["src/web/**/*.ts", "src/mail/**/*.ts", "src/device.ts", "src/server/commands/*.ts"];

/** What is wrong with the options of a host is said to its programmer, in English. */
const FOR_HOSTS = ["src/web/look.ts"];

/** Texts of more than one word that are no sentences for people. */
const NO_SENTENCES = [
  // How a command is called, SQL, a style sheet, headers, names of classes, factors as they are kept.
  /^countersign /,
  /^select /,
  /^\n:root \{/,
  /^public, max-age=/,
  /^(?:secret whole|panel risky)$/,
  /^authenticator [a-z -]+$/,
  /^without end$/,
  // What is wrong with the options of a host, for its developer.
  /^(?:The logo must be|There is no colour|The colour …)/,
];

/** Two words in a row make a sentence; one alone may be a name of ours. */
const WORDS = /\p{L}{2,}[,.]? \p{L}{2,}/u;

/** Options of parts of pages that are shown or read out: one word is a text there, too. */
const SHOWN = /^(?:label|title|heading|intro|hint|sentence|summary|caption|placeholder|message|children|text)$/;

/** What a file says in its own words: texts with two words in a row, words between tags, words that an option shows. */
function ownWords(file: Node): string[] {
  const found: string[] = [];
  const say = (text: string) => {
    if (!NO_SENTENCES.some((pattern) => pattern.test(text))) found.push(text);
  };
  const visit = (node: Node): void => {
    if (isForTheLog(node)) return;
    if (isTaggedTemplateExpression(node) && node.tag.getText() === "html") {
      const between = textsOf(node.template)
        .join("…")
        .replaceAll(/<[^>]*>/g, "");
      // A piece without a tag is one of attributes.
      if (textsOf(node.template).join("").includes("<") && /\p{L}{2,}/u.test(between)) say(between);
      if (isTemplateExpression(node.template)) for (const span of node.template.templateSpans) visit(span.expression);
      return;
    }
    const words = textsOf(node).join("…");
    if (WORDS.test(words)) say(words);
    if (isPropertyAssignment(node) && SHOWN.test(node.name.getText())) {
      const word = textsOf(node.initializer).join("…");
      if (/\p{L}{2}/u.test(word) && !WORDS.test(word)) say(word);
    }
    node.forEachChild(visit);
  };
  file.forEachChild(visit);
  return found;
}

/** The texts of a literal, with something else between them. */
function textsOf(node: Node): string[] {
  if (isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node)) return [node.text];
  if (isTemplateExpression(node)) return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
  return [];
}

/** What goes into the log, or tells a programmer of a mistake. */
function isForTheLog(node: Node): boolean {
  if (isNewExpression(node)) return /Error$/.test(node.expression.getText());
  if (!isCallExpression(node)) return false;
  const { expression } = node;
  return isPropertyAccessExpression(expression)
    ? expression.name.getText() === "log" && !expression.getText().startsWith("console")
    : isIdentifier(expression) && expression.text === "log";
}

test("a sentence outside of it would be found", () => {
  const plant = `
    const page = html\`<p>Welcome <b>\${name}</b></p>\`;
    const attributes = html\` title="\${name}"\`;
    button({ label: "Cancel", kind: "danger" });
    notice({ children: \`\${name} is gone\` });
    const words = [text.common.cancel, "so much for that"];
    log("nobody reads this line");
    throw new TypeError("nobody reads this either");
  `;
  using project = openProgram({ "src/device.ts": plant });
  const file = project.program.getSourceFile(`${ROOT}src/device.ts`);
  assert.ok(file !== undefined);
  assert.deepEqual(ownWords(file), ["Welcome …", "Cancel", "… is gone", "so much for that"]);
});

test("pages, mails, devices and commands take every sentence from the catalogue", async () => {
  using project = openProgram();
  const files = await Array.fromAsync(glob(PLACES, { cwd: ROOT, exclude: ["**/*.test.ts", ...FOR_HOSTS] }));
  assert.ok(files.length > 80, "the files are found");
  const found = files.flatMap((file) => {
    const source = project.program.getSourceFile(ROOT + file);
    assert.ok(source !== undefined, file);
    return ownWords(source).map((words) => `${file}: ${words}`);
  });
  assert.deepEqual(found, []);
});
