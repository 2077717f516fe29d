// Expected outcomes are values. A reason is a stable code: pages turn it into a sentence, programs compare it.

import type { PolicyPoints } from "./db/schema.ts";

export type Reason =
  // signing in and confirming
  | "wrong_credentials"
  | "wrong_password"
  | "wrong_code"
  | "used_code"
  | "malformed_code"
  | "too_many_attempts"
  | "busy"
  | "session_ended"
  | "not_allowed"
  | "expired"
  // enrolling
  | "clock_off"
  | "too_many_authenticators"
  | "last_authenticator"
  | "not_enabled"
  // passwords and people
  | "password_too_short"
  | "password_too_long"
  | "password_too_common"
  | "password_personal"
  | "password_repeats"
  | "password_sequence"
  | "password_keys"
  | "password_easy"
  | "id_invalid"
  | "name_invalid"
  | "login_invalid"
  | "login_taken"
  | "email_invalid"
  | "email_taken"
  | "role_invalid"
  | "language_invalid"
  | "time_zone_invalid"
  | "reason_missing"
  | "not_found"
  | "no_authority"
  | "beyond_support"
  | "yourself"
  | "last_administrator"
  | "no_email"
  | "mail_not_enough"
  | "already_accepted"
  | "not_accepted"
  | "disabled"
  | "already_enabled"
  | "already_invited"
  | "already_required"
  | "not_required"
  | "nobody_selected"
  | "somebody_elses"
  | "already_set_up"
  // rules
  | "scope_unknown"
  | `${keyof PolicyPoints}_invalid`
  // groups
  | "name_taken"
  | "too_many_groups"
  | "group_has_rule"
  | "person_unknown"
  | "already_member"
  | "not_member"
  // rescue
  | "rescue_gone"
  | "own_request"
  | "asker_gone"
  | "needs_approval"
  | "not_yours"
  | "not_possible"
  // API keys
  | "scopes_invalid"
  | "expiry_invalid"
  | "too_many_keys"
  | "already_made"
  | "key_invalid";

export type Refused<R extends Reason = Reason> = { ok: false; reason: R };

/** A refusal that ends by itself. */
export type TooMany = { ok: false; reason: "too_many_attempts"; retryAfterSeconds: number | null };

/** Says no. */
export function refused<R extends Reason>(reason: R): Refused<R> {
  return { ok: false, reason };
}
