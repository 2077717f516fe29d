// Who may read and change what belongs to other people: support may help people, administrators may do anything.
//
// Reading takes a session with two factors. Every act takes an authority besides, which only a fresh confirmation, or
// the operator at the command line, can get. Which of the two roles it takes is in the type, and whether the role is
// still held is asked in the transaction of the act.

import type { Client, Context } from "../../context.ts";
import type { JobTable, Role } from "../../db/schema.ts";
import { type Refused, refused } from "../../outcomes.ts";
import type { Acted } from "../ground/event-kinds.ts";
import { admits } from "../ground/methods.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import { type Account, lockAccount } from "./account.ts";
import type { RecentSession, Session } from "./sessions.ts";

declare const proof: unique symbol;

/** The roles that reach other people's accounts. */
export type StaffRole = Exclude<Role, "person">;

/** A session that may read about people, to help them: of support, or of an administrator. */
export type SupportSession = Session & { user: { role: StaffRole }; readonly [proof]: "two factors" };

/** A session that may read everything that administrators read. */
export type AdministratorSession = SupportSession & { user: { role: "administrator" } };

/** The right to help people. `actor` is null for the operator. */
export type SupportAuthority = {
  role: StaffRole;
  actor: string | null;
  session: string | null;
  /** The job that acts for whoever began it. */
  job: string | null;
  readonly [proof]: "confirmed";
};

/** The right to change anybody's account, and what holds for all. */
export type AdministratorAuthority = SupportAuthority & { role: "administrator" };

/** Whoever may read about other people; the type is the check, most functions have no other use for it. */
export type SupportReader = SupportSession | SupportAuthority;
export type AdministratorReader = AdministratorSession | AdministratorAuthority;

type Admitted = { support: SupportSession; administrator: AdministratorSession };

/** Lets in whoever has the role, or a greater one, and signed in with two factors. */
export function admit<S extends Session, R extends StaffRole>({
  session,
  role,
}: {
  session: S;
  role: R;
}): (S & Admitted[R]) | Refused<"not_found" | "not_enabled"> {
  if (session.user.role !== "administrator" && session.user.role !== role) return refused("not_found");
  if (!session.user.twoFactor || !admits(session.method)) return refused("not_enabled");
  return session as S & Admitted[R];
}

/** The authority of somebody admitted who has just confirmed who they are. */
export function authorityOf(given: { session: AdministratorSession & RecentSession }): AdministratorAuthority;
export function authorityOf(given: { session: SupportSession & RecentSession }): SupportAuthority;
export function authorityOf({ session: { user, id } }: { session: SupportSession & RecentSession }): SupportAuthority {
  return { role: user.role, actor: user.id, session: id, job: null } as SupportAuthority;
}

/** The authority of whoever has the database and the keys: the command line. */
export function operatorAuthority(): AdministratorAuthority {
  return { role: "administrator", actor: null, session: null, job: null } as AdministratorAuthority;
}

/**
 * The authority of whoever began a job. The session may end, but it holds only as long as the job runs and they have
 * the role and the security setup with which they confirmed it; each act asks the database for that.
 */
export function authorityOfJob(job: Pick<JobTable, "id" | "actor_id" | "session_id">): AdministratorAuthority {
  const { id, actor_id: actor, session_id: session } = job;
  return { role: "administrator", actor, session, job: id } as AdministratorAuthority;
}

/** The role of whoever reads about others. */
export function roleOf(reader: SupportReader): StaffRole {
  return "user" in reader ? reader.user.role : reader.role;
}

/** Whether somebody of this role may act on the other: support may help people, but not change those above them. */
export function reaches(role: StaffRole, other: Role): boolean {
  return role === "administrator" || other === "person";
}

/** Runs an act of an administrator on what belongs to nobody alone. */
export function withAuthority<T>(
  context: Context,
  client: Client,
  authority: AdministratorAuthority,
  act: (tx: Tx) => Promise<T>,
) {
  return asStaff(context, client, { authority, least: "administrator" }, act);
}

/**
 * Runs an act on somebody else, with the locks that the rules about several people need. `least` is the role that it
 * takes; whom support may help is decided by the role that they have at that moment.
 */
export async function onOther<T>(
  context: Context,
  client: Client,
  { id, ...needed }: Needed & { id: string },
  work: (tx: Tx, account: Account) => Promise<T>,
): Promise<T | Refused<"not_found" | "yourself" | "beyond_support" | "no_authority">> {
  const { actor, role } = needed.authority;
  if (actor === id) return refused("yourself");
  return asStaff<T | Refused<"not_found" | "beyond_support">>(context, client, needed, async (tx) => {
    const account = await lockAccount(tx, id);
    if (account === undefined) return refused("not_found");
    return reaches(role, account.user.role) ? work(tx, account) : refused("beyond_support");
  });
}

type Needed = { authority: SupportAuthority; least: StaffRole };

/**
 * One such act at a time: two administrators who demote each other at once must not both succeed, and nobody becomes
 * an administrator while support acts on them. Whoever has another role than when the request came does nothing. The
 * role that is needed is in the types, and asked for once more here, where no type can be talked out of it.
 */
async function asStaff<T>(
  context: Context,
  client: Client,
  { authority, least }: Needed,
  act: (tx: Tx) => Promise<T>,
): Promise<T | Refused<"no_authority">> {
  if (authority.role !== "administrator" && authority.role !== least) return refused("no_authority");
  return transact<T | Refused<"no_authority">>(context, client, async (tx) => {
    await tx.db.updateTable("installation").set({ administrators_changed_at: tx.now() }).where("id", "=", 1).execute();
    return (await stands(tx, authority)) ? act(tx) : refused("no_authority");
  });
}

/** Whether somebody still is what they were when they confirmed an act, or began the job that does it. */
async function stands(tx: Tx, { role, actor, session, job }: SupportAuthority): Promise<boolean> {
  if (actor === null) return true;
  const earned =
    job === null
      ? tx.db.selectFrom("sessions").select(["user_id", "security_version"]).where("id", "=", session)
      : tx.db
          .selectFrom("jobs")
          .select(["actor_id as user_id", "security_version"])
          .where("id", "=", job)
          .where("state", "=", "running");
  const row = await tx.db
    .selectFrom(earned.as("earned"))
    .innerJoin("users", (join) =>
      join.onRef("users.id", "=", "earned.user_id").onRef("users.security_version", "=", "earned.security_version"),
    )
    .select("users.id")
    .where("users.id", "=", actor)
    .where("role", "=", role)
    .where("disabled_at", "is", null)
    .executeTakeFirst();
  return row !== undefined;
}

type Actor = Pick<SupportAuthority, "actor" | "session"> & { job?: string | null };

/** Who did it, and what is worth telling; the operator has no id, so the details say so. */
export function by(author: Actor): { actor: string | null; session: string | null; details: Acted };
export function by<D extends object>(
  author: Actor,
  details: D,
): { actor: string | null; session: string | null; details: D & Omit<Acted, keyof D> };
export function by({ actor, session, job = null }: Actor, details = {}) {
  const acted: Acted = { ...(actor === null ? { by: "operator" } : {}), ...(job === null ? {} : { job }) };
  return { actor, session, details: { ...details, ...acted } };
}
