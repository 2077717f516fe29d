// People: how they are named and found, and what they may change about themselves.

import type { Client, Context } from "../../context.ts";
import { newId } from "../../crypto/token.ts";
import type { Role, UserTable } from "../../db/schema.ts";
import { type Reason, type Refused, refused } from "../../outcomes.ts";
import * as mailedCodes from "../factors/mailed-codes.ts";
import { joinParts, type ProfilePart } from "../ground/event-kinds.ts";
import { canonicalName, isPlain, plainName } from "../ground/names.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import { type Session, stillStands } from "../session/sessions.ts";

/** What administrators enter about a person. */
export type Profile = { login: string; name: string; email: string | null; role: Role };

/** What people set for themselves. */
export type Preferences = { name: string; language: string; timeZone: string };

/** What can be wrong with them. */
export type ProfileReason = Extract<
  Reason,
  `${"name" | "login" | "email" | "role" | "language" | "time_zone"}_invalid` | `${"login" | "email"}_taken`
>;

/** What a person can be, the least first. */
export const ROLES: readonly Role[] = ["person", "support", "administrator"];

const NAME_LENGTH = 120;
const LOGIN_LENGTH = 120;

/** Finds the person whom a typed login or e-mail address means. */
export async function findByName({ db }: Context, typed: string): Promise<UserTable | undefined> {
  return db
    .selectFrom("user_names")
    .innerJoin("users", "users.id", "user_names.user_id")
    .selectAll("users")
    .where("user_names.name", "=", canonicalName(typed))
    .executeTakeFirst();
}

/** What is known of somebody from the start; left out: an id of ours, no password, and the first language. */
type Known = Partial<Pick<UserTable, "id" | "language" | "time_zone" | "password_hash">>;

/** Adds a person, who cannot sign in before a password is set. Call inside the transaction that also invites. */
export async function create(
  tx: Tx,
  profile: Profile,
  known: Known = {},
): Promise<{ ok: true; user: UserTable } | Refused<ProfileReason>> {
  const checked = checkProfile(profile);
  if (!checked.ok) return checked;
  const user: UserTable = {
    id: newId(tx.random),
    ...checked.profile,
    language: tx.options.languages[0] ?? "en",
    time_zone: "UTC",
    password_hash: null,
    changed_by_mail_at: null,
    security_version: 1,
    created_at: tx.now(),
    disabled_at: null,
    last_sign_in_at: null,
    warnings_read_at: 0,
    search_text: searchText(checked.profile),
    required_from: null,
    reminded_at: null,
    ...known,
  };
  await tx.db.insertInto("users").values(user).execute();
  const named = await takeNames(tx, user);
  return named.ok ? { ok: true, user } : named;
}

/** What `update` did: the parts that are different now, and the person as they are with them. */
export type Updated = { ok: true; changed: ProfilePart[]; user: UserTable };

/** The parts of a profile, as they go on record. */
const PARTS = [
  ["login", "login"],
  ["name", "name"],
  ["email", "email"],
  ["role", "role"],
  ["language", "language"],
  ["time_zone", "time zone"],
] as const satisfies [keyof UserTable, ProfilePart][];

/**
 * Changes a part of what is known of a person, whose row was read under their lock; the caller has decided that the
 * actor may. A new e-mail address voids the links and codes that went to the old one; email-change.ts tells of it.
 */
export async function update(
  tx: Tx,
  before: UserTable,
  { language = before.language, time_zone = before.time_zone, ...change }: Change,
): Promise<Updated | Refused<ProfileReason>> {
  const checked = checkProfile({ ...before, ...change });
  if (!checked.ok) return checked;
  const after = { ...checked.profile, language, time_zone, search_text: searchText(checked.profile) };
  const changed = changedParts(before, after);
  const user = { ...before, ...after };
  if (changed.length === 0) return { ok: true, changed, user };
  await tx.db.updateTable("users").set(after).where("id", "=", user.id).execute();
  if (changed.includes("login") || changed.includes("email")) {
    await tx.db.deleteFrom("user_names").where("user_id", "=", user.id).execute();
    const named = await takeNames(tx, user);
    if (!named.ok) return named;
  }
  if (changed.includes("email")) {
    await tx.db.deleteFrom("tickets").where("user_id", "=", user.id).execute();
    await mailedCodes.forgetAll(tx, user.id);
  }
  return { ok: true, changed, user };
}

