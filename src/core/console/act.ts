// What an act on somebody says of itself (acts.ts). Telling nobody is a decision: an entry without one does not compile.

import type { Reason, Refused } from "../../outcomes.ts";
import type { DetailsOf, EventKind, Nothing } from "../ground/event-kinds.ts";
import type { MailFactsOf, MailKind, NoFacts } from "../ground/mail-kinds.ts";
import type { Tx } from "../ground/transaction.ts";
import type { Rescued } from "../rescue/rescues.ts";
import type { Account } from "../session/account.ts";
import type { StaffRole, SupportAuthority } from "../session/authority.ts";

/** What acts need besides the person; acting.ts says where each comes from. */
export type Needed = {
  /** Why it is done, as it goes on record. */
  reason: string;
  /** From when on, in milliseconds. */
  from: number;
  /** The id of the request that is decided about, so that nobody decides about a newer one. */
  rescue: string;
  /** A hash of a password that nobody knows. */
  deadHash: string;
};
export type Need = keyof Needed;

/** Why an act is not done. */
export type ActReason = Extract<
  Reason,
  | "already_accepted"
  | "already_enabled"
  | "already_invited"
  | "already_required"
  | "asker_gone"
  | "disabled"
  | "last_administrator"
  | "mail_not_enough"
  | "needs_approval"
  | "no_email"
  | "not_accepted"
  | "not_enabled"
  | "not_required"
  | "not_yours"
  | "own_request"
  | "rescue_gone"
>;

/** A column of `users` that is set, or empty, when a reason is against an act. `factor` is whether they have one. */
export type Against = readonly [
  reason: ActReason,
  column: "changed_by_mail_at" | "disabled_at" | "email" | "factor" | "password_hash" | "required_from",
  state: "set" | "empty",
];

/** That nobody is told, and why not. */
type Nobody = `nobody because ${string}`;

/** What an act came to: done, or begun where the policy wants time or another administrator; a link is shown this once. */
export type Acted = { ok: true; next?: Rescued["next"]; ticket?: string };

/** Done, with what its event and its mail tell; `mail: null` for somebody whom it does not concern. */
type Done<E extends EventKind, M extends MailKind> = { ok: true } & (Nothing extends DetailsOf[E]
  ? { details?: never }
  : { details: DetailsOf[E] }) &
  (NoFacts extends MailFactsOf[M] ? { mail?: MailFactsOf[M] | null } : { mail: MailFactsOf[M] | null });

/** What an act is. What is left out: it needs nothing, nothing is against it, and it is for one person at a time. */
type Entry<W extends StaffRole, B extends boolean, N extends Need, E, M> = {
  /** The least role that may. */
  who: W;
  /** That it is an act on our own accounts alone: where they are a host's, it is the host's to do. */
  accounts?: "own";
  isForMany?: B;
  needs?: readonly N[];
  /** The first that holds is the reason why not. */
  against?: readonly Against[];
  /** The event that it is, and the mail by which the person hears of it. */
  records: E;
  notifies: M;
};

type Performing<N extends Need, D> = {
  perform: (
    tx: Tx,
    account: Account,
    given: Pick<Needed, N> & { authority: SupportAuthority },
  ) => Promise<D | Refused<ActReason>>;
};

/** An act that is one event and one mail at most; acting.ts writes both. `undefined` where it was so already. */
export function act<
  E extends EventKind,
  M extends MailKind,
  W extends StaffRole,
  B extends boolean = false,
  N extends Need = never,
>(entry: Entry<W, B, N, E, M | Nobody> & Performing<N, Done<E, M> | undefined>) {
  return filled(entry);
}

/** An act of which other rules make one thing or another; they write its events and mails, of these kinds. */
export function ruledAct<W extends StaffRole, B extends boolean = false, N extends Need = never>(
  entry: Entry<W, B, N, readonly EventKind[], readonly MailKind[]> & Performing<N, Acted>,
) {
  return filled(entry);
}

function filled<W extends StaffRole, B extends boolean, N extends Need, E, M, D>(
  entry: Entry<W, B, N, E, M> & Performing<N, D>,
) {
  const { isForMany, needs = [], against = [] } = entry;
  // Left out, it is `false`, and so is the type.
  return { ...entry, isForMany: (isForMany ?? false) as B, needs, against };
}
