// The question that is asked most often, answered on Node's own request and response: the framework around it would
// cost as much as the answer. What it says is the same on both ways (web/api/session.ts).

import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Auth } from "../auth.ts";
import { checkSession, SESSION_PATH } from "../web/api/session.ts";
import { SECURITY_HEADERS } from "../web/middleware/headers.ts";

const HEADERS = Object.entries({ ...SECURITY_HEADERS, "content-type": "application/json" }).flat();

/** A listener that answers the session check itself, and leaves everything else to another. */
export function shortWay(auth: Auth, others: RequestListener): RequestListener {
  return (request, response) =>
    request.url === SESSION_PATH && request.method === "GET" && /^[\w.:[\]-]+$/.test(request.headers.host ?? "")
      ? void answer(auth, request, response).catch(() => others(request, response))
      : others(request, response);
}

/** Answers, or throws before anything is written: then the others ask once more, and say what is wrong. */
async function answer(auth: Auth, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, body } = await checkSession(auth, request.headers.cookie, randomUUID());
  const text = String(body);
  response.writeHead(status, [...HEADERS, "content-length", String(Buffer.byteLength(text))]);
  response.end(text);
}
