// What is recorded: every kind of event, and the short facts that it tells. Facts are never a password, a code, a
// secret, a token or a link. Rows are never rewritten, so a fact that a kind gets later is optional.

import type { PolicyPoints, RescueTable, Role } from "../../db/schema.ts";
import type { Assurance, Method } from "./methods.ts";

export const EVENT_KINDS = [
  "setup.completed",
  "sign_in.succeeded",
  "sign_in.password_refused",
  "sign_in.code_refused",
  "sign_in.code_reused",
  "sign_in.abandoned",
  "sign_in.cancelled",
  "attempts.slowed",
  "attempts.unlocked",
  "confirmation.succeeded",
  "confirmation.refused",
  "session.ended",
  "sessions.ended",
  "two_factor.enabled",
  "two_factor.disabled",
  "two_factor.reset",
  "two_factor.invited",
  "two_factor.required",
  "two_factor.not_required",
  "two_factor.replaced",
  "rescue.asked",
  "rescue.approved",
  "rescue.withdrawn",
  "rescue.stopped",
  "enrolment_link.made",
  "authenticator.added",
  "authenticator.renamed",
  "authenticator.removed",
  "recovery_codes.made",
  "recovery_codes.kept",
  "recovery_code.used",
  "mailed_code.sent",
  "trusted_browser.added",
  "trusted_browser.removed",
  "enrolment.begun",
  "enrolment.refused",
  "password.changed",
  "password.reset_requested",
  "password.reset",
  "password.voided",
  "profile.changed",
  "email.undone",
  "user.created",
  "user.invited",
  "user.accepted",
  "user.changed",
  "user.disabled",
  "user.enabled",
  "policy.changed",
  "group.created",
  "group.renamed",
  "group.removed",
  "group.member_added",
  "group.member_removed",
  "job.begun",
  "job.stopped",
  "job.resumed",
  "job.finished",
  "mails.retried",
  "request.refused",
  "events.exported",
  "events.removed",
  "api_key.created",
  "api_key.revoked",
  "api_key.used",
  "api_key.refused",
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

/** What somebody may guess, each with limits of its own. */
export type Tried = "password" | "code" | "recovery-code" | "mailed-code" | "used-code" | "enrolment";

/** A part of a profile, in the words of an event. */
export const PROFILE_PARTS = ["name", "login", "email", "role", "language", "time zone", "link to undo"] as const;
export type ProfilePart = (typeof PROFILE_PARTS)[number];

/** Several parts of a profile as one fact. */
export function joinParts(parts: readonly ProfilePart[]): string {
  return parts.join(", ");
}

/** The parts of a profile that a fact names. */
export function partsOfProfile(fact: string): ProfilePart[] {
  const named = fact.split(", ");
  return PROFILE_PARTS.filter((part) => named.includes(part));
}

/** What a rule says: a column of the policy is there when it says something. */
type RuleSaid = { [Point in keyof PolicyPoints]?: NonNullable<PolicyPoints[Point]> };

/** No facts: the kind says all. */
export type Nothing = Record<never, never>;
type Named = { name: string };
type InGroup = { group: string };

/** What each kind of event tells. */
export type DetailsOf = {
  "setup.completed": Nothing;
  "sign_in.succeeded": { method: Method; assurance: Assurance };
  "sign_in.password_refused": Nothing;
  "sign_in.code_refused": Nothing;
  "sign_in.code_reused": Nothing;
  /** Where the password came from. The event itself is written later, outside of any request. */
  "sign_in.abandoned": { address: string; userAgent: string; at: number };
  "sign_in.cancelled": Nothing;
  "attempts.slowed": { kind: Tried; misses: number };
  "attempts.unlocked": Nothing;
  "confirmation.succeeded": Nothing;
  "confirmation.refused": { reason: "wrong_password" | "wrong_code" };
  /** The id of the session that ended, where another one asked for it. */
  "session.ended": { ended?: string };
  "sessions.ended": { ended: number };
  "two_factor.enabled": Nothing;
  "two_factor.disabled": Nothing;
  "two_factor.reset": { reason: string };
  "two_factor.invited": Nothing;
  "two_factor.required": { from: number };
  "two_factor.not_required": Nothing;
  "two_factor.replaced": Nothing;
  "rescue.asked": { way: RescueTable["way"]; reason: string };
  "rescue.approved": { way: RescueTable["way"] };
  "rescue.withdrawn": { way: RescueTable["way"] };
  /** What stopped it: a code of the person or the link in their mail; neither where they did it on a page. */
  "rescue.stopped": { way: RescueTable["way"]; by?: "code" | "link" };
  "enrolment_link.made": { given: "by mail" | "by hand"; reason: string };
  "authenticator.added": Named;
  "authenticator.renamed": Named;
  "authenticator.removed": Named;
  "recovery_codes.made": Nothing;
  "recovery_codes.kept": Nothing;
  "recovery_code.used": { left: number };
  "mailed_code.sent": Nothing;
  "trusted_browser.added": Nothing;
  "trusted_browser.removed": { reason: "used token presented again" } | { removed: number };
  "enrolment.begun": Nothing;
  "enrolment.refused": Nothing;
  "password.changed": Nothing;
  "password.reset_requested": Nothing;
  "password.reset": Nothing;
  "password.voided": Nothing;
  "profile.changed": { what: string };
  "email.undone": Nothing;
  "user.created": { role: Role };
  "user.invited": Nothing;
  "user.accepted": Nothing;
  "user.changed": { what: string; role: Role };
  "user.disabled": Nothing;
  "user.enabled": Nothing;
  /** Where the rule is for a group, both are its name. */
  "policy.changed": ({ scope: "everyone" | `role:${Role}` } | { scope: string; group: string }) & RuleSaid;
  "group.created": InGroup;
  "group.renamed": InGroup & { before: string };
  "group.removed": InGroup & { members: number };
  "group.member_added": InGroup;
  "group.member_removed": InGroup;
  "job.begun": { job: string; act: string; people: number; reason?: string; from?: number };
  "job.stopped": { reason?: string };
  "job.resumed": Nothing;
  "job.finished": Nothing;
  "mails.retried": { mails: number };
  "request.refused": { route: string };
  "events.exported": { format: "csv" | "jsonl"; kind?: EventKind; from?: number; to?: number; after?: number };
  "events.removed": { removed: number; through: number; hash: string };
  "api_key.created": { name: string; scopes: string; days: number | "without end" };
  "api_key.revoked": Named;
  "api_key.used": Named;
  "api_key.refused": {
    reason: "unknown" | "revoked" | "expired" | "disabled" | "without end";
    name?: string;
  };
};

/** Facts that any event may have: the operator did it, or the host, who have no id, or a job did it for its actor. */
export type Acted = { by?: "operator" | "host"; job?: string };

/** The details of a kind of event, with who acted. */
export type Details<K extends EventKind = EventKind> = {
  [Kind in K]: DetailsOf[Kind] & Omit<Acted, keyof DetailsOf[Kind]>;
}[K];

/** The part of an event that says who acted, alike for every kind. */
export type Author = { actor?: string | null; session?: string | null; details?: Acted };
