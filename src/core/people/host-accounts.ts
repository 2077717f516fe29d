// People and passwords of the application around us. It is asked outside of any transaction, and what it says of
// somebody is mirrored (mirror.ts). Whoever is let in is whose id it was asked to verify, whatever name was typed.

import type { HostAccounts, HostPerson } from "../../accounts.ts";
import type { Accounts, Client, Context, Found, HostPersonReason } from "../../context.ts";
import type { UserTable } from "../../db/schema.ts";
import { statement } from "../../db/statement.ts";
import { type Refused, refused } from "../../outcomes.ts";
import * as mailedCodes from "../factors/mailed-codes.ts";
import * as attempts from "../ground/attempts.ts";
import { transact } from "../ground/transaction.ts";
import { lockAccount } from "../session/account.ts";
import { securityChanged } from "../session/sessions.ts";
import { HOSTS, isId, isNamed, isUpToDate, type Mirrored, read, write } from "./mirror.ts";

/** The version of the security setup of somebody who has no row yet. */
const FIRST_VERSION = 1;
/** How often the host is asked again because somebody else wrote meanwhile what it said. */
const MOST_TURNS = 10;

/** The accounts of a host. */
export function hostAccounts(host: HostAccounts): Accounts {
  const get = async (id: string) => {
    const person = await host.get(id);
    if (person !== undefined && person.id !== id) throw new Error("The host gave another person than was asked for");
    return person;
  };

  const refresh = async (context: Context, client: Client, id: string) => {
    if (!isId(id)) return refused("id_invalid");
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      const before = await rowOf(context, id);
      const given = await get(id);
      const checked = given === undefined ? gone(before) : read(context, given);
      if (!checked.ok) return checked;
      const { person } = checked;
      const isKnown = given !== undefined;
      const isDone = isUpToDate(before, person) && (!isKnown || (await isNamed(context, person)));
      if (isDone || (await write(context, client, { person, before, isKnown }))) return { ok: true } as const;
    }
    throw new Error(`What the host says of ${id} changes all the time`);
  };

  const found = async (context: Context, given: HostPerson | undefined): Promise<Found | undefined> => {
    const person = given && readable(context, given);
    // Looked for where there is nobody, too, so that it takes as long.
    const row = await rowOf(context, person?.id ?? "");
    if (person === undefined) return undefined;
    const { id, isDisabled } = person;
    const settle = async (client: Client) => {
      if (isUpToDate(row, person)) return;
      const refreshed = await refresh(context, client, id);
      if (!refreshed.ok && refreshed.reason !== "not_found") throw unreadable(given, refreshed.reason);
    };
    return { id, hash: HOSTS, securityVersion: row?.security_version ?? FIRST_VERSION, isDisabled, settle };
  };

  return {
    kind: "host",
    find: async (context, name) => found(context, await host.find(name)),
    get: async (context, id) => found(context, await get(id)),
    refresh,
    // What comes back may be anything in a program without types; only `true` is yes.
    verify: async ({ id }, password) => (await host.verify(id, password)) === true,
    rehash: async () => undefined,
  };
}

/** Takes over what the host says of somebody now; what that ends has ended when it comes back. */
export async function refresh(
  context: Context,
  client: Client,
  userId: string,
): Promise<{ ok: true } | Refused<HostPersonReason | "not_found" | "not_allowed">> {
  const { accounts } = context;
  return accounts.kind === "host" ? accounts.refresh(context, client, userId) : refused("not_allowed");
}

/**
 * The host tells that somebody has another password, or that the old one is worth nothing. Everything ends that was
 * earned with it, as for a password that was set by a mailed link: that is what it may have been. The host tells the
 * person, who would do something about it there.
 */
export async function passwordChanged(
  context: Context,
  client: Client,
  userId: string,
): Promise<{ ok: true } | Refused<HostPersonReason | "not_found" | "not_allowed">> {
  // Whoever signs in for the first time right now, by the old one, needs a row to fail at.
  const refreshed = await refresh(context, client, userId);
  if (!refreshed.ok) return refreshed;
  return transact<{ ok: true } | Refused<"not_found">>(context, client, async (tx) => {
    if ((await lockAccount(tx, userId)) === undefined) return refused("not_found");
    await securityChanged(tx, userId);
    await attempts.forgivePasswords(tx, userId);
    await mailedCodes.suspend(tx, userId);
    tx.record({ kind: "password.changed", user: userId, details: { by: "host" } });
    return { ok: true };
  });
}

/** Somebody whom the host does not know any more is out; what happened to them stays on record. */
function gone(row: UserTable | undefined): { ok: true; person: Mirrored } | Refused<"not_found"> {
  return row === undefined ? refused("not_found") : { ok: true, person: { ...row, isDisabled: true } };
}

function readable(context: Context, given: HostPerson): Mirrored {
  const checked = read(context, given);
  if (!checked.ok) throw unreadable(given, checked.reason);
  return checked.person;
}

function unreadable(given: HostPerson | undefined, reason: HostPersonReason): Error {
  return new Error(`The host's person ${JSON.stringify(given?.id)} cannot be taken over: ${reason}`);
}

function rowOf(context: Context, id: string): Promise<UserTable | undefined> {
  return byId.first(context, { id });
}

const byId = statement((db, { id }: { id: string }) => db.selectFrom("users").selectAll().where("id", "=", id));
