import { html } from "hono/html";
import type { Markup } from "./markup.ts";

/** How far long work is; `text` says it in words. */
export function progress(options: {
  readonly label: string;
  readonly value: number;
  readonly max: number;
  readonly text: string;
}): Markup {
  return html`<div class="progress"><p><span id="progress">${options.label}</span> <b>${options.text}</b></p><progress aria-labelledby="progress" value="${options.value}" max="${options.max}"></progress></div>`;
}
