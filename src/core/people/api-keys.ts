// API keys: what a program shows in place of a person, for a few narrow things and a limited time.
//
// A key is never a session: it has a type of its own, and nothing that asks for a session takes it. It does what its
// scopes name, as long as its owner may. Nothing is cached: each use asks the database, so a revoked key, a disabled
// owner or a lost role holds at the next request on every node. Changing the password or the factors leaves keys alone.
//
// An invented key is told by its checksum, before the database is asked. One that no longer works is recorded.

import { type Selectable, sql } from "kysely";
import type { Client, Context } from "../../context.ts";
import { apiKeyHash, newApiKey } from "../../crypto/api-key.ts";
import { sha256 } from "../../crypto/digest.ts";
import { newId } from "../../crypto/token.ts";
import type { ApiKeyTable, Role } from "../../db/schema.ts";
import { type Refused, refused, type TooMany } from "../../outcomes.ts";
import { addressKey } from "../ground/address.ts";
import * as attempts from "../ground/attempts.ts";
import type { Author, DetailsOf } from "../ground/event-kinds.ts";
import * as mails from "../ground/mails.ts";
import { plainName } from "../ground/names.ts";
import type { Over } from "../ground/sweep.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import { accountOf } from "../session/account.ts";
import { hasFactor } from "../session/policies.ts";
import { type RecentSession, type Session, stillStands } from "../session/sessions.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const SCOPES = ["profile:read", "introspect"] as const;
export type Scope = (typeof SCOPES)[number];

/** What a person chooses from; a key without an end is for those whose policy allows it. */
export const LIFETIMES_IN_DAYS = [1, 7, 30, 90, 180, 365] as const;
/** The end of a key without one: the last millisecond of the year 9999. */
export const NEVER = 253_402_300_799_999;
export const NAME_LENGTH = 60;
/** Living keys of one person. */
const MOST = 20;
/** A dead key is kept for so long, so that its use is still recognised and its form makes no second one. */
const KEPT = 30 * DAY;
/** Uses are written at most once in this time. */
const SEEN_GRAIN = MINUTE;

/** Dead keys from one address, and records of them over all. */
const FROM_ADDRESS: attempts.Rate = { name: "dead-key", burst: 20, perHour: 60 };
const FROM_ALL: attempts.Rate = { name: "dead-keys", burst: 200, perHour: 600 };

/** A key as its owner sees it. */
export type ApiKey = {
  id: string;
  name: string;
  scopes: Scope[];
  lastFour: string;
  createdAt: number;
  /** Null: never. */
  expiresAt: number | null;
  lastUsedAt: number | null;
  lastUsedAddress: string | null;
};

declare const proof: unique symbol;

/** Whoever holds a living key, with the scopes that its owner may use now. Only this file makes one. */
export type Program = {
  key: { id: string; name: string; scopes: Scope[]; createdAt: number; expiresAt: number | null };
  user: { id: string; login: string; name: string; email: string | null; role: Role; twoFactor: boolean };
  readonly [proof]: "program";
};

/** `days` null: without an end. */
type Wanted = { name: string; scopes: readonly string[]; days: number | null; formNumber: string };
type CreateReason =
  | "name_invalid"
  | "scopes_invalid"
  | "expiry_invalid"
  | "too_many_keys"
  | "already_made"
  | "session_ended";

/** The scopes that this person can give a key. */
export function grantableScopes(owner: { role: Role; twoFactor: boolean }): Scope[] {
  return SCOPES.filter((scope) => scope === "profile:read" || (owner.role === "administrator" && owner.twoFactor));
}

/** A number for one form. */
export function newFormNumber({ random }: Context): string {
  return newId(random);
}

/**
 * Makes a key; its text is in the outcome and nowhere else. One sending of a form makes one key: the number of the form
 * and the session decide its id, so the same form sent again finds it taken.
 */
