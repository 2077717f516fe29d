// My profile: preferences, e-mail address, password, two-factor authentication. Everybody reaches their own alone.

import { type Answer, redirect } from "../answer.ts";
import { passwordRefusals } from "../new-password.ts";
import { profileRefusals } from "../problem.ts";
import { type ConfirmedVisit, confirmed, ofOwnAccounts, type PersonVisit, type Route } from "../route.ts";
import { ownSessionsSection } from "../sessions/views.ts";
import { settle } from "../settle.ts";
import { leaveNotice, PREFERENCES, sessionOver } from "../shell.ts";
import { trustedBrowsersSection } from "../trusted-browsers/views.ts";
import { disablePage, preferencesPage, securityPage } from "./views.ts";

export const routes: Route[] = [
  ...ofOwnAccounts(
    { method: "GET", path: PREFERENCES, who: "person", handle: (visit) => preferencesPage(visit, {}) },
    { method: "POST", path: PREFERENCES, who: "person", handle: savePreferences },
    confirmed("person", "/account/email", changeEmail),
    {
      method: "POST",
      path: "/account/password",
      who: "person",
      confirmation: { kind: "inForm", again: (visit, problem) => preferencesPage(visit, { problem }) },
      handle: changePassword,
    },
  ),
  { method: "GET", path: "/account/security", who: "person", handle: security },
  { method: "GET", path: "/account/security/disable", who: "person", handle: showDisable },
  {
    method: "POST",
    path: "/account/security/disable",
    who: "person",
    confirmation: { kind: "inForm", again: disablePage },
    handle: disable,
  },
];

async function savePreferences(visit: PersonVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const typed = { name: form.get("name"), language: form.get("language"), timeZone: form.get("time_zone") };
  return settle(await auth.users.changePreferences(client, session, typed), {
    done: () => leaveNotice(visit, "preferences", PREFERENCES),
    again: (problem) => preferencesPage(visit, { problem, typed }),
    refusals: refusalsOf(visit),
  });
}

async function changeEmail(visit: ConfirmedVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const email = form.get("email");
  return settle(await auth.users.changeEmail(client, session, email), {
    done: () => leaveNotice(visit, "email", PREFERENCES),
    again: (problem) => preferencesPage(visit, { problem, typed: { email } }),
    refusals: refusalsOf(visit),
  });
}

async function changePassword(visit: ConfirmedVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  return settle(await auth.passwords.change(client, session, form.get("new_password")), {
    done: () => leaveNotice(visit, "password", PREFERENCES),
    again: (problem) => preferencesPage(visit, { problem }),
    refusals: refusalsOf(visit),
  });
}

function refusalsOf(visit: PersonVisit) {
  return { ...profileRefusals(visit), ...passwordRefusals(visit), expired: () => sessionOver(visit) };
}

async function security(visit: PersonVisit): Promise<Answer> {
  const { auth, session } = visit;
  const [status, sessions] = await Promise.all([auth.account.status({ session }), auth.session.list({ session })]);
  return securityPage(visit, status.authenticators, status.recoveryCodes, [
    trustedBrowsersSection(visit, status.trustedBrowsers),
    ownSessionsSection(visit, sessions),
  ]);
}

function showDisable(visit: PersonVisit): Answer {
  return visit.session.user.twoFactor ? disablePage(visit, undefined) : redirect("/account/security");
}

async function disable(visit: ConfirmedVisit): Promise<Answer> {
  const outcome = await visit.auth.account.disable({ client: visit.client, session: visit.session });
  return outcome.ok ? leaveNotice(visit, "disabled", "/account/security") : redirect("/account/security");
}
