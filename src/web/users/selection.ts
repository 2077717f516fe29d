// Choosing people on the list, and what is to be done to them. The form of it stands below the list; the boxes in the
// list belong to it.

import { ACTS, type PeopleFilter, type Person } from "../../auth.ts";
import type { Form } from "../middleware/form.ts";
import type { SupportVisit } from "../route.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { checkboxField, selectField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import type { Pick } from "../ui/table.ts";
import { filterFields } from "./people-filter.ts";

const FORM = "selection";

/** The box of each person on the page. A form takes each name once, so they are numbered. */
export function picksOf({ text }: SupportVisit, people: readonly Person[]): Pick[] {
  return people.map(({ id, name }, index) => ({
    form: FORM,
    name: `person_${index}`,
    value: id,
    label: text.selection.pick(name),
  }));
}

/** What to do to those who are chosen, or to all that match the filter. */
export function selectionForm(
  { text }: SupportVisit,
  { filter, total }: { filter: PeopleFilter; total: number },
): Content {
  return form({
    id: FORM,
    action: "/jobs",
    layout: "row",
    label: text.selection.label,
    hidden: filterFields(filter),
    children: [
      selectField({
        name: "act",
        label: text.selection.act,
        options: ACTS.map((value) => ({ value, label: text.jobs.acts[value] })),
      }),
      checkboxField({ name: "all", label: text.selection.all(total) }),
      actions(
        button({ label: text.selection.submit, kind: "quiet" }),
        linkButton({ href: "/jobs", label: text.selection.earlier }),
      ),
    ],
  });
}

/** The ids of the boxes that were ticked. */
export function pickedIds({ entries }: Form): string[] {
  return [...entries].filter(([name]) => /^person_\d+$/.test(name)).map(([, id]) => id);
}
