// A forgotten password: asking for a link, and the new password behind it. Opening the link spends nothing, and
// neither form logs anybody in.

import type { Answer } from "../answer.ts";
import { passwordRefusals } from "../new-password.ts";
import { invalidLinkPage } from "../one-time-link.ts";
import { type FormProblem, triesUsedUp } from "../problem.ts";
import { ofOwnAccounts, type Route, type Visit } from "../route.ts";
import { settle } from "../settle.ts";
import { leaveNotice } from "../shell.ts";
import { requestedPage, requestPage, resetPage } from "./views.ts";

export const routes: Route[] = ofOwnAccounts(
  { method: "GET", path: "/forgotten-password", who: "anybody", handle: (visit) => requestPage(visit, {}) },
  { method: "POST", path: "/forgotten-password", who: "anybody", handle: request },
  { method: "GET", path: "/password-reset", who: "anybody", handle: showReset },
  { method: "POST", path: "/password-reset", who: "anybody", handle: reset },
);

async function request(visit: Visit): Promise<Answer> {
  const { auth, client, form, text } = visit;
  const name = form.get("login");
  const again = (problem: FormProblem) => requestPage(visit, { name, problem });
  if (name.trim() === "") return again({ message: text.passwordReset.requestMissing, field: "login" });
  return settle(await auth.passwordReset.request(client, name), {
    done: () => requestedPage(visit),
    again,
    refusals: { too_many_attempts: ({ retryAfterSeconds }) => triesUsedUp(visit, retryAfterSeconds, "login") },
  });
}

async function showReset(visit: Visit): Promise<Answer> {
  return newPassword(visit, visit.query.get("ticket") ?? "");
}

async function reset(visit: Visit): Promise<Answer> {
  const { auth, client, form, text } = visit;
  const ticket = form.get("ticket");
  return settle(await auth.passwordReset.complete(client, { ticket, password: form.get("new_password") }), {
    done: () => leaveNotice(visit, "passwordReset", "/sign-in"),
    again: (problem) => newPassword(visit, ticket, problem),
    refusals: { ...passwordRefusals(visit), expired: () => invalidLinkPage(visit, text.passwordReset) },
  });
}

async function newPassword(visit: Visit, ticket: string, problem?: FormProblem): Promise<Answer> {
  const person = await visit.auth.passwordReset.find(ticket);
  return person === undefined
    ? invalidLinkPage(visit, visit.text.passwordReset)
    : resetPage(visit, { ticket, login: person.login, problem });
}
