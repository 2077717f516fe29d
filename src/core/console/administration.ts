// What administrators do to other people, and what support does to help them; core/session/authority.ts says who may.

import type { Client, Context } from "../../context.ts";
import { hashPassword, inHashingSlot } from "../../crypto/password.ts";
import type { Role, UserTable } from "../../db/schema.ts";
import { refused } from "../../outcomes.ts";
import * as trustedBrowsers from "../factors/trusted-browsers.ts";
import * as attempts from "../ground/attempts.ts";
import { joinParts, type ProfilePart } from "../ground/event-kinds.ts";
import * as events from "../ground/events.ts";
import * as mails from "../ground/mails.ts";
import type { Tx } from "../ground/transaction.ts";
import * as apiKeys from "../people/api-keys.ts";
import * as emailChange from "../people/email-change.ts";
import * as emailUndo from "../people/email-undo.ts";
import * as invitations from "../people/invitations.ts";
import { checkQuality, setHash } from "../people/passwords.ts";
import * as setup from "../people/setup.ts";
import * as users from "../people/users.ts";
import * as rescues from "../rescue/rescues.ts";
import { accountOf, lockAccount } from "../session/account.ts";
import {
  type AdministratorAuthority,
  type AdministratorReader,
  by,
  helpOther,
  onOther,
  reaches,
  roleOf,
  type SupportAuthority,
  type SupportReader,
  withAuthority,
} from "../session/authority.ts";
import * as knownBrowsers from "../session/known-browsers.ts";
import { hasFactor } from "../session/policies.ts";
import { securityChanged } from "../session/sessions.ts";
import { perform } from "./acts.ts";
import { matchingPeople, type PeopleFilter } from "./people-filter.ts";

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
export async function listPeople(context: Context, _reader: SupportReader, filter: PeopleFilter, page: number) {
  const matching = matchingPeople(context, filter);
  const { total } = await matching.select((eb) => eb.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  const rows = await matching
    .selectAll()
    .select(hasFactor.as("two_factor"))
    .orderBy("name")
    .orderBy("id")
    .limit(PAGE)
    .offset((page - 1) * PAGE)
    .execute();
  return { people: rows.map((row) => person(row, Boolean(row.two_factor))), total, pageSize: PAGE };
}

/** One person, or `undefined`. */
export async function findPerson({ db }: Context, _reader: SupportReader, id: string): Promise<Person | undefined> {
  const row = await db
    .selectFrom("users")
    .selectAll()
    .select(hasFactor.as("two_factor"))
    .where("id", "=", id)
    .executeTakeFirst();
  return row && person(row, Boolean(row.two_factor));
}

/** What happened in the whole installation, newest first. */
export function listEvents(context: Context, _reader: AdministratorReader, filter: events.EventFilter, limit: number) {
  return events.list(context, filter, limit);
}

/** What a person did and what was done to them, newest first; `undefined` where the reader has no business in it. */
export async function eventsOf(
  context: Context,
  reader: SupportReader,
  userId: string,
  page: { before: number | undefined; limit: number },
) {
  const person = await findPerson(context, reader, userId);
  if (person === undefined || !reaches(roleOf(reader), person.role)) return undefined;
  return { person, events: await events.list(context, { userId, before: page.before }, page.limit) };
}

/** The person whom a login or e-mail address means. */
export async function findPersonByName(
  context: Context,
  _reader: AdministratorReader,
  name: string,
): Promise<Person | undefined> {
  const user = await users.findByName(context, name);
  const account = user && (await accountOf(context, user.id));
  return account && person(account.user, account.hasFactor);
}

/** Adds a person and mails the invitation. */
export async function invitePerson(
  context: Context,
  client: Client,
  authority: AdministratorAuthority,
  profile: users.Profile,
) {
  return withAuthority(context, client, authority, async (tx) => {
    const created = await create(tx, authority, profile);
    if (!created.ok) return created;
    const { user } = created;
    const invited = await invitations.invite(tx, user, by(authority));
    return invited.ok ? ({ ok: true, id: user.id, ticket: invited.ticket } as const) : invited;
  });
}

/** Adds a person with a password, for the operator who sets up accounts by a script. */
export async function addPerson(
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

/** Sends a new invitation; the earlier link is void. */
export async function inviteAgain(context: Context, client: Client, authority: SupportAuthority, userId: string) {
  return helpOther(context, client, authority, userId, (tx, { user }) => invitations.invite(tx, user, by(authority)));
}

/**
 * Changes a person's name, login, address or role. The old address is told of a new one and can undo it, unless
 * `oldMailboxLost` says that it is in the wrong hands: then no such link works, also none that was sent before.
 */
export async function changePerson(
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
    const revoked = oldMailboxLost && (await emailUndo.revoke(tx, id));
    const saved = await emailChange.update(tx, before, profile, { mayUndo: !oldMailboxLost });
    if (!saved.ok) return saved;
    const changed: ProfilePart[] = [...saved.changed, ...(revoked ? (["link to undo"] as const) : [])];
    if (changed.length === 0) return { ok: true } as const;
    if (saved.changed.includes("role")) {
      await trustedBrowsers.forget(tx, id);
      // Whoever gave a link, or asked for a rescue, may not reach the person any more.
      await rescues.forget(tx, id);
    }
    const details = { what: joinParts(changed), role: profile.role };
    tx.record({ kind: "user.changed", ...by(authority, details), user: id });
    return { ok: true } as const;
  });
}

