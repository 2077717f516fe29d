// Groups of people, for what is meant for some: rules of core/session/policies.ts, and finding people. Administrators make them
// and say who is in them. A group with a rule stays until the rule is removed, so that nobody loses protection by the way.

import { sql } from "kysely";
import type { Client, Context } from "../../context.ts";
import { newId } from "../../crypto/token.ts";
import { type Refused, refused } from "../../outcomes.ts";
import * as trustedBrowsers from "../factors/trusted-browsers.ts";
import { canonicalName, plainName } from "../ground/names.ts";
import type { Tx } from "../ground/transaction.ts";
import { findByName } from "../people/users.ts";
import { accountOf, lockAccount } from "../session/account.ts";
import { type AdministratorAuthority, by, type SupportReader, withAuthority } from "../session/authority.ts";

/** Groups of one installation: as many as a list and a menu can show. */
const MOST = 200;
export const NAME_LENGTH = 60;

export type Group = { id: string; name: string; members: number; createdAt: number };

type Named = Refused<"name_invalid" | "name_taken">;

/** The names of all groups, in their order. */
export function list({ db }: Context, _reader: SupportReader): Promise<Pick<Group, "id" | "name">[]> {
  return db.selectFrom("groups").select(["id", "name"]).orderBy("name_key").execute();
}

/** All groups by name, and how many people are in each. */
export async function listWithMembers({ reports }: Context, _reader: SupportReader): Promise<Group[]> {
  const rows = await reports
    .selectFrom("groups")
    .selectAll()
    .select((eb) =>
      eb
        .selectFrom("group_members")
        .select((all) => all.fn.countAll<number>().as("members"))
        .whereRef("group_id", "=", "groups.id")
        .as("members"),
    )
    .orderBy("name_key")
    .execute();
  return rows.map(({ id, name, members, created_at }) => ({
    id,
    name,
    members: Number(members),
    createdAt: created_at,
  }));
}

/** One group, or `undefined`. */
export async function find({ db }: Context, _reader: SupportReader, id: string) {
  return db.selectFrom("groups").select(["id", "name"]).where("id", "=", id).executeTakeFirst();
}

/** The groups that a person is in, by name. */
export async function listOf({ db }: Context, _reader: SupportReader, userId: string) {
  return db
    .selectFrom("groups")
    .innerJoin("group_members", "group_members.group_id", "groups.id")
    .select(["groups.id", "groups.name"])
    .where("user_id", "=", userId)
    .orderBy("name_key")
    .execute();
}

/** Makes a group, which nobody is in. */
export async function create(context: Context, client: Client, authority: AdministratorAuthority, typed: string) {
  const name = plainName(typed, NAME_LENGTH);
  if (name === undefined) return refused("name_invalid");
  return withAuthority<{ ok: true; id: string } | Named | Refused<"too_many_groups">>(
    context,
    client,
    authority,
    async (tx) => {
      const { groups } = await tx.db
        .selectFrom("groups")
        .select((eb) => eb.fn.countAll<number>().as("groups"))
        .executeTakeFirstOrThrow();
      if (Number(groups) >= MOST) return refused("too_many_groups");
      const id = newId(tx.random);
      const { numInsertedOrUpdatedRows } = await tx.db
        .insertInto("groups")
        .values({ id, name, name_key: canonicalName(name), created_at: tx.now() })
        .onConflict((conflict) => conflict.column("name_key").doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows !== 1n) return refused("name_taken");
      tx.record({ kind: "group.created", ...by(authority, { group: name }) });
      return { ok: true, id };
    },
  );
}

