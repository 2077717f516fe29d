// The engine as another application has it: with its pages, and with the answer to "whose request is this?".

import * as engine from "../auth.ts";
import type { GivenOptions } from "../options.ts";
import { type AppOptions, createApp } from "../web/app.ts";
import { readCookies } from "../web/middleware/cookies.ts";

/** The engine, and its pages over it. */
export type Auth = engine.Auth & {
  /**
   * Answers a request for one of the pages; any other path is 404. `peer` is the other end of the connection, by whose
   * address strangers' tries are counted: without it all are taken for one.
   */
  handle(request: Request, peer?: { address: string | undefined }): Promise<Response>;
  /** Who is signed in, by the cookie of a request; `undefined` for nobody, and for whoever may only set up an app. */
  sessionOf(request: Request): Promise<engine.Session | undefined>;
};

/** What a host gives besides options. */
export type Host = engine.Host & { pages?: AppOptions };

/**
 * Opens the database that the options name, brings it up to date and checks the keys. Throws an OptionsError with every
 * problem of the options, a NewerDatabaseError, or a WrongKeysError, before anything is served. `run` keeps it going.
 */
export async function createAuth(options: GivenOptions, { pages, ...host }: Host): Promise<Auth> {
  const auth = await engine.createAuth(options, host);
  const app = createApp(auth, pages);
  return {
    ...auth,
    handle: async (request, peer) => app.fetch(request, { incoming: { socket: { remoteAddress: peer?.address } } }),
    sessionOf: async (request) => {
      const { session } = readCookies(request.headers.get("cookie") ?? undefined);
      return session === undefined ? undefined : auth.sessions.find(session);
    },
  };
}
