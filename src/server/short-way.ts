// The question that is asked most often, answered on Node's own request and response: the framework around it would
// cost as much as the answer. What it says is the same on both ways (web/api/session.ts).

import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Auth } from "../auth.ts";
import { apiError } from "../web/api/errors.ts";
import { checkSession, SESSION_PATH } from "../web/api/session.ts";
import { SECURITY_HEADERS } from "../web/middleware/headers.ts";
import { isPassing, log } from "./start.ts";

const HEADERS = Object.entries({ ...SECURITY_HEADERS, "content-type": "application/json" }).flat();

/** A listener that answers the session check itself, and leaves everything else to another. */
export function shortWay(auth: Auth, others: RequestListener): RequestListener {
  return (request, response) =>
    request.url === SESSION_PATH && request.method === "GET"
      ? void answer(auth, request, response)
      : others(request, response);
}

async function answer(auth: Auth, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = randomUUID();
  const { status, body } = await checkSession(auth, request.headers.cookie, requestId).catch((error: unknown) => {
    log("request failed", { request: requestId, error: String(error) });
    return apiError(isPassing(error) ? 503 : 500, requestId);
  });
  const text = String(body);
  response.writeHead(status, [...HEADERS, "content-length", String(Buffer.byteLength(text))]);
  response.end(text);
}
