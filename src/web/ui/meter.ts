import { html } from "hono/html";
import { attributes, type Content, type Markup } from "./markup.ts";

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

/**
 * What script says of a new password while it is typed: what the server refuses in any case, found without asking it.
 * Without script it is not there. `words` are what the password must not be made of.
 */
export function passwordMeter(options: {
  /** The id of the field. */
  readonly field: string;
  readonly shortest: number;
  readonly words: readonly (string | null)[];
  readonly label: string;
  readonly says: Readonly<Record<"short" | "personal" | "few" | "good", string>>;
}): Markup {
  const words = options.words.flatMap((text) => (text ?? "").toLowerCase().split(/[\s@.]+/));
  const data = attributes({
    "data-meter": options.field,
    "data-shortest": options.shortest,
    "data-words": words.filter((word) => word.length >= 4).join(" "),
    "data-short": options.says.short,
    "data-personal": options.says.personal,
    "data-few": options.says.few,
    "data-good": options.says.good,
  });
  return html`<div hidden aria-live="polite"${data}>${meter({ label: options.label, value: 0, steps: 3, text: "", kind: "danger" })}</div>`;
}
