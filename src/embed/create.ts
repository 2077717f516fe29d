// The engine as another application has it: with its pages, and with the answer to "whose request is this?".

import * as engine from "../auth.ts";
import type { Client } from "../context.ts";
import type { Transport } from "../mail/transport.ts";
import type { GivenOptions } from "../options.ts";
import { type AppOptions, createApp } from "../web/app.ts";
import { readCookies } from "../web/middleware/cookies.ts";
import type { Entering } from "../web/sign-in/host.ts";
import { runEngine } from "./run.ts";

/** The other end of a connection. */
export type Peer = { address: string | undefined };

/** The engine as applications have it: six groups of operations (face/), and the pages over them. */
export type Auth = Pick<engine.Auth, (typeof OPERATIONS)[number] | (typeof ABOUT)[number]> & {
  /**
   * Answers a request for one of the pages; any other path is 404. `peer` is the other end of the connection, by whose
   * address strangers' tries are counted: without it all are taken for one.
   */
  handle(request: Request, peer?: Peer): Promise<Response>;
  /** Who is signed in, by the cookie of a request; `undefined` for nobody, and for whoever may only set up an app. */
  sessionOf(request: Request): Promise<engine.Session | undefined>;
  /**
   * The first step of somebody whose password a host with accounts of its own checks, in `check`: the answer to the
   * request of its form, with the cookies. It leads to the step that asks for a code, or to the wanted page, a path of
   * this site. `undefined` for somebody who is not let in, which is all that the form should tell. Call it in answer to
   * that form alone, and never because of a link; a request that is no POST of the public URL's own pages is answered 403.
   */
  enter(request: Request, entering: Entering, peer?: Peer): Promise<Response | undefined>;
  /** Who is asking, as the record of events shows them; what operations take as `client`. */
  clientOf(request: Request, peer?: Peer): Client;
};

const OPERATIONS = ["signIn", "session", "account", "people", "policy", "events"] as const;
const ABOUT = ["admit", "authorityOf", "operatorAuthority", "options", "ping", "close"] as const;

/** What a host gives besides options. */
export type Host = engine.Host & { pages?: AppOptions };

const engines = new WeakMap<Auth, engine.Auth>();

/**
 * Opens the database that the options name, brings it up to date and checks the keys. Throws an OptionsError with every
 * problem of the options, a NewerDatabaseError, or a WrongKeysError, before anything is served. `run` keeps it going.
 */
export async function createAuth(options: GivenOptions, { pages, ...host }: Host): Promise<Auth> {
  const inside = await engine.createAuth(options, host);
  const app = createApp(inside, pages);
  const auth: Auth = {
    ...pick(inside, [...OPERATIONS, ...ABOUT]),
    enter: (request, entering, peer) => app.enter(request, peer?.address, entering),
    handle: async (request, peer) => app.fetch(request, { incoming: { socket: { remoteAddress: peer?.address } } }),
    sessionOf: async (request) => {
      const { session: token } = readCookies(request.headers.get("cookie") ?? undefined);
      return token === undefined ? undefined : inside.session.find({ token });
    },
    clientOf: ({ headers }, peer) => app.clientOf(headers, peer?.address),
  };
  engines.set(auth, inside);
  return auth;
}

/** Keeps an engine going, as `runEngine` does. */
export function run(auth: Auth, given: { transport: Transport }): () => Promise<void> {
  const inside = engines.get(auth);
  if (inside === undefined) throw new TypeError("run takes what createAuth gave, itself");
  return runEngine(inside, given);
}

function pick<O extends object, K extends keyof O>(from: O, names: readonly K[]): Pick<O, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<O, K>;
}
