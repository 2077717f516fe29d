// A phone's clock may run ahead or behind. How far is learned from accepted codes, and the three codes that are right
// move along with it: there are never more of them.

import type { Client, Context } from "../../context.ts";
import { matchStep, stepAt } from "../../crypto/totp.ts";
import type { AuthenticatorTable } from "../../db/schema.ts";
import { transact } from "../ground/transaction.ts";
import { lockAccount } from "../session/account.ts";

/** Steps accepted before and after the one that the phone is taken to be at (RFC 6238 §5.2): three codes are right. */
export const WINDOW = 1;
/** Steps that a phone's clock may be off by and still be followed (RFC 6238 §6). */
const MOST = 4;
/** How long ago a code may have been right to be recognised, in milliseconds. */
const RECOGNISED = 3_600_000;

/** A canonical code, and an authenticator that could show such a one, with its secret. */
export type Shown = { row: AuthenticatorTable; secret: Uint8Array; code: string };

/** The step whose code this is, if it is one of the three that are right. */
export function match(context: Context, shown: Shown): number | undefined {
  return matchAround(context, shown, shown.row.drift_steps, WINDOW);
}

/**
 * The drift after a right code: what this code and the one before agree on. One alone may have been typed late. It is
 * a step at most from what it was, because both codes lay in the window.
 */
export function learned({ now }: Context, { row }: Shown, step: number): number {
  const { period, last_step, last_used_at, drift_steps } = row;
  const offset = step - stepAt(now(), period);
  const before = last_step - stepAt(last_used_at, period);
  return offset === before && Math.abs(offset) <= MOST ? offset : drift_steps;
}

/**
 * A code that is refused because of the drift, but right by our clock, shows that the phone's clock was mended. It is
 * spent without being accepted, so that no more than three codes are ever right, and the next one works.
 */
export async function forget(context: Context, client: Client, refused: readonly Shown[]): Promise<void> {
  for (const shown of refused.filter(({ row }) => row.drift_steps !== 0)) {
    const step = matchAround(context, shown, 0, WINDOW);
    if (step === undefined) continue;
    await transact(context, client, async (tx) => {
      await lockAccount(tx, shown.row.user_id);
      await tx.db
        .updateTable("authenticators")
        .set({ last_step: step, drift_steps: 0 })
        .where("id", "=", shown.row.id)
        .where("last_step", "<", step)
        .execute();
    });
  }
}

/** Why a code was refused: it was spent, it is from a time that is over, or it is simply not right. */
export type Explanation = { cause: "used" } | { cause: "behind"; seconds: number } | { cause: "wrong" };

/**
 * Explains a refused code, to somebody who is no stranger. Only codes that no drift can make right any more are
 * recognised: to confirm one of the future would hand out a key for later.
 */
export function explain(context: Context, refused: readonly Shown[]): Explanation {
  for (const shown of refused) {
    const { period, last_step, drift_steps } = shown.row;
    const over = Math.min(drift_steps, 0) - WINDOW - 1;
    const half = Math.floor(RECOGNISED / 1000 / period / 2);
    const step = matchAround(context, shown, over - half, half);
    if (step === last_step) return { cause: "used" };
    if (step !== undefined) return { cause: "behind", seconds: (stepAt(context.now(), period) - step) * period };
  }
  return { cause: "wrong" };
}

/** The step whose code this is, of those around the one that is `offset` steps from now. */
function matchAround({ now }: Context, { row, secret, code }: Shown, offset: number, window: number) {
  const { algorithm, digits, period } = row;
  const time = now() + offset * period * 1000;
  return matchStep(secret, code, { algorithm, digits, period, time, window });
}
