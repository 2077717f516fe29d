// What a handler gives back: plain data. One place (app.ts) turns it into a response with the headers that all
// responses carry, so no page can forget them.

import type { Markup } from "./ui/markup.ts";

export type Answer = {
  status: number;
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
  headers?: Record<string, string>;
};

/** A page. 422 is for a form that is shown again with its errors. */
export function page(markup: Markup, status = 200): Answer {
  return { status, body: String(markup), headers: { "content-type": "text/html; charset=utf-8" } };
}

/** Sends the browser to another page of ours, by GET, so that reloading never repeats an act. */
export function redirect(path: string): Answer {
  return { status: 303, body: null, headers: { location: path } };
}

/** A form shown again, because tries have run out; says when the next may be made. */
export function tooMany(answer: Answer, seconds: number | null): Answer {
  const retryAfter = seconds === null ? {} : { "retry-after": String(seconds) };
  return { ...answer, status: 429, headers: { ...answer.headers, ...retryAfter } };
}

/** An answer for programs. */
export function json(value: unknown, status = 200): Answer {
  return { status, body: JSON.stringify(value), headers: { "content-type": "application/json" } };
}

/** Thrown by middleware to answer at once with the friendly error page of a status. */
export class Problem extends Error {
  override name = "Problem";
  readonly status: 400 | 403 | 404 | 405 | 413 | 415 | 503;
  readonly headers: Record<string, string>;
  constructor(status: Problem["status"], headers: Record<string, string> = {}) {
    super(`HTTP ${status}`);
    this.status = status;
    this.headers = headers;
  }
}
