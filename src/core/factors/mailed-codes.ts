// Codes by mail, where the policy lets them stand in for the phone. A code is six digits, for ten minutes, for one
// pending sign-in, sent when it is asked for and never by looking at a page; a new one takes the place of the old.
//
// Mail is the weaker channel, and it carries the link for a forgotten password as well. So a password that was set by
// such a link and a code by mail are one factor: after a mailed link changed an account, no code is sent until something
// else was shown. What a sign-in by mail does not reach is said in methods.ts.

import { sql } from "kysely";
import type { Client, Context } from "../../context.ts";
import { sha256 } from "../../crypto/digest.ts";
import { seal, unseal } from "../../crypto/secret-box.ts";
import { secretMatches } from "../../crypto/token.ts";
import { normaliseCode } from "../../crypto/totp.ts";
import type { UserTable } from "../../db/schema.ts";
import { type Refused, refused, type TooMany } from "../../outcomes.ts";
import * as attempts from "../ground/attempts.ts";
import * as mails from "../ground/mails.ts";
import type { Over } from "../ground/sweep.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import type { Account } from "../session/account.ts";
import type { Pending } from "../session/pending-sign-ins.ts";
import type * as policies from "../session/policies.ts";

const DIGITS = 6;
const LIFETIME = 10 * 60_000;
/** Before another code may be asked for in the same pending sign-in. */
const RESEND_AFTER = 60_000;

type Recipient = Pick<UserTable, "email" | "changed_by_mail_at">;

/** Where a code would be mailed to; null where none may be. */
export function addressFor({ factors }: policies.Policy, { email, changed_by_mail_at }: Recipient): string | null {
  return factors.has("mailed-code") && changed_by_mail_at === null ? email : null;
}

/** As much of an address as its owner needs to know it again. */
export function masked(address: string): string {
  const at = address.lastIndexOf("@");
  const domain = address.slice(at + 1);
  const dot = domain.lastIndexOf(".");
  return `${hint(address.slice(0, at))}@${hint(domain.slice(0, dot))}${domain.slice(dot)}`;
}

/** The first letter, unless the rest would be too little to hide behind; always as many dots. */
function hint(part: string): string {
  const [first = "", ...rest] = Array.from(part);
  return `${rest.length < 2 ? "" : first}••`;
}

/** When the code of a pending sign-in that is good now was sent, in milliseconds; null where there is none. */
export async function sentAt({ db, now }: Context, signInId: string): Promise<number | null> {
  const row = await db
    .selectFrom("mailed_codes")
    .select("created_at")
    .where("sign_in_id", "=", signInId)
    .where("expires_at", ">", now())
    .executeTakeFirst();
  return row?.created_at ?? null;
}

/** Mails a new code; the one before is dead. The caller holds the lock of the person. */
export async function send(
  tx: Tx,
  { id: signInId, expires_at, account: { user, policy } }: Pending,
): Promise<{ ok: true } | Refused<"not_allowed"> | TooMany> {
  if (addressFor(policy, user) === null) return refused("not_allowed");
  const now = tx.now();
  const code = newCode(tx);
  const row = {
    sign_in_id: signInId,
    user_id: user.id,
    code_hash_sealed: seal(tx.keys, place(signInId, user.id), Buffer.from(sha256(code))),
    created_at: now,
    expires_at: Math.min(now + LIFETIME, expires_at),
  };
  const { numInsertedOrUpdatedRows } = await tx.db
    .insertInto("mailed_codes")
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column("sign_in_id")
        .doUpdateSet(row)
        .where("mailed_codes.created_at", "<=", now - RESEND_AFTER),
    )
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 1n) {
    const sent = (await sentAt(tx, signInId)) ?? now;
    return { ok: false, reason: "too_many_attempts", retryAfterSeconds: Math.ceil((sent + RESEND_AFTER - now) / 1000) };
  }
  const allowed = await attempts.spend(tx, attempts.CODE_MAILS, user.id);
  if (!allowed.ok) return allowed;
  tx.record({ kind: "mailed_code.sent", user: user.id });
  const facts = { ...mails.whence(tx), code, until: row.expires_at };
  await mails.queue(tx, { kind: "mailed_code", user, facts });
  return { ok: true };
}

