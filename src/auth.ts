// The engine: its face towards applications (face/), and what our pages and our server need besides.

import { hostname } from "node:os";
import type { HostAccounts } from "./accounts.ts";
import type { Accounts, Context, Log } from "./context.ts";
import * as groups from "./core/console/groups.ts";
import * as jobWork from "./core/console/job-work.ts";
import * as jobs from "./core/console/jobs.ts";
import * as lockout from "./core/console/lockout.ts";
import * as protection from "./core/console/protection.ts";
import * as enrolment from "./core/factors/enrolment.ts";
import * as recoveryCodes from "./core/factors/recovery-codes.ts";
import * as installation from "./core/ground/installation.ts";
import * as mails from "./core/ground/mails.ts";
import * as requests from "./core/ground/requests.ts";
import { accountsOf, ownAlone } from "./core/people/accounts.ts";
import * as apiKeys from "./core/people/api-keys.ts";
import * as emailChange from "./core/people/email-change.ts";
import * as emailUndo from "./core/people/email-undo.ts";
import * as enrolmentLinks from "./core/people/enrolment-links.ts";
import * as invitations from "./core/people/invitations.ts";
import * as passwordReset from "./core/people/password-reset.ts";
import * as passwords from "./core/people/passwords.ts";
import * as setup from "./core/people/setup.ts";
import * as users from "./core/people/users.ts";
import * as outbox from "./core/record/outbox.ts";
import * as reading from "./core/record/reading.ts";
import * as rescues from "./core/rescue/rescues.ts";
import * as authority from "./core/session/authority.ts";
import * as sessions from "./core/session/sessions.ts";
import * as confirmation from "./core/sign-in/confirmation.ts";
import * as machine from "./core/sign-in/sign-in.ts";
import * as upkeep from "./core/upkeep.ts";
import type { Keys } from "./crypto/secret-box.ts";
import { pooledRandom } from "./crypto/token.ts";
import { migrate } from "./db/migrate.ts";
import { type Database, openDatabase } from "./db/open.ts";
import { account } from "./face/account.ts";
import { events } from "./face/events.ts";
import { people } from "./face/people.ts";
import { policy } from "./face/policy.ts";
import { session } from "./face/session.ts";
import { signIn } from "./face/sign-in.ts";
import { checkOptions, type GivenOptions, type Options } from "./options.ts";

