import { html } from "hono/html";
import { type AttributeValue, attributes, type Content, type Markup } from "./markup.ts";

/** What every field has: a label above, a hint, and an error below that assistive technology reads with it. */
export type FieldOptions = {
  readonly name: string;
  readonly label: string;
  /** Default: the name. Needed when two forms of a page share a name. */
  readonly id?: string | undefined;
  readonly hint?: Content;
  readonly error?: string | undefined;
  readonly required?: boolean | undefined;
  readonly autofocus?: boolean | undefined;
  readonly autocomplete?: string | undefined;
};

/** What a field of one line has besides. */
export type TextFieldOptions = FieldOptions & {
  readonly value?: string | undefined;
  readonly maxLength?: number | undefined;
  readonly placeholder?: string | undefined;
};

/** A field for one line of plain text. */
export function textField(options: TextFieldOptions): Markup {
  return lineField("text", options, options.autocomplete === "username" ? exact : undefined);
}

/** A field for an e-mail address. */
export function emailField(options: TextFieldOptions): Markup {
  return lineField("email", options, exact);
}

/** A field for a whole number within limits. */
export function numberField(options: FieldOptions & { value?: string; least: number; most: number }): Markup {
  const limits = { inputmode: "numeric", min: String(options.least), max: String(options.most), step: "1" };
  return lineField("number", options, limits);
}

/** A field for a day, as `2026-12-31`. */
export function dateField(options: TextFieldOptions): Markup {
  return lineField("date", options, undefined);
}

/** A field for words to search for. */
export function searchField(options: TextFieldOptions): Markup {
  return lineField("search", options, undefined);
}

/** A field for a password. It never shows what was typed before. */
export function passwordField(options: FieldOptions): Markup {
  return lineField("password", { ...options, value: undefined }, undefined);
}

/** A field for several lines, such as a reason. */
export function textAreaField(options: TextFieldOptions & { readonly rows?: number | undefined }): Markup {
  const rest = attributes({ ...shared(options), rows: options.rows ?? 3 });
  return framed(options, html`<textarea class="input"${rest}>${options.value ?? ""}</textarea>`);
}

/** A choice of one from a few. */
export function selectField(
  options: FieldOptions & {
    readonly value?: string | undefined;
    readonly options: readonly { readonly value: string; readonly label: string }[];
  },
): Markup {
  const entries = options.options.map((entry) => {
    const rest = attributes({ value: entry.value, selected: entry.value === options.value });
    return html`<option${rest}>${entry.label}</option>`;
  });
  return framed(options, html`<select class="input"${attributes(shared(options))}>${entries}</select>`);
}

/** A box to tick, with its label beside it. */
export function checkboxField(
  options: FieldOptions & { readonly value?: string | undefined; readonly checked?: boolean | undefined },
): Markup {
  const id = options.id ?? options.name;
  const rest = attributes({ ...shared(options), value: options.value ?? "on", checked: options.checked });
  return html`<div class="field"><label class="check"><input type="checkbox"${rest}><span>${options.label}</span></label>${hintAndError(id, options)}</div>`;
}

/** The label, the hint and the error around a control whose id is the field's. */
export function framed(options: FieldOptions, control: Content): Markup {
  const id = options.id ?? options.name;
  return html`<div class="field"><label for="${id}">${options.label}</label>${hintAndError(id, options, control)}</div>`;
}

/** The attributes that every control of a field carries. */
export function shared(options: FieldOptions & Partial<TextFieldOptions>): Record<string, AttributeValue> {
  const id = options.id ?? options.name;
  const described = [options.hint && `${id}-hint`, options.error && `${id}-error`].filter(Boolean).join(" ");
  return {
    id,
    name: options.name,
    maxlength: options.maxLength,
    placeholder: options.placeholder,
    autocomplete: options.autocomplete,
    required: options.required,
    autofocus: options.autofocus,
    "aria-describedby": described === "" ? undefined : described,
    "aria-invalid": options.error === undefined ? undefined : "true",
  };
}

const exact = { autocapitalize: "none", spellcheck: "false" };

function lineField(
  type: "text" | "email" | "search" | "password" | "number" | "date",
  options: TextFieldOptions,
  extra: Record<string, string> | undefined,
): Markup {
  const rest = attributes({ value: options.value, ...shared(options), ...extra });
  return framed(options, html`<input class="input" type="${type}"${rest}>`);
}

function hintAndError(id: string, options: FieldOptions, control?: Content): Content {
  return [
    options.hint ? html`<p class="hint" id="${id}-hint">${options.hint}</p>` : undefined,
    control,
    options.error === undefined ? undefined : html`<p class="error" id="${id}-error">${options.error}</p>`,
  ];
}