/** Gives a group another name. */
export async function rename(
  context: Context,
  client: Client,
  authority: AdministratorAuthority,
  { id, name: typed }: { id: string; name: string },
) {
  const name = plainName(typed, NAME_LENGTH);
  if (name === undefined) return refused("name_invalid");
  return onGroup<{ ok: true } | Named>(context, client, authority, id, async (tx, group) => {
    if (group.name === name) return { ok: true };
    const name_key = canonicalName(name);
    const { numUpdatedRows } = await tx.db
      .updateTable("groups")
      .set({ name, name_key })
      .where("id", "=", id)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb.selectFrom("groups as other").select("id").where("name_key", "=", name_key).where("id", "!=", id),
          ),
        ),
      )
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return refused("name_taken");
    tx.record({ kind: "group.renamed", ...by(authority, { group: name, before: group.name }) });
    return { ok: true };
  });
}

/** Removes a group that no rule is for; the people stay. */
export async function remove(context: Context, client: Client, authority: AdministratorAuthority, id: string) {
  return onGroup<{ ok: true } | Refused<"group_has_rule">>(context, client, authority, id, async (tx, group) => {
    const { numDeletedRows: members } = await tx.db
      .deleteFrom("group_members")
      .where("group_id", "=", id)
      .executeTakeFirst();
    const { numDeletedRows } = await tx.db
      .deleteFrom("groups")
      .where("id", "=", id)
      .where(sql<boolean>`not exists (select 1 from policies where scope = ${`group:${id}`})`)
      .executeTakeFirst();
    if (numDeletedRows !== 1n) return refused("group_has_rule");
    tx.record({ kind: "group.removed", ...by(authority, { group: group.name, members: Number(members) }) });
    return { ok: true };
  });
}

/** Puts a person into a group; `person` is an id, or a login or e-mail address as it was typed. */
export async function addMember(
  context: Context,
  client: Client,
  authority: AdministratorAuthority,
  { id, person }: { id: string; person: { id: string } | { name: string } },
) {
  const userId = "id" in person ? person.id : (await findByName(context, person.name))?.id;
  if (userId === undefined) return refused("person_unknown");
  type Added = { ok: true } | Refused<"person_unknown" | "already_member">;
  return onGroup<Added>(context, client, authority, id, async (tx, group) => {
    if ((await lockAccount(tx, userId)) === undefined) return refused("person_unknown");
    const { numInsertedOrUpdatedRows } = await tx.db
      .insertInto("group_members")
      .values({ group_id: id, user_id: userId })
      .onConflict((conflict) => conflict.columns(["group_id", "user_id"]).doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows !== 1n) return refused("already_member");
    const member = await accountOf(tx, userId);
    if (member !== undefined) await trustedBrowsers.settleOf(tx, member);
    tx.record({ kind: "group.member_added", ...by(authority, { group: group.name }), user: userId });
    return { ok: true };
  });
}

/** Takes a person out of a group. */
export async function removeMember(
  context: Context,
  client: Client,
  authority: AdministratorAuthority,
  { id, userId }: { id: string; userId: string },
) {
  return onGroup<{ ok: true } | Refused<"not_member">>(context, client, authority, id, async (tx, group) => {
    const member = await lockAccount(tx, userId);
    if (member !== undefined) await trustedBrowsers.settleOf(tx, member);
    const { numDeletedRows } = await tx.db
      .deleteFrom("group_members")
      .where("group_id", "=", id)
      .where("user_id", "=", userId)
      .executeTakeFirst();
    if (numDeletedRows !== 1n) return refused("not_member");
    tx.record({ kind: "group.member_removed", ...by(authority, { group: group.name }), user: userId });
    return { ok: true };
  });
}

/** Runs an act on a group that there is. Acts of administrators take turns, so it stays as it was read. */
async function onGroup<T>(
  context: Context,
  client: Client,
  authority: AdministratorAuthority,
  id: string,
  act: (tx: Tx, group: { name: string }) => Promise<T>,
) {
  return withAuthority<T | Refused<"not_found">>(context, client, authority, async (tx) => {
    const group = await tx.db.selectFrom("groups").select("name").where("id", "=", id).executeTakeFirst();
    return group === undefined ? refused("not_found") : act(tx, group);
  });
}
