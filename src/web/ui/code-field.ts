import { html } from "hono/html";
import { type FieldOptions, framed, shared } from "./field.ts";
import { attributes, type Markup } from "./markup.ts";

/** What a code field asks for. */
export type CodeFieldOptions = Omit<FieldOptions, "autocomplete"> & {
  /** With `digits`, a pasted code of that many digits is sent at once; spaces and hyphens do not count. */
  readonly digits?: number | undefined;
  /** `text` is for recovery codes, which have letters and no keypad. Default: numeric. */
  readonly kind?: "numeric" | "text" | undefined;
};

/** One monospaced field for a code that a phone, a mail or a sheet of paper shows. */
export function codeField(options: CodeFieldOptions): Markup {
  const numeric = options.kind !== "text";
  const rest = attributes({
    ...shared({ ...options, autocomplete: numeric ? "one-time-code" : "off" }),
    inputmode: numeric ? "numeric" : undefined,
    autocapitalize: "none",
    spellcheck: "false",
    "data-digits": options.digits,
  });
  return framed(options, html`<input class="input code" type="text"${rest}>`);
}
