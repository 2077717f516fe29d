// Sessions: who is signed in where. `issue` is the only insert into the table, for every method in.
//
// A session is an unguessable cookie and a row that holds the hash of its secret. It dies by time (an hour idle, a
// day in all), by ending it, and by any change of the person's security setup, because it carries the version of the
// setup that it was made under. Nothing is cached: each request asks the database, so an end holds on every node.

import { sql } from "kysely";
import type { Client, Context } from "../../context.ts";
import { newToken, parseToken, secretMatches } from "../../crypto/token.ts";
import type { RescueTable, Role, SessionTable } from "../../db/schema.ts";
import { pick, statement } from "../../db/statement.ts";
import { type Refused, refused } from "../../outcomes.ts";
import { STRANGERS } from "../ground/attempts.ts";
import { roomFor } from "../ground/make-room.ts";
import { isWeak, METHODS, type Method, onlyEnrols } from "../ground/methods.ts";
import type { Over } from "../ground/sweep.ts";
import { type Tx, transact } from "../ground/transaction.ts";
import { type Account, accountOf, accounts, countSignIn, underLock } from "./account.ts";
import * as knownBrowsers from "./known-browsers.ts";
import * as policies from "./policies.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The idle limit; policy-points.ts has the absolute one (NIST SP 800-63B §2.2.3 for two factors: an hour and a day). */
const IDLE = HOUR;
/** `last_seen_at` is written at most once in this time, so that reading pages does not write. */
const SEEN_GRAIN = MINUTE;
/** How long somebody has to set up a second factor in the place of a lost one. */
const RESCUE_LIFETIME = HOUR;
/** Sessions of one person; the oldest makes room. */
const MOST = 50;
const makeRoom = roomFor("sessions", MOST);
// `METHODS` has no keys that its type does not name.
const ENROLLING = (Object.keys(METHODS) as Method[]).filter(onlyEnrols);

export type SignedInUser = {
  id: string;
  login: string;
  name: string;
  email: string | null;
  role: Role;
  language: string;
  timeZone: string;
  /** Whether an authenticator is on. */
  twoFactor: boolean;
};

declare const proof: unique symbol;

type SessionFacts = {
  id: string;
  user: SignedInUser;
  method: Method;
  bucket: string;
  createdAt: number;
  lastSeenAt: number;
  expiresAt: number;
  confirmedAt: number | null;
  /** A way back in that somebody asked for and that this session can stop. */
  rescue: OpenRescue | undefined;
};

/** A rescue that waits (rescues.ts), as the person sees it; `readyAt` is null where an administrator must approve. */
export type OpenRescue = { way: RescueTable["way"]; askedAt: number; readyAt: number | null };

/** A living session. Only this file makes one, so a function that asks for it cannot be reached with less. */
export type Session = SessionFacts & {
  mayOnlyEnrol: false;
  /** What is asked of a person without a second factor, and until when. */
  asked: policies.Asked | undefined;
  readonly [proof]: "session";
};

/**
 * A session of somebody who owes a second factor, or lost it: it reaches enrolment and signing out. It is no `Session`, so whatever
 * was not written for it refuses to compile.
 */
export type EnrolOnlySession = SessionFacts & { mayOnlyEnrol: true; readonly [proof]: "enrol-only" };

export type LivingSession = Session | EnrolOnlySession;

/** A session whose person confirmed who they are within the last ten minutes; confirmation.ts makes it. */
export type Recent<S extends LivingSession> = S & { readonly recent: typeof proof };
export type RecentSession = Recent<Session>;

/**
 * What `issue` needs: which method was walked, by whom, under which version of their security setup. The account was
 * locked in the same transaction.
 */
export type Evidence = { method: Method; account: Account; securityVersion: number; bucket: string };

/** What a new session consists of: cookies, and milliseconds that it lasts; `browserToken` only for a browser that was not known before. */
export type Issued = {
  ok: true;
  sessionToken: string;
  lifetime: number;
  /** What is asked of a person without a second factor. */
  asked: policies.Demand | undefined;
  browserToken: string | null;
};