/** Keeps a person out from this moment: sessions and half-done sign-ins end with the same commit. */
export async function disablePerson(context: Context, client: Client, authority: AdministratorAuthority, id: string) {
  return onOther(context, client, authority, id, async (tx, { user }) => {
    if (user.disabled_at !== null) return { ok: true } as const;
    if (await isLastAdministrator(tx, user)) return refused("last_administrator");
    await tx.db.updateTable("users").set({ disabled_at: tx.now() }).where("id", "=", id).execute();
    await securityChanged(tx, id);
    await apiKeys.revokeAll(tx, id, by(authority));
    tx.record({ kind: "user.disabled", ...by(authority), user: id });
    return { ok: true } as const;
  });
}

/** Lets a disabled person in again. */
export async function enablePerson(context: Context, client: Client, authority: AdministratorAuthority, id: string) {
  return onOther(context, client, authority, id, async (tx, { user }) => {
    if (user.disabled_at === null) return { ok: true } as const;
    await tx.db.updateTable("users").set({ disabled_at: null }).where("id", "=", id).execute();
    tx.record({ kind: "user.enabled", ...by(authority), user: id });
    return { ok: true } as const;
  });
}

/**
 * Makes a password worthless that others may know. Its owner sets a new one by the link that they ask for; a
 * confirmation of the old one would only ask the thief.
 */
export async function voidPassword(context: Context, client: Client, authority: AdministratorAuthority, id: string) {
  // Nobody knows what this is the hash of, and checking it takes as long as checking any other.
  const passwordHash = await inHashingSlot(() => hashPassword(Buffer.from(context.random(32)).toString("base64")));
  if (passwordHash === undefined) return refused("busy");
  return onOther(context, client, authority, id, async (tx, { user }) => {
    if (user.password_hash === null) return refused("not_found");
    if (user.email === null) return refused("no_email");
    await setHash(tx, id, passwordHash);
    await securityChanged(tx, id);
    await knownBrowsers.forgetOthers(tx, id, null);
    tx.record({ kind: "password.voided", ...by(authority), user: id });
    await mails.queue(tx, { kind: "password_voided", user });
    return { ok: true } as const;
  });
}

/** Ends every session of a person. */
export async function signOutEverywhere(context: Context, client: Client, authority: SupportAuthority, id: string) {
  return helpOther(context, client, authority, id, (tx, account) =>
    perform(tx, account, { act: "sign-out", authority }),
  );
}

/** Mails a person without a second factor how to set one up, once a day at most. */
export async function inviteToTwoFactor(context: Context, client: Client, authority: SupportAuthority, id: string) {
  return helpOther(context, client, authority, id, (tx, account) =>
    perform(tx, account, { act: "invite-to-two-factor", authority }),
  );
}

/** Asks a person for a second factor from a time on, whatever the rules of the policy say; the person is told. */
export async function requireTwoFactor(
  context: Context,
  client: Client,
  authority: AdministratorAuthority,
  { id, from }: { id: string; from: number },
) {
  return onOther(context, client, authority, id, (tx, account) =>
    perform(tx, account, { act: "require-two-factor", authority, from }),
  );
}

/** Leaves a person to the rules of the policy again. */
export async function stopRequiring(context: Context, client: Client, authority: AdministratorAuthority, id: string) {
  return onOther(context, client, authority, id, (tx, account) =>
    perform(tx, account, { act: "stop-requiring", authority }),
  );
}

/** Opens the buckets that misses have shut. */
export async function unlockPerson(context: Context, client: Client, authority: SupportAuthority, id: string) {
  return helpOther(context, client, authority, id, async (tx) => {
    await attempts.unlock(tx, id);
    tx.record({ kind: "attempts.unlocked", ...by(authority), user: id });
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

async function isLastAdministrator(tx: Tx, user: UserTable): Promise<boolean> {
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
