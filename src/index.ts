// The public API of the package: docs/embedding.md shows it at work.

export type { HostAccounts, HostPerson } from "./accounts.ts";
export {
  type Account,
  AccountsError,
  type AdministratorAuthority,
  type AdministratorReader,
  type ApiKey,
  type Authenticator,
  type Enrolment,
  type Event,
  type EventFilter,
  type EventKind,
  type Group,
  type Job,
  type LivingSession,
  type Method,
  type OwnSession,
  type PendingSignIn,
  type Person,
  type Program,
  type RecentSession,
  type RecoveryCodes,
  type Rehearsal,
  type Rescue,
  type Role,
  type Rule,
  type Session,
  type SignedIn,
  type SupportAuthority,
  type SupportReader,
  type TrustedBrowser,
  WrongKeysError,
} from "./auth.ts";
export type { Client, Log } from "./context.ts";
export { type Keys, type MasterKey, newKey } from "./crypto/secret-box.ts";
export { NewerDatabaseError } from "./db/migrate.ts";
export { type Auth, createAuth, type Host } from "./embed/create.ts";
export { run } from "./embed/run.ts";
export { folderTransport, smtpTransport, type Transport } from "./mail/transport.ts";
export { type GivenOptions, type Options, OptionsError } from "./options.ts";
export type { Reason, Refused, TooMany } from "./outcomes.ts";
export type { AppOptions } from "./web/app.ts";
export type { GivenLook, PageParts } from "./web/look.ts";
export type { Entering } from "./web/sign-in/host.ts";
