import { html } from "hono/html";
import { copyButton } from "./button.ts";
import { blocks, type Content, type Markup } from "./markup.ts";

/** More that is shown when the person asks for it. */
export function disclosure(options: {
  readonly summary: string;
  readonly children: Content;
  readonly open?: boolean | undefined;
}): Markup {
  const open = options.open === true ? html` open` : undefined;
  return html`<details class="disclosure"${open}><summary>${options.summary}</summary><div>${blocks(options.children)}</div></details>`;
}

/**
 * A secret in groups of four, monospaced, with a button that copies it without the spaces. `whole` is for one that
 * nobody types: without groups, it is right also when it is selected and copied by hand.
 */
export function secret(options: {
  /** Unique on the page. */
  readonly id: string;
  readonly label: string;
  /** The secret without spaces. */
  readonly value: string;
  readonly whole?: boolean | undefined;
  readonly copy: string;
  readonly copied: string;
}): Markup {
  const groups = options.value.match(/.{1,4}/gu) ?? [];
  const spaced = groups.map((group, index) => html`${index > 0 && " "}<span>${group}</span>`);
  const [shape, shown] = options.whole === true ? ["secret whole", options.value] : ["secret", spaced];
  return html`<p class="secret-label">${options.label}</p><p class="${shape}" id="${options.id}">${shown}</p>${copyButton({ target: options.id, label: options.copy, copied: options.copied, spaces: "drop" })}`;
}

/** Codes to keep, in two columns, for copying and printing. */
export function codeList(options: { readonly id: string; readonly codes: readonly string[] }): Markup {
  return html`<ol class="codes" id="${options.id}">${options.codes.map((code) => html`<li>${code}</li>\n`)}</ol>`;
}
