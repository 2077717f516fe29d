// Which people are meant: those that a filter lets through, or those who were chosen on the list, and what is to be done
// to them. The form of it stands below the list; the boxes in the list belong to it.

import { BULK_ACTS, PEOPLE_STATES, type PeopleFilter, type PeopleState, type Person } from "../../auth.ts";
import type { Form } from "../middleware/form.ts";
import type { SupportVisit } from "../route.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { checkboxField, selectField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import type { Pick } from "../ui/table.ts";

/** Reads a filter from the fields of an address or of a form; what it does not know lets everybody through. */
export function readFilter(get: (field: string) => string | null): PeopleFilter {
  return {
    search: get("search") ?? "",
    state: PEOPLE_STATES.find((known): known is PeopleState => known === get("state")),
    group: get("group") || undefined,
  };
}

/** The fields that `readFilter` makes the same filter of. */
export function filterFields({ search, state, group }: PeopleFilter): Record<string, string> {
  return { search: search ?? "", state: state ?? "", group: group ?? "" };
}

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
        options: BULK_ACTS.map((value) => ({ value, label: text.jobs.acts[value] })),
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
