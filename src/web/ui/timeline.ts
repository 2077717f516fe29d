import { html } from "hono/html";
import type { Content, Markup } from "./markup.ts";

/** One thing that happened. */
export type TimelineItem = {
  readonly title: Content;
  /** When: what `time` returns. */
  readonly when: Content;
  /** From where, by whom. */
  readonly detail?: Content;
  readonly kind?: "success" | "warning" | "danger" | undefined;
};

/** What happened, the newest first. */
export function timeline(items: readonly TimelineItem[]): Markup {
  return html`<ol class="timeline">${items.map(timelineItem)}</ol>`;
}

function timelineItem(item: TimelineItem): Markup {
  const kind = item.kind === undefined ? undefined : html` class="${item.kind}"`;
  const detail = item.detail ? html`<p class="muted">${item.detail}</p>` : undefined;
  return html`<li${kind}><p><span>${item.title}</span><span class="when">${item.when}</span></p>${detail}</li>`;
}
