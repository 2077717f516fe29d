// The people of an installation, for those who help them: found, added, and changed in what they are. What is done to
// them is in acts.ts.

import type { Client, Context } from "../../context.ts";
import { hashPassword, inHashingSlot } from "../../crypto/password.ts";
import type { Role, UserTable } from "../../db/schema.ts";
import { refused } from "../../outcomes.ts";
import { joinParts, type ProfilePart } from "../ground/event-kinds.ts";
import type { Tx } from "../ground/transaction.ts";
import * as emailChange from "../people/email-change.ts";
import * as emailUndo from "../people/email-undo.ts";
import * as invitations from "../people/invitations.ts";
import { checkQuality, setHash } from "../people/passwords.ts";
import * as setup from "../people/setup.ts";
import { roleChanged } from "../people/standing.ts";
import * as users from "../people/users.ts";
import { accountOf, lockAccount } from "../session/account.ts";
import {
  type AdministratorAuthority,
  type AdministratorReader,
  by,
  type SupportReader,
  withAuthority,
} from "../session/authority.ts";
import { hasFactor } from "../session/policies.ts";
import { type PeopleFilter, pageOf } from "./people-filter.ts";

export type Person = {
  id: string;
  login: string;
  name: string;
  email: string | null;
  role: Role;
  createdAt: number;
  disabledAt: number | null;
  lastSignInAt: number | null;
  /** False until the invitation is accepted. */
  hasPassword: boolean;
  twoFactor: boolean;
  /** From when a second factor is required of this person alone. */
  requiredFrom: number | null;
};

const PAGE = 50;

/** One page of people by name, and how many match in all. */
export async function list(context: Context, _reader: SupportReader, filter: PeopleFilter, page: number) {
  const { people, total } = await pageOf(context, filter, { number: page, size: PAGE });
  const rows = await context.reports
    .selectFrom(people.as("page"))
    // In this order on SQLite, too: a page is short.
    .crossJoin("users")
    .whereRef("users.id", "=", "page.user_id")
    .selectAll("users")
    .select(hasFactor.as("two_factor"))
    .orderBy("page.name")
    .orderBy("page.user_id")
    .execute();
  return { people: rows.map((row) => person(row, Boolean(row.two_factor))), total, pageSize: PAGE };
}

/** One person, or `undefined`. */
export async function find(context: Context, _reader: SupportReader, id: string): Promise<Person | undefined> {
  const account = await accountOf(context, id);
  return account && person(account.user, account.hasFactor);
}

/** The person whom a login or e-mail address means. */
export async function findByName(
  context: Context,
  reader: AdministratorReader,
  name: string,
): Promise<Person | undefined> {
  const user = await users.findByName(context, name);
  return user && find(context, reader, user.id);
}

/** Adds a person and mails the invitation. */
export async function invite(
  context: Context,
  client: Client,
  authority: AdministratorAuthority,
  profile: users.Profile,
) {
  return withAuthority(context, client, authority, async (tx) => {
    const created = await create(tx, authority, profile);
    if (!created.ok) return created;
    const { user } = created;
    const { ticket } = await invitations.invite(tx, user, by(authority));
    return { ok: true, id: user.id, ticket } as const;
  });
}

/** Adds a person with a password, for the operator who sets up accounts by a script. */
export async function add(
  context: Context,
  client: Client,
  authority: AdministratorAuthority,
  { password, ...profile }: users.Profile & { password: string },
) {
  const good = await checkQuality(context, password, profile);
  if (!good.ok) return good;
  const passwordHash = await inHashingSlot(() => hashPassword(password));
  if (passwordHash === undefined) return refused("busy");
  return withAuthority(context, client, authority, async (tx) => {
    const created = await create(tx, authority, profile);
    if (!created.ok) return created;
    const { id } = created.user;
    await setHash(tx, id, passwordHash);
    return { ok: true, id } as const;
  });
}

/**
 * Changes a person's name, login, address or role. The old address is told of a new one and can undo it, unless
 * `oldMailboxLost` says that it is in the wrong hands: then no such link works, also none that was sent before.
 */
export async function change(
  context: Context,
  client: Client,
  authority: AdministratorAuthority,
  { id, oldMailboxLost = false, ...profile }: users.Profile & { id: string; oldMailboxLost?: boolean },
) {
  // Whoever has stolen an administrator's session must not be able to cut off the owner.
  if (oldMailboxLost && authority.actor === id) return refused("yourself");
  return withAuthority(context, client, authority, async (tx) => {
    const account = await lockAccount(tx, id);
    if (account === undefined) return refused("not_found");
    const { user: before } = account;
    if (profile.role !== "administrator" && (await isLastAdministrator(tx, before)))
      return refused("last_administrator");
    const revoked = oldMailboxLost && (await emailUndo.forget(tx, id));
    const saved = await emailChange.update(tx, before, profile, { mayUndo: !oldMailboxLost });
    if (!saved.ok) return saved;
    const changed: ProfilePart[] = [...saved.changed, ...(revoked ? (["link to undo"] as const) : [])];
    if (changed.length === 0) return { ok: true } as const;
    if (saved.changed.includes("role")) await roleChanged(tx, id);
    const details = { what: joinParts(changed), role: profile.role };
    tx.record({ kind: "user.changed", ...by(authority, details), user: id });
    return { ok: true } as const;
  });
}

async function create(tx: Tx, authority: AdministratorAuthority, profile: users.Profile) {
  const created = await users.create(tx, profile);
  if (!created.ok) return created;
  if (profile.role === "administrator") await setup.close(tx);
  tx.record({ kind: "user.created", ...by(authority, { role: profile.role }), user: created.user.id });
  return created;
}

/** Whether nobody could change anything any more without this person. */
export async function isLastAdministrator(tx: Tx, user: UserTable): Promise<boolean> {
  if (user.role !== "administrator" || user.disabled_at !== null) return false;
  const other = await tx.db
    .selectFrom("users")
    .select("id")
    .where("role", "=", "administrator")
    .where("disabled_at", "is", null)
    .where("password_hash", "is not", null)
    .where("id", "!=", user.id)
    .executeTakeFirst();
  return other === undefined;
}

function person(row: UserTable, twoFactor: boolean): Person {
  const { id, login, name, email, role } = row;
  return {
    id,
    login,
    name,
    email,
    role,
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
    lastSignInAt: row.last_sign_in_at,
    hasPassword: row.password_hash !== null,
    twoFactor,
    requiredFrom: row.required_from,
  };
}
