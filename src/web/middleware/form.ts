// Reads the fields of a submitted form: urlencoded, small, each name once, valid UTF-8, no NUL. Anything else is a
// clear 4xx before any handler runs.

import { Problem } from "../answer.ts";

const LARGEST = 16_384;
const MOST_FIELDS = 60;

/** The fields of a form; a missing one reads as an empty string. */
export type Form = { get(name: string): string; readonly entries: ReadonlyMap<string, string> };

/** The form of a request without one. */
export const NO_FORM: Form = { get: () => "", entries: new Map() };

/** Reads a form body. Throws a Problem. */
export async function readForm(request: Request): Promise<Form> {
  const type = request.headers.get("content-type") ?? "";
  const body = await readBody(request);
  if (body.length === 0) return NO_FORM;
  if (!/^application\/x-www-form-urlencoded\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) throw new Problem(415);
  return parseForm(body);
}

function parseForm(body: Uint8Array): Form {
  const entries = new Map<string, string>();
  for (const pair of Buffer.from(body).toString("latin1").split("&")) {
    if (pair === "") continue;
    const [name = "", ...rest] = pair.split("=");
    const field = decode(name);
    if (entries.has(field) || entries.size >= MOST_FIELDS) throw new Problem(400);
    entries.set(field, decode(rest.join("=")));
  }
  return { get: (name) => entries.get(name) ?? "", entries };
}

/** Percent-decodes strictly: `URLSearchParams` would quietly repair what is broken. */
function decode(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new Problem(400);
  }
  // Raw bytes above ASCII were read as Latin-1; a browser never sends them.
  if (decoded.includes("\0") || /[\u0080-\u00ff]/.test(text)) throw new Problem(400);
  return decoded.replaceAll("\r\n", "\n");
}

async function readBody(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > LARGEST) throw new Problem(413, { connection: "close" });
  // With a declared length the parser of HTTP has seen to the limit, and reading at once is much quicker.
  if (request.headers.has("content-length")) return new Uint8Array(await request.arrayBuffer());
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.length;
    if (length > LARGEST) throw new Problem(413, { connection: "close" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
