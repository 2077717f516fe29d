// What a database means to do for a statement: which tables it goes through, and which indexes it uses.

import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { Client } from "pg";
import type { Sent } from "./faulty-database.ts";
import type { Dialect } from "./world.ts";

/** `scans` are tables that are gone through from end to end, in whatever order, be it from one key on. */
export type Plan = { scans: string[]; indexes: string[] };

/** A connection that explains statements; `exec` runs any. */
export type Explainer = {
  exec(sql: string): Promise<void>;
  list(sql: string): Promise<Record<string, unknown>[]>;
  /** The tables with how many rows they have, and the indexes that are not those of a key. */
  contents(): Promise<{ rows: Map<string, number>; indexes: string[] }>;
  explain(sent: Pick<Sent, "sql" | "values">): Promise<Plan>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Opens a database to explain. */
export function openExplainer(dialect: Dialect, url: string): Promise<Explainer> {
  return dialect === "sqlite" ? openSqlite(url.slice("file:".length)) : openPostgres(url);
}

async function openSqlite(path: string): Promise<Explainer> {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  const list = (sql: string, ...values: SQLInputValue[]) => database.prepare(sql).all(...values);
  const names = (sql: string) => list(sql).map(({ name }) => String(name));
  return {
    exec: async (sql) => database.exec(sql),
    list: async (sql) => list(sql),
    contents: async () => {
      const tables = names("select name from pragma_table_list where type = 'table' and name not like 'sqlite%'");
      const count = (table: string) => Number(list(`select count(*) as many from ${table}`)[0]?.many);
      return {
        rows: new Map(tables.map((table) => [table, count(table)])),
        indexes: names("select name from sqlite_master where type = 'index' and sql is not null"),
      };
    },
    explain: async ({ sql, values }) => {
      const details = list(`explain query plan ${sql}`, ...(values as SQLInputValue[])).map((row) =>
        String(row.detail),
      );
      return {
        scans: details
          .flatMap((detail) => (SCAN.exec(detail) ?? FROM_A_KEY_ON.exec(detail))?.[1] ?? [])
          .map((name) => tableOf(sql, name)),
        indexes: details.flatMap((detail) => [...detail.matchAll(/ INDEX (\w+)/g)].map(([, name = ""]) => name)),
      };
    },
    [Symbol.asyncDispose]: async () => database.close(),
  };
}

const SCAN = /^SCAN (\S+)(?! VIRTUAL)/;
const FROM_A_KEY_ON = /^SEARCH (\S+) USING .*(?:PRIMARY KEY|autoindex_\S+) \([^=]*\)$/;

/** The table that a statement calls by a name of its own. */
function tableOf(sql: string, name: string): string {
  return new RegExp(`"?(\\w+)"? as "?${name}"?\\b`).exec(sql)?.[1] ?? name;
}

type Node = {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Index Cond"?: string;
  Plans?: Node[];
};

async function openPostgres(url: string): Promise<Explainer> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return {
    exec: async (sql) => void (await client.query(sql)),
    list: async (sql) => (await client.query(sql)).rows,
    contents: async () => {
      const tables = await client.query("select tablename as name from pg_tables where schemaname = 'public'");
      const rows = new Map<string, number>();
      for (const { name } of tables.rows) {
        const [{ many }] = (await client.query(`select count(*) as many from ${name}`)).rows;
        rows.set(name, Number(many));
      }
      const indexes = await client.query(
        "select indexname as name from pg_indexes where schemaname = 'public' and indexname not in (select conname from pg_constraint)",
      );
      return {
        rows,
        indexes: indexes.rows.map(({ name }) => name),
      };
    },
    explain: async ({ sql, values }) => {
      const { rows } = await client.query(`explain (format json) ${sql}`, [...values]);
      const nodes = all(rows[0]["QUERY PLAN"][0].Plan);
      return {
        scans: nodes
          .filter((node) => node["Relation Name"] !== undefined)
          .filter(isScan)
          .map((node) => node["Relation Name"] ?? ""),
        indexes: nodes.flatMap((node) => node["Index Name"] ?? []),
      };
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}

function isScan({ "Node Type": type, "Index Cond": condition, "Index Name": index = "" }: Node): boolean {
  if (!/Index/.test(type)) return /^(Parallel )?Seq Scan$/.test(type);
  return condition === undefined || (/_p?key$/.test(index) && !/ = /.test(condition));
}

function all(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(all)];
}
