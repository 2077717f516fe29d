// What time ends: done about once a minute, on every node, each piece by statements that only one node can win.

import type { Client, Context } from "../context.ts";
import * as apiKeys from "./api-keys.ts";
import * as attempts from "./attempts.ts";
import * as authenticators from "./authenticators.ts";
import * as emailUndo from "./email-undo.ts";
import * as eventRetention from "./event-retention.ts";
import * as jobs from "./jobs.ts";
import * as knownBrowsers from "./known-browsers.ts";
import * as mailedCodes from "./mailed-codes.ts";
import * as mails from "./mails.ts";
import * as passwordReset from "./password-reset.ts";
import * as pendingSignIns from "./pending-sign-ins.ts";
import * as reminders from "./reminders.ts";
import * as rescues from "./rescues.ts";
import * as sessions from "./sessions.ts";
import * as tickets from "./tickets.ts";
import { transact } from "./transaction.ts";
import * as trustedBrowsers from "./trusted-browsers.ts";

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
