import { html } from "hono/html";
import { type IconName, icon } from "./icons.ts";
import { blocks, type Content, type Markup } from "./markup.ts";

/** What a notice is about. */
export type NoticeKind = "info" | "success" | "warning" | "danger";

/** A sentence or two that stand out, with an icon and, where it helps, a title. */
export function notice(options: {
  readonly kind: NoticeKind;
  readonly title?: string | undefined;
  readonly children?: Content;
  /** `status` is for the result of what the person just did: it is read out politely. */
  readonly role?: "status" | undefined;
}): Markup {
  const role = options.role === undefined ? undefined : html` role="status"`;
  return html`<div class="notice ${options.kind}"${role}>${icon(icons[options.kind])}<div>${title(options.title)}${blocks(options.children)}</div></div>`;
}

/** What went wrong in a form, above it. It takes the focus, and each line leads to its field. */
export function errorSummary(options: {
  readonly title?: string | undefined;
  readonly errors: readonly { readonly message: string; readonly field?: string | undefined }[];
}): Markup {
  return html`<div class="notice danger" role="alert" tabindex="-1" autofocus data-focus>${icon("alert")}<div>${title(options.title)}${lines(options.errors)}</div></div>`;
}

const icons: Record<NoticeKind, IconName> = { info: "info", success: "check", warning: "alert", danger: "alert" };

function title(text: string | undefined): Content {
  return text === undefined ? undefined : html`<p class="notice-title">${text}</p>`;
}

function lines(errors: Parameters<typeof errorSummary>[0]["errors"]): Content {
  const [first, ...more] = errors.map(({ message, field }) =>
    field === undefined ? message : html`<a href="#${field}">${message}</a>`,
  );
  if (more.length === 0) return html`<p>${first}</p>`;
  return html`<ul>${[first, ...more].map((line) => html`<li>${line}</li>`)}</ul>`;
}
