import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { takesGzip } from "../middleware/compression.ts";

const types = {
  "style.css": "text/css; charset=utf-8",
  "enhance.js": "text/javascript; charset=utf-8",
  "favicon.svg": "image/svg+xml",
} as const;

/** The files that pages load besides themselves. */
export type AssetName = keyof typeof types;

/** What is sent for an asset. */
export type AssetAnswer = { readonly body: Uint8Array<ArrayBuffer>; readonly headers: Record<string, string> };

/** The path of an asset. A part of it is a hash of the content, so it may be cached for ever. */
export function assetUrl(name: AssetName): string {
  return loaded().urls[name];
}

/** The asset at a path, compressed where the browser's Accept-Encoding takes gzip. */
export function findAsset(path: string, acceptEncoding: string | undefined): AssetAnswer | undefined {
  const asset = loaded().byPath.get(path);
  if (asset === undefined) return undefined;
  return takesGzip(acceptEncoding) ? asset.gzipped : asset.plain;
}

type Asset = { readonly plain: AssetAnswer; readonly gzipped: AssetAnswer };
type Assets = { readonly urls: Record<AssetName, string>; readonly byPath: ReadonlyMap<string, Asset> };

let assets: Assets | undefined;

function loaded(): Assets {
  assets ??= load();
  return assets;
}

function load(): Assets {
  const byPath = new Map<string, Asset>();
  const add = (name: AssetName): string => {
    const content = read(name);
    const url = `/assets/${name.replace(".", `-${hash("sha256", content, "hex").slice(0, 10)}.`)}`;
    byPath.set(url, {
      plain: answer(name, content, {}),
      gzipped: answer(name, new Uint8Array(gzipSync(content, { level: 9 })), { "content-encoding": "gzip" }),
    });
    return url;
  };
  return {
    urls: { "style.css": add("style.css"), "enhance.js": add("enhance.js"), "favicon.svg": add("favicon.svg") },
    byPath,
  };
}

function answer(name: AssetName, body: Uint8Array<ArrayBuffer>, encoding: Record<string, string>): AssetAnswer {
  const headers = {
    "content-type": types[name],
    "content-length": String(body.byteLength),
    "cache-control": "public, max-age=31536000, immutable",
    vary: "accept-encoding",
    ...encoding,
  };
  return { body, headers };
}

/** The files lie beside this module, or, when it is part of a bundle, in a folder beside the bundle. */
function read(name: AssetName): Uint8Array<ArrayBuffer> {
  for (const place of ["./", "./assets/"]) {
    const found = readIfThere(new URL(place + name, import.meta.url));
    if (found !== undefined) return found;
  }
  throw new Error(`The file ${name} is missing beside ${import.meta.url}.`);
}

function readIfThere(url: URL): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(readFileSync(url));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
