// An account: a person as one statement saw them, with what the rules decide about them.
//
// Whoever needs a person takes the account that was read, never an id to look up again. An account lives no longer than
// the transaction that locked it, or the request that asked for it; nothing that decides is kept from one to the next.

import { type Kysely, type SelectQueryBuilder, sql } from "kysely";
import type { Context } from "../../context.ts";
import type { PolicyTable, RescueTable, Schema, UserTable } from "../../db/schema.ts";
import { statement } from "../../db/statement.ts";
import type { Tx } from "../ground/transaction.ts";
import { askingOf, combine, hasFactor, type MetRule, type Policy } from "./policies.ts";
import { POINT_NAMES } from "./policy-points.ts";

export type Account = {
  user: UserTable;
  /** Whether an authenticator is on. A recovery code is none: it stands in for one. */
  hasFactor: boolean;
  /** How they are to be let back in, where somebody asked for it; null where nobody did. */
  rescue: RescueTable["way"] | null;
  /** The rules that they fall under, and what these decide. */
  rules: readonly MetRule[];
  policy: Policy;
};

/** The account of a person, as it is committed now. */
export async function accountOf(context: Context, id: string): Promise<Account | undefined> {
  return accountIn(context, await byId.all(context, { id }));
}

/**
 * Takes the lock of a person until the transaction ends, and gives what it locked. Whatever changes or uses up something
 * of a person's security setup starts with this, so two such transactions queue and never wait for each other in a
 * circle. On SQLite the transaction itself is that lock; on PostgreSQL the account is read by a statement that begins
 * when the lock is held, because one that waited for a lock still sees the rules and factors of before.
 */
export async function lockAccount(tx: Tx, id: string): Promise<Account | undefined> {
  return underLock(tx, id, () => byId.all(tx, { id }));
}

/** The same, for whoever reads the account together with something else: `read` gives its rows. */
export async function underLock(tx: Tx, id: string, read: () => Promise<AccountRow[]>): Promise<Account | undefined> {
  // Both go out together, one behind the other.
  const [, rows] = await Promise.all([tx.dialect === "postgres" && lock.all(tx, { id }), read()]);
  return accountIn(tx, rows);
}

/**
 * Counts a sign-in without a second factor for each rule that leaves time or sign-ins, and gives the policy with that
 * counted. The caller holds the lock.
 */
export async function countSignIn(tx: Tx, { user, rules }: Account): Promise<Policy> {
  const counted = rules.map((rule) => ({ rule, asking: askingOf(rule, tx.now()) }));
  const askings = counted.flatMap(({ rule, asking }) =>
    asking === undefined ? [] : [{ user_id: user.id, scope: rule.scope, ...asking }],
  );
  if (askings.length > 0) {
    await tx.db
      .insertInto("askings")
      .values(askings)
      .onConflict((conflict) =>
        conflict
          .columns(["user_id", "scope"])
          .doUpdateSet((eb) => ({ since: eb.ref("excluded.since"), sign_ins: eb.ref("excluded.sign_ins") })),
      )
      .execute();
  }
  const now = counted.map(({ rule, asking }) =>
    asking === undefined ? rule : { ...rule, asked_since: asking.since, asked_sign_ins: asking.sign_ins },
  );
  return combine(tx, now, user);
}

const byId = statement((db, { id }: { id: string }) => accounts(db).where("users.id", "=", id));

const lock = statement((db, { id }: { id: string }) =>
  db.selectFrom("users").select("users.id").where("users.id", "=", id).forUpdate(),
);

// biome-ignore format: in the order of the table
const USER = [
  "id", "login", "name", "email", "role", "language", "time_zone", "password_hash", "changed_by_mail_at",
  "security_version", "created_at", "disabled_at", "last_sign_in_at", "warnings_read_at", "search_text",
  "required_from", "reminded_at",
] as const satisfies readonly (keyof UserTable)[];

const RULE: readonly (keyof PolicyTable)[] = ["scope", "required_since", ...POINT_NAMES, "changed_at"];

/** The columns as rows have them: a name that is put together anew costs more than what it finds. */
const USER_KEYS = USER.map((column) => [column, `user_${column}`] as const);
const RULE_KEYS = RULE.map((column) => [column, `rule_${column}`] as const);

/** A person with one of the rules that they fall under; the columns of a rule are null where there is none. */
export type AccountRow = { [K in keyof UserTable as `user_${K}`]: UserTable[K] } & {
  [K in keyof PolicyTable as `rule_${K}`]: PolicyTable[K] | null;
} & {
  has_factor: unknown;
  rescue_way: RescueTable["way"] | null;
  asked_since: number | null;
  asked_sign_ins: number | null;
};

/**
 * The query for accounts, a row for each of their rules, for whoever reads them together with something else: of a
 * person whom another table names, join it and say which.
 */
export function accounts(db: Kysely<Schema>) {
  const query = db
    .selectFrom("users")
    .leftJoin("policies", (join) =>
      join.on((eb) =>
        eb.or([
          eb("policies.scope", "=", "everyone"),
          eb("policies.scope", "=", sql<string>`'role:' || users.role`),
          eb.exists(
            eb
              .selectFrom("group_members")
              .select("group_members.user_id")
              .whereRef("group_members.user_id", "=", "users.id")
              .where("group_members.group_id", "=", sql<string>`substr(policies.scope, 7)`),
          ),
        ]),
      ),
    )
    .leftJoin("askings", (join) =>
      join.onRef("askings.user_id", "=", "users.id").onRef("askings.scope", "=", "policies.scope"),
    )
    .leftJoin("rescues", "rescues.user_id", "users.id")
    .select(USER.map((column) => `users.${column} as user_${column}` as const))
    .select(RULE.map((column) => `policies.${column} as rule_${column}` as const))
    .select([hasFactor.as("has_factor"), "rescues.way as rescue_way"])
    .select(["askings.since as asked_since", "askings.sign_ins as asked_sign_ins"]);
  // The two lists are typed one column at a time, and have every column of their tables.
  return query as unknown as SelectQueryBuilder<Schema, "users", AccountRow>;
}

/** The account that the rows of one person make. */
export function accountIn(context: Context, rows: readonly AccountRow[]): Account | undefined {
  const [row] = rows;
  if (row === undefined) return undefined;
  // Both lists have every column of their tables.
  const user = Object.fromEntries(USER_KEYS.map(([column, key]) => [column, row[key]])) as unknown as UserTable;
  const rules = rows.flatMap((each) => (each.rule_scope === null ? [] : [ruleIn(each)]));
  return {
    user,
    hasFactor: Boolean(row.has_factor),
    rescue: row.rescue_way,
    rules,
    policy: combine(context, rules, user),
  };
}

function ruleIn(row: AccountRow): MetRule {
  const rule = Object.fromEntries(RULE_KEYS.map(([column, key]) => [column, row[key]])) as unknown as PolicyTable;
  return { ...rule, asked_since: row.asked_since, asked_sign_ins: row.asked_sign_ins };
}