/** A code that was checked and charged, and waits to be spent in the transaction of what it permits. */
export type CheckedMailedCode = { ok: true; signInId: string; codeHashSealed: string; charge: attempts.Charge };

/** Charges the budget of mailed codes and looks whether this is the living code of the pending sign-in. */
export async function check(
  context: Context,
  client: Client,
  { account, bucket, code: typed, signInId }: { account: Account; bucket: string; code: string; signInId?: string },
): Promise<CheckedMailedCode | (Refused<"wrong_code"> & { charge?: attempts.Charge }) | TooMany> {
  const code = normaliseCode(typed, DIGITS);
  // What no mail could say is no guess: it costs nothing and gains nothing. Outside of a sign-in there is no code.
  if (code === undefined || signInId === undefined) return refused("wrong_code");
  const { id: userId } = account.user;
  const charge = await transact(context, client, (tx) => attempts.charge(tx, userId, bucket, attempts.MAILED_CODE));
  if (!charge.ok) return charge;
  const row = await context.db
    .selectFrom("mailed_codes")
    .select("code_hash_sealed")
    .where("sign_in_id", "=", signInId)
    .where("user_id", "=", userId)
    .where("expires_at", ">", context.now())
    .executeTakeFirst();
  if (row === undefined) return { ...refused("wrong_code"), charge };
  const hash = unseal(context.keys, place(signInId, userId), row.code_hash_sealed);
  if (!secretMatches(code, Buffer.from(hash).toString())) return { ...refused("wrong_code"), charge };
  return { ok: true, signInId, codeHashSealed: row.code_hash_sealed, charge };
}

/** Spends a checked code: one statement, and of all who try at once one gets it. */
export async function consume(
  tx: Tx,
  _account: Account,
  { signInId, codeHashSealed }: CheckedMailedCode,
): Promise<{ ok: true } | Refused<"used_code">> {
  const { numDeletedRows } = await tx.db
    .deleteFrom("mailed_codes")
    .where("sign_in_id", "=", signInId)
    .where("code_hash_sealed", "=", codeHashSealed)
    .where("expires_at", ">", tx.now())
    .executeTakeFirst();
  return numDeletedRows === 1n ? { ok: true } : refused("used_code");
}

/** A mailed link changed the account: what it changed and a code by mail would be one factor. */
export async function suspend(tx: Tx, userId: string): Promise<void> {
  await tx.db.updateTable("users").set({ changed_by_mail_at: tx.now() }).where("id", "=", userId).execute();
}

/** A factor that is not mail was shown since. */
export async function resume(tx: Tx, userId: string): Promise<void> {
  await tx.db.updateTable("users").set({ changed_by_mail_at: null }).where("id", "=", userId).execute();
}

/** Forgets the codes of a person, which went to an address that is no longer theirs. */
export async function forgetAll(tx: Tx, userId: string): Promise<void> {
  await tx.db.deleteFrom("mailed_codes").where("user_id", "=", userId).execute();
}

/** Codes whose time is over. */
export function over({ now }: Context): Over<"mailed_codes"> {
  return { table: "mailed_codes", key: "sign_in_id", when: sql`expires_at <= ${now()}` };
}

/** 48 random bits, of which a million is so small a part that no code is likelier than another. */
function newCode({ random }: Tx): string {
  return String(Buffer.from(random(6)).readUIntBE(0, 6) % 10 ** DIGITS).padStart(DIGITS, "0");
}

function place(row: string, owner: string) {
  return { table: "mailed_codes", column: "code_hash_sealed", row, owner };
}
