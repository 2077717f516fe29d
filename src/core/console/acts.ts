// What those who help can do to one person, each act once: on their page, by the command line, and to many one after the
// other (jobs.ts). An entry says who may, what it needs, what is against it, which event it is, who is told, and what it
// changes; acting.ts does it.

import type { Accounts } from "../../context.ts";
import type { UserTable } from "../../db/schema.ts";
import { refused } from "../../outcomes.ts";
import * as attempts from "../ground/attempts.ts";
import type { Tx } from "../ground/transaction.ts";
import * as invitations from "../people/invitations.ts";
import { setHash } from "../people/passwords.ts";
import * as standing from "../people/standing.ts";
import * as rescues from "../rescue/rescues.ts";
import { by } from "../session/authority.ts";
import * as knownBrowsers from "../session/known-browsers.ts";
import { forgetAll, securityChanged } from "../session/sessions.ts";
import { type Against, act, type Need, ruledAct } from "./act.ts";
import { isLastAdministrator } from "./people.ts";

/** A person is invited to two-factor authentication once a day, by whomever. */
const INVITATIONS: attempts.Rate = { name: "two-factor-invitations", burst: 1, perHour: 1 / 24 };

const HAS_NO_FACTOR: Against = ["not_enabled", "factor", "empty"];
const HAS_NO_PASSWORD: Against = ["not_accepted", "password_hash", "empty"];
const HAS_NO_EMAIL: Against = ["no_email", "email", "empty"];
const ASKED_FOR = ["rescue_asked", "rescue_approval_wanted"] as const;
const DONE = ["two_factor_reset", "enrolment_link", "enrolment_link_made"] as const;

