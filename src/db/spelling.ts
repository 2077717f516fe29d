// What the two databases spell differently where tables are made.

import type { Dialect } from "./driver.ts";
import type { Spelling } from "./migration.ts";

const refusal = (table: string) => `${table} is append-only`;

/** A query that finds nothing, because somebody removed its row, must not let everything pass. */
const isKept = (removable: string) => `coalesce(old.id > (${removable}), true)`;

const names = (columns: Readonly<Record<string, string>>) => Object.keys(columns).join(", ");
const definitions = (columns: Readonly<Record<string, string>>) =>
  Object.entries({ ...columns, people: "integer" }).map(([name, type]) => `${name} ${type} not null`);

/** Statements that add to the counts what an act on a row changes. */
function recount(spelling: Spelling, table: string, columns: Readonly<Record<string, string>>, add: Adding): string[] {
  const all = Object.keys(columns);
  const isOther = all.map((column) => `old.${column} <> new.${column}`).join(" or ");
  const less = add(
    all.map((column) => `old.${column}`),
    -1,
  );
  const more = add(
    all.map((column) => `new.${column}`),
    1,
  );
  return [
    ...spelling.after(table, "insert", "counted", { run: [more] }),
    ...spelling.after(table, "update", "counted", { of: all, when: isOther, run: [less, more] }),
    ...spelling.after(table, "delete", "counted", { run: [less] }),
  ];
}

type Adding = (values: readonly string[], people: 1 | -1) => string;

const sqlite: Spelling = {
  time: "integer",
  number: "integer primary key",
  // A text key that is the table, rather than an index beside it, halves the pages that a commit writes.
  table: (definition) =>
    `create table ${definition} strict${/^\w+ \(\s*(id|number) integer/.test(definition) ? "" : ", without rowid"}`,
  after: (table, act, name, { of, when, run }) => [
    `create trigger ${table}_${name}_${act} after ${act}${of ? ` of ${of.join(", ")}` : ""} on ${table}
      ${when ? `when ${when}` : ""} begin ${run.join("; ")}; end`,
  ],
  // Trigrams and which rows have them: what follows what is for the rows themselves to tell.
  searchable: (table, column) => {
    const index = `${table}_grams`;
    const add = `insert into ${index} (rowid, ${column}) values (new.number, new.${column})`;
    const take = `insert into ${index} (${index}, rowid, ${column}) values ('delete', old.number, old.${column})`;
    return [
      `create virtual table ${index} using fts5(${column}, content='${table}', content_rowid='number', detail=none,
        tokenize='trigram case_sensitive 1')`,
      ...sqlite.after(table, "insert", "indexed", { run: [add] }),
      ...sqlite.after(table, "update", "indexed", {
        of: [column],
        when: `old.${column} <> new.${column}`,
        run: [take, add],
      }),
      ...sqlite.after(table, "delete", "indexed", { run: [take] }),
    ];
  },
  counted: (table, counts, columns) => [
    sqlite.table(`${counts} (${[...definitions(columns), `primary key (${names(columns)})`].join(", ")})`),
    ...recount(
      sqlite,
      table,
      columns,
      (values, people) =>
        `insert into ${counts} (${names(columns)}, people) values (${values.join(", ")}, ${people})
          on conflict do update set people = people + ${people}`,
    ),
  ],
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
  number: "bigint generated always as identity primary key",
  table: (definition) => `create table ${definition}`,
  after: (table, act, name, { of, when, run }) => [
    `create function ${table}_${name}_${act}() returns trigger language plpgsql as
      $$ begin ${run.join("; ")}; return null; end $$`,
    `create trigger ${table}_${name}_${act} after ${act}${of ? ` of ${of.join(", ")}` : ""} on ${table}
      for each row ${when ? `when (${when})` : ""} execute function ${table}_${name}_${act}()`,
  ],
  // Where the extension cannot be had, a search reads the whole column (docs/operating.md tells how to add it later).
  searchable: (table, column) => [
    `do $$ begin
      create extension if not exists pg_trgm;
      create index ${table}_grams on ${table} using gin (${column} gin_trgm_ops);
    exception when others then raise warning 'no index for searching: %', sqlerrm; end $$`,
  ],
  counted: (table, counts, columns) => [
    `create table ${counts} (${definitions(columns).join(", ")})`,
    ...recount(
      postgres,
      table,
      columns,
      (values, people) => `insert into ${counts} (${names(columns)}, people) values (${values.join(", ")}, ${people})`,
    ),
  ],
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
