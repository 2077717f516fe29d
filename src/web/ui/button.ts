import { html } from "hono/html";
import { type IconName, icon } from "./icons.ts";
import { attributes, type Content, classNames, type Markup } from "./markup.ts";

/** How much a button asks for: one primary act a page, quiet ones beside it, danger for what cannot be taken back. */
export type ButtonKind = "primary" | "quiet" | "danger";

/** What a submit button says and sends. */
export type ButtonOptions = {
  readonly label: string;
  /** Default: primary. */
  readonly kind?: ButtonKind | undefined;
  readonly icon?: IconName | undefined;
  readonly name?: string | undefined;
  readonly value?: string | undefined;
  /** The id of a form elsewhere on the page that the button submits. */
  readonly form?: string | undefined;
  /** `skip` submits without asking the browser to check the fields, for Cancel. */
  readonly validation?: "skip" | undefined;
};

/** A submit button named after its act. */
export function button(options: ButtonOptions): Markup {
  const rest = attributes({
    name: options.name,
    value: options.value,
    form: options.form,
    formnovalidate: options.validation === "skip",
  });
  return html`<button class="${buttonClass(options.kind)}"${rest}>${face(options)}</button>`;
}

/**
 * A link that looks like a button: for going somewhere, never for an act. Quiet unless `kind` says otherwise.
 * `download` is the name of the file that the browser saves instead of going there.
 */
export function linkButton(options: {
  readonly href: string;
  readonly label: string;
  readonly kind?: ButtonKind | undefined;
  readonly icon?: IconName | undefined;
  readonly download?: string | undefined;
}): Markup {
  const rest = attributes({ download: options.download });
  return html`<a class="${buttonClass(options.kind ?? "quiet")}" href="${options.href}"${rest}>${face(options)}</a>`;
}

/**
 * A button that copies the text of the element with the id `target`; without script it is not there.
 * `spaces: "drop"` copies without white space. `copied` is said once it is done.
 */
export function copyButton(options: {
  readonly target: string;
  readonly label: string;
  readonly copied: string;
  readonly spaces?: "keep" | "drop" | undefined;
}): Markup {
  const rest = attributes({ "data-drop-spaces": options.spaces === "drop" });
  return html`<span class="copy" hidden><button type="button" class="button quiet" data-copy="${options.target}" data-copied="${options.copied}"${rest}>${face({ label: options.label, icon: "copy" })}</button><span role="status"></span></span>`;
}

/** A button that opens the browser's print dialog; without script it is not there. */
export function printButton(options: { readonly label: string }): Markup {
  return html`<button type="button" class="button quiet" data-print hidden>${face({ label: options.label, icon: "print" })}</button>`;
}

/** Buttons and links of one decision in a row, the primary act first; on a narrow screen they stack. */
export function actions(...buttons: readonly Content[]): Markup {
  return html`<div class="actions">${buttons}</div>`;
}

function buttonClass(kind: ButtonKind | undefined): string {
  return classNames("button", kind !== "primary" && kind);
}

function face(options: { readonly label: string; readonly icon?: IconName | undefined }): Content {
  return options.icon === undefined ? options.label : [icon(options.icon), options.label];
}
