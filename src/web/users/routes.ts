// The list of users, for administrators, and for support as far as it helps people; and one user more.

import type { Answer } from "../answer.ts";
import { pageNumber } from "../paging.ts";
import { profileRefusals } from "../problem.ts";
import { type ConfirmedAdministratorVisit, confirmed, ofOwnAccounts, type Route, type SupportVisit } from "../route.ts";
import { settle } from "../settle.ts";
import { leaveNotice } from "../shell.ts";
import { profileIn } from "../user/person.ts";
import { readFilter } from "./selection.ts";
import { newUserPage, usersPage } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: "/users", who: "support", handle: users },
  ...ofOwnAccounts(
    { method: "GET", path: "/users/new", who: "administrator", handle: (visit) => newUserPage(visit) },
    confirmed("administrator", "/users", invite),
  ),
];

async function users(visit: SupportVisit): Promise<Answer> {
  const { auth, query, session } = visit;
  const filter = readFilter((field) => query.get(field));
  const page = pageNumber(visit);
  const found = await auth.people.list({ reader: session, filter, page });
  return usersPage(visit, { ...found, filter, groups: await auth.groups.list(session), page });
}

async function invite(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, authority, client, text } = visit;
  const profile = profileIn(visit);
  if (profile.email === null) return newUserPage(visit, { message: text.newUser.emailNeeded, field: "email" });
  return settle(await auth.people.invite({ client, authority, ...profile }), {
    done: ({ id }) => leaveNotice(visit, "invited", `/users/${id}`),
    again: (problem) => newUserPage(visit, problem),
    refusals: profileRefusals(visit),
  });
}
