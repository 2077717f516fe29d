// Self-rescue, where the policy allows it: somebody who lost everything and reaches nobody shows the password, waits,
// and shows it again to set up a new second factor. All that stands between a thief of the password and the account is
// then the wait, so the person can stop it from any session and by mail, a sign-in with a code stops it by itself, and
// it is off unless a rule turns it on. People who may change others' accounts never have it.

import type { Context } from "../../context.ts";
import { type Refused, refused, type TooMany } from "../../outcomes.ts";
import * as attempts from "../ground/attempts.ts";
import type { Tx } from "../ground/transaction.ts";
import type { Account } from "../session/account.ts";
import * as rescues from "./rescues.ts";

const HOUR = 3_600_000;

/** When it can go on, null where it has not begun; `wait` is how long it takes, in milliseconds. */
export type SelfRescue = { readyAt: number | null; wait: number };

/** Where the self-rescue of a person under this policy stands; `undefined` where there can be none. */
export async function find(context: Context, { user, policy }: Account): Promise<SelfRescue | undefined> {
  // Whoever has no address could not be asked whether it is them, and where a mailed link changed the account, the
  // password and the mails that would warn its owner are in the same hands.
  if (user.email === null || user.changed_by_mail_at !== null || policy.self_rescue === 0) return undefined;
  const open = await context.db
    .selectFrom("rescues")
    .select(["way", "ready_at"])
    .where("user_id", "=", user.id)
    .where("expires_at", ">", context.now())
    .executeTakeFirst();
  // What others have in hand for the person goes before.
  if (open !== undefined && open.way !== "self") return undefined;
  return { readyAt: open?.ready_at ?? null, wait: policy.rescue_wait_hours * HOUR };
}

/**
 * Begins the wait; the caller holds the lock of the person and has seen the password. One that runs is not begun anew:
 * a stranger with the password could otherwise put its end off for ever, or fill the mailbox.
 */
export async function begin(tx: Tx, account: Account): Promise<{ ok: true } | Refused<"not_possible"> | TooMany> {
  const { user } = account;
  const standing = await find(tx, account);
  if (standing === undefined) return refused("not_possible");
  if (standing.readyAt !== null) return { ok: true };
  const allowed = await attempts.spend(tx, attempts.SELF_RESCUES, user.id);
  if (!allowed.ok) return allowed;
  const readyAt = tx.now() + standing.wait;
  await rescues.open(tx, user, { way: "self", reason: "", readyAt, actor: null, asker: "" });
  return { ok: true };
}

/** Ends the wait that is over: one statement, and of all who try at once one gets it. The caller holds the lock. */
export async function take(tx: Tx, account: Account): Promise<{ ok: true } | Refused<"not_possible">> {
  if ((await find(tx, account)) === undefined) return refused("not_possible");
  const { numDeletedRows } = await tx.db
    .deleteFrom("rescues")
    .where("user_id", "=", account.user.id)
    .where("way", "=", "self")
    .where("ready_at", "<=", tx.now())
    .where("expires_at", ">", tx.now())
    .executeTakeFirst();
  return numDeletedRows === 1n ? { ok: true } : refused("not_possible");
}

/** Somebody showed a code: that everything is lost is not true, so whoever says so is somebody else, or found the phone. */
export async function disprove(tx: Tx, { user, rescue }: Account): Promise<void> {
  if (rescue === "self") await rescues.remove(tx, { user, way: "self" }, { actor: user.id, by: "code" });
}
