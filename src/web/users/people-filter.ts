// Which people a page is about, as addresses and forms name it.

import { PEOPLE_STATES, type PeopleFilter, type PeopleState } from "../../auth.ts";

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
