// What can stand beside the password: the code of an authenticator, a recovery code, or a code by mail. Signing in and
// confirming use them alike, but for mail, which confirms nothing: check first, outside of any transaction, then consume in the transaction of what is permitted.

import type { Client, Context } from "../../context.ts";
import { type Refused, refused, type TooMany } from "../../outcomes.ts";
import * as attempts from "../ground/attempts.ts";
import type { Method } from "../ground/methods.ts";
import type { Tx } from "../ground/transaction.ts";
import type { Account } from "../session/account.ts";
import type { FactorName } from "../session/policy-points.ts";
import * as authenticators from "./authenticators.ts";
import * as mailedCodes from "./mailed-codes.ts";
import * as recoveryCodes from "./recovery-codes.ts";

/** Whose factor is checked, counted in which bucket, and in which pending sign-in if it is one. */
export type Presented = { account: Account; bucket: string; code: string; signInId?: string };

type Checked = { ok: true; charge: attempts.Charge };
type Unchecked = (Refused<"wrong_code"> & { charge?: attempts.Charge }) | Refused<"busy"> | TooMany;

/** One kind of second factor; the second step of signing in with it is the method of the same entry. */
export type Factor<C extends Checked = Checked> = {
  name: FactorName;
  method: Method;
  budget: attempts.Budget;
  /** Charges an attempt and says whether the code is right; nothing is spent. */
  check(context: Context, client: Client, presented: Presented): Promise<C | Unchecked>;
  /** Spends what was checked, by one statement. */
  consume(tx: Tx, account: Account, checked: C): Promise<{ ok: true } | Refused<"used_code">>;
  /** What becomes of the attempt when somebody else was quicker. */
  settleUsed(context: Context, client: Client, checked: C): Promise<Refused<"used_code"> | TooMany>;
};

export const AUTHENTICATOR: Factor<authenticators.CheckedCode> = {
  name: "authenticator",
  method: "password+code",
  budget: attempts.CODE,
  check: authenticators.checkCode,
  consume: authenticators.consumeCode,
  settleUsed: authenticators.settleUsedCode,
};

export const RECOVERY_CODE: Factor<recoveryCodes.CheckedRecoveryCode> = {
  name: "recovery-code",
  method: "password+recovery-code",
  budget: attempts.RECOVERY,
  check: recoveryCodes.check,
  consume: recoveryCodes.consume,
  // A recovery code that is spent is a wrong one: the attempt stays charged.
  settleUsed: async () => ({ ok: false, reason: "used_code" }),
};

export const MAILED_CODE: Factor<mailedCodes.CheckedMailedCode> = {
  name: "mailed-code",
  method: "password+mailed-code",
  budget: attempts.MAILED_CODE,
  check: mailedCodes.check,
  consume: mailedCodes.consume,
  // One that was spent or voided meanwhile is a wrong one: the attempt stays charged.
  settleUsed: async () => ({ ok: false, reason: "used_code" }),
};

/** Checks a factor, if the policy of the person lets it count; one that does not count is never right. */
export async function check<C extends Checked>(
  context: Context,
  client: Client,
  factor: Factor<C>,
  presented: Presented,
): Promise<C | Unchecked> {
  return presented.account.policy.factors.has(factor.name)
    ? factor.check(context, client, presented)
    : refused("wrong_code");
}
