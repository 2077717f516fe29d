// The shape of the table of routes. A route says who may enter and whether they must confirm who they are first; the
// type of its handler follows from that, so a handler for administrators cannot be mounted where anybody may enter.

import type {
  Account,
  AdministratorSession,
  Auth,
  LivingSession,
  Program,
  Recent,
  RecentSession,
  Scope,
  Session,
  SupportSession,
} from "../auth.ts";
import type { Client } from "../context.ts";
import type { Catalogues, Text } from "../text/text.ts";
import type { Answer } from "./answer.ts";
import type { Cookies } from "./middleware/cookies.ts";
import type { Form } from "./middleware/form.ts";

/** One request, as handlers see it. */
export type Visit = {
  auth: Auth;
  text: Text;
  /** Every language that can be chosen. */
  catalogues: Catalogues;
  client: Client;
  path: string;
  query: URLSearchParams;
  params: Readonly<Record<string, string>>;
  form: Form;
  cookies: Cookies;
  /** The living session of the request's cookie, where there is one. */
  session: LivingSession | undefined;
  /** `Set-Cookie` values of the answer. */
  setCookies: string[];
  /** The notice that the page before left for this one: a key of `text.done`. */
  notice: string | undefined;
};

/** The account of whoever is signed in, read once when it is asked for. */
type WithAccount = { account(): Promise<Account> };

/** Somebody signed in, who may be there to set up a second factor and for nothing else. */
export type EnrollingVisit = Visit & { session: LivingSession } & WithAccount;
export type ConfirmedEnrollingVisit = Visit & { session: Recent<LivingSession> } & WithAccount;
export type PersonVisit = Visit & { session: Session } & WithAccount;
export type ConfirmedVisit = Visit & { session: RecentSession } & WithAccount;
export type SupportVisit = Visit & { session: SupportSession } & WithAccount;
export type ConfirmedSupportVisit = Visit & { session: SupportSession & RecentSession } & WithAccount;
export type AdministratorVisit = Visit & { session: AdministratorSession } & WithAccount;
export type ConfirmedAdministratorVisit = Visit & { session: AdministratorSession & RecentSession } & WithAccount;

/** On a route for programs, the holder of a key asks. */
export type ProgramVisit = Visit & { program: Program };

type Method = "GET" | "POST";
type Handler<V extends Visit> = (visit: V) => Answer | Promise<Answer>;

/** What went wrong with a confirmation that a form carried, for the page that shows the form again. */
export type ConfirmationProblem = { field: "current_password" | "current_code" | undefined; message: string };

/**
 * How a route confirms the person. `first` asks on a page of its own unless that was done in the last ten minutes, and
 * then does what was wanted. `inForm` takes password and code in the route's own form, every time.
 */
export type Confirmation<V extends Visit> =
  | { kind: "first" }
  | { kind: "inForm"; again: (visit: V, problem: ConfirmationProblem) => Answer | Promise<Answer> };

/** A route for programs: a key needs its scope. */
export type ProgramRoute = {
  method: Method;
  path: string;
  who: "program";
  scope: Scope;
  handle: Handler<ProgramVisit>;
};

/** A route for somebody signed in. With a confirmation its handler gets a session that was confirmed just now. */
export type Restricted<W, S extends LivingSession> =
  | { method: Method; path: string; who: W; handle: Handler<Visit & { session: S } & WithAccount> }
  | {
      method: "POST";
      path: string;
      who: W;
      confirmation: Confirmation<Visit & { session: S } & WithAccount>;
      handle: Handler<Visit & { session: Recent<S> } & WithAccount>;
    };

export type Route =
  | ProgramRoute
  | { method: Method; path: string; who: "anybody"; handle: Handler<Visit> }
  | Restricted<"enrolling", LivingSession>
  | Restricted<"person", Session>
  | Restricted<"support", SupportSession>
  | Restricted<"administrator", AdministratorSession>;
