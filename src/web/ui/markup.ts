import { html } from "hono/html";

/** A finished piece of HTML, as `html` returns it. */
export type Markup = ReturnType<typeof html>;

/** What may stand inside a piece of HTML: text is escaped, markup is not, lists are joined, `undefined` and `false` leave nothing. */
export type Content = Markup | string | number | false | undefined | readonly Content[];

/** What an attribute may be set to: `true` stands for its bare name, `undefined` and `false` leave it out. */
export type AttributeValue = string | number | boolean | undefined;

/** Writes attributes, each with a space in front, its value quoted and escaped. The names are ours, never a person's. */
export function attributes(values: Readonly<Record<string, AttributeValue>>): Content {
  const strings: string[] = [];
  const written: AttributeValue[] = [];
  let before = "";
  for (const name in values) {
    const value = values[name];
    if (value === undefined || value === false) continue;
    before += ` ${name}`;
    if (value === true) continue;
    strings.push(`${before}="`);
    written.push(value);
    before = '"';
  }
  strings.push(before);
  // One template for all of them: a template for each makes a page a third slower.
  return html(Object.assign(strings, { raw: strings }), ...written);
}

/** Joins class names and leaves out those that are not set. */
export function classNames(...names: readonly (string | false | undefined)[]): string {
  return names.filter(Boolean).join(" ");
}

/** Stands for a piece of markup in a sentence. No text has it: Unicode will never make these characters. */
const SLOT = /\uFDD0(\d+)\uFDD1/;

/** A sentence with markup in it, such as a time or a list of links; where each stands is for the sentence to say. */
export function within(sentence: (...slots: string[]) => string, ...shown: readonly Content[]): Content {
  const written = sentence(...shown.map((_, index) => `\uFDD0${index}\uFDD1`));
  return written.split(SLOT).map((part, index) => (index % 2 === 0 ? part : shown[Number(part)]));
}

/** Makes a paragraph of every bare text in a place that holds blocks; markup stays as it is. */
export function blocks(content: Content): Content {
  if (typeof content === "string") return content === "" ? undefined : html`<p>${content}</p>`;
  return isList(content) ? content.map(blocks) : content;
}

function isList(content: Content): content is readonly Content[] {
  return Array.isArray(content);
}
