// Forward-only migrations, one list for both databases. Nodes that start together take turns at a lock; the first
// migrates, the others find nothing to do. Each migration and its mark commit together.

import { type Kysely, sql, type Transaction } from "kysely";
import type { Dialect } from "./driver.ts";
import { first } from "./migrations/0001-first.ts";
import { recoveryCodes } from "./migrations/0002-recovery-codes.ts";
import { trustedBrowsers } from "./migrations/0003-trusted-browsers.ts";
import { apiKeys } from "./migrations/0004-api-keys.ts";
import { passwordResetRequests } from "./migrations/0005-password-reset-requests.ts";
import { severalAuthenticators } from "./migrations/0006-several-authenticators.ts";
import { groups } from "./migrations/0007-groups.ts";
import { policies } from "./migrations/0008-policies.ts";
import { drift } from "./migrations/0009-drift.ts";
import { eventRetention } from "./migrations/0010-event-retention.ts";
import { emailUndos } from "./migrations/0011-email-undos.ts";
import { lockouts } from "./migrations/0012-lockouts.ts";
import { requiredFrom } from "./migrations/0013-required-from.ts";
import { mailedCodes } from "./migrations/0014-mailed-codes.ts";
import { rescues } from "./migrations/0015-rescues.ts";
import { askings } from "./migrations/0016-askings.ts";
import { jobs } from "./migrations/0017-jobs.ts";
import { mailsByTime } from "./migrations/0018-mails-by-time.ts";
import { eventsOfAKind } from "./migrations/0019-events-of-a-kind.ts";
import type { Schema } from "./schema.ts";

/** How one dialect spells what differs. */
export type Spelling = {
  /** The integer type that holds milliseconds. */
  time: string;
  /** `create table` with the strictest typing there is. */
  table(definition: string): string;
  /** Statements that make a table refuse updates and deletions. */
  appendOnly(table: string): string[];
  /** Statements that let an append-only table lose the rows up to the id that the query `upTo` gives, and no others. */
  trimmable(table: string, upTo: string): string[];
  /** Statements that make a table refuse an act on a row, when a condition on `old` and `new` is true. */
  refuse(table: string, act: "insert" | "update" | "delete", when: string): string[];
};

export type Migration = { name: string; statements(spelling: Spelling): string[] };

const MIGRATIONS: readonly Migration[] = [
  first,
  recoveryCodes,
  trustedBrowsers,
  apiKeys,
  passwordResetRequests,
  severalAuthenticators,
  groups,
  policies,
  drift,
  eventRetention,
  emailUndos,
  lockouts,
  requiredFrom,
  mailedCodes,
  rescues,
  askings,
  jobs,
  mailsByTime,
  eventsOfAKind,
];

/** Thrown when the database was migrated by a newer version of the program. */
export class NewerDatabaseError extends Error {
  override name = "NewerDatabaseError";
}

/** A query that finds nothing, because somebody removed its row, must not let everything pass. */
const isKept = (upTo: string) => `coalesce(old.id > (${upTo}), true)`;

const SPELLINGS: Record<Dialect, Spelling> = {
  sqlite: {
    time: "integer",
    // A text key that is the table, rather than an index beside it, halves the pages that a commit writes.
    table: (definition) =>
      `create table ${definition} strict${/^\w+ \(\s*id integer/.test(definition) ? "" : ", without rowid"}`,
    appendOnly: (table) => [
      ...["update", "delete"].map(
        (act) =>
          `create trigger ${table}_no_${act} before ${act} on ${table} begin select raise(abort, '${table} is append-only'); end`,
      ),
      // `insert or replace` takes a row away without asking the trigger for deletions.
      `create trigger ${table}_no_replace before insert on ${table}
        when exists (select 1 from ${table} where id = new.id) begin select raise(abort, '${table} is append-only'); end`,
    ],
    trimmable: (table, upTo) => [
      `drop trigger ${table}_no_delete`,
      ...SPELLINGS.sqlite.refuse(table, "delete", isKept(upTo)),
    ],
    refuse: (table, act, when) => [
      `create trigger ${table}_no_${act} before ${act} on ${table} when ${when}
        begin select raise(abort, '${table} is append-only'); end`,
    ],
  },
  postgres: {
    time: "bigint",
    table: (definition) => `create table ${definition}`,
    appendOnly: (table) => [
      `create function ${table}_append_only() returns trigger language plpgsql as
        $$ begin raise exception '${table} is append-only'; end $$`,
      `create trigger ${table}_append_only before update or delete or truncate on ${table}
        for each statement execute function ${table}_append_only()`,
    ],
    trimmable: (table, upTo) => [
      `drop trigger ${table}_append_only on ${table}`,
      `create trigger ${table}_append_only before update or truncate on ${table}
        for each statement execute function ${table}_append_only()`,
      ...SPELLINGS.postgres.refuse(table, "delete", isKept(upTo)),
    ],
    refuse: (table, act, when) => [
      `create function ${table}_no_${act}() returns trigger language plpgsql as $$ begin
        if ${when} then raise exception '${table} is append-only'; end if;
        return ${act === "delete" ? "old" : "new"}; end $$`,
      `create trigger ${table}_no_${act} before ${act} on ${table} for each row execute function ${table}_no_${act}()`,
    ],
  },
};

/** Names of the migrations that the database still needs; throws a NewerDatabaseError if it knows more than we do. */
export async function pendingMigrations(db: Kysely<Schema>): Promise<string[]> {
  const tables = await db.introspection.getTables();
  if (!tables.some((table) => table.name === "migrations")) return MIGRATIONS.map((migration) => migration.name);
  return missing(await appliedNames(db));
}

/** Brings the database to the newest schema and tells which migrations that took. */
export async function migrate(db: Kysely<Schema>, dialect: Dialect, now: number): Promise<string[]> {
  return db.transaction().execute(async (tx) => {
    if (dialect === "postgres") await sql`select pg_advisory_xact_lock(4180)`.execute(tx);
    await sql`create table if not exists migrations (name text primary key, applied_at ${sql.raw(SPELLINGS[dialect].time)} not null)`.execute(
      tx,
    );
    const names = missing(await appliedNames(tx));
    for (const migration of MIGRATIONS.filter(({ name }) => names.includes(name))) {
      for (const statement of migration.statements(SPELLINGS[dialect])) await sql.raw(statement).execute(tx);
      await sql`insert into migrations (name, applied_at) values (${migration.name}, ${now})`.execute(tx);
    }
    return names;
  });
}

async function appliedNames(db: Kysely<Schema> | Transaction<Schema>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from migrations`.execute(db);
  return rows.map((row) => row.name);
}

function missing(applied: string[]): string[] {
  const unknown = applied.filter((name) => !MIGRATIONS.some((migration) => migration.name === name));
  if (unknown.length > 0) {
    throw new NewerDatabaseError(`The database was migrated by a newer version of Countersign (${unknown.join(", ")})`);
  }
  return MIGRATIONS.map((migration) => migration.name).filter((name) => !applied.includes(name));
}
