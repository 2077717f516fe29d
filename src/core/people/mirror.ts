// The host's people as rows of `users`, under the host's ids, so that everything else of ours hangs on them as on
// anybody. Only this file writes them.
//
// What the host says may be old by the time it is written. So the row is read before the host is asked, and under the
// locks, that of the installation and then that of the person, it must still be the same; otherwise the host is asked
// again. What a change ends is what the same act of ours ends.

import type { HostPerson } from "../../accounts.ts";
import type { Client, Context, HostPersonReason } from "../../context.ts";
import type { UserTable } from "../../db/schema.ts";
import { type Refused, refused } from "../../outcomes.ts";
import { type Author, joinParts } from "../ground/event-kinds.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import { lockAccount } from "../session/account.ts";
import * as emailChange from "./email-change.ts";
import * as setup from "./setup.ts";
import * as standing from "./standing.ts";
import * as users from "./users.ts";

/**
 * What stands for the password of a host's person. It is no hash, so no password of ours fits it, and whoever has it
 * counts as having a password.
 */
export const HOSTS = "of the host";

const HOST = { actor: null, session: null, details: { by: "host" } } as const satisfies Author;

/** A host's person in the form in which they are kept. */
export type Mirrored = users.Profile & Pick<UserTable, "id" | "language" | "time_zone"> & { isDisabled: boolean };

/** The form in which a host's person is kept; a language or time zone that we do not know is the default. */
export function read(
  { options }: Context,
  { id, login, name, email, role = "person", language, timeZone = "UTC", disabled = false }: HostPerson,
): { ok: true; person: Mirrored } | Refused<HostPersonReason> {
  if (!isId(id)) return refused("id_invalid");
  const checked = users.checkProfile({ login, name, email, role });
  // Whether a name is taken is asked when it is saved, and then it is not.
  if (!checked.ok) return refused(checked.reason as HostPersonReason);
  const tastes = {
    language: options.languages.find((known) => known === language) ?? options.languages[0] ?? "en",
    time_zone: users.isTimeZone(timeZone) ? timeZone : "UTC",
  };
  return { ok: true, person: { id, ...checked.profile, ...tastes, isDisabled: disabled !== false } };
}

/** No `:`, by which rates and unknown names are told apart, no `/` of paths, no NUL, and neither `.` nor `..`. */
export function isId(id: unknown): boolean {
  return typeof id === "string" && /^[\w-][\w.-]{0,63}$/.test(id);
}

/** Whether a row says what the host says. */
export function isUpToDate(row: UserTable | undefined, person: Mirrored): boolean {
  if (row === undefined) return false;
  return users.changedParts(row, person).length === 0 && (row.disabled_at !== null) === person.isDisabled;
}

/** Whether their names lead to them; somebody else may have had one of them for a while. */
export async function isNamed({ db }: Context, { id, login, email }: Mirrored): Promise<boolean> {
  const rows = await db.selectFrom("user_names").select("name").where("user_id", "=", id).execute();
  return [login, email].every((name) => name === null || rows.some((row) => row.name === name));
}

/**
 * Makes the row of a person say what the host says; false if it is another one now than was read before the host was asked.
 * Somebody whom the host does not know any more takes no name from those whom it knows.
 */
export async function write(
  context: Context,
  client: Client,
  { person, before, isKnown }: { person: Mirrored; before: UserTable | undefined; isKnown: boolean },
): Promise<boolean> {
  return transact(context, client, async (tx) => {
    await tx.db.updateTable("installation").set({ administrators_changed_at: tx.now() }).where("id", "=", 1).execute();
    const row = (await lockAccount(tx, person.id))?.user;
    if (!isSame(row, before)) return false;
    if (isKnown) await freeNames(tx, person);
    if (row === undefined) await add(tx, person);
    else await change(tx, row, person);
    if (isKnown) await takeNames(tx, person);
    if (person.role === "administrator") await setup.close(tx);
    return true;
  });
}

function isSame(row: UserTable | undefined, before: UserTable | undefined): boolean {
  if (row === undefined || before === undefined) return row === before;
  const { security_version: version, disabled_at } = before;
  if (row.security_version !== version || row.disabled_at !== disabled_at) return false;
  return users.changedParts(before, row).length === 0;
}

/** Who a name leads to is for the host to say: whoever had it before keeps their row, and is told of by the host. */
async function freeNames(tx: Tx, { id, login, email }: Mirrored): Promise<void> {
  await tx.db
    .deleteFrom("user_names")
    .where("name", "in", email === null ? [login] : [login, email])
    .where("user_id", "!=", id)
    .execute();
}

/** Gives them back what is theirs again. */
async function takeNames(tx: Tx, { id, login, email }: Mirrored): Promise<void> {
  const names = [
    { name: login, kind: "login" as const },
    ...(email === null || email === login ? [] : [{ name: email, kind: "email" as const }]),
  ].map((name) => ({ ...name, user_id: id }));
  await tx.db
    .insertInto("user_names")
    .values(names)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function add(tx: Tx, { id, language, time_zone, isDisabled, ...profile }: Mirrored): Promise<void> {
  const created = await users.create(tx, profile, { id, language, time_zone, password_hash: HOSTS });
  if (!created.ok) throw new Error(`The host's person ${id} cannot be added: ${created.reason}`);
  tx.record({ kind: "user.created", ...HOST, user: id, details: { ...HOST.details, role: profile.role } });
  if (isDisabled) await disable(tx, id);
}

async function change(tx: Tx, before: UserTable, { id, isDisabled, ...person }: Mirrored): Promise<void> {
  const { login, name, email, role, language, time_zone } = person;
  const now = { login, name, email, role, language, time_zone };
  const saved = await emailChange.update(tx, before, now, { mayUndo: false });
  if (!saved.ok) throw new Error(`The host's person ${id} cannot be changed: ${saved.reason}`);
  const { changed } = saved;
  if (changed.includes("role")) await standing.roleChanged(tx, id);
  if (changed.length > 0) {
    const details = { ...HOST.details, what: joinParts(changed), role: now.role };
    tx.record({ kind: "user.changed", ...HOST, user: id, details });
  }
  if (isDisabled === (before.disabled_at !== null)) return;
  if (isDisabled) return disable(tx, id);
  await standing.enable(tx, id);
  tx.record({ kind: "user.enabled", ...HOST, user: id });
}

async function disable(tx: Tx, id: string): Promise<void> {
  await standing.disable(tx, id, HOST);
  tx.record({ kind: "user.disabled", ...HOST, user: id });
}
