// A forgotten password: asking for a link, and the new password behind it. Opening the link spends nothing, and
// neither form logs anybody in.

import { type Answer, tooMany } from "../answer.ts";
import type { Route, Visit } from "../route.ts";
import { invalidLinkPage } from "../setup/views.ts";
import { leaveNotice } from "../shell.ts";
import { requestedPage, requestPage, resetPage } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: "/forgotten-password", who: "anybody", handle: (visit) => requestPage(visit, {}) },
  { method: "POST", path: "/forgotten-password", who: "anybody", handle: request },
  { method: "GET", path: "/password-reset", who: "anybody", handle: showReset },
  { method: "POST", path: "/password-reset", who: "anybody", handle: reset },
];

async function request(visit: Visit): Promise<Answer> {
  const { auth, client, form, text } = visit;
  const name = form.get("login");
  if (name.trim() === "") return requestPage(visit, { problem: text.passwordReset.requestMissing });
  const outcome = await auth.passwordReset.request(client, name);
  if (outcome.ok) return requestedPage(visit);
  const page = requestPage(visit, { name, problem: text.wait(outcome.retryAfterSeconds ?? 3600) });
  return tooMany(page, outcome.retryAfterSeconds);
}

async function showReset(visit: Visit): Promise<Answer> {
  const ticket = visit.query.get("ticket") ?? "";
  const person = await visit.auth.passwordReset.find(ticket);
  return person === undefined
    ? invalidLinkPage(visit, visit.text.passwordReset)
    : resetPage(visit, { ticket, login: person.login });
}

async function reset(visit: Visit): Promise<Answer> {
  const { auth, client, form } = visit;
  const ticket = form.get("ticket");
  const outcome = await auth.passwordReset.complete(client, { ticket, password: form.get("new_password") });
  if (outcome.ok) {
    return leaveNotice(visit, "passwordReset", "/sign-in");
  }
  const person = await auth.passwordReset.find(ticket);
  if (outcome.reason === "expired" || person === undefined) return invalidLinkPage(visit, visit.text.passwordReset);
  return resetPage(visit, { ticket, login: person.login, reason: outcome.reason });
}
