// My profile: preferences, e-mail address, password, two-factor authentication. Everybody reaches their own alone.

import { type Answer, redirect, tooMany } from "../answer.ts";
import type { ConfirmedVisit, PersonVisit, Route } from "../route.ts";
import { leaveNotice } from "../shell.ts";
import { routes as authenticatorRoutes } from "./authenticators.ts";
import { ownSessionsSection } from "./own-sessions.ts";
import { newCodesPage, routes as recoveryCodeRoutes } from "./recovery-codes.ts";
import { trustedBrowsersSection } from "./trusted-browsers.ts";
import { disablePage, enrolledNotice, enrolmentPage, preferencesPage, securityPage } from "./views.ts";

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
  {
    method: "POST",
    path: "/account/security/enrolment",
    who: "person",
    confirmation: { kind: "first" },
    handle: enrol,
  },
  { method: "GET", path: "/account/security/enrolment", who: "person", handle: showEnrolment },
  {
    method: "POST",
    path: "/account/security/enrolment/confirm",
    who: "person",
    confirmation: { kind: "first" },
    handle: confirmEnrolment,
  },
  { method: "POST", path: "/account/security/enrolment/cancel", who: "person", handle: cancelEnrolment },
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
    auth.recoveryCodes.find(session.user.id),
    auth.trustedBrowsers.list(session),
    auth.ownSessions.list(session),
  ]);
  return securityPage(visit, authenticators, codes, [
    trustedBrowsersSection(visit, trusted),
    ownSessionsSection(visit, sessions),
  ]);
}

async function enrol(visit: ConfirmedVisit): Promise<Answer> {
  const replaces = visit.form.get("replaces");
  const outcome = await visit.auth.enrolment.begin(visit.client, visit.session, {
    replaces: replaces === "" ? null : replaces,
  });
  return outcome.ok ? redirect("/account/security/enrolment") : leaveNotice(visit, outcome.reason, "/account/security");
}

async function showEnrolment(visit: PersonVisit): Promise<Answer> {
  const enrolment = await visit.auth.enrolment.find(visit.session);
  if (enrolment !== undefined) return enrolmentPage(visit, enrolment, undefined);
  return visit.session.user.twoFactor
    ? redirect("/account/security")
    : leaveNotice(visit, "enrolmentExpired", "/account/security");
}

async function confirmEnrolment(visit: ConfirmedVisit): Promise<Answer> {
  const { auth, client, form, session, text } = visit;
  const outcome = await auth.enrolment.confirm(client, session, form.get("code"));
  if (outcome.ok) {
    return outcome.recoveryCodes === null
      ? leaveNotice(visit, "authenticatorAdded", "/account/security")
      : newCodesPage(visit, outcome.recoveryCodes, enrolledNotice(visit));
  }
  const enrolment = await auth.enrolment.find(session);
  if (enrolment === undefined) return showEnrolment(visit);
  const again = (problem: string) => enrolmentPage(visit, enrolment, problem);
  switch (outcome.reason) {
    case "clock_off": {
      const { offsetSeconds } = outcome;
      return again(
        offsetSeconds < 0 ? text.enrolment.clockBehind(-offsetSeconds) : text.enrolment.clockAhead(offsetSeconds),
      );
    }
    case "too_many_attempts":
      return tooMany(again(text.wait(outcome.retryAfterSeconds ?? 3600)), outcome.retryAfterSeconds);
    case "busy":
      return { ...again(text.busy), status: 503 };
    case "too_many_authenticators":
    case "not_found":
      return leaveNotice(visit, outcome.reason, "/account/security");
    default:
      return again(text.enrolment.wrong);
  }
}

async function cancelEnrolment(visit: PersonVisit): Promise<Answer> {
  await visit.auth.enrolment.cancel(visit.session);
  return redirect("/account/security");
}

function showDisable(visit: PersonVisit): Answer {
  return visit.session.user.twoFactor ? disablePage(visit, undefined) : redirect("/account/security");
}

async function disable(visit: ConfirmedVisit): Promise<Answer> {
  const outcome = await visit.auth.authenticators.disable(visit.client, visit.session);
  return outcome.ok ? leaveNotice(visit, "disabled", "/account/security") : redirect("/account/security");
}