/** The parts that are not alike, in the words of an event. */
export function changedParts(before: Parts, after: Parts): ProfilePart[] {
  return PARTS.flatMap(([column, part]) => (before[column] === after[column] ? [] : [part]));
}

type Parts = Pick<UserTable, (typeof PARTS)[number][0]>;

/** What may be changed of what is known of a person. */
export type Change = Partial<Profile & Pick<UserTable, "language" | "time_zone">>;

/** A person changes name, language or time zone. */
export async function changePreferences(
  context: Context,
  client: Client,
  session: Session,
  { name, language, timeZone }: Preferences,
): Promise<{ ok: true } | Refused<ProfileReason | "expired">> {
  if (!context.options.languages.includes(language)) return refused("language_invalid");
  if (!isTimeZone(timeZone)) return refused("time_zone_invalid");
  return transact(context, client, async (tx) => {
    const account = await stillStands(tx, session);
    if (account === undefined) return refused("expired");
    const saved = await update(tx, account.user, { name, language, time_zone: timeZone });
    if (!saved.ok) return saved;
    if (saved.changed.length === 0) return { ok: true };
    const { user, id } = session;
    const details = { what: joinParts(saved.changed) };
    tx.record({ kind: "profile.changed", actor: user.id, user: user.id, session: id, details });
    return { ok: true };
  });
}

/** The person has read the warnings that the home page shows. */
export async function acknowledgeWarnings({ db, now }: Context, session: Session): Promise<void> {
  await db.updateTable("users").set({ warnings_read_at: now() }).where("id", "=", session.user.id).execute();
}

/** What is entered about a person, in the form in which it is kept. */
export function checkProfile(profile: Profile): { ok: true; profile: Profile } | Refused<ProfileReason> {
  const name = plainName(profile.name, NAME_LENGTH);
  if (name === undefined) return refused("name_invalid");
  const login = canonicalName(profile.login);
  if (!isPlain(login, LOGIN_LENGTH) || !/^[^\s@]+(@[^\s@]+)?$/.test(login)) return refused("login_invalid");
  const email = profile.email === null ? null : canonicalName(profile.email);
  if (email !== null && !isEmail(email)) return refused("email_invalid");
  if (!ROLES.includes(profile.role)) return refused("role_invalid");
  return { ok: true, profile: { name, login, email, role: profile.role } };
}

/**
 * Inserts both names; their primary key keeps one name from meaning two people, even if both are saved at once. Whoever
 * gives an address up puts it among the kept ones in the same commit, so it is seen here or still taken.
 */
async function takeNames(
  tx: Tx,
  { id, login, email }: Pick<UserTable, "id" | "login" | "email">,
): Promise<{ ok: true } | Refused<ProfileReason>> {
  const take = async (name: string, kind: "login" | "email") => {
    const inserted = await tx.db
      .insertInto("user_names")
      .values({ name, user_id: id, kind })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .executeTakeFirst();
    return inserted.numInsertedOrUpdatedRows === 1n && !(await isKept(tx, name, id));
  };
  if (!(await take(login, "login"))) return refused("login_taken");
  if (email !== null && email !== login && !(await take(email, "email"))) return refused("email_taken");
  return { ok: true };
}

/** Whether a name is the old address of somebody else, who can still undo the change. */
async function isKept(tx: Tx, name: string, id: string): Promise<boolean> {
  const kept = await tx.db
    .selectFrom("email_undos")
    .select("id")
    .where("email", "=", name)
    .where("user_id", "!=", id)
    .where("expires_at", ">", tx.now())
    .executeTakeFirst();
  return kept !== undefined;
}

/** One `@`, no space, quote or bracket, a dot in the domain: what every mail server takes, and no header syntax. */
function isEmail(text: string): boolean {
  return isPlain(text, 254) && /^[^\s@<>()[\]\\,;:"]+@[^\s@<>()[\]\\,;:".]+(\.[^\s@<>()[\]\\,;:".]+)+$/.test(text);
}

/** Whether it is the name of a time zone. */
export function isTimeZone(text: string): boolean {
  try {
    return text.length <= 64 && new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** In the form of what is searched for: some letters that are made small are put together anew. */
function searchText({ name, login, email }: Profile): string {
  return canonicalName([name, login, email ?? ""].join(" "));
}
