// What the two databases spell differently where tables are made.

import type { Dialect } from "./driver.ts";
import type { Spelling } from "./migration.ts";

const refusal = (table: string) => `${table} is append-only`;

/** A query that finds nothing, because somebody removed its row, must not let everything pass. */
const isKept = (removable: string) => `coalesce(old.id > (${removable}), true)`;

const sqlite: Spelling = {
  time: "integer",
  // A text key that is the table, rather than an index beside it, halves the pages that a commit writes.
  table: (definition) =>
    `create table ${definition} strict${/^\w+ \(\s*id integer/.test(definition) ? "" : ", without rowid"}`,
  appendOnly: (table, removable) => [
    ...sqlite.refuse(table, "update", "true"),
    ...sqlite.refuse(table, "delete", isKept(removable)),
    // `insert or replace` takes a row away without asking the trigger for deletions.
    ...sqlite.refuse(table, "insert", `exists (select 1 from ${table} where id = new.id)`),
  ],
  refuse: (table, act, when) => [
    `create trigger ${table}_no_${act} before ${act} on ${table} when ${when}
      begin select raise(abort, '${refusal(table)}'); end`,
  ],
};

const postgres: Spelling = {
  time: "bigint",
  table: (definition) => `create table ${definition}`,
  appendOnly: (table, removable) => [
    `create function ${table}_append_only() returns trigger language plpgsql as
      $$ begin raise exception '${refusal(table)}'; end $$`,
    `create trigger ${table}_append_only before update or truncate on ${table}
      for each statement execute function ${table}_append_only()`,
    ...postgres.refuse(table, "delete", isKept(removable)),
  ],
  refuse: (table, act, when) => [
    `create function ${table}_no_${act}() returns trigger language plpgsql as $$ begin
      if ${when} then raise exception '${refusal(table)}'; end if;
      return ${act === "delete" ? "old" : "new"}; end $$`,
    `create trigger ${table}_no_${act} before ${act} on ${table} for each row execute function ${table}_no_${act}()`,
  ],
};

/** How each dialect spells it. */
export const SPELLINGS: Readonly<Record<Dialect, Spelling>> = { sqlite, postgres };