/**
 * Makes a session, if the person is still allowed in and the security setup is still the one that the evidence was
 * gathered under. Both are decided by the statement that also takes the lock on the person.
 */
export async function issue(tx: Tx, evidence: Evidence): Promise<Issued | Refused<"expired">> {
  const now = tx.now();
  const { method, account, securityVersion } = evidence;
  const { user, hasFactor } = account;
  // A known browser has a bucket of its own for guessing, which less than a second factor in full must not multiply.
  const meet = isWeak(method) || onlyEnrols(method) ? knownBrowsers.see : knownBrowsers.remember;
  const [entered, browser] = await Promise.all([
    enter.run(tx, { id: user.id, securityVersion, now }),
    meet(tx, user.id, evidence.bucket),
  ]);
  if (entered !== 1) return refused("expired");
  const policy = hasFactor ? account.policy : await countSignIn(tx, account);
  // Who is let in to enrol alone has just shown all that the account has.
  const owed = hasFactor ? undefined : policies.demand(policy, now);
  const asked = onlyEnrols(method) ? "only-enrol" : owed;
  const longest = policy.session_hours * HOUR;
  const lifetime = onlyEnrols(method) ? Math.min(RESCUE_LIFETIME, longest) : longest;
  const { id, token, secretHash } = newToken(tx.random);
  const row = {
    id,
    secret_hash: secretHash,
    user_id: user.id,
    security_version: securityVersion,
    method,
    known_browser_id: browser.id,
    address: tx.client.address,
    user_agent: tx.client.userAgent,
    created_at: now,
    last_seen_at: now,
    expires_at: now + lifetime,
    confirmed_at: "confirms" in METHODS[method] || asked === "only-enrol" ? now : null,
  };
  tx.send(insert.run(tx, row));
  tx.send(makeRoom(tx, { userId: user.id, newest: id }));
  // Before the first sign-in of all there was nothing that this one could differ from.
  const isNew = browser.id === null || browser.token !== null;
  if (isNew && user.last_sign_in_at !== null) await knownBrowsers.notify(tx, user);
  const details = { method, assurance: METHODS[method].assurance };
  tx.record({ kind: "sign_in.succeeded", actor: user.id, user: user.id, session: id, details });
  return { ok: true, sessionToken: token, lifetime, asked, browserToken: browser.token };
}

const enter = statement((db, { id, securityVersion, now }: { id: string; securityVersion: number; now: number }) =>
  db
    .updateTable("users")
    .set({ last_sign_in_at: now })
    .where("id", "=", id)
    .where("security_version", "=", securityVersion)
    .where("disabled_at", "is", null),
);

// biome-ignore format: in the order of the table
const COLUMNS = [
  "id", "secret_hash", "user_id", "security_version", "method", "known_browser_id",
  "address", "user_agent", "created_at", "last_seen_at", "expires_at", "confirmed_at",
] as const;

const insert = statement((db, row: SessionTable) => db.insertInto("sessions").values(pick(row, COLUMNS)));

/** The session of a presented token: the answer to "who is this?". Whoever may only enrol is nobody here. */
export async function find(context: Context, token: string | undefined): Promise<Session | undefined> {
  const session = await findLiving(context, token);
  return session === undefined || session.mayOnlyEnrol ? undefined : session;
}

/** The session of a presented token, also of somebody who may only enrol. */
export async function findLiving(context: Context, token: string | undefined): Promise<LivingSession | undefined> {
  const parsed = parseToken(token);
  if (parsed === undefined) return undefined;
  const now = context.now();
  const row = await living.first(context, { id: parsed.id, now, idleSince: now - IDLE });
  if (row === undefined || !secretMatches(parsed.secret, row.secret_hash)) return undefined;
  if (now - row.last_seen_at >= SEEN_GRAIN) await see.run(context, { id: row.id, now });
  const user: SignedInUser = {
    id: row.user_id,
    login: row.login,
    name: row.name,
    email: row.email,
    role: row.role,
    language: row.language,
    timeZone: row.time_zone,
    twoFactor: Boolean(row.two_factor),
  };
  const facts: SessionFacts = {
    id: row.id,
    user,
    // Only `issue` and `upgrade` write this column.
    method: row.method as Method,
    bucket: row.known_browser_id ?? STRANGERS,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
    confirmedAt: row.confirmed_at,
    rescue: openRescue(row, now),
  };
  const account = user.twoFactor ? undefined : await accountOf(context, user.id);
  const asked = account && policies.demand(account.policy, now);
  // The one place that makes a session of either kind.
  return asked === "only-enrol" || onlyEnrols(facts.method)
    ? ({ ...facts, mayOnlyEnrol: true } as EnrolOnlySession)
    : ({ ...facts, mayOnlyEnrol: false, asked } as Session);
}

