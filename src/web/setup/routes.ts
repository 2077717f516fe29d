// One-time links: the first administrator, and the first password of somebody who was invited. Opening one spends
// nothing; neither logs anybody in.

import type { Answer } from "../answer.ts";
import type { Route, Visit } from "../route.ts";
import { leaveNotice } from "../shell.ts";
import { invalidLinkPage, invitationPage, setupPage } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: "/setup", who: "anybody", handle: showSetup },
  { method: "POST", path: "/setup", who: "anybody", handle: setUp },
  { method: "GET", path: "/invitation", who: "anybody", handle: showInvitation },
  { method: "POST", path: "/invitation", who: "anybody", handle: accept },
];

async function showSetup(visit: Visit): Promise<Answer> {
  const ticket = visit.query.get("ticket") ?? "";
  return (await visit.auth.setup.isValid(ticket))
    ? setupPage(visit, { ticket })
    : invalidLinkPage(visit, visit.text.setup);
}

async function setUp(visit: Visit): Promise<Answer> {
  const { auth, client, form } = visit;
  const typed = { login: form.get("login"), name: form.get("name"), email: form.get("email") };
  const ticket = form.get("ticket");
  const outcome = await auth.setup.complete(client, { ...typed, ticket, password: form.get("new_password") });
  if (outcome.ok) return signInNext(visit, "setUp");
  if (outcome.reason === "expired" || outcome.reason === "already_set_up")
    return invalidLinkPage(visit, visit.text.setup);
  return setupPage(visit, { ticket, typed, reason: outcome.reason });
}

async function showInvitation(visit: Visit): Promise<Answer> {
  const ticket = visit.query.get("ticket") ?? "";
  const person = await visit.auth.invitations.find(ticket);
  return person === undefined
    ? invalidLinkPage(visit, visit.text.invitation)
    : invitationPage(visit, { ticket, person, reason: undefined });
}

async function accept(visit: Visit): Promise<Answer> {
  const { auth, client, form } = visit;
  const ticket = form.get("ticket");
  const outcome = await auth.invitations.accept(client, { ticket, password: form.get("new_password") });
  if (outcome.ok) return signInNext(visit, "accepted");
  const person = await auth.invitations.find(ticket);
  if (outcome.reason === "expired" || person === undefined) return invalidLinkPage(visit, visit.text.invitation);
  return invitationPage(visit, { ticket, person, reason: outcome.reason });
}

function signInNext(visit: Visit, notice: string): Answer {
  return leaveNotice(visit, notice, "/sign-in");
}
