import type { Group, Person } from "../../auth.ts";
import type { SupportVisit } from "../route.ts";
import { actions, button } from "../ui/button.ts";
import { selectField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { items, section } from "../ui/section.ts";
import { cut } from "../ui/table.ts";

export type GroupName = Pick<Group, "id" | "name">;

/** The groups that a person is in, and those that there are. */
export type PersonGroups = { own: GroupName[]; all: GroupName[] };

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
