import { html } from "hono/html";
import type { Markup } from "./markup.ts";

/** What a badge marks; colour only repeats what its label says. */
export type BadgeKind = "on" | "off" | "role" | "warning" | "disabled";

/** A word that marks a thing's state or role. */
export function badge(options: { readonly kind: BadgeKind; readonly label: string }): Markup {
  return html`<span class="badge ${tones[options.kind]}">${options.label}</span>`;
}

const tones: Record<BadgeKind, string> = {
  on: "success",
  off: "neutral",
  role: "info",
  warning: "warning",
  disabled: "danger",
};
