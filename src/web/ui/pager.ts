import { html } from "hono/html";
import type { Content, Markup } from "./markup.ts";

/** Where a pager leads. */
export type PagerLink = { readonly href: string; readonly label: string };

/** The way through a long list: where you are, one page back, one page on. */
export function pager(options: {
  /** What the pager is for; read out, not shown. */
  readonly label: string;
  /** Where you are, such as the numbers of the first and last row and of all. */
  readonly position: string;
  readonly previous?: PagerLink | undefined;
  readonly next?: PagerLink | undefined;
}): Markup {
  return html`<nav class="pager" aria-label="${options.label}"><span class="muted">${options.position}</span>${pagerLink("prev", options.previous)}${pagerLink("next", options.next)}</nav>`;
}

function pagerLink(rel: "prev" | "next", link: PagerLink | undefined): Content {
  return link === undefined
    ? undefined
    : html`<a class="button quiet" rel="${rel}" href="${link.href}">${link.label}</a>`;
}
