import { html } from "hono/html";
import type { Content, Markup } from "./markup.ts";

/** What stands where nothing is yet: one sentence, and one action where there is one. */
export function emptyState(options: { readonly sentence: Content; readonly action?: Content }): Markup {
  return html`<div class="empty"><p>${options.sentence}</p>${options.action}</div>`;
}
