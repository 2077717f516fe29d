// Every sentence of the catalogue is said somewhere, as the compiler sees it: one that nobody says any more would be
// translated into each language for nothing.

import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Expression, Node } from "typescript/unstable/ast";
import {
  isBindingElement,
  isElementAccessExpression,
  isIdentifier,
  isObjectBindingPattern,
  isObjectLiteralExpression,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isSatisfiesExpression,
  isVariableDeclaration,
} from "typescript/unstable/ast/is";
import type { Symbol as Meaning, Project, Type } from "typescript/unstable/sync";
import { en } from "../../src/text/en.ts";
import { openProgram, ROOT } from "../support/program.ts";

const COMPOSED = /\/src\/text\/en\.ts$/;
const SENTENCES = /\/src\/text\/en\/[a-z-]+\.ts$/;

type Sentences = {
  /** Each place where a sentence is written, by what it is called. */
  written: Map<Node, string>;
  /** The names of objects that hold sentences, and what is in them. */
  groups: Map<Node, Node[]>;
};

/** Reads the catalogue as it is written. */
function readCatalogue({ program }: Project): Sentences {
  const written = new Map<Node, string>();
  const groups = new Map<Node, Node[]>();
  const read = (declaration: Node, value: Expression | undefined, name: string) => {
    const object = value !== undefined && isSatisfiesExpression(value) ? value.expression : value;
    if (object === undefined || !isObjectLiteralExpression(object)) {
      written.set(declaration, name);
      return;
    }
    const inner = object.properties.filter(isPropertyAssignment);
    groups.set(declaration, inner);
    for (const property of inner) read(property, property.initializer, `${name}.${property.name.getText()}`);
  };
  for (const path of program
    .getSourceFileNames()
    .filter((name) => SENTENCES.test(name) && !name.endsWith("/words.ts"))) {
    program.getSourceFile(path)?.forEachChild(function visit(node: Node): void {
      if (isVariableDeclaration(node)) read(node, node.initializer, node.name.getText());
      else if (!isObjectLiteralExpression(node)) node.forEachChild(visit);
    });
  }
  return { written, groups };
}

/** Finds which of them the program says. */
function findSaid({ program, checker }: Project, { written, groups }: Sentences): Set<Node> {
  const said = new Set<Node>();
  const sayAll = (declaration: Node) => {
    said.add(declaration);
    for (const inner of groups.get(declaration) ?? []) sayAll(inner);
  };
  const subjects = new Map(
    [...groups.keys(), ...written.keys()].filter(isVariableDeclaration).map((node) => [node.name.getText(), node]),
  );
  /** Where the catalogue writes what is meant; its subjects are put together in one more file. */
  const declared = (meaning: Meaning | undefined): Node[] =>
    (meaning?.declarations ?? []).flatMap((handle) => {
      if (COMPOSED.test(handle.path)) return subjects.get(meaning?.name ?? "") ?? [];
      return SENTENCES.test(handle.path) ? (handle.resolve() ?? []) : [];
    });
  /** What a group has under some names; all where none are known. */
  const inGroup = (group: Type | undefined, names: readonly string[] | undefined): Node[] =>
    group === undefined
      ? []
      : checker
          .getPropertiesOfType(group)
          .filter(({ name }) => names === undefined || names.includes(name))
          .flatMap(declared);

  /** The whole group is handed on: its sentences are those that are asked for there, or all. */
  const handOn = (expression: Expression, group: Node) => {
    const wanted = checker.getContextualType(expression);
    const asked = wanted && checker.getPropertiesOfType(wanted).map(({ name }) => name);
    for (const property of groups.get(group) ?? []) {
      const name = isPropertyAssignment(property) ? property.name.getText().replaceAll('"', "") : "";
      if (asked === undefined || asked.length === 0 || asked.includes(name)) sayAll(property);
    }
  };

  for (const path of program.getSourceFileNames()) {
    if (!path.startsWith(`${ROOT}src/`) || SENTENCES.test(path) || COMPOSED.test(path) || path.endsWith(".test.ts"))
      continue;
    const names: Node[] = [];
    /** Groups that go by a name of their own in this file. */
    const local = new Map<string, Node>();
    const visit = (node: Node): void => {
      if (isPropertyAccessExpression(node)) names.push(node.name);
      if (isIdentifier(node)) names.push(node);
      if (isObjectBindingPattern(node)) {
        const pattern = checker.getTypeAtLocation(node);
        for (const { name, propertyName } of node.elements) {
          for (const taken of inGroup(pattern, [(propertyName ?? name)?.getText() ?? ""])) {
            said.add(taken);
            if (name !== undefined && groups.has(taken)) local.set(name.getText(), taken);
          }
        }
      }
      if (isElementAccessExpression(node)) {
        const key = checker.getTypeAtLocation(node.argumentExpression);
        const chosen = inGroup(checker.getTypeAtLocation(node.expression), literalsOf(key));
        for (const sentence of chosen) isWhole(node) ? sayAll(sentence) : said.add(sentence);
      }
      node.forEachChild(visit);
    };
    const file = program.getSourceFile(path);
    assert.ok(file !== undefined, path);
    file.forEachChild(visit);
    for (const [index, meaning] of checker.getSymbolAtLocation(names).entries()) {
      const name = names[index];
      if (name === undefined) continue;
      for (const declaration of declared(meaning)) {
        said.add(declaration);
        const expression = isPropertyAccessExpression(name.parent) ? name.parent : (name as Expression);
        if (isVariableDeclaration(expression.parent)) local.set(expression.parent.name.getText(), declaration);
        if (isWhole(name)) handOn(expression, declaration);
      }
    }
    for (const name of names.filter(isIdentifier)) {
      const group = local.get(name.text);
      if (group !== undefined && isWhole(name) && name.parent.parent !== undefined) handOn(name, group);
    }
  }
  return new Set([...written.keys()].filter((declaration) => said.has(declaration)));
}

