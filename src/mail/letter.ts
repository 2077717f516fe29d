// The HTML part of a mail. It loads nothing from anywhere, so nobody learns that it was opened; without its styles it
// reads like the plain text.

import { html, raw } from "hono/html";

/** What a letter shows. Texts may hold anything: they are escaped here. */
export type Letter = {
  language: string;
  direction: "ltr" | "rtl";
  subject: string;
  paragraphs: readonly string[];
  link: { href: string; label: string } | undefined;
  /** What to do if it was not the reader, set off at the end. */
  notYou: string;
  signature: readonly string[];
};

/** Writes a letter as a whole document, for a light and a dark screen. */
export function letter({ language, direction, subject, paragraphs, link, notYou, signature }: Letter): string {
  const action =
    link &&
    html`<p><a class="button" href="${link.href}">${link.label}</a></p>
<p class="small"><a href="${link.href}">${link.href}</a></p>`;
  return String(html`<!doctype html>
<html lang="${language}" dir="${direction}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${subject}</title><style>${raw(STYLE)}</style></head>
<body><div class="letter"><h1>${subject}</h1>
${paragraphs.map((paragraph) => html`<p>${paragraph}</p>\n`)}${action}
<p class="note">${notYou}</p></div>
<p class="small">${signature.flatMap((line, index) => (index === 0 ? [line] : [html`<br>`, line]))}</p></body></html>
`);
}

const STYLE = `
:root { color-scheme: light dark }
body { margin: 0 auto; max-width: 36em; padding: 24px 16px; background: #f5f6f6; color: #1a1f20; font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; overflow-wrap: anywhere }
.letter { padding: 8px 24px 16px; border: 1px solid #dfe3e3; border-radius: 10px; background: #fff }
h1 { margin: 16px 0; font-size: 20px; line-height: 1.3 }
a { color: #0c5663 }
.button { display: inline-block; padding: 10px 20px; border-radius: 8px; background: #0c5663; color: #fff; font-weight: 600; text-decoration: none }
.note { margin-top: 24px; padding-top: 16px; border-top: 1px solid #dfe3e3 }
.small { font-size: 14px; color: #586163 }
body > .small { padding: 0 24px }
@media (prefers-color-scheme: dark) {
  body { background: #121516; color: #e7ebeb }
  .letter { background: #1a1e1f; border-color: #2d3334 }
  a { color: #79c3cd }
  .button { background: #79c3cd; color: #08262b }
  .note { border-color: #2d3334 }
  .small { color: #a2abad }
}
`;
