import { html } from "hono/html";
import { icon } from "./icons.ts";
import { attributes, type Content, type Markup } from "./markup.ts";

/** A link of a navigation; the current one is marked. */
export type NavigationLink = { readonly href: string; readonly label: string; readonly current?: boolean | undefined };

/** What the top bar shows. */
export type TopBarOptions = {
  /** The product's name with its picture. */
  readonly brand: Content;
  /** Where the product's name leads. Default: `/`. */
  readonly home?: string | undefined;
  readonly person: { readonly name: string };
  /** `label` is read out before the person's name on the button that opens the menu. */
  readonly menu: { readonly label: string; readonly links: readonly NavigationLink[] };
  readonly navigation?: { readonly label: string; readonly links: readonly NavigationLink[] } | undefined;
  readonly signOut: { readonly action: string; readonly label: string };
};

/** The bar over every page of a signed-in person: the product's name, the navigation, the user menu. */
export function topBar(options: TopBarOptions): Markup {
  const { navigation } = options;
  const links = navigation && navigation.links.length > 0 && navigationList("main-navigation", navigation);
  return html`<header class="top-bar"><div class="column wide"><a class="brand" href="${options.home ?? "/"}">${options.brand}</a>${links}${userMenu(options)}</div></header>`;
}

/** Tabs as links: each is a page of its own. */
export function tabs(options: { readonly label: string; readonly links: readonly NavigationLink[] }): Markup {
  return navigationList("tabs", options);
}

function navigationList(
  className: string,
  options: { readonly label: string; readonly links: readonly NavigationLink[] },
): Markup {
  return html`<nav class="${className}" aria-label="${options.label}"><ul>${options.links.map(navigationItem)}</ul></nav>`;
}

function navigationItem(link: NavigationLink): Content {
  return html`<li><a href="${link.href}"${attributes({ "aria-current": link.current === true && "page" })}>${link.label}</a></li>`;
}

function userMenu(options: TopBarOptions): Markup {
  const { name } = options.person;
  const initial = [...name.trim()][0]?.toLocaleUpperCase() ?? "";
  return html`<div class="user-menu"><button type="button" class="menu-button" popovertarget="user-menu" title="${name}"><span class="avatar" aria-hidden="true">${initial}</span><span class="visually-hidden">${options.menu.label}</span><span class="cut">${name}</span>${icon("chevron")}</button><div class="menu" id="user-menu" popover><ul>${options.menu.links.map(navigationItem)}<li><form method="post" action="${options.signOut.action}"><button>${options.signOut.label}</button></form></li></ul></div></div>`;
}