export type { Acted } from "./core/console/act.ts";
export type { ActRefused } from "./core/console/acting.ts";
export {
  type Act,
  type ActOf,
  BULK_ACTS,
  type BulkAct,
  isOffered,
  list as acts,
  needsOf,
  type SupportAct,
} from "./core/console/acts.ts";
export { type Group, NAME_LENGTH as GROUP_NAME_LENGTH } from "./core/console/groups.ts";
export type { ItemReason, ItemState, Job, JobItem } from "./core/console/jobs.ts";
export type { Lockout } from "./core/console/lockout.ts";
export type { Person } from "./core/console/people.ts";
export type { PeopleFilter } from "./core/console/people-filter.ts";
export { type Overview, PEOPLE_STATES, type PeopleState } from "./core/console/protection.ts";
export { type Authenticator, MOST as MOST_AUTHENTICATORS, type Naming } from "./core/factors/authenticators.ts";
export type { Explanation } from "./core/factors/drift.ts";
export type { ClockOff, Enrolled, Enrolment } from "./core/factors/enrolment.ts";
export { FEW as FEW_RECOVERY_CODES, type RecoveryCodes } from "./core/factors/recovery-codes.ts";
export type { TrustedBrowser } from "./core/factors/trusted-browsers.ts";
export {
  type DetailsOf,
  EVENT_KINDS,
  type EventKind,
  type ProfilePart,
  partsOfProfile,
} from "./core/ground/event-kinds.ts";
export type { Event, EventFilter } from "./core/ground/events.ts";
export { prepare as checkKeys, WrongKeysError } from "./core/ground/installation.ts";
export { MAIL_KINDS, type MailFactsOf, type MailKind, type Whence } from "./core/ground/mail-kinds.ts";
export type { Mail } from "./core/ground/mails.ts";
export { type Method, waysIn } from "./core/ground/methods.ts";
export { type PasswordReason, SHORTEST as SHORTEST_PASSWORD } from "./core/ground/password-quality.ts";
export { AccountsError } from "./core/people/accounts.ts";
export {
  type ApiKey,
  grantableScopes,
  LIFETIMES_IN_DAYS as API_KEY_LIFETIMES,
  NAME_LENGTH as API_KEY_NAME_LENGTH,
  type Program,
  type Scope,
} from "./core/people/api-keys.ts";
export { type Profile, type ProfileReason, ROLES } from "./core/people/users.ts";
export type { Touched } from "./core/policy/change.ts";
export type { Rehearsal } from "./core/policy/rehearsal.ts";
export {
  type CommonScope,
  type NamedRule,
  type RuleReason,
  readRule,
  type Scope as RuleScope,
} from "./core/policy/rules.ts";
export type { Fault, Position, Verdict, VerifyOptions } from "./core/record/chain.ts";
export { EXPORT_FORMATS, type ExportFormat, type Piece } from "./core/record/export.ts";
export type { MailState } from "./core/record/outbox.ts";
export type { Rescue, Standing as RescueStanding } from "./core/rescue/rescues.ts";
export type { SelfRescue } from "./core/rescue/self-rescue.ts";
export type { Account } from "./core/session/account.ts";
export {
  type AdministratorAuthority,
  type AdministratorReader,
  type AdministratorSession,
  reaches,
  type StaffRole,
  type SupportAuthority,
  type SupportReader,
  type SupportSession,
} from "./core/session/authority.ts";
export type { OwnSession } from "./core/session/own-sessions.ts";
export {
  FACTOR_SETS,
  PARTS as POLICY_PARTS,
  POINT_NAMES as POLICY_POINT_NAMES,
  POINTS as POLICY_POINTS,
  type PointName,
  type Rule,
  type Said as SaidOf,
  WAYS_OF_LEAVING_TIME,
} from "./core/session/policy-points.ts";
export type {
  EnrolOnlySession,
  LivingSession,
  OpenRescue,
  Recent,
  RecentSession,
  Session,
} from "./core/session/sessions.ts";
export { type Confirmed, owesCode, type Proof } from "./core/sign-in/confirmation.ts";
export type {
  Completion,
  HostStep,
  PasswordStep,
  PendingSignIn,
  SecondStep,
  SignedIn,
} from "./core/sign-in/sign-in.ts";
export type { Role } from "./db/schema.ts";
export type { Status } from "./face/account.ts";

/** What the host gives besides options; only the keys have no default. */
export type Host = {
  /** The keys, or a function that is told whether the database has been used before. */
  keys: Keys | ((used: boolean) => Keys | Promise<Keys>);
  log?: Log;
  now?: () => number;
  /** An opened database, instead of the one that the options name. */
  openDatabase?: (url: string) => Promise<Database>;
  /** Users and passwords of the host, in the place of ours. */
  accounts?: HostAccounts;
};

/** What is called after a commit that left work for later: mail to send, or a job to work on. `run` listens to both. */
export type Listener = { mailQueued(): void; jobReady(): void };

