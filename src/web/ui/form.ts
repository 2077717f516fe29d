import { html } from "hono/html";
import { attributes, blocks, type Content, classNames, type Markup } from "./markup.ts";

/** Where a form goes and what it holds. */
export type FormOptions = {
  readonly action: string;
  /** Default: post. Only a form that changes nothing may be a get. */
  readonly method?: "post" | "get" | undefined;
  readonly id?: string | undefined;
  /** Says what the form is for when no heading does. */
  readonly label?: string | undefined;
  /** Values that travel along unseen. */
  readonly hidden?: Readonly<Record<string, string | undefined>> | undefined;
  /** `row` puts fields and button side by side where there is room, for search and filters; `bare` takes no room of its own, for one button. */
  readonly layout?: "column" | "row" | "bare" | undefined;
  readonly children: Content;
};

/** A form; a second click on the submit button of a post form does nothing twice. */
export function form(options: FormOptions): Markup {
  const isSearch = options.method === "get" && options.layout === "row";
  const rest = attributes({ id: options.id, "aria-label": options.label, role: isSearch && "search" });
  const layout = classNames("form", options.layout !== "column" && options.layout);
  return html`<form class="${layout}" method="${options.method ?? "post"}" action="${options.action}"${rest}>${hiddenFields(options.hidden)}${blocks(options.children)}</form>`;
}

function hiddenFields(values: FormOptions["hidden"]): Content {
  if (values === undefined) return undefined;
  return Object.entries(values).map(
    ([name, value]) => value !== undefined && html`<input type="hidden" name="${name}" value="${value}">`,
  );
}
