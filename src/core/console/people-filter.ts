// Which people are meant: by a search, a state of their protection, a group. One query for the list of people and for
// whatever is done to all of them.

import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Context } from "../../context.ts";
import type { Schema } from "../../db/schema.ts";
import { canonicalName } from "../ground/names.ts";
import { countOf, isIn, type PeopleState } from "./protection.ts";

export type PeopleFilter = {
  search?: string | undefined;
  state?: PeopleState | undefined;
  /** The id of a group. */
  group?: string | undefined;
};

const LONGEST_SEARCH = 200;
/** So many, or a tenth of all, are found and then put in order. Of more, the first are found sooner in that order. */
const FEW = 5_000;
const BATCH = 500;

/** The query for the people of `directory` that a filter lets through. */
export function matchingPeople(
  { db, now }: Pick<Context, "now"> & { db: Kysely<Schema> },
  { search, state, group }: PeopleFilter,
) {
  const text = searchText(search);
  let matching = db.selectFrom("directory");
  if (text !== "") matching = matching.where(holds(text));
  if (state !== undefined) matching = matching.where(isIn(state, { now }));
  if (group !== undefined) {
    const members = db.selectFrom("group_members").select("user_id").where("group_id", "=", group);
    matching = matching.where("user_id", "in", members);
  }
  return matching;
}

/** The ids of people of the directory by name, some hundreds at a time. */
export async function* inOrder(matching: ReturnType<typeof matchingPeople>): AsyncGenerator<string[]> {
  let last = { name: "", user_id: "" };
  for (;;) {
    const rows = await matching
      .select(["name", "user_id"])
      .where(sql<boolean>`(name, user_id) > (${last.name}, ${last.user_id})`)
      .orderBy("name")
      .orderBy("user_id")
      .limit(BATCH)
      .execute();
    yield rows.map(({ user_id }) => user_id);
    const end = rows.at(-1);
    if (end === undefined || rows.length < BATCH) return;
    last = end;
  }
}

/** A query of `reports` for one page of those whom a filter lets through, and how many it lets through in all. */
export async function pageOf(context: Context, filter: PeopleFilter, page: { size: number; number: number }) {
  const { reports: db, now } = context;
  const text = searchText(filter.search);
  const all = matchingPeople({ db, now }, filter);
  const few = Math.max(FEW, Math.floor((await countOf(context)) / 10));
  const grams = await rareGrams(context, text, few);
  const matching = grams === undefined ? all : all.where(grams);
  const isKept = text === "" && filter.group === undefined;
  const total = isKept ? await countOf(context, filter.state) : await count(matching);
  const rows = matching.select(["user_id", "name"]);
  // One index has the order with everything that is counted, so that alone is gone through.
  const isInOrder = total > few || (isKept && filter.state !== "not-seen");
  const found = isInOrder
    ? db.selectFrom(rows.as("found"))
    : db
        .with(
          (cte) => cte("found").materialized(),
          () => rows,
        )
        .selectFrom("found");
  const people = found
    .select(["user_id", "name"])
    .orderBy("name")
    .orderBy("user_id")
    .limit(page.size)
    .offset((page.number - 1) * page.size);
  return { people, total };
}

async function count(matching: ReturnType<typeof matchingPeople>): Promise<number> {
  const { total } = await matching.select((eb) => eb.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  return total;
}

/** What is searched for, in the form of `search_text`. */
function searchText(typed = ""): string {
  // No name has a NUL, which PostgreSQL takes from nobody, or half of a sign. SQLite takes patterns of 50,000 bytes at
  // most, and canonical forms can be longer than what was typed.
  const text = canonicalName(typed).replace(/[\0\p{Cs}]/gu, "\ufffd");
  return Array.from(text).slice(0, LONGEST_SEARCH).join("");
}

/** Whether a person's name, login or address has the text within it. */
function holds(text: string): RawBuilder<boolean> {
  const pattern = `%${text.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  return sql<boolean>`search_text like ${pattern} escape '\\'`;
}

/**
 * Whether a row has all that the text consists of, three signs at a time, by SQLite's index of them; `undefined` where
 * that is no help, because the text is too short or too many rows have it. PostgreSQL does so by itself.
 */
async function rareGrams({ dialect, reports }: Context, text: string, few: number) {
  const signs = Array.from(text);
  const grams = new Set(signs.slice(2).map((last, at) => `${signs[at]}${signs[at + 1]}${last}`));
  if (dialect !== "sqlite" || grams.size === 0) return undefined;
  const quoted = [...grams].map((gram) => `"${gram.replaceAll('"', '""')}"`).join(" ");
  const found = sql`select rowid from directory_grams where directory_grams match ${quoted}`;
  const counted = sql<{ many: number }>`select count(*) as many from (${found} limit ${few + 1})`;
  const [row] = (await counted.execute(reports)).rows;
  return (row?.many ?? 0) > few ? undefined : sql<boolean>`number in (${found})`;
}
