// The public API of the package. `createAuth` is the engine, `createApp` the pages over it.

export {
  type AdministratorAuthority,
  type AdministratorReader,
  type Auth,
  createAuth,
  type Host,
  type RecentSession,
  type Session,
  type SupportAuthority,
  type SupportReader,
  WrongKeysError,
} from "./auth.ts";
export type { Client, Log } from "./context.ts";
export { type Keys, type MasterKey, newKey } from "./crypto/secret-box.ts";
export { NewerDatabaseError } from "./db/migrate.ts";
export { mailDelivery } from "./mail/deliver.ts";
export { folderTransport, smtpTransport, type Transport } from "./mail/transport.ts";
export { type GivenOptions, type Options, OptionsError } from "./options.ts";
export type { Reason, Refused, TooMany } from "./outcomes.ts";
export { type AppOptions, createApp } from "./web/app.ts";
