// Whose accounts an installation has, and what that turns off. Where they are a host's, what belongs to it is not ours to
// change: names and addresses, passwords, who is added and who gets in.

import type { Kysely } from "kysely";
import type { HostAccounts } from "../../accounts.ts";
import type { Accounts, Context } from "../../context.ts";
import type { Schema } from "../../db/schema.ts";
import { type Refused, refused } from "../../outcomes.ts";
import { hostAccounts } from "./host-accounts.ts";
import { HOSTS } from "./mirror.ts";
import { ownAccounts } from "./own-accounts.ts";

/** Thrown where a host hands over accounts for a database that has people of its own. */
export class AccountsError extends Error {
  override name = "AccountsError";
}

/**
 * The accounts of a database. One kind is in it, so any person tells which; where they are a host's that is not here,
 * as at the command line, whatever needs it fails.
 */
export async function accountsOf(db: Kysely<Schema>, host: HostAccounts | undefined): Promise<Accounts> {
  const anybody = await db.selectFrom("users").select("password_hash").limit(1).executeTakeFirst();
  const kind = anybody === undefined ? undefined : anybody.password_hash === HOSTS ? "host" : "own";
  if (host === undefined) return kind === "host" ? hostAccounts(ABSENT) : ownAccounts;
  if (kind === "own") throw new AccountsError("This database has people and passwords of its own, not those of a host");
  return hostAccounts(host);
}

const ABSENT: HostAccounts = { find: absent, get: absent, verify: absent };

async function absent(): Promise<never> {
  throw new AccountsError("The people of this database belong to an application: its accounts were not handed over");
}

/** An operation on what is our own accounts' alone; with a host's it does nothing. */
export function ownAlone<Given extends unknown[], Outcome>(
  operation: (context: Context, ...given: Given) => Promise<Outcome>,
): (context: Context, ...given: Given) => Promise<Outcome | Refused<"not_allowed">> {
  return async (context, ...given) =>
    context.accounts.kind === "own" ? operation(context, ...given) : refused("not_allowed");
}
