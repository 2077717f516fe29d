import { html } from "hono/html";
import { type IconName, icon } from "./icons.ts";
import { blocks, type Content, type Markup } from "./markup.ts";

/** A part of a page: its heading and what it is about on one side, its content on a surface beside it, stacked where room is short. */
export function section(options: {
  readonly heading: string;
  readonly intro?: Content;
  readonly children: Content;
  /** `danger` marks the acts that cannot be taken back. */
  readonly kind?: "danger" | undefined;
  readonly id?: string | undefined;
}): Markup {
  const id = options.id === undefined ? undefined : html` id="${options.id}"`;
  const intro = options.intro ? html`<p class="muted">${options.intro}</p>` : undefined;
  return html`<section class="section"${id}><div><h2>${options.heading}</h2>${intro}</div><div class="${options.kind === "danger" ? "panel risky" : "panel"}">${blocks(options.children)}</div></section>`;
}

/** A surface of its own, for one thing. */
export function panel(children: Content): Markup {
  return html`<div class="panel">${blocks(children)}</div>`;
}

/** How things stand, large: an icon, a title, a sentence, and what can be done about it. */
export function standing(options: {
  readonly kind: "success" | "warning" | "danger" | "info";
  readonly icon: IconName;
  readonly title: string;
  readonly children?: Content;
}): Markup {
  return html`<div class="standing ${options.kind}"><span class="seal">${icon(options.icon)}</span><div><h2>${options.title}</h2>${blocks(options.children)}</div></div>`;
}

/** Things of one kind below each other, each with a title, details, badges and its acts. */
export function items(
  entries: readonly {
    readonly icon?: IconName | undefined;
    readonly title: Content;
    readonly badge?: Content;
    readonly detail?: Content;
    readonly actions?: Content;
  }[],
): Markup {
  return html`<ul class="items">${entries.map(
    (entry) =>
      html`<li>${entry.icon && icon(entry.icon)}<div><p class="item-title">${entry.title} ${entry.badge}</p>${entry.detail ? html`<div class="muted">${entry.detail}</div>` : undefined}</div>${entry.actions}</li>`,
  )}</ul>`;
}
