// What every function of core/ is given: the world, and nothing that it could not be given in a test.

import type { Keys } from "./crypto/secret-box.ts";
import type { Random } from "./crypto/token.ts";
import type { Database } from "./db/open.ts";
import type { Options } from "./options.ts";

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
