// The forms for acts on a user: where each goes, what is said when it is done, and the button for one that asks nothing.

import type { Act, Acted } from "../../auth.ts";
import type { Notice } from "../shell.ts";
import { type ButtonOptions, button } from "../ui/button.ts";
import { form } from "../ui/form.ts";
import type { Markup } from "../ui/markup.ts";

/** Where the form of each act goes, and what is said when it is done; null where what came of it says that. */
export const ACT_FORMS: Record<Act, { path: string; notice: Notice | null }> = {
  disable: { path: "disable", notice: "personDisabled" },
  enable: { path: "enable", notice: "personEnabled" },
  "void-password": { path: "void-password", notice: "passwordVoided" },
  "sign-out": { path: "sign-out-everywhere", notice: "personSignedOut" },
  "require-two-factor": { path: "require-two-factor", notice: "personRequired" },
  "stop-requiring": { path: "stop-requiring", notice: "personNotRequired" },
  "invite-to-two-factor": { path: "two-factor-invitation", notice: "personInvited" },
  invite: { path: "invitation", notice: "invited" },
  unlock: { path: "unlock", notice: "personUnlocked" },
  "reset-two-factor": { path: "reset-two-factor", notice: null },
  "show-enrolment-link": { path: "enrolment-link", notice: null },
  "mail-enrolment-link": { path: "enrolment-link", notice: null },
  "approve-rescue": { path: "rescue/approve", notice: null },
  "carry-out-rescue": { path: "rescue/carry-out", notice: null },
  "withdraw-rescue": { path: "rescue/withdraw", notice: "rescueWithdrawn" },
};

/** What is said of a rescue, by what came of it. */
export const CAME: Record<Exclude<NonNullable<Acted["next"]>, "link-shown">, Notice> = {
  reset: "personReset",
  "link-mailed": "linkMailed",
  waiting: "rescueWaiting",
  approval: "rescueApproval",
};

/** Where the form of an act on a user goes. */
export function actionOf(id: string, act: Act): string {
  return `/users/${id}/${ACT_FORMS[act].path}`;
}

/** A form of one button. */
export function actButton(id: string, act: Act, face: ButtonOptions, hidden?: Record<string, string>): Markup {
  return form({ action: actionOf(id, act), layout: "bare", hidden, children: button(face) });
}