/** Every act. Those for many are offered in this order. */
export const ACTS = {
  "invite-to-two-factor": act({
    who: "support",
    isForMany: true,
    against: [["disabled", "disabled_at", "set"], HAS_NO_PASSWORD, ["already_enabled", "factor", "set"], HAS_NO_EMAIL],
    records: "two_factor.invited",
    notifies: "two_factor_invited",
    perform: async (tx, { user }) => {
      const allowed = await attempts.spend(tx, INVITATIONS, user.id);
      return allowed.ok ? { ok: true } : refused("already_invited");
    },
  }),

  "require-two-factor": act({
    who: "administrator",
    isForMany: true,
    needs: ["from"],
    records: "two_factor.required",
    notifies: "second_factor_asked",
    perform: async (tx, { user, hasFactor }, { from }) => {
      // Requiring again never puts off what was required before.
      if (user.required_from !== null && user.required_from <= from) return refused("already_required");
      await change(tx, user, { required_from: from, reminded_at: tx.now() });
      return { ok: true, details: { from }, mail: hasFactor ? null : { dueAt: from } };
    },
  }),

  "stop-requiring": act({
    who: "administrator",
    isForMany: true,
    against: [["not_required", "required_from", "empty"]],
    records: "two_factor.not_required",
    notifies: "nobody because nothing is asked of them any more",
    perform: (tx, { user }) => change(tx, user, { required_from: null }),
  }),

  "sign-out": act({
    who: "support",
    isForMany: true,
    records: "sessions.ended",
    notifies: "nobody because each browser says so at its next request",
    perform: async (tx, { user }) => ({ ok: true, details: { ended: await forgetAll(tx, user.id) } }),
  }),

  "reset-two-factor": ruledAct({
    who: "support",
    isForMany: true,
    needs: ["reason"],
    against: [HAS_NO_FACTOR],
    records: ["rescue.asked", "two_factor.reset"],
    notifies: [...ASKED_FOR, "two_factor_reset"],
    perform: (tx, account, given) => rescues.ask(tx, account, { way: "reset", ...given }),
  }),

  "show-enrolment-link": ruledAct({
    who: "support",
    needs: ["reason"],
    against: [HAS_NO_FACTOR],
    records: ["rescue.asked", "enrolment_link.made"],
    notifies: [...ASKED_FOR, "enrolment_link_made"],
    perform: (tx, account, given) => rescues.ask(tx, account, { way: "shown-link", ...given }),
  }),

  "mail-enrolment-link": ruledAct({
    who: "support",
    needs: ["reason"],
    against: [HAS_NO_FACTOR, HAS_NO_EMAIL, ["mail_not_enough", "changed_by_mail_at", "set"]],
    records: ["rescue.asked", "enrolment_link.made"],
    notifies: [...ASKED_FOR, "enrolment_link"],
    perform: (tx, account, given) => rescues.ask(tx, account, { way: "mailed-link", ...given }),
  }),

  "approve-rescue": ruledAct({
    who: "administrator",
    needs: ["rescue"],
    records: ["rescue.approved", "two_factor.reset", "enrolment_link.made"],
    notifies: DONE,
    perform: (tx, account, given) => rescues.approve(tx, account, given),
  }),

  "carry-out-rescue": ruledAct({
    who: "support",
    needs: ["rescue"],
    records: ["two_factor.reset", "enrolment_link.made"],
    notifies: DONE,
    perform: (tx, account, given) => rescues.carryOut(tx, account, given),
  }),

  "withdraw-rescue": ruledAct({
    who: "support",
    needs: ["rescue"],
    records: ["rescue.withdrawn"],
    notifies: ["rescue_withdrawn"],
    perform: (tx, account, given) => rescues.withdraw(tx, account, given),
  }),

  invite: ruledAct({
    who: "support",
    accounts: "own",
    against: [["already_accepted", "password_hash", "set"]],
    records: ["user.invited"],
    notifies: ["invitation"],
    perform: (tx, { user }, { authority }) => invitations.invite(tx, user, by(authority)),
  }),

  unlock: act({
    who: "support",
    records: "attempts.unlocked",
    notifies: "nobody because whoever waits for it tries again",
    perform: async (tx, { user }) => {
      await attempts.unlock(tx, user.id);
      return { ok: true };
    },
  }),

  /**
   * Makes a password worthless that others may know. Its owner sets a new one by the link that they ask for; a
   * confirmation of the old one would only ask the thief.
   */
  "void-password": act({
    who: "administrator",
    accounts: "own",
    needs: ["deadHash"],
    against: [HAS_NO_PASSWORD, HAS_NO_EMAIL],
    records: "password.voided",
    notifies: "password_voided",
    perform: async (tx, { user }, { deadHash }) => {
      await setHash(tx, user.id, deadHash);
      await securityChanged(tx, user.id);
      await knownBrowsers.forgetOthers(tx, user.id, null);
      return { ok: true };
    },
  }),

  disable: act({
    who: "administrator",
    accounts: "own",
    records: "user.disabled",
    notifies: "nobody because whoever leaves is told by people, and a thief is not to be told",
    perform: async (tx, { user }, { authority }) => {
      if (user.disabled_at !== null) return undefined;
      if (await isLastAdministrator(tx, user)) return refused("last_administrator");
      await standing.disable(tx, user.id, by(authority));
      return { ok: true };
    },
  }),

  enable: act({
    who: "administrator",
    accounts: "own",
    records: "user.enabled",
    notifies: "nobody because whoever comes back is told by people",
    perform: async (tx, { user }) => {
      if (user.disabled_at === null) return undefined;
      await standing.enable(tx, user.id);
      return { ok: true };
    },
  }),
};

async function change({ db }: Tx, { id }: UserTable, columns: Partial<UserTable>): Promise<{ ok: true }> {
  await db.updateTable("users").set(columns).where("id", "=", id).execute();
  return { ok: true };
}

export type Act = keyof typeof ACTS;

/** The acts that have a value in their entry. */
type ActsWith<V> = { [A in Act]: (typeof ACTS)[A] extends V ? A : never }[Act];

/** Acts that support may do, too. */
export type SupportAct = ActsWith<{ who: "support" }>;

/** Acts that can be done to many. */
export type BulkAct = ActsWith<{ isForMany: true }>;

/** An act, and who may. */
export type ActOf = { act: SupportAct; who: "support" } | { act: Act; who: "administrator" };

/** Every act there is. */
export function list(): ActOf[] {
  // `ACTS` has no keys that its type does not name, and which of them support may do follows from the same entries.
  return (Object.keys(ACTS) as Act[]).map((act) => ({ act, who: ACTS[act].who }) as ActOf);
}

/** Whether there is such an act where the accounts are ours, or a host's. */
export function isOffered(act: Act, accounts: Accounts["kind"]): boolean {
  return accounts === "own" || ACTS[act].accounts !== "own";
}

/** What an act needs besides the person. */
export function needsOf(act: Act): readonly Need[] {
  return ACTS[act].needs;
}

/** The acts that can be done to many. */
export const BULK_ACTS = (Object.keys(ACTS) as Act[]).filter((act): act is BulkAct => ACTS[act].isForMany);
