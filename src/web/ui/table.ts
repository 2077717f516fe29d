import { html } from "hono/html";
import { attributes, type Content, type Markup } from "./markup.ts";

/** One column of a table. */
export type Column = {
  readonly label: string;
  /** `end` is for numbers. */
  readonly kind?: "end" | undefined;
};

/** A box that chooses a row for a form elsewhere on the page. */
export type Pick = {
  /** The form's id. */
  readonly form: string;
  readonly name: string;
  readonly value: string;
  /** Read out, not shown. */
  readonly label: string;
};

/** A table whose first column names the row; under 640 px each row becomes a card that repeats the columns' labels. */
export function table(options: {
  /** Says what the table holds; read out, not shown. */
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Content[])[];
  /** A box in front of each row. */
  readonly picks?: readonly Pick[] | undefined;
}): Markup {
  const columns = options.columns.map(
    (column) => html`<th scope="col"${attributes({ class: column.kind })}>${column.label}</th>`,
  );
  return html`<table class="table"><caption class="visually-hidden">${options.caption}</caption><thead><tr>${options.picks && html`<td></td>`}${columns}</tr></thead><tbody>${options.rows.map((row, index) => tableRow(options.columns, row, options.picks?.[index]))}</tbody></table>`;
}

/** A name of any length in a table: cut to its column, whole on hover. */
export function cut(text: string, href?: string): Markup {
  return href === undefined
    ? html`<span class="cut" title="${text}">${text}</span>`
    : html`<a class="cut" href="${href}" title="${text}">${text}</a>`;
}

/** A sentence of any length in a table: cut to a few lines, whole on hover. */
export function short(text: string): Markup {
  return html`<span class="short" title="${text}">${text}</span>`;
}

function tableRow(columns: readonly Column[], row: readonly Content[], pick: Pick | undefined): Markup {
  const cells = row.map((content, index) => {
    if (index === 0) return html`<th scope="row">${content}</th>`;
    const column = columns[index];
    return column?.kind === undefined
      ? html`<td data-label="${column?.label}">${content}</td>`
      : html`<td data-label="${column.label}" class="${column.kind}">${content}</td>`;
  });
  return html`<tr>${pick && pickCell(pick)}${cells}</tr>`;
}

function pickCell({ label, ...rest }: Pick): Markup {
  return html`<td class="pick"><label><input type="checkbox"${attributes(rest)}><span class="visually-hidden">${label}</span></label></td>`;
}
