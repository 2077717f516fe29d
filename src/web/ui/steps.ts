import { html } from "hono/html";
import { blocks, type Content, type Markup } from "./markup.ts";

/** Numbered steps, each with a title and what to do. */
export function steps(items: readonly { readonly title: string; readonly children: Content }[]): Markup {
  return html`<ol class="steps">${items.map((item) => html`<li><h2>${item.title}</h2>${blocks(item.children)}</li>`)}</ol>`;
}
