// What time ends: done about once a minute, on every node, each piece by statements that only one node can win.

import type { Client, Context } from "../context.ts";
import * as jobs from "./console/jobs.ts";
import * as authenticators from "./factors/authenticators.ts";
import * as mailedCodes from "./factors/mailed-codes.ts";
import * as trustedBrowsers from "./factors/trusted-browsers.ts";
import * as attempts from "./ground/attempts.ts";
import * as mails from "./ground/mails.ts";
import * as tickets from "./ground/tickets.ts";
import { transact } from "./ground/transaction.ts";
import * as apiKeys from "./people/api-keys.ts";
import * as emailUndo from "./people/email-undo.ts";
import * as passwordReset from "./people/password-reset.ts";
import * as reminders from "./policy/reminders.ts";
import * as eventRetention from "./record/retention.ts";
import * as rescues from "./rescue/rescues.ts";
import * as knownBrowsers from "./session/known-browsers.ts";
import * as pendingSignIns from "./session/pending-sign-ins.ts";
import * as sessions from "./session/sessions.ts";

const CLIENT: Client = { address: "-", userAgent: "", requestId: "upkeep" };

/** Tells owners of abandoned sign-ins and removes what is over. */
export async function run(context: Context): Promise<void> {
  await pendingSignIns.expire(context, CLIENT);
  await reminders.remind(context, CLIENT);
  await transact(context, CLIENT, async (tx) => {
    await sessions.prune(tx);
    await authenticators.prune(tx);
    await attempts.prune(tx);
    await tickets.prune(tx);
    await emailUndo.prune(tx);
    await rescues.prune(tx);
    await passwordReset.prune(tx);
    await mailedCodes.prune(tx);
    await mails.prune(tx);
    await knownBrowsers.prune(tx);
    await trustedBrowsers.prune(tx);
    await apiKeys.prune(tx);
    await jobs.prune(tx);
    await tx.db.deleteFrom("enrolments").where("expires_at", "<=", tx.now()).execute();
  });
  await eventRetention.run(context, CLIENT);
}
