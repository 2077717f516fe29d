import { GROUP_NAME_LENGTH, type Group, type Person } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import { type Numbered, numberedPager } from "../paging.ts";
import { errorAt, type FormProblem, problemsOf } from "../problem.ts";
import type { AdministratorVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { actions, button } from "../ui/button.ts";
import { emptyState } from "../ui/empty-state.ts";
import { searchField, textField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { items, section } from "../ui/section.ts";
import { cut, table } from "../ui/table.ts";
import type { GroupName } from "../user/groups.ts";

/** All groups, and the form for one more. */
export function groupsPage(
  visit: AdministratorVisit,
  { groups, problem }: { groups: Group[]; problem: FormProblem | undefined },
): Answer {
  const { text, form: typed } = visit;
  const words = text.groups;
  return appPage(visit, {
    title: words.title,
    width: "wide",
    problem,
    children: [
      groups.length === 0
        ? emptyState({ sentence: words.none })
        : table({
            caption: words.caption,
            columns: [{ label: words.name }, { label: words.members, kind: "end" }],
            rows: groups.map(({ id, name, members }) => [cut(name, `/groups/${id}`), words.count(members)]),
          }),
      section({
        heading: words.newHeading,
        intro: words.newIntro,
        children: form({
          action: "/groups",
          children: [nameField(visit, typed.get("name"), problem), actions(button({ label: words.create }))],
        }),
      }),
    ],
  });
}

type Shown = Numbered & { group: GroupName; people: Person[]; search: string; problem: FormProblem | undefined };

/** One group: who is in it, its name, and its end. */
export function groupPage(visit: AdministratorVisit, shown: Shown): Answer {
  const { text, form: typed } = visit;
  const words = text.groups;
  const { group, problem } = shown;
  return appPage(visit, {
    title: group.name,
    width: "wide",
    problem,
    children: [
      section({
        heading: words.members,
        intro: words.membersIntro,
        children: [
          members(visit, shown),
          form({
            action: `/groups/${group.id}/members`,
            layout: "row",
            children: [
              textField({
                name: "person",
                label: words.person,
                value: typed.get("person"),
                required: true,
                maxLength: 254,
                error: errorAt(problem, "person"),
              }),
              actions(button({ label: words.add, kind: "quiet", icon: "plus" })),
            ],
          }),
        ],
      }),
      section({
        heading: words.rename,
        children: form({
          action: `/groups/${group.id}`,
          children: [
            nameField(visit, typed.entries.has("name") ? typed.get("name") : group.name, problem),
            actions(button({ label: words.save, kind: "quiet" })),
          ],
        }),
      }),
      section({
        kind: "danger",
        heading: words.remove,
        intro: words.removeIntro,
        children: form({
          action: `/groups/${group.id}/remove`,
          layout: "bare",
          children: button({ label: words.remove, kind: "danger" }),
        }),
      }),
    ],
  });
}

function members(visit: AdministratorVisit, shown: Shown): Content[] {
  const { text } = visit;
  const { group, people, total, pageSize, search } = shown;
  const href = (number: number) => `/groups/${group.id}?${new URLSearchParams({ search, page: String(number) })}`;
  const isLong = total > pageSize || search !== "";
  return [
    isLong &&
      form({
        action: `/groups/${group.id}`,
        method: "get",
        layout: "row",
        children: [
          searchField({ name: "search", label: text.users.search, value: search.slice(0, 200) }),
          actions(button({ label: text.users.apply, kind: "quiet", icon: "search" })),
        ],
      }),
    people.length === 0
      ? emptyState({ sentence: search === "" ? text.groups.nobody : text.users.nobody })
      : items(people.map((person) => member(visit, group, person))),
    isLong && people.length > 0 && numberedPager(visit, shown, { shown: people.length, label: text.users.pager, href }),
  ];
}

function member({ text }: AdministratorVisit, group: GroupName, { id, name, login }: Person) {
  return {
    icon: "user" as const,
    title: cut(name, `/users/${id}`),
    detail: cut(login),
    actions: form({
      action: `/groups/${group.id}/members/remove`,
      layout: "bare",
      label: text.groups.takeOut(name),
      hidden: { user: id },
      children: button({ label: text.groups.removeMember, kind: "quiet" }),
    }),
  };
}

function nameField({ text }: AdministratorVisit, value: string, problem: FormProblem | undefined): Content {
  return textField({
    name: "name",
    label: text.groups.name,
    value,
    required: true,
    maxLength: GROUP_NAME_LENGTH,
    error: errorAt(problem, "name"),
  });
}

/** What is wrong with what was asked for, and where. */
export function refusalsOf({ text }: AdministratorVisit) {
  return problemsOf(text.groups.refusals, {
    name_invalid: "name",
    name_taken: "name",
    person_unknown: "person",
    already_member: "person",
  });
}