function openRescue(row: Row, now: number): OpenRescue | undefined {
  const { rescue_way: way, rescue_asked_at: askedAt, rescue_ready_at: readyAt, rescue_expires_at: expiresAt } = row;
  if (way === null || askedAt === null || (expiresAt ?? 0) <= now) return undefined;
  return { way, askedAt, readyAt };
}

/** The account of whoever is signed in, as it is now. */
export async function accountFor(context: Context, session: LivingSession): Promise<Account> {
  const account = await accountOf(context, session.user.id);
  // People are disabled, never deleted.
  if (account === undefined) throw new Error("The person of a session is gone");
  return account;
}

/** Gives a session a new secret, so that the cookie which was used until now is worthless (`confirmed` marks the time). */
export async function renew(
  tx: Tx,
  session: LivingSession,
): Promise<{ ok: true; sessionToken: string } | Refused<"expired">> {
  const { token, secretHash } = newToken(tx.random, session.id);
  const { numUpdatedRows } = await tx.db
    .updateTable("sessions")
    .set({ secret_hash: secretHash, confirmed_at: tx.now(), last_seen_at: tx.now() })
    .where("id", "=", session.id)
    .where("expires_at", ">", tx.now())
    .where((eb) =>
      eb(
        "security_version",
        "=",
        eb.selectFrom("users").select("security_version").whereRef("users.id", "=", "user_id"),
      ),
    )
    .executeTakeFirst();
  return numUpdatedRows === 1n ? { ok: true, sessionToken: token } : refused("expired");
}

/** Signs out. */
export async function end(context: Context, client: Client, session: LivingSession): Promise<void> {
  await transact(context, client, async (tx) => {
    const { numDeletedRows } = await tx.db.deleteFrom("sessions").where("id", "=", session.id).executeTakeFirst();
    if (numDeletedRows !== 1n) return;
    tx.record({ kind: "session.ended", actor: session.user.id, user: session.user.id, session: session.id });
  });
}

/**
 * The account of a session that a request came with, locked until the transaction of what the request wants is over;
 * `undefined` if the session was ended while the request waited or hashed.
 */
export function stillStands(tx: Tx, session: LivingSession): Promise<Account | undefined> {
  return underLock(tx, session.user.id, () => standing.all(tx, { id: session.id }));
}

const standing = statement((db, { id }: { id: string }) =>
  accounts(db)
    .innerJoin("sessions", (join) =>
      join.onRef("sessions.user_id", "=", "users.id").onRef("sessions.security_version", "=", "users.security_version"),
    )
    .where("sessions.id", "=", id)
    .where("users.disabled_at", "is", null),
);

/** Forgets every session of a person, and cancels sign-ins that are half done; the person is still notified of those. */
export async function forgetAll(tx: Tx, userId: string): Promise<number> {
  const { numDeletedRows } = await tx.db.deleteFrom("sessions").where("user_id", "=", userId).executeTakeFirst();
  await cancelPending(tx, userId);
  return Number(numDeletedRows);
}

/** Forgets the sessions of a person that exist to set up a new second factor in the place of a lost one. */
export async function forgetEnrolling(tx: Tx, userId: string): Promise<void> {
  await tx.db.deleteFrom("sessions").where("user_id", "=", userId).where("method", "in", ENROLLING).execute();
}

