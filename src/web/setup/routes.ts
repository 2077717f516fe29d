// One-time links: the first administrator, and the first password of somebody who was invited. Opening one spends
// nothing; neither logs anybody in.

import type { Answer } from "../answer.ts";
import { passwordRefusals } from "../new-password.ts";
import { invalidLinkPage } from "../one-time-link.ts";
import { type FormProblem, profileRefusals } from "../problem.ts";
import { ofOwnAccounts, type Route, type Visit } from "../route.ts";
import { settle } from "../settle.ts";
import { leaveNotice } from "../shell.ts";
import { invitationPage, setupPage } from "./views.ts";

export const routes: Route[] = ofOwnAccounts(
  { method: "GET", path: "/setup", who: "anybody", handle: showSetup },
  { method: "POST", path: "/setup", who: "anybody", handle: setUp },
  { method: "GET", path: "/invitation", who: "anybody", handle: showInvitation },
  { method: "POST", path: "/invitation", who: "anybody", handle: accept },
);

async function showSetup(visit: Visit): Promise<Answer> {
  const ticket = visit.query.get("ticket") ?? "";
  return (await visit.auth.setup.isValid(ticket))
    ? setupPage(visit, { ticket })
    : invalidLinkPage(visit, visit.text.setup);
}

async function setUp(visit: Visit): Promise<Answer> {
  const { auth, client, form, text } = visit;
  const typed = { login: form.get("login"), name: form.get("name"), email: form.get("email") };
  const ticket = form.get("ticket");
  const invalid = () => invalidLinkPage(visit, text.setup);
  return settle(await auth.setup.complete(client, { ...typed, ticket, password: form.get("new_password") }), {
    done: () => leaveNotice(visit, "setUp", "/sign-in"),
    again: (problem) => setupPage(visit, { ticket, typed, problem }),
    refusals: { ...profileRefusals(visit), ...passwordRefusals(visit), expired: invalid, already_set_up: invalid },
  });
}

async function showInvitation(visit: Visit): Promise<Answer> {
  return invitation(visit, visit.query.get("ticket") ?? "");
}

async function accept(visit: Visit): Promise<Answer> {
  const { auth, client, form, text } = visit;
  const ticket = form.get("ticket");
  return settle(await auth.invitations.accept(client, { ticket, password: form.get("new_password") }), {
    done: () => leaveNotice(visit, "accepted", "/sign-in"),
    again: (problem) => invitation(visit, ticket, problem),
    refusals: { ...passwordRefusals(visit), expired: () => invalidLinkPage(visit, text.invitation) },
  });
}

async function invitation(visit: Visit, ticket: string, problem?: FormProblem): Promise<Answer> {
  const person = await visit.auth.invitations.find(ticket);
  return person === undefined
    ? invalidLinkPage(visit, visit.text.invitation)
    : invitationPage(visit, { ticket, person, problem });
}