// Each operation takes a Context first; `bind` fills it in. What others may call is in face/; the rest is what our pages,
// our server and our command line need besides.
const FACE = { signIn, session, account, people, policy, events };
const INSIDE = {
  sessions: { findLiving: sessions.findLiving, accountOf: sessions.accountFor },
  confirmation: {
    recent: confirmation.recent<sessions.LivingSession>,
    confirm: confirmation.confirm<sessions.LivingSession>,
  },
  selfRescue: { begin: machine.beginSelfRescue, confirm: machine.confirmSelfRescue },
  enrolment: { cancel: enrolment.cancel },
  recoveryCodes: { find: recoveryCodes.find, proveKept: recoveryCodes.proveKept },
  apiKeys: {
    list: apiKeys.list,
    newFormNumber: apiKeys.newFormNumber,
    create: apiKeys.create,
    revoke: apiKeys.revoke,
    authenticate: apiKeys.authenticate,
    introspect: apiKeys.introspect,
  },
  passwords: { change: ownAlone(passwords.change) },
  passwordReset: {
    request: ownAlone(passwordReset.request),
    answerNext: passwordReset.answerNext,
    find: passwordReset.find,
    complete: ownAlone(passwordReset.complete),
  },
  users: {
    changePreferences: ownAlone(users.changePreferences),
    changeEmail: ownAlone(emailChange.change),
    acknowledgeWarnings: users.acknowledgeWarnings,
  },
  emailUndo: { find: emailUndo.find, complete: ownAlone(emailUndo.complete) },
  setup: {
    isOpen: setup.isOpen,
    isValid: setup.isValid,
    complete: ownAlone(setup.complete),
  },
  invitations: { find: invitations.find, accept: ownAlone(invitations.accept) },
  lockout: { find: lockout.find },
  protection: { overview: protection.overview },
  jobs: {
    prepare: jobs.prepare,
    begin: jobs.begin,
    stop: jobs.stop,
    resume: jobs.resume,
    find: jobs.find,
    items: jobs.items,
    list: jobs.list,
    workNext: jobWork.workNext,
  },
  record: { listOf: reading.listOf, signIns: reading.signIns, warnings: reading.warnings },
  groups: {
    list: groups.list,
    listWithMembers: groups.listWithMembers,
    find: groups.find,
    listOf: groups.listOf,
    create: groups.create,
    rename: groups.rename,
    remove: groups.remove,
    addMember: groups.addMember,
    removeMember: groups.removeMember,
  },
  rescues: {
    stop: rescues.stop,
    stopByLink: rescues.stopByLink,
    findByLink: rescues.findByLink,
    find: rescues.find,
    list: rescues.list,
  },
  enrolmentLinks: { isUsable: enrolmentLinks.isUsable, enter: enrolmentLinks.enter },
  requests: { recordRefused: requests.recordRefused },
  mails: { claim: mails.claim, sent: mails.sent, failed: mails.failed, handBack: mails.handBack },
  outbox: { list: outbox.list, retry: outbox.retry },
  upkeep: { run: upkeep.run },
};

type Operation = (context: Context, ...given: never[]) => unknown;

/** An operation without its first parameter. */
type Bound<O> = O extends (context: Context, ...given: infer Given) => infer Outcome
  ? (...given: Given) => Outcome
  : { [Name in keyof O]: Bound<O[Name]> };

export type Auth = Bound<typeof FACE> &
  Bound<typeof INSIDE> & {
    admit: typeof authority.admit;
    authorityOf: typeof authority.authorityOf;
    operatorAuthority: typeof authority.operatorAuthority;
    options: Options;
    /** Whose the people and their passwords are. */
    accounts: Accounts["kind"];
    log: Log;
    now(): number;
    /** Tells a listener of work that is left; the function that comes back ends that. */
    listen(listener: Listener): () => void;
    /** Rejects when the database does not answer. */
    ping(): Promise<void>;
    close(): Promise<void>;
  };

/** Checks the options, opens and migrates the database, checks the keys. Throws before anything is served. */
export async function createAuth(given: GivenOptions, host: Host): Promise<Auth> {
  const options = checkOptions(given);
  const now = host.now ?? Date.now;
  const database = await (host.openDatabase ?? openDatabase)(options.database);
  const { db, dialect } = database;
  try {
    await migrate(db, { dialect, now: now() });
    const keys = typeof host.keys === "function" ? await host.keys(await installation.exists(db)) : host.keys;
    await installation.prepare(db, keys, now());
    const accounts = await accountsOf(db, host.accounts);
    const log = host.log ?? (() => {});
    const listeners = new Set<Listener>();
    const context: Context = {
      ...database,
      node: `${hostname()}:${process.pid}`,
      now,
      random: pooledRandom(),
      keys,
      mailQueued: () => {
        for (const listener of listeners) listener.mailQueued();
      },
      jobReady: () => {
        for (const listener of listeners) listener.jobReady();
      },
      log,
      options,
      accounts,
    };
    return {
      ...bind(context, FACE),
      ...bind(context, INSIDE),
      admit: authority.admit,
      authorityOf: authority.authorityOf,
      operatorAuthority: authority.operatorAuthority,
      options,
      accounts: accounts.kind,
      log,
      now,
      listen: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      ping: async () => void (await db.selectFrom("installation").select("id").execute()),
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function bind<O extends object>(context: Context, operations: O): Bound<O> {
  const bound = Object.entries(operations).map(([name, operation]) => [
    name,
    typeof operation === "function"
      ? (...given: never[]) => (operation as Operation)(context, ...given)
      : bind(context, operation),
  ]);
  // Each entry was bound by its own name; the type system cannot follow the detour over entries.
  return Object.fromEntries(bound) as Bound<O>;
}
