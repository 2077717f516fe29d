// The public API of the package: docs/operations.md tells every operation, docs/embedding.md shows them at work.

export type { HostAccounts, HostPerson } from "./accounts.ts";
export {
  AccountsError,
  type Act,
  type Acted,
  type ActRefused,
  type AdministratorAuthority,
  type AdministratorReader,
  type AdministratorSession,
  type Authenticator,
  type ClockOff,
  type Completion,
  type Confirmed,
  type Enrolled,
  type Enrolment,
  type EnrolOnlySession,
  type Event,
  type EventFilter,
  type EventKind,
  type ExportFormat,
  type Fault,
  type HostStep,
  type LivingSession,
  type Method,
  type NamedRule,
  type Naming,
  type OpenRescue,
  type OwnSession,
  type PasswordReason,
  type PasswordStep,
  type PendingSignIn,
  type PeopleFilter,
  type PeopleState,
  type Person,
  type Piece,
  type Position,
  type Profile,
  type ProfileReason,
  type Proof,
  type Recent,
  type RecentSession,
  type RecoveryCodes,
  type Rehearsal,
  type Role,
  type Rule,
  type RuleReason,
  type RuleScope,
  type SecondStep,
  type SelfRescue,
  type Session,
  type SignedIn,
  type StaffRole,
  type Status,
  type SupportAct,
  type SupportAuthority,
  type SupportReader,
  type SupportSession,
  type Touched,
  type TrustedBrowser,
  type Verdict,
  type VerifyOptions,
  WrongKeysError,
} from "./auth.ts";
export type { Client, Log } from "./context.ts";
export { type Keys, type MasterKey, newKey } from "./crypto/secret-box.ts";
export { NewerDatabaseError } from "./db/migrate.ts";
export { type Auth, createAuth, type Host, type Peer, run } from "./embed/create.ts";
export { folderTransport, smtpTransport, type Transport } from "./mail/transport.ts";
export { type GivenOptions, type Options, OptionsError } from "./options.ts";
export type { Reason, Refused, TooMany } from "./outcomes.ts";
export type { AppOptions } from "./web/app.ts";
export type { GivenLook, PageParts } from "./web/look.ts";
export type { Entering } from "./web/sign-in/host.ts";
