// The record of what happened: a chain, in which nothing can be changed or left out unseen.

import type { Client, Context } from "../context.ts";
import type { EventFilter } from "../core/ground/events.ts";
import * as chain from "../core/record/chain.ts";
import * as exporting from "../core/record/export.ts";
import * as reading from "../core/record/reading.ts";
import type { AdministratorReader } from "../core/session/authority.ts";

type Read = { reader: AdministratorReader };

export const events = {
  /** Events that a filter lets through, the newest first, `limit` at most. */
  list: (context: Context, { reader, filter = {}, limit = 100 }: Read & { filter?: EventFilter; limit?: number }) =>
    reading.list(context, reader, filter, limit),

  /** The newest event and its hash, to be noted where whoever changes the database cannot change it. */
  head: (context: Context) => chain.head(context),

  /** Follows the chain and tells the first fault, or what is known to be right. */
  verify: (context: Context, { reader, ...options }: Read & chain.VerifyOptions) =>
    chain.verify(context, reader, options),

  /** Events as CSV or JSON lines, the oldest first, in pieces of whole lines. That they were exported is an event. */
  export: (context: Context, { client, reader, ...wanted }: Read & { client: Client } & exporting.Wanted) =>
    exporting.begin(context, client, reader, wanted),
};
