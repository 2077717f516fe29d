import jsqr from "jsqr";
import { PNG } from "pngjs";

/** What the QR code in a picture says, as a phone's camera would read it. Throws when there is none, or none of UTF-8. */
export function readQrCode(png: Buffer): string {
  const { data, width, height } = PNG.sync.read(png);
  const pixels = new Uint8ClampedArray(data);
  const found = jsqr.default(pixels, width, height);
  if (found === null || found.data === "")
    throw new Error(`No readable QR code in this picture of ${width} × ${height} pixels`);
  return found.data;
}
