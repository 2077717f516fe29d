import { PEOPLE_STATES, type PeopleFilter, type Person } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import { type Numbered, numberedPager } from "../paging.ts";
import type { FormProblem } from "../problem.ts";
import type { AdministratorVisit, SupportVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { emptyState } from "../ui/empty-state.ts";
import { searchField, selectField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { cut, table } from "../ui/table.ts";
import type { GroupName } from "../user/groups.ts";
import { lastSignIn, profileFields, stateBadge, twoFactorBadge } from "../user/person.ts";
import { filterFields, picksOf, selectionForm } from "./selection.ts";

type People = Numbered & { people: Person[]; filter: PeopleFilter; groups: GroupName[] };

/** The list of people, with search, filter and pages. */
export function usersPage(visit: SupportVisit, shown: People): Answer {
  const { text } = visit;
  const { people, total, filter, groups } = shown;
  const { search = "", state, group } = filter;
  const href = (number: number) => `/users?${new URLSearchParams({ ...filterFields(filter), page: String(number) })}`;
  const mayChange = visit.session.user.role === "administrator";
  return appPage(visit, {
    title: text.users.title,
    width: "wide",
    action:
      mayChange &&
      visit.auth.accounts === "own" &&
      linkButton({ href: "/users/new", label: text.users.newUser, kind: "primary", icon: "plus" }),
    children: [
      form({
        action: "/users",
        method: "get",
        layout: "row",
        children: [
          searchField({ name: "search", label: text.users.search, value: search.slice(0, 200) }),
          selectField({
            name: "state",
            label: text.users.filter,
            value: state ?? "",
            options: [
              { value: "", label: text.users.all },
              ...PEOPLE_STATES.map((value) => ({ value, label: text.users.states[value] })),
            ],
          }),
          groups.length > 0 &&
            selectField({
              name: "group",
              label: text.groups.one,
              value: group,
              options: [
                { value: "", label: text.users.all },
                ...groups.map(({ id, name }) => ({ value: id, label: name })),
              ],
            }),
          actions(button({ label: text.users.apply, kind: "quiet", icon: "search" })),
        ],
      }),
      people.length === 0
        ? emptyState({
            sentence: text.users.nobody,
            action: linkButton({ href: "/users", label: text.users.showAll, kind: "quiet" }),
          })
        : table({
            caption: text.users.caption,
            columns: [
              { label: text.users.name },
              { label: text.users.login },
              { label: text.users.role },
              { label: text.users.twoFactor },
              { label: text.users.lastSignIn },
            ],
            rows: people.map((person) => row(visit, person)),
            picks: mayChange ? picksOf(visit, people) : undefined,
          }),
      people.length > 0 && numberedPager(visit, shown, { shown: people.length, label: text.users.pager, href }),
      mayChange && people.length > 0 && selectionForm(visit, { filter, total }),
    ],
  });
}

function row(visit: SupportVisit, person: Person): Content[] {
  return [
    cut(person.name, `/users/${person.id}`),
    cut(person.login),
    [visit.text.roles[person.role], stateBadge(visit, person)],
    twoFactorBadge(visit, person),
    lastSignIn(visit, person),
  ];
}

/** Adds a person. */
export function newUserPage(visit: AdministratorVisit, problem?: FormProblem): Answer {
  const { text, form: typed } = visit;
  const values = {
    name: typed.get("name"),
    login: typed.get("login"),
    email: typed.get("email"),
    role: typed.get("role") || "person",
  };
  return appPage(visit, {
    title: text.newUser.title,
    problem,
    children: form({
      action: "/users",
      children: [
        text.newUser.intro,
        ...profileFields(visit, values, problem),
        actions(button({ label: text.newUser.submit }), linkButton({ href: "/users", label: text.common.cancel })),
      ],
    }),
  });
}
