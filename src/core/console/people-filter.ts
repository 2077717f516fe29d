// Which people are meant: by a search, a state of their protection, a group. One query for the list of people and for
// whatever is done to all of them.

import { sql } from "kysely";
import type { Context } from "../../context.ts";
import { canonicalName } from "../ground/names.ts";
import { isIn, type PeopleState } from "./protection.ts";

export type PeopleFilter = {
  search?: string | undefined;
  state?: PeopleState | undefined;
  /** The id of a group. */
  group?: string | undefined;
};

const LONGEST_SEARCH = 200;

/** The query for the people that a filter lets through. */
export function matchingPeople(context: Context, { search, state, group }: PeopleFilter) {
  let matching = context.db.selectFrom("users");
  if (search !== undefined && search.trim() !== "") {
    // SQLite takes patterns of 50,000 bytes at most, and canonical forms can be longer than what was typed.
    const text = Array.from(canonicalName(search))
      .slice(0, LONGEST_SEARCH)
      .join("")
      .replace(/[\\%_]/g, (sign) => `\\${sign}`);
    matching = matching.where(sql<boolean>`search_text like ${`%${text}%`} escape '\\'`);
  }
  if (state !== undefined) matching = matching.where((eb) => isIn(eb, state, context));
  if (group !== undefined) {
    const members = context.db.selectFrom("group_members").select("user_id").where("group_id", "=", group);
    matching = matching.where("id", "in", members);
  }
  return matching;
}
