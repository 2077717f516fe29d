import { GROUP_NAME_LENGTH, type Group, type Person } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import type { AdministratorVisit, SupportVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { actions, button } from "../ui/button.ts";
import { emptyState } from "../ui/empty-state.ts";
import { searchField, selectField, textField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { errorSummary } from "../ui/notice.ts";
import { pager } from "../ui/pager.ts";
import { items, section } from "../ui/section.ts";
import { cut, table } from "../ui/table.ts";

export type GroupName = Pick<Group, "id" | "name">;

/** The groups that a person is in, and those that there are. */
export type PersonGroups = { own: GroupName[]; all: GroupName[] };

/** All groups, and the form for one more. */
export function groupsPage(
  visit: AdministratorVisit,
  { groups, reason }: { groups: Group[]; reason: string | undefined },
): Answer {
  const { text, form: typed } = visit;
  const words = text.groups;
  return appPage(visit, {
    title: words.title,
    width: "wide",
    isError: reason !== undefined,
    status: reason === undefined ? 200 : 422,
    children: [
      problem(visit, reason),
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
          children: [nameField(visit, typed.get("name"), reason), actions(button({ label: words.create }))],
        }),
      }),
    ],
  });
}

type Shown = {
  group: GroupName;
  people: Person[];
  total: number;
  pageSize: number;
  page: number;
  search: string;
  reason: string | undefined;
};

/** One group: who is in it, its name, and its end. */
export function groupPage(visit: AdministratorVisit, shown: Shown): Answer {
  const { text, form: typed } = visit;
  const words = text.groups;
  const { group, reason } = shown;
  return appPage(visit, {
    title: group.name,
    width: "wide",
    isError: reason !== undefined,
    status: reason === undefined ? 200 : 422,
    children: [
      problem(visit, reason),
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
                error: errorAt(visit, "person", reason),
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
            nameField(visit, typed.entries.has("name") ? typed.get("name") : group.name, reason),
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

function members(visit: AdministratorVisit, { group, people, total, pageSize, page, search }: Shown): Content[] {
  const { text } = visit;
  const words = text.groups;
  const href = (number: number) => `/groups/${group.id}?${new URLSearchParams({ search, page: String(number) })}`;
  const first = (page - 1) * pageSize + 1;
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
      ? emptyState({ sentence: search === "" ? words.nobody : text.users.nobody })
      : items(people.map((person) => member(visit, group, person))),
    isLong &&
      people.length > 0 &&
      pager({
        label: text.users.pager,
        position: text.users.range(first, first + people.length - 1, total),
        previous: page > 1 ? { href: href(page - 1), label: text.users.previous } : undefined,
        next: page * pageSize < total ? { href: href(page + 1), label: text.users.next } : undefined,
      }),
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

/** On a person's page: the groups that they are in, and the way into others. */
export function groupsSection({ text }: SupportVisit, { id }: Person, { own, all }: PersonGroups): Content {
  const words = text.groups;
  const others = all.filter((group) => !own.some((mine) => mine.id === group.id));
  if (all.length === 0) return undefined;
  return section({
    heading: words.title,
    intro: words.personIntro,
    children: [
      own.length > 0 &&
        items(
          own.map((group) => ({
            icon: "group",
            title: cut(group.name, `/groups/${group.id}`),
            actions: form({
              action: `/users/${id}/groups/leave`,
              layout: "bare",
              label: words.takeOutOf(group.name),
              hidden: { group: group.id },
              children: button({ label: words.removeMember, kind: "quiet" }),
            }),
          })),
        ),
      others.length > 0 &&
        form({
          action: `/users/${id}/groups`,
          layout: "row",
          children: [
            selectField({
              name: "group",
              label: words.addTo,
              options: others.map((group) => ({ value: group.id, label: group.name })),
            }),
            actions(button({ label: words.add, kind: "quiet", icon: "plus" })),
          ],
        }),
    ],
  });
}

function nameField(visit: AdministratorVisit, value: string, reason: string | undefined): Content {
  return textField({
    name: "name",
    label: visit.text.groups.name,
    value,
    required: true,
    maxLength: GROUP_NAME_LENGTH,
    error: errorAt(visit, "name", reason),
  });
}

/** The field that a refusal is about. */
const FIELDS: Record<string, "name" | "person"> = {
  name_invalid: "name",
  name_taken: "name",
  person_unknown: "person",
  already_member: "person",
};

function errorAt({ text }: AdministratorVisit, field: "name" | "person", reason: string | undefined) {
  return reason !== undefined && FIELDS[reason] === field ? text.groups.refusals[reason] : undefined;
}

function problem({ text }: AdministratorVisit, reason: string | undefined): Content {
  const message = reason && text.groups.refusals[reason];
  return message && errorSummary({ title: text.common.problems, errors: [{ message, field: FIELDS[reason] }] });
}
