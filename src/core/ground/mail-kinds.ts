// Every kind of mail, and the facts that it tells.

import type { RescueTable } from "../../db/schema.ts";

export const MAIL_KINDS = [
  "invitation",
  "second_factor_asked",
  "two_factor_enabled",
  "two_factor_disabled",
  "two_factor_reset",
  "two_factor_invited",
  "two_factor_replaced",
  "rescue_asked",
  "rescue_approval_wanted",
  "rescue_withdrawn",
  "rescue_stopped",
  "rescue_entered",
  "enrolment_link",
  "enrolment_link_made",
  "authenticator_added",
  "authenticator_removed",
  "recovery_codes_made",
  "recovery_code_used",
  "mailed_code",
  "password_reset",
  "password_changed",
  "password_voided",
  "email_set",
  "email_changed",
  "email_restored",
  "browser_trusted",
  "browser_untrusted",
  "new_browser",
  "sign_in_abandoned",
  "api_key_created",
  "api_key_revoked",
] as const;

export type MailKind = (typeof MAIL_KINDS)[number];

/** No facts: the kind says all. */
export type NoFacts = Record<never, never>;

/** When a request came, and from where. */
export type Whence = { at: number; address: string; userAgent: string };

type Ticket = { ticket: string };
type Named = { name: string };

/** What each kind of mail tells. Times are milliseconds. */
export type MailFactsOf = {
  invitation: Ticket & { login: string };
  /** From when it is needed, and how many sign-ins without it are left, where the rules set such an end. */
  second_factor_asked: { dueAt?: number; signInsLeft?: number };
  two_factor_enabled: NoFacts;
  two_factor_disabled: NoFacts;
  two_factor_reset: NoFacts;
  two_factor_invited: NoFacts;
  two_factor_replaced: NoFacts;
  /** `token` stops it. Without `readyAt` it needs an approval. `asker` is empty where it may be the person. */
  rescue_asked: { token: string; way: RescueTable["way"]; at: number; asker: string; readyAt?: number };
  rescue_approval_wanted: { person: string; personId: string; asker: string; reason: string };
  rescue_withdrawn: NoFacts;
  rescue_stopped: NoFacts;
  rescue_entered: Whence;
  enrolment_link: Ticket;
  enrolment_link_made: NoFacts;
  authenticator_added: Named;
  authenticator_removed: Named;
  recovery_codes_made: NoFacts;
  recovery_code_used: Whence & { left: number };
  mailed_code: Whence & { code: string; until: number };
  password_reset: Whence & Ticket;
  password_changed: NoFacts;
  password_voided: NoFacts;
  /** Whose accounts they are: a host sends no links of ours for a new password, and its change has none to undo it. */
  email_set: { accounts?: "host" };
  /** With a ticket the change can be undone. */
  email_changed: Partial<Ticket>;
  email_restored: NoFacts;
  browser_trusted: Whence;
  browser_untrusted: Whence;
  new_browser: Whence;
  sign_in_abandoned: Whence;
  api_key_created: Named;
  api_key_revoked: Named;
};
