// Users and events, for administrators who logged in with two factors. Reading takes that; every change takes a fresh
// confirmation besides.

import { EVENT_KINDS, type EventKind } from "../../auth.ts";
import { type Answer, Problem } from "../answer.ts";
import type { AdministratorVisit, ConfirmedAdministratorVisit, Route } from "../route.ts";
import { leaveNotice } from "../shell.ts";
import { eventsPage } from "./event-views.ts";
import { newUserPage, personPage, usersPage } from "./views.ts";

const EVENTS_SHOWN = 50;

export const routes: Route[] = [
  { method: "GET", path: "/users", who: "administrator", handle: users },
  { method: "GET", path: "/users/new", who: "administrator", handle: (visit) => newUserPage(visit, {}) },
  change("/users", invite),
  { method: "GET", path: "/users/:id", who: "administrator", handle: (visit) => showPerson(visit, {}) },
  change("/users/:id", save),
  change("/users/:id/invitation", inviteAgain),
  change("/users/:id/disable", act("disablePerson", "personDisabled")),
  change("/users/:id/enable", act("enablePerson", "personEnabled")),
  change("/users/:id/unlock", act("unlockPerson", "personUnlocked")),
  change("/users/:id/log-out", act("logOutEverywhere", "personLoggedOut")),
  change("/users/:id/reset-two-factor", resetTwoFactor),
  { method: "GET", path: "/events", who: "administrator", handle: events },
];

function change(path: string, handle: (visit: ConfirmedAdministratorVisit) => Promise<Answer>): Route {
  return { method: "POST", path, who: "administrator", confirmation: { kind: "first" }, handle };
}

async function users(visit: AdministratorVisit): Promise<Answer> {
  const { auth, query, session } = visit;
  const search = query.get("search") ?? "";
  const wanted = query.get("two_factor");
  const twoFactor = wanted === "on" ? true : wanted === "off" ? false : undefined;
  const page = pageNumber(query.get("page"));
  const found = await auth.administration.listPeople(session, { search, twoFactor }, page);
  return usersPage(visit, { ...found, search, twoFactor, page });
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

async function showPerson(visit: AdministratorVisit, shown: { reason?: string }): Promise<Answer> {
  const { auth, session } = visit;
  const id = visit.params.id ?? "";
  const person = await auth.administration.findPerson(session, id);
  if (person === undefined) throw new Problem(404);
  const locked = await auth.administration.lockedLanes(session, id);
  return personPage(visit, { person, locked: locked.length > 0, ...shown });
}

async function save(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, session, params } = visit;
  const id = params.id ?? "";
  const outcome = await auth.administration.changePerson(client, auth.authorityOf(session), { id, ...profile(visit) });
  return outcome.ok ? leaveNotice(visit, "saved", `/users/${id}`) : refuse(visit, outcome.reason);
}

async function inviteAgain(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, session, params } = visit;
  const id = params.id ?? "";
  const outcome = await auth.administration.inviteAgain(client, auth.authorityOf(session), id);
  return outcome.ok ? leaveNotice(visit, "invited", `/users/${id}`) : refuse(visit, outcome.reason);
}

async function resetTwoFactor(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, session, params, form } = visit;
  const id = params.id ?? "";
  const outcome = await auth.administration.resetTwoFactor(client, auth.authorityOf(session), {
    id,
    reason: form.get("reason"),
  });
  return outcome.ok ? leaveNotice(visit, "personReset", `/users/${id}`) : refuse(visit, outcome.reason);
}

type Act = "disablePerson" | "enablePerson" | "unlockPerson" | "logOutEverywhere";

/** The acts that need nothing but the person. */
function act(name: Act, notice: string) {
  return async (visit: ConfirmedAdministratorVisit): Promise<Answer> => {
    const { auth, client, session, params } = visit;
    const id = params.id ?? "";
    const outcome = await auth.administration[name](client, auth.authorityOf(session), id);
    return outcome.ok ? leaveNotice(visit, notice, `/users/${id}`) : refuse(visit, outcome.reason);
  };
}

async function events(visit: AdministratorVisit): Promise<Answer> {
  const { auth, query, session } = visit;
  const name = (query.get("person") ?? "").trim();
  const kind = EVENT_KINDS.find((known): known is EventKind => known === query.get("kind"));
  const person = name === "" ? undefined : await auth.administration.findPersonByName(session, name);
  const filter = { userId: person?.id, kind, before: wholeNumber(query.get("before")) };
  const nobody = name !== "" && person === undefined;
  const found = nobody ? [] : await auth.administration.listEvents(session, filter, EVENTS_SHOWN + 1);
  return eventsPage(visit, {
    events: found.slice(0, EVENTS_SHOWN),
    hasMore: found.length > EVENTS_SHOWN,
    isFirst: filter.before === undefined,
    name,
    kind,
    nobody,
  });
}

function refuse(visit: ConfirmedAdministratorVisit, reason: string): Promise<Answer> {
  if (reason === "not_found" || reason === "no_authority") throw new Problem(404);
  return showPerson(visit, { reason });
}

function profile({ form }: AdministratorVisit) {
  const email = form.get("email").trim();
  // `users` checks the role: whatever else was sent is refused there.
  const role = form.get("role") as "person";
  return { login: form.get("login"), name: form.get("name"), email: email === "" ? null : email, role };
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

function pageNumber(text: string | null): number {
  return Math.min(Math.max(1, wholeNumber(text) ?? 1), 1_000_000);
}
