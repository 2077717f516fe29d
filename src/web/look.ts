// How the pages look inside another application: its logo, its colours, its own frame around them. Everything else comes
// from the one style sheet.

import { hash } from "node:crypto";
import { OptionsError } from "../options.ts";

/** The colours of the style sheet; a pair for light and dark is `light-dark(LIGHT, DARK)`. */
// biome-ignore format: in the order of the style sheet
export const COLOURS: readonly string[] = [
  "canvas", "surface", "raised", "text", "muted", "line", "edge", "accent", "on-accent", "accent-soft", "success",
  "success-soft", "warning", "warning-soft", "danger", "on-danger", "danger-soft",
];

/** A page as it is put into a frame. All but `title`, `lang` and `dir` is HTML of ours that goes in as it is. */
export type PageParts = {
  title: string;
  /** A BCP 47 language tag. */
  lang: string;
  dir: "ltr" | "rtl";
  /** For the end of `<head>`: our style sheets, our script, and what the page says about itself. */
  head: string;
  /** For `<body>`: the page with its `<main>`. */
  body: string;
};

/** What a host can set; nothing of it is needed. */
export type GivenLook = {
  /** A picture in the place of the mark: a path of the host's own, or a `data:` URL. */
  logo?: string;
  /** CSS colours by their names in the style sheet, such as `{ accent: "#7a1f4d" }`. */
  colours?: Readonly<Record<string, string>>;
  /** Gives the whole document that a page stands in. Default: a document of its own. */
  layout?: (page: PageParts) => string;
};

/** A look that was checked, ready for every page. */
export type Look = {
  logo: string | undefined;
  /** The style sheet with the colours, where any are set: it has a path of its own, because no page has styles in it. */
  sheet: { path: string; body: string } | undefined;
  layout: ((page: PageParts) => string) | undefined;
};

/** Checks a look. Throws an OptionsError with every problem. */
export function checkLook({ logo, colours = {}, layout }: GivenLook): Look {
  const problems: string[] = [];
  if (logo !== undefined && !/^(\/(?!\/)|data:image\/)[^\s"'<>]+$/.test(logo))
    problems.push("The logo must be a path such as /logo.svg, or a data: URL of a picture");
  const entries = Object.entries(colours);
  for (const [name, value] of entries) {
    if (!COLOURS.includes(name)) problems.push(`There is no colour ${name}: ${COLOURS.join(", ")}`);
    if (!/^[#\w(),.%/ -]+$/.test(value)) problems.push(`The colour ${name} is no CSS colour: ${value}`);
  }
  if (problems.length > 0) throw new OptionsError(problems);
  const body = `:root{${entries.map(([name, value]) => `--${name}:${value};`).join("")}}`;
  const path = `/assets/colours-${hash("sha256", body, "hex").slice(0, 10)}.css`;
  return { logo, sheet: entries.length === 0 ? undefined : { path, body }, layout };
}
