// What time ends: done about once a minute, on every node, each piece by statements that only one node can win. What is
// merely over and tells nobody anything goes once an hour.

import type { Client, Context } from "../context.ts";
import * as jobs from "./console/jobs.ts";
import * as protection from "./console/protection.ts";
import * as authenticators from "./factors/authenticators.ts";
import * as enrolment from "./factors/enrolment.ts";
import * as mailedCodes from "./factors/mailed-codes.ts";
import * as trustedBrowsers from "./factors/trusted-browsers.ts";
import * as attempts from "./ground/attempts.ts";
import * as installation from "./ground/installation.ts";
import * as mails from "./ground/mails.ts";
import { sweep } from "./ground/sweep.ts";
import * as tickets from "./ground/tickets.ts";
import * as apiKeys from "./people/api-keys.ts";
import * as emailUndo from "./people/email-undo.ts";
import * as passwordReset from "./people/password-reset.ts";
import * as reminders from "./policy/reminders.ts";
import * as policyRules from "./policy/rules.ts";
import * as eventRetention from "./record/retention.ts";
import * as rescues from "./rescue/rescues.ts";
import * as knownBrowsers from "./session/known-browsers.ts";
import * as pendingSignIns from "./session/pending-sign-ins.ts";
import * as sessions from "./session/sessions.ts";

const CLIENT: Client = { address: "-", userAgent: "", requestId: "upkeep" };

const PIECES: readonly ((context: Context) => Promise<unknown>)[] = [
  (context) => pendingSignIns.expire(context, CLIENT),
  (context) => authenticators.prune(context, CLIENT),
  (context) => eventRetention.run(context, CLIENT),
  protection.addUp,
  async (context) => (await installation.takeTurn(context, "reminded_at")) && reminders.remind(context, CLIENT),
  async (context) => (await installation.takeTurn(context, "swept_at")) && removeWhatIsOver(context),
];

/**
 * Tells owners of abandoned sign-ins and removes what is over. A piece that fails keeps no other back; what failed is
 * thrown at the end.
 */
export async function run(context: Context): Promise<void> {
  const failures: unknown[] = [];
  for (const piece of PIECES) await piece(context).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("; "));
}

async function removeWhatIsOver(context: Context): Promise<void> {
  for (const { over } of [
    sessions,
    attempts,
    tickets,
    emailUndo,
    rescues,
    passwordReset,
    mailedCodes,
    mails,
    knownBrowsers,
    trustedBrowsers,
    apiKeys,
    enrolment,
    policyRules,
  ]) {
    for (const rows of [over(context)].flat()) await sweep(context, rows);
  }
  await jobs.prune(context);
}
