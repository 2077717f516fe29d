import { html } from "hono/html";
import type { Content, Markup } from "./markup.ts";

/** How good the measured value is. */
export type MeterKind = "danger" | "warning" | "success";

/** A value on a short scale, such as the quality of a password or the protection of an account. */
export function meter(options: {
  readonly label: string;
  /** From 0 to `steps`. */
  readonly value: number;
  readonly steps: number;
  /** The value in words, shown at the end of the label. */
  readonly text: string;
  readonly kind: MeterKind;
  readonly children?: Content;
}): Markup {
  const steps = Array.from({ length: options.steps }, (_, index) =>
    index < options.value ? html`<i class="full"></i>` : html`<i></i>`,
  );
  return html`<div class="meter ${options.kind}"><p><span>${options.label}</span> <b>${options.text}</b></p><div role="meter" aria-label="${options.label}" aria-valuemin="0" aria-valuemax="${options.steps}" aria-valuenow="${options.value}" aria-valuetext="${options.text}">${steps}</div>${options.children}</div>`;
}
