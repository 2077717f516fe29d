// One-time links. Looking at one spends nothing, because mail scanners follow links; only the form behind it does.

import { sql } from "kysely";
import type { Context } from "../../context.ts";
import { newToken, parseToken, secretMatches } from "../../crypto/token.ts";
import type { TicketPurpose, TicketTable } from "../../db/schema.ts";
import { type Refused, refused } from "../../outcomes.ts";
import type { Over } from "./sweep.ts";
import type { Tx } from "./transaction.ts";

const MINUTE = 60_000;

/** How long a link lives. */
const LIFETIME: Record<TicketPurpose, number> = {
  setup: 60 * MINUTE,
  invitation: 24 * 60 * MINUTE,
  "password-reset": 60 * MINUTE,
  "enrolment-link": 24 * 60 * MINUTE,
};

/** Makes a link; a new one for the same person and purpose voids the old. */
export async function issue(tx: Tx, purpose: TicketPurpose, user: { id: string; securityVersion: number } | null) {
  if (user !== null) {
    await tx.db.deleteFrom("tickets").where("user_id", "=", user.id).where("purpose", "=", purpose).execute();
  }
  const { id, token, secretHash } = newToken(tx.random);
  await tx.db
    .insertInto("tickets")
    .values({
      id,
      secret_hash: secretHash,
      purpose,
      user_id: user?.id ?? null,
      security_version: user?.securityVersion ?? 0,
      created_at: tx.now(),
      expires_at: tx.now() + LIFETIME[purpose],
      used_at: null,
    })
    .execute();
  return token;
}

/** The ticket of a link, if it could be used now. */
export async function find(
  { db, now }: Context,
  purpose: TicketPurpose,
  token: string,
): Promise<TicketTable | undefined> {
  const parsed = parseToken(token);
  if (parsed === undefined) return undefined;
  const row = await db
    .selectFrom("tickets")
    .selectAll()
    .where("id", "=", parsed.id)
    .where("purpose", "=", purpose)
    .where("used_at", "is", null)
    .where("expires_at", ">", now())
    .executeTakeFirst();
  return row !== undefined && secretMatches(parsed.secret, row.secret_hash) ? row : undefined;
}

/** Spends a ticket that `find` found, if nobody did so meanwhile and the person's security setup is the same. */
export async function consume(tx: Tx, ticket: TicketTable): Promise<{ ok: true } | Refused<"expired">> {
  const { numUpdatedRows } = await tx.db
    .updateTable("tickets")
    .set({ used_at: tx.now() })
    .where("id", "=", ticket.id)
    .where("used_at", "is", null)
    .where("expires_at", ">", tx.now())
    .where((eb) =>
      eb.or([
        eb("user_id", "is", null),
        eb(
          "security_version",
          "=",
          eb
            .selectFrom("users")
            .select("security_version")
            .whereRef("users.id", "=", "tickets.user_id")
            .where("disabled_at", "is", null),
        ),
      ]),
    )
    .executeTakeFirst();
  return numUpdatedRows === 1n ? { ok: true } : refused("expired");
}

/** Tickets whose time was over long ago. */
export function over({ now }: Context): Over<"tickets"> {
  return { table: "tickets", key: "id", when: sql`expires_at <= ${now() - LIFETIME.invitation}` };
}
