// The first administrator. There is no default account: the server prints a one-time link, and whoever can read its
// output may use it, once, while there is no administrator.

import type { Client, Context } from "../../context.ts";
import { hashPassword, inHashingSlot } from "../../crypto/password.ts";
import { refused } from "../../outcomes.ts";
import * as tickets from "../ground/tickets.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import { checkQuality, setHash } from "./passwords.ts";
import * as users from "./users.ts";

/** Whether the first administrator is still missing. */
export async function isOpen({ db, accounts }: Context): Promise<boolean> {
  // A host's first administrator is whoever it says.
  if (accounts.kind !== "own") return false;
  const row = await db.selectFrom("installation").select("set_up_at").executeTakeFirst();
  return row?.set_up_at === null;
}

/** Makes a set-up link's ticket; each start of a server makes one, and all are void once one was used. */
export async function issueTicket(context: Context, client: Client): Promise<string> {
  if (context.accounts.kind !== "own") throw new Error("The first administrator comes from the host");
  return transact(context, client, (tx) => tickets.issue(tx, "setup", null));
}

/** Whether this ticket could make the first administrator now. */
export async function isValid(context: Context, token: string): Promise<boolean> {
  return (await isOpen(context)) && (await tickets.find(context, "setup", token)) !== undefined;
}

/** Makes the first administrator. Two links used at the same moment still make one. */
export async function complete(
  context: Context,
  client: Client,
  { ticket: token, login, name, email, password }: Record<"ticket" | "login" | "name" | "email" | "password", string>,
) {
  const ticket = await tickets.find(context, "setup", token);
  if (ticket === undefined) return refused("expired");
  const good = await checkQuality(context, password, { login, name, email });
  if (!good.ok) return good;
  const passwordHash = await inHashingSlot(() => hashPassword(password));
  if (passwordHash === undefined) return refused("busy");
  return transact(context, client, async (tx) => {
    const first = await close(tx);
    if (!first) return refused("already_set_up");
    const consumed = await tickets.consume(tx, ticket);
    if (!consumed.ok) return consumed;
    const created = await users.create(tx, { login, name, email, role: "administrator" });
    if (!created.ok) return created;
    const { id } = created.user;
    await setHash(tx, id, passwordHash);
    tx.record({ kind: "setup.completed", actor: id, user: id });
    return { ok: true, id } as const;
  });
}

/** Ends the set-up, because there is an administrator now; false if it had ended before. */
export async function close(tx: Tx): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable("installation")
    .set({ set_up_at: tx.now() })
    .where("id", "=", 1)
    .where("set_up_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
