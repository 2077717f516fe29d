// Recovery codes: ten, made when two-factor authentication is turned on, for the day when the phone is lost. Each works
// once, in place of the code of an authenticator. They are shown when they are made and never again.
//
// A person has one set; making a new one voids the old in the same transaction. A code is kept as a salted slow hash,
// sealed with the installation's keys; a selector finds the one row that it could be.

import type { Client, Context } from "../../context.ts";
import { hashPassword, inHashingSlot, RANDOM_CODE, verifyPassword } from "../../crypto/password.ts";
import {
  newRecoveryCode,
  normaliseRecoveryCode,
  recoveryCodeSelector,
  showRecoveryCode,
} from "../../crypto/recovery-code.ts";
import { seal, unseal } from "../../crypto/secret-box.ts";
import { newId } from "../../crypto/token.ts";
import type { RecoveryCodeTable } from "../../db/schema.ts";
import { type Refused, refused, type TooMany } from "../../outcomes.ts";
import * as attempts from "../ground/attempts.ts";
import * as mails from "../ground/mails.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import { type Account, accountOf } from "../session/account.ts";
import { type RecentSession, type Session, stillStands } from "../session/sessions.ts";
import * as trustedBrowsers from "./trusted-browsers.ts";

const CODES = 10;
/** With so few left, new ones are offered. */
export const FEW = 3;

/** What a person may know about their codes. */
export type RecoveryCodes = {
  madeAt: number;
  /** When the person typed one to prove that they were kept. */
  keptAt: number | null;
  left: number;
  used: { at: number; address: string; userAgent: string }[];
  /** Whether the policy takes them. */
  doCount: boolean;
};

/** A set that was made and is not saved yet; `shown` is for the person's eyes. */
export type NewCodes = { setId: string; shown: string[]; rows: RecoveryCodeTable[] };

/** The codes of a person, without the codes. */
export async function find(context: Context, { user, policy }: Account): Promise<RecoveryCodes | undefined> {
  const rows = await context.db
    .selectFrom("recovery_code_sets")
    .innerJoin("recovery_codes", "set_id", "recovery_code_sets.id")
    .select(["made_at", "kept_at", "used_at", "used_address", "used_user_agent"])
    .where("user_id", "=", user.id)
    .orderBy("used_at", "desc")
    .execute();
  const [set] = rows;
  if (set === undefined) return undefined;
  const used = rows.flatMap(({ used_at, used_address, used_user_agent }) =>
    used_at === null ? [] : [{ at: used_at, address: used_address ?? "", userAgent: used_user_agent ?? "" }],
  );
  const doCount = policy.factors.has("recovery-code");
  return { madeAt: set.made_at, keptAt: set.kept_at, left: rows.length - used.length, used, doCount };
}

/** Makes a set outside of any transaction, because hashing is slow; `undefined` when the server is busy. */
export async function prepare(context: Context, userId: string): Promise<NewCodes | undefined> {
  const setId = newId(context.random);
  const codes = new Map<string, string>();
  while (codes.size < CODES) {
    const code = newRecoveryCode(context.random);
    codes.set(recoveryCodeSelector(setId, code), code);
  }
  const rows = await inHashingSlot(() =>
    Promise.all(
      [...codes].map(async ([selector, code]) => {
        const id = newId(context.random);
        const hash = Buffer.from(await hashPassword(code, RANDOM_CODE));
        const code_hash_sealed = seal(context.keys, place(id, userId), hash);
        const unused = { used_at: null, used_address: null, used_user_agent: null };
        return { id, set_id: setId, selector, code_hash_sealed, ...unused };
      }),
    ),
  );
  return rows && { setId, shown: [...codes.values()].map(showRecoveryCode), rows };
}

/** Saves a set; the one before is void. The caller holds the lock of the person. */
export async function save(tx: Tx, userId: string, { setId, rows }: NewCodes): Promise<void> {
  await forgetAll(tx, userId);
  const set = { id: setId, user_id: userId, made_at: tx.now(), kept_at: null };
  await tx.db.insertInto("recovery_code_sets").values(set).execute();
  await tx.db.insertInto("recovery_codes").values(rows).execute();
}

/** Removes a person's codes, with the last authenticator. */
export async function forgetAll(tx: Tx, userId: string): Promise<void> {
  const set = tx.db.selectFrom("recovery_code_sets").select("id").where("user_id", "=", userId);
  await tx.db.deleteFrom("recovery_codes").where("set_id", "in", set).execute();
  await tx.db.deleteFrom("recovery_code_sets").where("user_id", "=", userId).execute();
}

