// A QR code as one stroked path: each run of dark modules in a row is one line, which keeps the picture near 4 KB.

import { correction, generate } from "lean-qr";

/** The path and the number of modules on a side, at error correction level M. */
export function qrPath(content: string): { path: string; size: number } {
  const code = generate(content, { minCorrectionLevel: correction.M, maxCorrectionLevel: correction.M });
  let path = "";
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) {
      if (!code.get(x, y)) continue;
      const start = x;
      while (code.get(x + 1, y)) x++;
      path += `M${start} ${y}.5h${x + 1 - start}`;
    }
  }
  return { path, size: code.size };
}
