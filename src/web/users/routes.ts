// Users, for administrators, and for support as far as it helps people. Reading takes a sign-in with two
// factors; every change takes a fresh confirmation besides.

import type { Refused } from "../../outcomes.ts";
import { type Answer, Problem } from "../answer.ts";
import { change } from "../change.ts";
import type {
  AdministratorVisit,
  ConfirmedAdministratorVisit,
  ConfirmedSupportVisit,
  Route,
  SupportVisit,
} from "../route.ts";
import { leaveNotice } from "../shell.ts";
import { pageNumber } from "../whole-number.ts";
import { readFilter } from "./people-filter.ts";
import { requiredFrom } from "./required-in-days.ts";
import { newUserPage, userPage, usersPage } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: "/users", who: "support", handle: users },
  { method: "GET", path: "/users/new", who: "administrator", handle: (visit) => newUserPage(visit, {}) },
  change("/users", invite),
  { method: "GET", path: "/users/:id", who: "support", handle: (visit) => showPerson(visit, {}) },
  change("/users/:id", save),
  change("/users/:id/disable", onPerson("disablePerson", "personDisabled")),
  change("/users/:id/void-password", onPerson("voidPassword", "passwordVoided")),
  change("/users/:id/enable", onPerson("enablePerson", "personEnabled")),
  change("/users/:id/require-two-factor", requireTwoFactor),
  change("/users/:id/stop-requiring", onPerson("stopRequiring", "personNotRequired")),
  help("/users/:id/two-factor-invitation", helpPerson("inviteToTwoFactor", "personInvited")),
  help("/users/:id/invitation", helpPerson("inviteAgain", "invited")),
  help("/users/:id/unlock", helpPerson("unlockPerson", "personUnlocked")),
  help("/users/:id/sign-out-everywhere", helpPerson("signOutEverywhere", "personSignedOut")),
];

/** A change that support may make, too. */
export function help(path: string, handle: (visit: ConfirmedSupportVisit) => Promise<Answer>): Route {
  return { method: "POST", path, who: "support", confirmation: { kind: "first" }, handle };
}

async function users(visit: SupportVisit): Promise<Answer> {
  const { auth, query, session } = visit;
  const filter = readFilter((field) => query.get(field));
  const page = pageNumber(query.get("page"));
  const found = await auth.administration.listPeople(session, filter, page);
  return usersPage(visit, { ...found, filter, groups: await auth.groups.list(session), page });
}

async function invite(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const typed = profile(visit);
  if (typed.email === null) return newUserPage(visit, { typed: form, reason: "no_email" });
  const outcome = await auth.administration.invitePerson(client, auth.authorityOf(session), typed);
  if (outcome.ok) return leaveNotice(visit, "invited", `/users/${outcome.id}`);
  if (outcome.reason === "no_authority") throw new Problem(404);
  return newUserPage(visit, { typed: form, reason: outcome.reason });
}

/** The page of a person, with what was wrong with a form on it. */
export async function showPerson(visit: SupportVisit, shown: { reason?: string }): Promise<Answer> {
  const { auth, session } = visit;
  const id = idOf(visit);
  const person = await auth.administration.findPerson(session, id);
  if (person === undefined) throw new Problem(404);
  const lockout = await auth.administration.findLockout(session, person);
  const groups = { own: await auth.groups.listOf(session, id), all: await auth.groups.list(session) };
  const rescue = await auth.rescues.find(session, id);
  return userPage(visit, { person, groups, lockout, rescue, ...shown });
}

async function save(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, session, form } = visit;
  const changed = {
    id: idOf(visit),
    ...profile(visit),
    oldMailboxLost: form.get("old_mailbox_lost") === "on",
  };
  return settle(visit, await auth.administration.changePerson(client, auth.authorityOf(session), changed), "saved");
}

async function requireTwoFactor(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, session, form } = visit;
  const given = { id: idOf(visit), from: requiredFrom(form.get("days"), auth.now()) };
  const outcome = await auth.administration.requireTwoFactor(client, auth.authorityOf(session), given);
  return settle(visit, outcome, "personRequired");
}

/** The acts of administrators that need nothing but the person. */
type PersonAct = "disablePerson" | "enablePerson" | "stopRequiring" | "voidPassword";

function onPerson(act: PersonAct, notice: string) {
  return async (visit: ConfirmedAdministratorVisit): Promise<Answer> => {
    const { auth, client, session } = visit;
    return settle(visit, await auth.administration[act](client, auth.authorityOf(session), idOf(visit)), notice);
  };
}

/** Those that support may do, too. */
function helpPerson(act: "inviteAgain" | "inviteToTwoFactor" | "unlockPerson" | "signOutEverywhere", notice: string) {
  return async (visit: ConfirmedSupportVisit): Promise<Answer> => {
    const { auth, client, session } = visit;
    return settle(visit, await auth.administration[act](client, auth.authorityOf(session), idOf(visit)), notice);
  };
}

/** Back to the person, with what came of it. */
export function settle(
  visit: ConfirmedSupportVisit,
  outcome: { ok: true } | Refused,
  notice: string,
): Answer | Promise<Answer> {
  return outcome.ok ? leaveNotice(visit, notice, `/users/${idOf(visit)}`) : refuse(visit, outcome.reason);
}

export function refuse(visit: ConfirmedSupportVisit, reason: string): Promise<Answer> {
  if (reason === "not_found" || reason === "no_authority") throw new Problem(404);
  return showPerson(visit, { reason });
}

export function idOf({ params }: SupportVisit): string {
  return params.id ?? "";
}

function profile({ form }: AdministratorVisit) {
  const email = form.get("email").trim();
  // `users` checks the role: whatever else was sent is refused there.
  const role = form.get("role") as "person";
  return { login: form.get("login"), name: form.get("name"), email: email === "" ? null : email, role };
}
