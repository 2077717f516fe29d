// My profile: preferences, e-mail address, password, two-factor authentication. Everybody reaches their own alone.

import { type Answer, redirect } from "../answer.ts";
import { routes as authenticatorRoutes } from "../authenticators/routes.ts";
import { routes as recoveryCodeRoutes } from "../recovery-codes/routes.ts";
import type { ConfirmedVisit, PersonVisit, Route } from "../route.ts";
import { ownSessionsSection } from "../sessions/routes.ts";
import { leaveNotice } from "../shell.ts";
import { trustedBrowsersSection } from "../trusted-browsers/routes.ts";
import { disablePage, preferencesPage, securityPage } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: "/account", who: "person", handle: (visit) => preferencesPage(visit, {}) },
  { method: "POST", path: "/account", who: "person", handle: savePreferences },
  { method: "POST", path: "/account/email", who: "person", confirmation: { kind: "first" }, handle: changeEmail },
  {
    method: "POST",
    path: "/account/password",
    who: "person",
    confirmation: { kind: "inForm", again: (visit, confirmation) => preferencesPage(visit, { confirmation }) },
    handle: changePassword,
  },
  { method: "GET", path: "/account/security", who: "person", handle: security },
  { method: "GET", path: "/account/security/disable", who: "person", handle: showDisable },
  {
    method: "POST",
    path: "/account/security/disable",
    who: "person",
    confirmation: { kind: "inForm", again: disablePage },
    handle: disable,
  },
  ...authenticatorRoutes,
  ...recoveryCodeRoutes,
];

async function savePreferences(visit: PersonVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const typed = { name: form.get("name"), language: form.get("language"), timeZone: form.get("time_zone") };
  const outcome = await auth.users.changePreferences(client, session, typed);
  return outcome.ok
    ? leaveNotice(visit, "preferences", "/account")
    : preferencesPage(visit, { reason: outcome.reason, typed });
}

async function changeEmail(visit: ConfirmedVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const email = form.get("email");
  const outcome = await auth.users.changeEmail(client, session, email);
  return outcome.ok
    ? leaveNotice(visit, "email", "/account")
    : preferencesPage(visit, { reason: outcome.reason, typed: { email } });
}

async function changePassword(visit: ConfirmedVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const outcome = await auth.passwords.change(client, session, form.get("new_password"));
  return outcome.ok ? leaveNotice(visit, "password", "/account") : preferencesPage(visit, { reason: outcome.reason });
}

async function security(visit: PersonVisit): Promise<Answer> {
  const { auth, session } = visit;
  const [authenticators, codes, trusted, sessions] = await Promise.all([
    auth.authenticators.list(session.user.id),
    visit.account().then((account) => auth.recoveryCodes.find(account)),
    visit.account().then((account) => auth.trustedBrowsers.list(account)),
    auth.ownSessions.list(session),
  ]);
  return securityPage(visit, authenticators, codes, [
    trustedBrowsersSection(visit, trusted),
    ownSessionsSection(visit, sessions),
  ]);
}

function showDisable(visit: PersonVisit): Answer {
  return visit.session.user.twoFactor ? disablePage(visit, undefined) : redirect("/account/security");
}

async function disable(visit: ConfirmedVisit): Promise<Answer> {
  const outcome = await visit.auth.authenticators.disable(visit.client, visit.session);
  return outcome.ok ? leaveNotice(visit, "disabled", "/account/security") : redirect("/account/security");
}