/** Forgets the sessions of a person besides their own current one: one of them, or all and the sign-ins that are half done. */
export async function forgetOthers(tx: Tx, session: Session, id?: string): Promise<number> {
  const userId = session.user.id;
  const others = tx.db.deleteFrom("sessions").where("user_id", "=", userId).where("id", "!=", session.id);
  const { numDeletedRows } = await (id === undefined ? others : others.where("id", "=", id)).executeTakeFirst();
  if (id === undefined) await cancelPending(tx, userId);
  return Number(numDeletedRows);
}

/** Half-done sign-ins of a person end; their rows stay until the owner was told of them. */
async function cancelPending(tx: Tx, userId: string): Promise<void> {
  await tx.db.updateTable("pending_sign_ins").set({ cancelled_at: tx.now() }).where("user_id", "=", userId).execute();
}

/** The sessions whose time is not over, for those who count them. */
export function current({ db, now }: Pick<Context, "db" | "now">) {
  return db
    .selectFrom("sessions")
    .where("expires_at", ">", now())
    .where("last_seen_at", ">", now() - IDLE);
}

/** The living sessions, for those who list them. */
export function alive(context: Pick<Context, "db" | "now">) {
  return current(context).innerJoin("users", (join) =>
    join.onRef("users.id", "=", "sessions.user_id").onRef("users.security_version", "=", "sessions.security_version"),
  );
}

/**
 * The security setup changed: everything that was earned under the old one ends, except the session that changed it.
 * `method` raises that session's own assurance, when the change itself proved another factor.
 */
export async function securityChanged(
  tx: Tx,
  userId: string,
  keep?: { session: LivingSession; method?: Method },
): Promise<void> {
  const { security_version } = await tx.db
    .updateTable("users")
    .set((eb) => ({ security_version: eb("security_version", "+", 1) }))
    .where("id", "=", userId)
    .returning("security_version")
    .executeTakeFirstOrThrow();
  await tx.db.deleteFrom("enrolments").where("user_id", "=", userId).execute();
  await tx.db.deleteFrom("tickets").where("user_id", "=", userId).execute();
  await tx.db.deleteFrom("rescues").where("user_id", "=", userId).execute();
  await tx.db.deleteFrom("trusted_browsers").where("user_id", "=", userId).execute();
  await tx.db
    .deleteFrom("sessions")
    .where("user_id", "=", userId)
    .where("id", "!=", keep?.session.id ?? "")
    .execute();
  if (keep === undefined) return;
  await tx.db
    .updateTable("sessions")
    .set({ security_version, method: keep.method ?? keep.session.method })
    .where("id", "=", keep.session.id)
    .execute();
}

/** Sessions that are over. */
export function over({ now }: Context): Over<"sessions"> {
  return { table: "sessions", key: "id", when: sql`expires_at <= ${now()} or last_seen_at <= ${now() - IDLE}` };
}

/** What every request of every page asks. */
const living = statement((db, { id, now, idleSince }: { id: string; now: number; idleSince: number }) =>
  db
    .selectFrom("sessions")
    .innerJoin("users", (join) =>
      join.onRef("users.id", "=", "sessions.user_id").onRef("users.security_version", "=", "sessions.security_version"),
    )
    .leftJoin("rescues", "rescues.user_id", "users.id")
    .select(["sessions.id", "sessions.secret_hash", "sessions.user_id", "method", "known_browser_id", "confirmed_at"])
    .select(["sessions.created_at", "last_seen_at", "sessions.expires_at"])
    .select(["login", "name", "email", "role", "language", "time_zone"])
    .select(["way as rescue_way", "rescues.asked_at as rescue_asked_at", "ready_at as rescue_ready_at"])
    .select("rescues.expires_at as rescue_expires_at")
    .select(policies.hasFactor.as("two_factor"))
    .where("sessions.id", "=", id)
    .where("sessions.expires_at", ">", now)
    .where("last_seen_at", ">", idleSince)
    .where("disabled_at", "is", null),
);

type Row = NonNullable<Awaited<ReturnType<typeof living.first>>>;

const see = statement((db, { id, now }: { id: string; now: number }) =>
  db.updateTable("sessions").set({ last_seen_at: now }).where("id", "=", id).where("last_seen_at", "<", now),
);
