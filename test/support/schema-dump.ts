// The schema of a database as the SQL that makes it again, as the database itself tells it: for the fixtures of releases,
// and to compare what two ways lead to.

import { type Kysely, sql } from "kysely";
import type { Schema } from "../../src/db/schema.ts";
import type { Dialect } from "./world.ts";

/** Statements that make the tables of a database again, with the rows that its migrations left in them. */
export async function dumpSchema(db: Kysely<Schema>, dialect: Dialect): Promise<string[]> {
  const statements = dialect === "sqlite" ? await dumpSqlite(db) : await dumpPostgres(db);
  const isTrigger = (statement: string) => /^create trigger/i.test(statement);
  return [
    ...statements.filter((statement) => !isTrigger(statement)),
    ...(await dumpRows(db, dialect)),
    // They would refuse the rows.
    ...statements.filter(isTrigger),
  ].map((statement) => statement.trim());
}

type Line = { statement: string };

async function dumpSqlite(db: Kysely<Schema>): Promise<string[]> {
  // What a virtual table keeps itself in comes with it, and so do the indexes of primary keys.
  const { rows } = await sql<Line>`
    select sql as statement from sqlite_master where sql is not null
      and name not in (select name from pragma_table_list where type = 'shadow') order by rowid`.execute(db);
  return rows.map(({ statement }) => statement);
}

async function dumpPostgres(db: Kysely<Schema>): Promise<string[]> {
  const parts = [
    sql<Line>`select 'create extension ' || extname as statement from pg_extension where extname <> 'plpgsql'`,
    sql<Line>`
      select 'create table ' || quote_ident(relname) || E' (\n' || string_agg(
        '  ' || quote_ident(attname) || ' ' || format_type(atttypid, atttypmod)
          || case when attnotnull then ' not null' else '' end
          || case when attidentity <> '' then ' generated always as identity' else '' end
          || case when attgenerated <> '' then ' generated always as (' || pg_get_expr(adbin, adrelid) || ') stored'
            when adbin is not null then ' default ' || pg_get_expr(adbin, adrelid) else '' end,
        E',\n' order by attnum) || E'\n)' as statement
      from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
        left join pg_attrdef on adrelid = attrelid and adnum = attnum
      where relkind = 'r' and relnamespace = 'public'::regnamespace
      group by relname order by relname`,
    sql<Line>`
      select 'alter table ' || quote_ident(relname) || ' add constraint ' || quote_ident(conname) || ' '
        || pg_get_constraintdef(pg_constraint.oid) as statement
      from pg_constraint join pg_class on conrelid = pg_class.oid
      where connamespace = 'public'::regnamespace and contype in ('p', 'u', 'c', 'f')
      order by position(contype in 'pucf'), relname, conname`,
    sql<Line>`
      select pg_get_functiondef(oid) as statement from pg_proc
      where pronamespace = 'public'::regnamespace
        and oid not in (select objid from pg_depend where deptype = 'e' and classid = 'pg_proc'::regclass)
      order by proname`,
    sql<Line>`
      select indexdef as statement from pg_indexes
      where schemaname = 'public' and indexname not in (select conname from pg_constraint) order by indexname`,
    sql<Line>`
      select pg_get_triggerdef(oid) as statement from pg_trigger where not tgisinternal order by tgrelid::regclass::text, tgname`,
  ];
  const results = await Promise.all(parts.map((part) => part.execute(db)));
  return results.flatMap(({ rows }) => rows.map(({ statement }) => statement));
}

async function dumpRows(db: Kysely<Schema>, dialect: Dialect): Promise<string[]> {
  const { rows: tables } =
    dialect === "sqlite"
      ? await sql<{
          name: string;
        }>`select name from pragma_table_list where type = 'table' and name not like 'sqlite%'`.execute(db)
      : await sql<{ name: string }>`select tablename as name from pg_tables where schemaname = 'public'`.execute(db);
  const statements: string[] = [];
  for (const { name } of tables) {
    const { rows } = await sql<Record<string, string | number | null>>`select * from ${sql.table(name)}`.execute(db);
    for (const row of rows) {
      // When a migration ran is no part of the schema.
      const literals = Object.entries(row).map(([column, value]) => (column === "applied_at" ? "0" : literal(value)));
      statements.push(`insert into ${name} (${Object.keys(row).join(", ")}) values (${literals.join(", ")})`);
    }
  }
  return statements.sort();
}

function literal(value: string | number | null): string {
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
}