/** Makes new codes in place of the old ones, which are void from that moment. */
export async function renew(
  context: Context,
  client: Client,
  session: RecentSession,
): Promise<{ ok: true; codes: string[] } | Refused<"not_enabled" | "expired" | "busy">> {
  const { user } = session;
  if (!user.twoFactor) return refused("not_enabled");
  const made = await prepare(context, user.id);
  if (made === undefined) return refused("busy");
  return transact(context, client, async (tx) => {
    const account = await stillStands(tx, session);
    if (account === undefined) return refused("expired");
    await save(tx, user.id, made);
    tx.record({ kind: "recovery_codes.made", actor: user.id, user: user.id, session: session.id });
    await mails.queue(tx, { kind: "recovery_codes_made", user: account.user });
    return { ok: true, codes: made.shown };
  });
}

/** A code that was checked and charged, and waits to be spent in the transaction of what it permits. */
export type CheckedRecoveryCode = { ok: true; id: string; charge: attempts.Charge };

/** Charges the budget of recovery codes and looks whether the person has this one, unused. Nothing is spent yet. */
export async function check(
  context: Context,
  client: Client,
  { account, bucket, code: typed }: { account: Account; bucket: string; code: string },
): Promise<CheckedRecoveryCode | (Refused<"wrong_code"> & { charge?: attempts.Charge }) | Refused<"busy"> | TooMany> {
  const code = normaliseRecoveryCode(typed);
  // What is no recovery code at all is no guess: it costs nothing and gains nothing.
  if (code === undefined) return refused("wrong_code");
  const { id: userId } = account.user;
  const outcome = await inHashingSlot(async () => {
    const charge = await transact(context, client, (tx) => attempts.charge(tx, userId, bucket, attempts.RECOVERY));
    if (!charge.ok) return charge;
    const row = await findRow(context, userId, code);
    const hash = row && Buffer.from(unseal(context.keys, place(row.id, userId), row.code_hash_sealed)).toString();
    const isRight = await verifyPassword(code, hash ?? null);
    return isRight && row !== undefined
      ? ({ ok: true, id: row.id, charge } as const)
      : { ...refused("wrong_code"), charge };
  });
  return outcome ?? refused("busy");
}

/** Spends a checked code: one statement, and of all who try at once one gets it. The owner is told. */
export async function consume(
  tx: Tx,
  account: Account,
  { id }: CheckedRecoveryCode,
): Promise<{ ok: true } | Refused<"used_code">> {
  const { address, userAgent } = tx.client;
  const { numUpdatedRows } = await tx.db
    .updateTable("recovery_codes")
    .set({ used_at: tx.now(), used_address: address, used_user_agent: userAgent })
    .where("id", "=", id)
    .where("used_at", "is", null)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) return refused("used_code");
  const { user } = account;
  await trustedBrowsers.forgetAll(tx, user.id);
  const { left = 0 } = (await find(tx, account)) ?? {};
  const facts = { ...mails.whence(tx), left };
  tx.record({ kind: "recovery_code.used", actor: user.id, user: user.id, details: { left } });
  await mails.queue(tx, { kind: "recovery_code_used", user, facts });
  return { ok: true };
}

/** The person types one of the codes, to see that they were kept. It stays unused. */
export async function proveKept(
  context: Context,
  client: Client,
  session: Session,
  typed: string,
): Promise<{ ok: true } | Refused<"wrong_code" | "busy" | "expired"> | TooMany> {
  const { user, bucket, id } = session;
  const account = await accountOf(context, user.id);
  if (account === undefined) return refused("expired");
  const checked = await check(context, client, { account, bucket, code: typed });
  if (!checked.ok) return checked.reason === "wrong_code" ? refused("wrong_code") : checked;
  return transact(context, client, async (tx) => {
    if ((await stillStands(tx, session)) === undefined) return refused("expired");
    await attempts.refund(tx, checked.charge);
    await tx.db.updateTable("recovery_code_sets").set({ kept_at: tx.now() }).where("user_id", "=", user.id).execute();
    tx.record({ kind: "recovery_codes.kept", actor: user.id, user: user.id, session: id });
    return { ok: true };
  });
}

async function findRow({ db }: Context, userId: string, code: string): Promise<RecoveryCodeTable | undefined> {
  const set = await db.selectFrom("recovery_code_sets").select("id").where("user_id", "=", userId).executeTakeFirst();
  return (
    set &&
    (await db
      .selectFrom("recovery_codes")
      .selectAll()
      .where("set_id", "=", set.id)
      .where("selector", "=", recoveryCodeSelector(set.id, code))
      .where("used_at", "is", null)
      .executeTakeFirst())
  );
}

function place(row: string, owner: string) {
  return { table: "recovery_codes", column: "code_hash_sealed", row, owner };
}
