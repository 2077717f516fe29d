import { html } from "hono/html";
import type { Content, Markup } from "./markup.ts";

/** Names and values of one thing, in pairs. */
export function facts(pairs: readonly { readonly name: string; readonly value: Content }[]): Markup {
  return html`<dl class="facts">${pairs.map((pair) => html`<div><dt>${pair.name}</dt><dd>${pair.value}</dd></div>`)}</dl>`;
}