export async function create(
  context: Context,
  client: Client,
  session: RecentSession,
  { name: typed, scopes, days, formNumber }: Wanted,
): Promise<{ ok: true; key: string; apiKey: ApiKey } | Refused<CreateReason>> {
  const name = plainName(typed, NAME_LENGTH);
  if (name === undefined) return refused("name_invalid");
  if (scopes.length === 0) return refused("scopes_invalid");
  if (days !== null && !LIFETIMES_IN_DAYS.some((known) => known === days)) return refused("expiry_invalid");
  if (!/^[\w-]{16}$/.test(formNumber)) return refused("already_made");
  const { key, keyHash, lastFour } = newApiKey(context.random);
  const id = sha256(`${session.id}.${formNumber}`).slice(0, 16);
  return transact<{ ok: true; key: string; apiKey: ApiKey } | Refused<CreateReason>>(context, client, async (tx) => {
    const account = await stillStands(tx, session);
    if (account === undefined) return refused("session_ended");
    const { user: owner, hasFactor, policy } = account;
    const granted = grantableScopes({ role: owner.role, twoFactor: hasFactor }).filter((scope) =>
      scopes.includes(scope),
    );
    if (granted.length !== scopes.length) return refused("scopes_invalid");
    if (days === null && policy.endless_keys !== 1) return refused("expiry_invalid");
    const [createdAt, end] = [tx.now(), days === null ? NEVER : tx.now() + days * DAY];
    const { numInsertedOrUpdatedRows } = await tx.db
      .insertInto("api_keys")
      .values({
        id,
        key_hash: keyHash,
        user_id: owner.id,
        name,
        scopes: granted.join(" "),
        last_four: lastFour,
        created_at: createdAt,
        expires_at: end,
        last_used_at: null,
        last_used_address: null,
        revoked_at: null,
      })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows !== 1n) return refused("already_made");
    if ((await living(tx, owner.id).execute()).length > MOST) return refused("too_many_keys");
    const details = { name, scopes: granted.join(" "), days: days ?? ("without end" as const) };
    tx.record({ kind: "api_key.created", actor: owner.id, user: owner.id, session: session.id, details });
    await mails.queue(tx, { kind: "api_key_created", user: owner, facts: { name } });
    const apiKey = { id, name, scopes: granted, lastFour, createdAt, expiresAt: endOf(end) };
    return { ok: true, key, apiKey: { ...apiKey, lastUsedAt: null, lastUsedAddress: null } };
  });
}

/** The living keys of whoever is signed in, the newest first. */
export async function list(context: Context, session: Session): Promise<ApiKey[]> {
  const rows = await living(context, session.user.id).orderBy("created_at", "desc").orderBy("id").execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    scopes: readScopes(row.scopes),
    lastFour: row.last_four,
    createdAt: row.created_at,
    expiresAt: endOf(row.expires_at),
    lastUsedAt: row.last_used_at,
    lastUsedAddress: row.last_used_address,
  }));
}

/** Makes one of one's own keys worthless, from this moment. */
export async function revoke(
  context: Context,
  client: Client,
  session: Session,
  id: string,
): Promise<{ ok: true } | Refused<"not_found" | "session_ended">> {
  return transact<{ ok: true } | Refused<"not_found" | "session_ended">>(context, client, async (tx) => {
    const account = await stillStands(tx, session);
    if (account === undefined) return refused("session_ended");
    const { user: owner } = account;
    const row = await tx.db
      .updateTable("api_keys")
      .set({ revoked_at: tx.now() })
      .where("id", "=", id)
      .where("user_id", "=", owner.id)
      .where("revoked_at", "is", null)
      .returning("name")
      .executeTakeFirst();
    if (row === undefined) return refused("not_found");
    const { name } = row;
    tx.record({ kind: "api_key.revoked", actor: owner.id, user: owner.id, session: session.id, details: { name } });
    await mails.queue(tx, { kind: "api_key_revoked", user: owner, facts: { name } });
    return { ok: true };
  });
}

/** Revokes all keys of a person who was disabled, so that enabling them again revives none. */
export async function revokeAll(tx: Tx, userId: string, by: Author): Promise<void> {
  const rows = await tx.db
    .updateTable("api_keys")
    .set({ revoked_at: tx.now() })
    .where("user_id", "=", userId)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", tx.now())
    .returning("name")
    .execute();
  const { actor = null, session = null } = by;
  for (const { name } of rows) tx.record({ kind: "api_key.revoked", actor, session, user: userId, details: { name } });
}

/** Who shows this key? */
export async function authenticate(
  context: Context,
  client: Client,
  presented: string,
): Promise<{ ok: true; program: Program } | Refused<"key_invalid"> | TooMany> {
  const keyHash = apiKeyHash(presented);
  if (keyHash === undefined) return refused("key_invalid");
  const row = await select(context, keyHash);
  const dead = await deathOf(context, row);
  if (row === undefined || dead !== undefined) return refuse(context, client, row, dead ?? "unknown");
  await see(context, client, row);
  return { ok: true, program: programOf(row) };
}

