// What is done to one person, on their page or to many one after the other (core/console/jobs.ts): when an act is not for
// somebody, and what it changes. core/session/authority.ts says who may, and holds the locks meanwhile.

import { type RawBuilder, sql } from "kysely";
import { type Reason, type Refused, refused } from "../../outcomes.ts";
import * as attempts from "../ground/attempts.ts";
import * as mails from "../ground/mails.ts";
import type { Tx } from "../ground/transaction.ts";
import * as rescues from "../rescue/rescues.ts";
import type { Account } from "../session/account.ts";
import { by, type SupportAuthority } from "../session/authority.ts";
import { hasFactor } from "../session/policies.ts";
import { endAll } from "../session/sessions.ts";

export const ACTS = [
  "invite-to-two-factor",
  "require-two-factor",
  "stop-requiring",
  "sign-out",
  "reset-two-factor",
] as const;
export type Act = (typeof ACTS)[number];

/** What an act needs besides the person. */
export type Parameters = {
  /** Why two-factor authentication is reset. */
  reason?: string;
  /** From when it is required; milliseconds. */
  from?: number;
};

/** What an act leaves to be done, where the policy wants time or another administrator. */
export type Pending = "waiting" | "approval";

const DAY_IN_HOURS = 24;

/** A person is invited once a day, by whomever. */
const INVITATIONS: attempts.Rate = { name: "two-factor-invitations", burst: 1, perHour: 1 / DAY_IN_HOURS };

/** Why an act is not for somebody as they are, for a query of `users`: a reason, or null where nothing is against it. */
export function obstacle(act: Act): RawBuilder<Reason | null> {
  switch (act) {
    case "invite-to-two-factor":
      return sql`case when disabled_at is not null then 'disabled' when password_hash is null then 'not_accepted'
        when ${hasFactor} then 'already_enabled' when email is null then 'no_email' end`;
    case "stop-requiring":
      return sql`case when required_from is null then 'not_required' end`;
    case "reset-two-factor":
      return sql`case when not ${hasFactor} then 'not_enabled' end`;
    case "require-two-factor":
    case "sign-out":
      return sql`cast(null as text)`;
  }
}

/** Does the act, unless something is against it; the lock of the person is held. */
export async function perform(
  tx: Tx,
  account: Account,
  { act, authority, reason, from }: { act: Act; authority: SupportAuthority } & Parameters,
): Promise<{ ok: true; pending?: Pending } | Refused> {
  const { user } = account;
  const { id } = user;
  const found = await tx.db
    .selectFrom("users")
    .select(obstacle(act).as("obstacle"))
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  if (found.obstacle !== null) return refused(found.obstacle);
  switch (act) {
    case "invite-to-two-factor": {
      const allowed = await attempts.spend(tx, INVITATIONS, id);
      if (!allowed.ok) return refused("already_invited");
      tx.record({ kind: "two_factor.invited", ...by(authority), user: id });
      await mails.queue(tx, { kind: "two_factor_invited", user });
      break;
    }
    case "require-two-factor": {
      if (from === undefined) throw new Error("Required from when?");
      // Requiring again never puts off what was required before.
      if (user.required_from !== null && user.required_from <= from) return refused("already_required");
      await tx.db
        .updateTable("users")
        .set({ required_from: from, reminded_at: tx.now() })
        .where("id", "=", id)
        .execute();
      tx.record({ kind: "two_factor.required", ...by(authority, { from }), user: id });
      if (!account.hasFactor) await mails.queue(tx, { kind: "second_factor_asked", user, facts: { dueAt: from } });
      break;
    }
    case "stop-requiring":
      await tx.db.updateTable("users").set({ required_from: null }).where("id", "=", id).execute();
      tx.record({ kind: "two_factor.not_required", ...by(authority), user: id });
      break;
    case "sign-out": {
      const ended = await endAll(tx, id);
      tx.record({ kind: "sessions.ended", ...by(authority, { ended }), user: id });
      break;
    }
    case "reset-two-factor": {
      if (reason === undefined) return refused("reason_missing");
      // The policy may make a request of it, which waits for time or for somebody else.
      const asked = await rescues.askWithin(tx, account, authority, { way: "reset", reason });
      if (!asked.ok) return asked;
      if (asked.next === "waiting" || asked.next === "approval") return { ok: true, pending: asked.next };
    }
  }
  return { ok: true };
}
