// What every function of core/ is given: the world, and nothing that it could not be given in a test.

import type { Keys } from "./crypto/secret-box.ts";
import type { Random } from "./crypto/token.ts";
import type { Database } from "./db/open.ts";
import type { Options } from "./options.ts";
import type { Reason, Refused } from "./outcomes.ts";

export type Context = Omit<Database, "close"> & {
  /** Which of several servers this is, for the record of events. */
  node: string;
  /** Milliseconds since the epoch, of the server. */
  now(): number;
  random: Random;
  keys: Keys;
  /** Called after a commit that queued mail. */
  mailQueued(): void;
  /** Called after a commit that left a job to work on. */
  jobReady(): void;
  log: Log;
  options: Options;
  accounts: Accounts;
};

/** Whose the people and their passwords are: ours, or of the application around us. It is never asked in a transaction. */
export type Accounts = OwnAccounts | ForeignAccounts;

type OwnAccounts = AnyAccounts & { kind: "own" };

type ForeignAccounts = AnyAccounts & {
  kind: "host";
  /** The person of an id, as they are now. */
  get(context: Context, id: string): Promise<Found | undefined>;
  /** Brings what is kept of a person here up to date with what the host says of them now. */
  refresh(
    context: Context,
    client: Client,
    id: string,
  ): Promise<{ ok: true } | Refused<HostPersonReason | "not_found">>;
};

type AnyAccounts = {
  /** Who a typed name leads to; for nobody the work is the same. */
  find(context: Context, name: string): Promise<Found | undefined>;
  /** Whether a password is that of a person; `hash` is what is kept of it here. For nobody the work is the same. */
  verify(whose: { id: string | undefined; hash: string | null }, password: string): Promise<boolean>;
  /** What to keep of a right password instead, where what is kept is weaker than it should be. */
  rehash(hash: string, password: string): Promise<string | undefined>;
};

/** What can be wrong with what a host says of somebody. */
export type HostPersonReason = Extract<
  Reason,
  "id_invalid" | "name_invalid" | "login_invalid" | "email_invalid" | "role_invalid"
>;

/** Somebody whom the accounts know. */
export type Found = {
  id: string;
  /** What is kept of their password here. */
  hash: string | null;
  /** The version of their security setup, under which a password that is checked next counts. */
  securityVersion: number;
  isDisabled: boolean;
  /** Brings what is kept of them here up to date, once they have shown who they are. */
  settle(client: Client): Promise<void>;
};

/** The operator's log: short lines, never a secret. */
export type Log = (line: string, details?: Record<string, string | number>) => void;

/** Who is asking, as far as the connection tells. */
export type Client = {
  /** IP address as text; `-` for the command line. */
  address: string;
  userAgent: string;
  requestId: string;
};
