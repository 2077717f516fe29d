import { html } from "hono/html";
import type { Markup } from "./markup.ts";

/**
 * A QR code on a white plate in every theme. `path` is drawn as strokes one module wide, each module centred on half
 * numbers; the quiet zone of four modules (ISO/IEC 18004) is added here, so `path` starts at 0,0.
 */
export function qrCode(options: {
  readonly path: string;
  /** Modules on a side, without the quiet zone. */
  readonly size: number;
  /** Says what the picture is and where the same stands as text. */
  readonly label: string;
}): Markup {
  const side = options.size + 2 * quietZone;
  const viewBox = `${-quietZone} ${-quietZone} ${side} ${side}`;
  return html`<svg class="qr" role="img" aria-label="${options.label}" viewBox="${viewBox}" shape-rendering="crispEdges"><path d="${options.path}"/></svg>`;
}

const quietZone = 4;