/** Whether a name of a group stands for all of it, and not on the way to one of its sentences. */
function isWhole(name: Node): boolean {
  const expression = isPropertyAccessExpression(name.parent) && name.parent.name === name ? name.parent : name;
  const { parent } = expression;
  if (isPropertyAccessExpression(parent) || isElementAccessExpression(parent)) return parent.expression !== expression;
  return !isVariableDeclaration(parent) && !isBindingElement(parent);
}

/** The texts that a type stands for; `undefined` where it may be any. */
function literalsOf(type: Type | undefined): string[] | undefined {
  const types = type?.isUnionType() ? type.getTypes() : [type];
  const literals = types.filter((each) => each !== undefined).filter((each) => each.isLiteralType());
  return literals.length === types.length ? literals.map((each) => String(each.value)) : undefined;
}

/** Sentences that nobody says, by name. */
function findUnsaid(project: Project): string[] {
  const catalogue = readCatalogue(project);
  assert.ok(catalogue.written.size > 900, "the sentences are found");
  const said = findSaid(project, catalogue);
  return [...catalogue.written].filter(([declaration]) => !said.has(declaration)).map(([, name]) => name);
}

test("every sentence of the catalogue is said somewhere", () => {
  using project = openProgram();
  assert.deepEqual(findUnsaid(project), []);
});

test("a sentence that nobody says would be found, alone and in a group", async () => {
  const path = "src/text/en/outbox.ts";
  const written = await readFile(join(ROOT, path), "utf8");
  const plant = written.replace("outbox = {", 'outbox = { lonely: "Nobody says me", group: { one: "Nor me" },');
  using project = openProgram({ [path]: plant });
  assert.deepEqual(findUnsaid(project), ["outbox.lonely", "outbox.group.one"]);
});

/** Notices that say why something was refused: their names are those of the reasons. */
const OF_REASONS = ["name_invalid", "not_found", "last_authenticator", "too_many_authenticators"];

test("every notice is left by some page", async () => {
  const files = await Array.fromAsync(glob("src/web/**/*.ts", { cwd: ROOT, exclude: ["**/*.test.ts"] }));
  const code = (await Promise.all(files.map((file) => readFile(join(ROOT, file), "utf8")))).join("\n");
  const unsaid = Object.keys(en.done).filter((notice) => !OF_REASONS.includes(notice) && !code.includes(`"${notice}"`));
  // What is on is said by the page itself, above the recovery codes.
  assert.deepEqual(unsaid, ["enabled"]);
});
