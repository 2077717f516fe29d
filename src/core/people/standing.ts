// What a person is here: their role, and whether they get in. What another one ends is the same, whoever decided it.

import * as trustedBrowsers from "../factors/trusted-browsers.ts";
import type { Author } from "../ground/event-kinds.ts";
import type { Tx } from "../ground/transaction.ts";
import { securityChanged } from "../session/sessions.ts";
import * as apiKeys from "./api-keys.ts";
import * as enrolmentLinks from "./enrolment-links.ts";

/** Somebody has another role now: what was earned, or given to them, under the old one ends. */
export async function roleChanged(tx: Tx, userId: string): Promise<void> {
  await trustedBrowsers.forgetAll(tx, userId);
  // Whoever gave a link, or asked for a rescue, may not reach the person any more.
  await tx.db.deleteFrom("rescues").where("user_id", "=", userId).execute();
  await enrolmentLinks.forget(tx, userId);
}

/** Keeps a person out from this moment: sessions and half-done sign-ins end with the same commit. */
export async function disable(tx: Tx, userId: string, by: Author): Promise<void> {
  await tx.db.updateTable("users").set({ disabled_at: tx.now() }).where("id", "=", userId).execute();
  await securityChanged(tx, userId);
  await apiKeys.revokeAll(tx, userId, by);
}

/** Lets a person in again; what ended stays over. */
export async function enable(tx: Tx, userId: string): Promise<void> {
  await tx.db.updateTable("users").set({ disabled_at: null }).where("id", "=", userId).execute();
}