/** What a program with the scope for it learns of a key that was shown to it; `undefined` for one that does nothing. */
export async function introspect(context: Context, client: Client, presented: string): Promise<Program | undefined> {
  const keyHash = apiKeyHash(presented);
  const row = keyHash === undefined ? undefined : await select(context, keyHash);
  if (row === undefined || (await deathOf(context, row)) !== undefined) return undefined;
  const program = programOf(row);
  if (program.key.scopes.length === 0) return undefined;
  await see(context, client, row);
  return program;
}

/** Keys whose time was over long ago. */
export function over({ now }: Context): Over<"api_keys"> {
  const before = now() - KEPT;
  return { table: "api_keys", key: "id", when: sql`(expires_at <= ${before} or revoked_at <= ${before})` };
}

function living({ db, now }: Context, userId: string) {
  return db
    .selectFrom("api_keys")
    .selectAll()
    .where("user_id", "=", userId)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now());
}

type Row = Selectable<ApiKeyTable> & {
  login: string;
  owner_name: string;
  email: string | null;
  role: Role;
  disabled_at: number | null;
  two_factor: unknown;
};

async function select({ db }: Context, keyHash: string): Promise<Row | undefined> {
  return db
    .selectFrom("api_keys")
    .innerJoin("users", "users.id", "api_keys.user_id")
    .selectAll("api_keys")
    .select(["login", "users.name as owner_name", "email", "role", "disabled_at"])
    .select(hasFactor.as("two_factor"))
    .where("key_hash", "=", keyHash)
    .executeTakeFirst();
}

type Death = DetailsOf["api_key.refused"]["reason"];

/** What keeps a key from working, in the words of its event. */
async function deathOf(context: Context, row: Row | undefined): Promise<Death | undefined> {
  if (row === undefined) return "unknown";
  if (row.revoked_at !== null) return "revoked";
  if (row.expires_at <= context.now()) return "expired";
  if (row.disabled_at !== null) return "disabled";
  if (row.expires_at !== NEVER) return undefined;
  const owner = await accountOf(context, row.user_id);
  return owner?.policy.endless_keys === 1 ? undefined : "without end";
}

function programOf(row: Row): Program {
  const { user_id: id, login, owner_name: name, email, role } = row;
  const user = { id, login, name, email, role, twoFactor: Boolean(row.two_factor) };
  const may = grantableScopes(user);
  const scopes = readScopes(row.scopes).filter((scope) => may.includes(scope));
  const key = { id: row.id, name: row.name, scopes, createdAt: row.created_at, expiresAt: endOf(row.expires_at) };
  return { key, user } as Program;
}

async function refuse(context: Context, client: Client, row: Row | undefined, reason: Death) {
  return transact<Refused<"key_invalid"> | TooMany | { ok: true }>(context, client, async (tx) => {
    const own = await attempts.spend(tx, FROM_ADDRESS, addressKey(client.address));
    if (!own.ok) return own;
    const all = await attempts.spend(tx, FROM_ALL, "");
    const details = row === undefined ? { reason } : { reason, name: row.name };
    if (all.ok) tx.record({ kind: "api_key.refused", user: row?.user_id ?? null, details });
    return { ok: true };
  }).then((outcome) => (outcome.ok ? refused("key_invalid") : outcome));
}

/** Writes that a key was used, and records it when it is the first time or comes from another address than before. */
async function see(context: Context, client: Client, row: Row): Promise<void> {
  const now = context.now();
  if (row.last_used_at !== null && now - row.last_used_at < SEEN_GRAIN) return;
  await transact(context, client, async (tx) => {
    const { numUpdatedRows } = await tx.db
      .updateTable("api_keys")
      .set({ last_used_at: now, last_used_address: client.address })
      .where("id", "=", row.id)
      .where((eb) => eb.or([eb("last_used_at", "is", null), eb("last_used_at", "<=", now - SEEN_GRAIN)]))
      .executeTakeFirst();
    if (numUpdatedRows !== 1n || row.last_used_address === client.address) return;
    tx.record({ kind: "api_key.used", actor: row.user_id, user: row.user_id, details: { name: row.name } });
  });
}

function endOf(expiresAt: number): number | null {
  return expiresAt === NEVER ? null : expiresAt;
}

function readScopes(text: string): Scope[] {
  return SCOPES.filter((scope) => text.split(" ").includes(scope));
}
