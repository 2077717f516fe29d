// Makes a response of an answer, with the headers that all of them carry.

import { gzipSync } from "node:zlib";
import type { Answer } from "./answer.ts";
import { takesGzip } from "./middleware/compression.ts";
import { SECURITY_HEADERS } from "./middleware/headers.ts";

/** Answers larger than this are compressed; none of them shows a secret beside something a stranger chose. */
const COMPRESSED_FROM = 6_000;

/** The response to a request with these headers. */
export function respond({ status, body, headers }: Answer, setCookies: string[], requested: Headers): Response {
  const all: Record<string, string> = { ...SECURITY_HEADERS, ...headers };
  let content = body;
  if (typeof content === "string" && content.length > COMPRESSED_FROM && takesGzip(requested.get("accept-encoding"))) {
    content = gzipSync(content);
    all["content-encoding"] = "gzip";
    all.vary = "accept-encoding";
  }
  if (setCookies.length === 0) return new Response(content, { status, headers: all });
  const pairs: [string, string][] = Object.entries(all);
  for (const value of setCookies) pairs.push(["set-cookie", value]);
  return new Response(content, { status, headers: pairs });
}
