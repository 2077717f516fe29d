// Groups, for administrators: the list, a group with its members, and the groups of a person.

import type { Refused } from "../../outcomes.ts";
import { type Answer, Problem } from "../answer.ts";
import { change } from "../change.ts";
import type { AdministratorVisit, ConfirmedAdministratorVisit, Route } from "../route.ts";
import { leaveNotice } from "../shell.ts";
import { showPerson } from "../users/routes.ts";
import { pageNumber } from "../whole-number.ts";
import { groupPage, groupsPage } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: "/groups", who: "administrator", handle: (visit) => showAll(visit) },
  change("/groups", create),
  { method: "GET", path: "/groups/:id", who: "administrator", handle: (visit) => show(visit) },
  change("/groups/:id", rename),
  change("/groups/:id/remove", remove),
  change("/groups/:id/members", addByName),
  change("/groups/:id/members/remove", removeMember),
  change("/users/:id/groups", join),
  change("/users/:id/groups/leave", leave),
];

async function showAll(visit: AdministratorVisit, reason?: string): Promise<Answer> {
  return groupsPage(visit, { groups: await visit.auth.groups.list(visit.session), reason });
}

async function create(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const outcome = await auth.groups.create(client, auth.authorityOf(session), form.get("name"));
  if (outcome.ok) return leaveNotice(visit, "groupMade", `/groups/${outcome.id}`);
  if (outcome.reason === "no_authority") throw new Problem(404);
  return showAll(visit, outcome.reason);
}

async function show(visit: AdministratorVisit, reason?: string): Promise<Answer> {
  const { auth, query, session } = visit;
  const group = await auth.groups.find(session, idOf(visit));
  if (group === undefined) throw new Problem(404);
  const search = query.get("search") ?? "";
  const page = pageNumber(query.get("page"));
  const found = await auth.administration.listPeople(session, { search, group: group.id }, page);
  return groupPage(visit, { group, ...found, search, page, reason });
}

async function rename(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const given = { id: idOf(visit), name: form.get("name") };
  return settle(visit, await auth.groups.rename(client, auth.authorityOf(session), given), "groupRenamed");
}

async function remove(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, session } = visit;
  const outcome = await auth.groups.remove(client, auth.authorityOf(session), idOf(visit));
  return outcome.ok ? leaveNotice(visit, "groupRemoved", "/groups") : settle(visit, outcome, "");
}

async function addByName(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const given = { id: idOf(visit), person: { name: form.get("person") } };
  return settle(visit, await auth.groups.addMember(client, auth.authorityOf(session), given), "memberAdded");
}

async function removeMember(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const given = { id: idOf(visit), userId: form.get("user") };
  return settle(visit, await auth.groups.removeMember(client, auth.authorityOf(session), given), "memberRemoved");
}

function settle(visit: ConfirmedAdministratorVisit, outcome: { ok: true } | Refused, notice: string) {
  if (outcome.ok) return leaveNotice(visit, notice, `/groups/${idOf(visit)}`);
  if (outcome.reason === "not_found" || outcome.reason === "no_authority") throw new Problem(404);
  return show(visit, outcome.reason);
}

async function join(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const given = { id: form.get("group"), person: { id: idOf(visit) } };
  return settlePerson(visit, await auth.groups.addMember(client, auth.authorityOf(session), given), "memberAdded");
}

async function leave(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const given = { id: form.get("group"), userId: idOf(visit) };
  return settlePerson(visit, await auth.groups.removeMember(client, auth.authorityOf(session), given), "memberRemoved");
}

function settlePerson(visit: ConfirmedAdministratorVisit, outcome: { ok: true } | Refused, notice: string) {
  if (outcome.ok) return leaveNotice(visit, notice, `/users/${idOf(visit)}`);
  if (outcome.reason === "no_authority") throw new Problem(404);
  return showPerson(visit, { reason: outcome.reason === "not_found" ? "group_unknown" : outcome.reason });
}

function idOf({ params }: AdministratorVisit): string {
  return params.id ?? "";
}
