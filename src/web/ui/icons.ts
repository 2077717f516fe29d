import { html } from "hono/html";
import type { Markup } from "./markup.ts";

/** The names of the icons. */
export type IconName = keyof typeof strokes;

const strokes = {
  alert: "M12 9v4m0 4h.01M10.3 4 2.6 17.3A2 2 0 0 0 4.3 20.3h15.4a2 2 0 0 0 1.7-3L13.7 4a2 2 0 0 0-3.4 0z",
  ban: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.7 5.7l12.6 12.6",
  browser: "M4 4h16a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM3 9h18M6 6.5h.01m2.5 0h.01",
  check: "M5 12.5l4.5 4.5L19 7.5",
  chevron: "M6 9l6 6 6-6",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 4.5V12l3 2",
  copy: "M9 9h9a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H10a2 2 0 0 1-2-2v-9m-2 5H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v1",
  download: "M12 4v11m-5-5 5 5 5-5M4 20h16",
  group:
    "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 19.5c.5-3.2 3-5 6.5-5s6 1.8 6.5 5M15.5 5.2a3.5 3.5 0 0 1 0 6.6m2 3c2.4.6 3.7 2.2 4 4.7",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 8v5m0-8h.01",
  key: "M15.5 3.5a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM12 12l-8.5 8.5m3-3 2.5 2.5",
  lock: "M6 11h12a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-8a1 1 0 0 1 1-1zm2 0V7.5a4 4 0 0 1 8 0V11",
  "sign-out": "M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4m0-8h11m-4-4 4 4-4 4",
  mail: "M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zm-.7 1.3L12 13l8.7-6.7",
  phone:
    "M8 2.5h8a1.5 1.5 0 0 1 1.5 1.5v16a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 20V4A1.5 1.5 0 0 1 8 2.5zM12 18h.01",
  plus: "M12 5v14M5 12h14",
  print: "M7 8V3h10v5M7 17H5a2 2 0 0 1-2-2v-5a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2h-2M7 14h10v7H7z",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zm5 12 4.5 4.5",
  shield: "M12 3l7.5 2.7v5.8c0 4.5-3.1 7.9-7.5 9.5-4.4-1.6-7.5-5-7.5-9.5V5.7z",
  "shield-check": "M12 3l7.5 2.7v5.8c0 4.5-3.1 7.9-7.5 9.5-4.4-1.6-7.5-5-7.5-9.5V5.7zM8.5 12l2.5 2.5 4.5-4.7",
  user: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.5c.6-3.5 3.6-5.5 7.5-5.5s6.9 2 7.5 5.5",
} as const;

/** Draws an icon. It is hidden from assistive technology, so text always stands beside it. */
export function icon(name: IconName): Markup {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="${strokes[name]}"/></svg>`;
}

/** Draws the product's mark: two halves of one token, cut so that only they fit each other. */
export function mark(): Markup {
  return token;
}

const token = html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M8 2h5.7c0 10-5 10-5 20H8a6 6 0 0 1-6-6V8a6 6 0 0 1 6-6z"/><path d="M15.3 2H16a6 6 0 0 1 6 6v8a6 6 0 0 1-6 6h-5.7c0-10 5-10 5-20z"/></svg>`;
