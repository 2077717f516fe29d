// Refusals for programs: JSON with a stable code and the request's number, and the challenge of RFC 6750 §3 where a
// key is missing, wrong or too narrow.

import type { Scope } from "../../auth.ts";
import { type Answer, json } from "../answer.ts";

/** A refusal that has nothing to do with keys, by its HTTP status. */
const CODES = {
  400: "invalid_request",
  401: "not_signed_in",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  413: "too_large",
  415: "unsupported_type",
  500: "failed",
  503: "busy",
} as const;

export function apiError(status: keyof typeof CODES, request: string): Answer {
  return json({ error: CODES[status], request }, status);
}

/** What is wrong with the key of a request; `not_signed_in` is a request without one, which gets no code in the header. */
export type KeyProblem =
  | "not_signed_in"
  | "invalid_request"
  | "invalid_token"
  | "insufficient_scope"
  | "too_many_requests";

const STATUS = {
  not_signed_in: 401,
  invalid_request: 400,
  invalid_token: 401,
  insufficient_scope: 403,
  too_many_requests: 429,
};

export function keyProblem(error: KeyProblem, request: string, scope: Scope): Answer {
  const parameters = ['realm="api"'];
  if (error !== "not_signed_in" && error !== "too_many_requests") parameters.push(`error="${error}"`);
  if (error === "insufficient_scope") parameters.push(`scope="${scope}"`);
  const answer = json({ error, request }, STATUS[error]);
  return { ...answer, headers: { ...answer.headers, "www-authenticate": `Bearer ${parameters.join(", ")}` } };
}
