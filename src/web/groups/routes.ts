// Groups, for administrators: the list, and a group with its members. The groups of one person are on the person's page.

import { type Answer, Problem } from "../answer.ts";
import { pageNumber } from "../paging.ts";
import type { FormProblem } from "../problem.ts";
import { type AdministratorVisit, type ConfirmedAdministratorVisit, confirmed, idOf, type Route } from "../route.ts";
import { settle } from "../settle.ts";
import { leaveNotice, type Notice } from "../shell.ts";
import { groupPage, groupsPage, refusalsOf } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: "/groups", who: "administrator", handle: (visit) => showAll(visit) },
  confirmed("administrator", "/groups", create),
  { method: "GET", path: "/groups/:id", who: "administrator", handle: (visit) => show(visit) },
  confirmed("administrator", "/groups/:id", rename),
  confirmed("administrator", "/groups/:id/remove", remove),
  confirmed("administrator", "/groups/:id/members", addByName),
  confirmed("administrator", "/groups/:id/members/remove", removeMember),
];

async function showAll(visit: AdministratorVisit, problem?: FormProblem): Promise<Answer> {
  return groupsPage(visit, { groups: await visit.auth.groups.listWithMembers(visit.session), problem });
}

async function create(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, authority, client, form } = visit;
  return settle(await auth.groups.create(client, authority, form.get("name")), {
    done: ({ id }) => leaveNotice(visit, "groupMade", `/groups/${id}`),
    again: (problem) => showAll(visit, problem),
    refusals: refusalsOf(visit),
  });
}

async function show(visit: AdministratorVisit, problem?: FormProblem): Promise<Answer> {
  const { auth, query, session } = visit;
  const group = await auth.groups.find(session, idOf(visit));
  if (group === undefined) throw new Problem(404);
  const search = query.get("search") ?? "";
  const page = pageNumber(visit);
  const found = await auth.people.list({ reader: session, filter: { search, group: group.id }, page });
  return groupPage(visit, { group, ...found, search, page, problem });
}

async function rename(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, authority, client, form } = visit;
  const given = { id: idOf(visit), name: form.get("name") };
  return settle(await auth.groups.rename(client, authority, given), back(visit, "groupRenamed"));
}

async function remove(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, authority, client } = visit;
  const outcome = await auth.groups.remove(client, authority, idOf(visit));
  return settle(outcome, back(visit, "groupRemoved", "/groups"));
}

async function addByName(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, authority, client, form } = visit;
  const given = { id: idOf(visit), person: { name: form.get("person") } };
  return settle(await auth.groups.addMember(client, authority, given), back(visit, "memberAdded"));
}

async function removeMember(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, authority, client, form } = visit;
  const given = { id: idOf(visit), userId: form.get("user") };
  return settle(await auth.groups.removeMember(client, authority, given), back(visit, "memberRemoved"));
}

/** Back to the group, with what was done or what was wrong. */
function back(visit: AdministratorVisit, notice: Notice, path = `/groups/${idOf(visit)}`) {
  return {
    done: () => leaveNotice(visit, notice, path),
    again: (problem: FormProblem) => show(visit, problem),
    refusals: refusalsOf(visit),
  };
}
