// Where a person is signed in, for the person: listing their sessions, and ending those that they do not know.
//
// An id names a session and opens nothing; the secret is in the cookie alone. Every statement here asks for the owner,
// too, so the id of somebody else's session is one that does not exist. The current session ends by signing out.

import type { Client, Context } from "../../context.ts";
import { type Refused, refused } from "../../outcomes.ts";
import type { Method } from "../ground/methods.ts";
import { transact } from "../ground/transaction.ts";
import { alive, forgetOthers, type RecentSession, type Session, stillStands } from "./sessions.ts";

export type OwnSession = {
  id: string;
  isCurrent: boolean;
  method: Method;
  address: string;
  userAgent: string;
  createdAt: number;
  lastSeenAt: number;
};

/** The living sessions of the person, the current one first, then by when they were last used. */
export async function list(context: Context, session: Session): Promise<OwnSession[]> {
  const rows = await alive(context)
    .where("user_id", "=", session.user.id)
    .select(["sessions.id", "method", "address", "user_agent", "sessions.created_at", "last_seen_at"])
    .orderBy("last_seen_at", "desc")
    .orderBy("sessions.id")
    .execute();
  return rows
    .map((row) => ({
      id: row.id,
      isCurrent: row.id === session.id,
      // Only `issue` and `securityChanged` write this column.
      method: row.method as Method,
      address: row.address,
      userAgent: row.user_agent,
      createdAt: row.created_at,
      lastSeenAt: row.last_seen_at,
    }))
    .sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent));
}

/** Ends one other session of the person. */
export async function endOne(
  context: Context,
  client: Client,
  session: RecentSession,
  id: string,
): Promise<{ ok: true } | Refused<"not_found" | "expired">> {
  return transact(context, client, async (tx) => {
    if (!(await stillStands(tx, session))) return refused("expired");
    if ((await forgetOthers(tx, session, id)) === 0) return refused("not_found");
    const { id: own, user } = session;
    tx.record({ kind: "session.ended", actor: user.id, user: user.id, session: own, details: { ended: id } });
    return { ok: true };
  });
}

/** Ends every session of the person but this one, and the sign-ins that are half done. */
export async function endOthers(
  context: Context,
  client: Client,
  session: RecentSession,
): Promise<{ ok: true; ended: number } | Refused<"expired">> {
  return transact(context, client, async (tx) => {
    if (!(await stillStands(tx, session))) return refused("expired");
    const ended = await forgetOthers(tx, session);
    const { id, user } = session;
    tx.record({ kind: "sessions.ended", actor: user.id, user: user.id, session: id, details: { ended } });
    return { ok: true, ended };
  });
}
