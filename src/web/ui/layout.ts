import { html, raw } from "hono/html";
import { assetUrl } from "../assets/assets.ts";
import type { Look } from "../look.ts";
import { mark } from "./icons.ts";
import { attributes, blocks, type Content, type Markup } from "./markup.ts";
import { type NavigationLink, type TopBarOptions, tabs, topBar } from "./top-bar.ts";

/** What every page has. */
export type PageOptions = {
  /** A BCP 47 language tag. */
  readonly lang: string;
  /** Which way it is written. */
  readonly dir: "ltr" | "rtl";
  /** What the browser shows of the page outside of it. */
  readonly title: string;
  /** The product's name. */
  readonly product: string;
  readonly look: Look;
  readonly heading: Content;
  /** The name of a query parameter that script takes out of the address bar, such as a one-time ticket. */
  readonly hideQuery?: string | undefined;
  readonly children: Content;
};

/** What the pages of a signed-in person have besides. */
export type AppLayoutOptions = PageOptions &
  Omit<TopBarOptions, "brand"> & {
    /** The words of the link that leads past the top bar. */
    readonly skip: string;
    readonly tabs?: { readonly label: string; readonly links: readonly NavigationLink[] } | undefined;
    /** What stands beside the title, such as the button for a new thing. */
    readonly action?: Content;
    /** `wide` is for tables and sections, the default for reading and forms. */
    readonly width?: "narrow" | "wide" | undefined;
  };

/** The page for signing in and setting up: one card in the middle, the product's name above it. */
export function cardLayout(options: PageOptions & { readonly footer?: Content }): Markup {
  const footer = options.footer ? html`<footer class="card-footer">${options.footer}</footer>` : undefined;
  return page(
    options,
    html`<main class="card-page"><p class="brand">${brand(options)}</p><div class="card"><h1>${options.heading}</h1>${blocks(options.children)}</div>${footer}</main>`,
  );
}

/** The page of a signed-in person: a top bar, the title, tabs under it, one column of content. */
export function appLayout(options: AppLayoutOptions): Markup {
  const width = options.width === "wide" ? "wide" : "narrow";
  return page(
    options,
    html`<a class="skip" href="#content">${options.skip}</a>${topBar({ ...options, brand: brand(options) })}<main id="content" class="column ${width}" tabindex="-1"><div class="page-title"><h1>${options.heading}</h1>${options.action}</div>${options.tabs && tabs(options.tabs)}${blocks(options.children)}</main>`,
  );
}

/** The product's name, behind the host's logo or our mark. */
function brand({ look, product }: PageOptions): Content {
  const picture = look.logo === undefined ? mark() : html`<img class="logo" src="${look.logo}" alt="">`;
  return [picture, product];
}

function page(options: PageOptions, body: Markup): Markup {
  const { lang, dir, title, look, hideQuery } = options;
  const hidden = attributes({ "data-hide-query": hideQuery });
  const sheet = look.sheet && html`<link rel="stylesheet" href="${look.sheet.path}">`;
  const head = html`<link rel="stylesheet" href="${assetUrl("style.css")}">${sheet}<script type="module" src="${assetUrl("enhance.js")}"${hidden}></script>`;
  // The document is the host's own; what it was given to put into it is ours.
  if (look.layout !== undefined) return raw(look.layout({ lang, dir, title, head: String(head), body: String(body) }));
  return html`<!doctype html><html lang="${lang}" dir="${dir}"><head><meta charset="utf-8"><title>${title}</title><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="theme-color" content="#f5f6f6" media="(prefers-color-scheme: light)"><meta name="theme-color" content="#121516" media="(prefers-color-scheme: dark)"><link rel="icon" type="image/svg+xml" href="${assetUrl("favicon.svg")}">${head}</head><body>${body}</body></html>`;
}
