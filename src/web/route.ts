// The shape of the table of routes. A route says who may enter and whether they must confirm who they are first; the
// type of its handler follows from that, so a handler for administrators cannot be mounted where anybody may enter.

import type {
  Account,
  AdministratorAuthority,
  AdministratorSession,
  Auth,
  LivingSession,
  Program,
  Recent,
  Scope,
  Session,
  SupportAuthority,
  SupportSession,
} from "../auth.ts";
import type { Client } from "../context.ts";
import type { Catalogues, Text } from "../text/text.ts";
import type { Answer } from "./answer.ts";
import type { Look } from "./look.ts";
import type { Cookies } from "./middleware/cookies.ts";
import type { Form } from "./middleware/form.ts";
import type { FormProblem } from "./problem.ts";

/** One request, as handlers see it. */
export type Visit = {
  auth: Auth;
  text: Text;
  look: Look;
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

/** A request of somebody signed in; their account is read once, when it is asked for. */
type VisitWith<S extends LivingSession> = Visit & { session: S; account(): Promise<Account> };

/** Who may enter, where somebody must be signed in, and the session that shows it; `enrolling` may owe a second factor. */
type Sessions = {
  enrolling: LivingSession;
  person: Session;
  support: SupportSession;
  administrator: AdministratorSession;
};
type Who = keyof Sessions;

/** What a fresh confirmation gives besides: the right to act on others, to those who have it. */
type Rights = {
  enrolling: unknown;
  person: unknown;
  support: { authority: SupportAuthority };
  administrator: { authority: AdministratorAuthority };
};

/** A request of somebody signed in, and of somebody who has just confirmed who they are. */
export type VisitOf<W extends Who> = VisitWith<Sessions[W]>;
export type ConfirmedVisitOf<W extends Who> = VisitWith<Recent<Sessions[W]>> & Rights[W];

export type EnrollingVisit = VisitOf<"enrolling">;
export type ConfirmedEnrollingVisit = ConfirmedVisitOf<"enrolling">;
export type PersonVisit = VisitOf<"person">;
export type ConfirmedVisit = ConfirmedVisitOf<"person">;
export type SupportVisit = VisitOf<"support">;
export type ConfirmedSupportVisit = ConfirmedVisitOf<"support">;
export type AdministratorVisit = VisitOf<"administrator">;
export type ConfirmedAdministratorVisit = ConfirmedVisitOf<"administrator">;

/** The id that the path names. */
export function idOf({ params }: Visit): string {
  return params.id ?? "";
}

/** On a route for programs, the holder of a key asks. */
export type ProgramVisit = Visit & { program: Program };

type Method = "GET" | "POST";
type Handler<V extends Visit> = (visit: V) => Answer | Promise<Answer>;

/**
 * How a route confirms the person. `first` asks on a page of its own unless that was done in the last ten minutes, and
 * then does what was wanted. `inForm` takes password and code in the route's own form, every time.
 */
export type Confirmation<V extends Visit> =
  | { kind: "first" }
  | { kind: "inForm"; again: (visit: V, problem: FormProblem) => Answer | Promise<Answer> };

/** A route for programs: a key needs its scope. */
export type ProgramRoute = {
  method: Method;
  path: string;
  who: "program";
  scope: Scope;
  handle: Handler<ProgramVisit>;
};

/** What a session opens. With a confirmation the handler gets one that was confirmed just now, and the rights of that. */
export type Guarded<S extends LivingSession, R> =
  | { method: Method; path: string; handle: Handler<VisitWith<S>> }
  | {
      method: "POST";
      path: string;
      confirmation: Confirmation<VisitWith<S>>;
      handle: Handler<VisitWith<Recent<S>> & R>;
    };

/** A route for somebody signed in. */
type Restricted<W extends Who> = { who: W } & Guarded<Sessions[W], Rights[W]>;

export type Route = (
  | ProgramRoute
  | { method: Method; path: string; who: "anybody"; handle: Handler<Visit> }
  | Restricted<"enrolling">
  | Restricted<"person">
  | Restricted<"support">
  | Restricted<"administrator">
) & {
  /** That it is for our own accounts alone: where they are a host's, it is not there. */
  accounts?: "own";
};

/** The same routes, for our own accounts alone. */
export function ofOwnAccounts(...routes: Route[]): Route[] {
  return routes.map((route) => ({ ...route, accounts: "own" }));
}

/** A form that changes something, so it asks on a page of its own who they are first. */
export function confirmed<W extends Who>(who: W, path: string, handle: Handler<ConfirmedVisitOf<W>>): Restricted<W> {
  return { method: "POST", path, who, confirmation: { kind: "first" }, handle };
}

/** Where whoever owes a second factor is led from every other page. */
export const ENROLMENT_REQUIRED = "/account/security/required";
