// The pages as one Hono application: the table of routes, and what every request goes through.
//
// Nothing is open that the table does not open: a path that no route names is 404, a method that none takes is 405,
// and a route says itself who may enter.

import { BlockList } from "node:net";
import { type Context, Hono } from "hono";
import type { Account, Auth, LivingSession, Recent, Session, StaffRole } from "../auth.ts";
import type { Client } from "../context.ts";
import { CATALOGUES, type Catalogues, type Text, textIn } from "../text/text.ts";
import { routes as accountRoutes } from "./account/routes.ts";
import { type Answer, Problem, redirect } from "./answer.ts";
import { apiError } from "./api/errors.ts";
import { admitProgram } from "./api/gate.ts";
import { routes as apiRoutes } from "./api/routes.ts";
import { routes as apiKeyRoutes } from "./api-keys/routes.ts";
import { findAsset } from "./assets/assets.ts";
import { routes as authenticatorRoutes } from "./authenticators/routes.ts";
import { confirmFirst } from "./confirmation/gate.ts";
import { routes as emailUndoRoutes } from "./email-undo/routes.ts";
import { routes as enrolmentRoutes } from "./enrolment/routes.ts";
import { type ErrorStatus, errorPage } from "./errors.ts";
import { routes as eventRoutes } from "./events/routes.ts";
import { routes as groupRoutes } from "./groups/routes.ts";
import { routes as homeRoutes } from "./home/routes.ts";
import { routes as jobRoutes } from "./jobs/routes.ts";
import { checkLook, type GivenLook } from "./look.ts";
import { routes as mailRoutes } from "./mails/routes.ts";
import { routes as methodRoutes } from "./methods/routes.ts";
import { clientOf } from "./middleware/client.ts";
import { clearCookie, readCookies, setCookie } from "./middleware/cookies.ts";
import { NO_FORM, readForm } from "./middleware/form.ts";
import { SECURITY_HEADERS } from "./middleware/headers.ts";
import { textOfStranger } from "./middleware/language.ts";
import { isOurs } from "./middleware/origin.ts";
import { routes as passwordResetRoutes } from "./password-reset/routes.ts";
import { routes as policyRoutes } from "./policy/routes.ts";
import { routes as protectionRoutes } from "./protection/routes.ts";
import { routes as recoveryCodeRoutes } from "./recovery-codes/routes.ts";
import { routes as rescueRoutes } from "./rescue/routes.ts";
import { routes as staffRescueRoutes } from "./rescues/routes.ts";
import { respond } from "./respond.ts";
import { ENROLMENT_REQUIRED, type Guarded, type Route, type Visit } from "./route.ts";
import { routes as ownSessionRoutes } from "./sessions/routes.ts";
import { routes as setupRoutes } from "./setup/routes.ts";
import { leaveNotice } from "./shell.ts";
import { type Entering, enterAtHost } from "./sign-in/host.ts";
import { routes as signInRoutes } from "./sign-in/routes.ts";
import { routes as trustedBrowserRoutes } from "./trusted-browsers/routes.ts";
import { routes as userRoutes } from "./user/routes.ts";
import { routes as usersRoutes } from "./users/routes.ts";

/** Every route there is. */
export const ROUTES: readonly Route[] = [
  ...homeRoutes,
  ...signInRoutes,
  ...setupRoutes,
  ...passwordResetRoutes,
  ...emailUndoRoutes,
  ...accountRoutes,
  ...authenticatorRoutes,
  ...recoveryCodeRoutes,
  ...enrolmentRoutes,
  ...ownSessionRoutes,
  ...trustedBrowserRoutes,
  ...apiKeyRoutes,
  ...rescueRoutes,
  ...usersRoutes,
  ...userRoutes,
  ...jobRoutes,
  ...mailRoutes,
  ...groupRoutes,
  ...eventRoutes,
  ...policyRoutes,
  ...protectionRoutes,
  ...methodRoutes,
  ...staffRescueRoutes,
  ...apiRoutes,
];

export type AppOptions = {
  /** Proxies whose X-Forwarded-For is believed. Default: none. */
  trustedProxies?: BlockList;
  /** Whether an error is one that passes, such as a busy database; such a request is answered 503. */
  isPassing?: (error: unknown) => boolean;
  /** The words of the pages, one catalogue a language. Those of languages that nobody can choose are left out. */
  catalogues?: Catalogues;
  /** How the pages look inside another application. */
  look?: GivenLook;
};

/** What the server's adapter tells about the connection. */
type Env = { Bindings: { incoming?: { socket: { remoteAddress?: string } } } };

/** The host's colours; their path changes with them. */
const SHEET_HEADERS = {
  ...SECURITY_HEADERS,
  "content-type": "text/css; charset=utf-8",
  "cache-control": "public, max-age=31536000, immutable",
};

/**
 * The application: `fetch` takes a Request and gives a Response. `enter` answers a request of a form of the host, which
 * has checked the password itself; `undefined` for somebody who is not let in.
 */
export function createApp(
  auth: Auth,
  {
    trustedProxies = new BlockList(),
    isPassing = () => false,
    catalogues: given = CATALOGUES,
    look: givenLook = {},
  }: AppOptions = {},
) {
  const app = new Hono<Env>();
  const look = checkLook(givenLook);
  const catalogues = choosable(given, auth.options.languages);

  const routes = ROUTES.filter((route) => auth.accounts === "own" || route.accounts !== "own");

  for (const route of routes) app.on(route.method, route.path, (c) => answerTo(c, route));
  app.get("/assets/*", (c) => {
    if (c.req.path === look.sheet?.path) return new Response(look.sheet.body, { headers: SHEET_HEADERS });
    const asset = findAsset(c.req.path, c.req.header("accept-encoding"));
    if (asset === undefined) return answerTo(c, new Problem(404));
    return new Response(asset.body, { headers: { ...SECURITY_HEADERS, ...asset.headers } });
  });
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
    const allow = methods.includes("GET") ? ["HEAD", ...methods] : methods;
    app.all(path, (c) => answerTo(c, new Problem(405, { allow: allow.join(", ") })));
  }
  app.all("*", (c) => answerTo(c, new Problem(404)));
  return { fetch: app.fetch, enter: enterFor, clientOf: senderOf };

  function senderOf(headers: Headers, peer = "unknown"): Client {
    return clientOf(headers, peer, trustedProxies);
  }

  async function answerTo(c: Context<Env>, route: Route | Problem): Promise<Response> {
    const { headers } = c.req.raw;
    const client = senderOf(headers, c.env?.incoming?.socket.remoteAddress);
    const setCookies: string[] = [];
    let text = textOfStranger(headers, catalogues);
    try {
      if (route instanceof Problem) throw route;
      // PostgreSQL takes no NUL in a text, and no link of ours has one.
      if (c.req.url.includes("%00")) throw new Problem(400);
      const cookies = readCookies(headers.get("cookie") ?? undefined);
      if (route.method === "POST" && !isOurs(headers, auth.options.publicUrl, Object.keys(cookies).length > 0)) {
        await auth.requests.recordRefused(client, route.path);
        throw new Problem(403);
      }
      const form = route.method === "POST" ? await readForm(c.req.raw) : NO_FORM;
      const session = cookies.session === undefined ? undefined : await auth.sessions.findLiving(cookies.session);
      if (session !== undefined) text = textIn(session.user.language, catalogues);
      const url = c.req.url;
      const queryAt = url.indexOf("?");
      // What programs ask for shows no notice, so it must not use one up.
      const isPage = route.method === "GET" && !/^\/(api|healthz)\b/.test(route.path) && cookies.notice !== undefined;
      if (isPage) setCookies.push(clearCookie("notice"));
      const visit: Visit = {
        auth,
        client,
        cookies,
        form,
        session,
        setCookies,
        path: c.req.path,
        query: new URLSearchParams(queryAt < 0 ? "" : url.slice(queryAt)),
        params: c.req.param(),
        text,
        look,
        catalogues,
        notice: isPage ? cookies.notice : undefined,
      };
      return respond(await enter(visit, route, headers), setCookies, headers);
    } catch (error) {
      return respond(problem(error, { text, requestId: client.requestId, path: c.req.path }), setCookies, headers);
    }
  }

  async function enterFor(request: Request, peer: string | undefined, entering: Entering) {
    const { headers, method, url } = request;
    const client = senderOf(headers, peer);
    const cookies = readCookies(headers.get("cookie") ?? undefined);
    // As at our own form: otherwise another site could sign its visitors in as somebody else.
    if (method !== "POST" || !isOurs(headers, auth.options.publicUrl, Object.keys(cookies).length > 0)) {
      const { pathname: path } = new URL(url);
      await auth.requests.recordRefused(client, path.slice(0, 200));
      const scene = { text: textOfStranger(headers, catalogues), requestId: client.requestId, path };
      return respond(problem(new Problem(403), scene), [], headers);
    }
    const session = cookies.session === undefined ? undefined : await auth.sessions.findLiving(cookies.session);
    const setCookies: string[] = [];
    const answer = await enterAtHost({ auth, client, cookies, session, setCookies }, entering);
    return answer && respond(answer, setCookies, headers);
  }

  function problem(error: unknown, { text, requestId, path }: { text: Text; requestId: string; path: string }): Answer {
    let status: ErrorStatus = 500;
    if (error instanceof Problem) status = error.status;
    else if (isPassing(error)) status = 503;
    if (status === 500 || status === 503) auth.log("request failed", { request: requestId, error: describe(error) });
    const answer = path.startsWith("/api/")
      ? apiError(status, requestId)
      : errorPage({ text, product: auth.options.name, look }, status, requestId);
    const extra = error instanceof Problem ? error.headers : status === 503 ? { "retry-after": "5" } : {};
    return { ...answer, headers: { ...answer.headers, ...extra } };
  }
}

/** The catalogues of the languages that people can choose; the first of all where there is none. */
function choosable(catalogues: Catalogues, languages: readonly string[]): Catalogues {
  const [first = catalogues[0], ...others] = catalogues.filter(({ language }) => languages.includes(language));
  return [first, ...others];
}

/** Lets in who may enter, and runs the handler. */
async function enter(visit: Visit, route: Route, headers: Headers): Promise<Answer> {
  switch (route.who) {
    case "anybody":
      return route.handle(visit);
    case "program": {
      const admitted = await admitProgram(visit, route, headers.get("authorization"));
      return "program" in admitted ? route.handle({ ...visit, ...admitted }) : admitted;
    }
    case "enrolling":
      return enterAs(visit, route, { admit: (session) => session, rights: () => ({}) });
    case "person":
      return enterAs(visit, route, { admit: asPerson, rights: () => ({}) });
    case "support":
      return enterAs(visit, route, {
        admit: (session) => asStaff(visit, session, "support"),
        rights: (session) => ({ authority: visit.auth.authorityOf({ session }) }),
      });
    case "administrator":
      return enterAs(visit, route, {
        admit: (session) => asStaff(visit, session, "administrator"),
        rights: (session) => ({ authority: visit.auth.authorityOf({ session }) }),
      });
  }
}

/**
 * Lets in somebody signed in, if `admit` gives a session back. Where the route wants a confirmation it is asked for,
 * and gives `rights` besides.
 */
async function enterAs<S extends LivingSession, R>(
  visit: Visit,
  route: Guarded<S, R>,
  { admit, rights }: { admit: (session: LivingSession) => S | Answer; rights: (session: Recent<S>) => R },
): Promise<Answer> {
  if (visit.session === undefined) return toSignIn(visit, route.method);
  const session = admit(visit.session);
  if (!("user" in session)) return session;
  let account: Promise<Account> | undefined;
  const admitted = {
    ...visit,
    session,
    account: () => {
      account ??= visit.auth.sessions.accountOf(session);
      return account;
    },
  };
  if (!("confirmation" in route)) return route.handle(admitted);
  const confirmed = await confirmFirst(admitted, route.confirmation);
  if (!("session" in confirmed)) return confirmed;
  const recent = { ...session, ...confirmed.session };
  return route.handle({ ...admitted, session: recent, ...rights(recent) });
}

function asPerson(session: LivingSession): Session | Answer {
  return session.mayOnlyEnrol ? redirect(ENROLMENT_REQUIRED) : session;
}

function asStaff<R extends StaffRole>(visit: Visit, living: LivingSession, role: R) {
  const session = asPerson(living);
  if (!("user" in session)) return session;
  const admitted = visit.auth.admit({ session, role });
  if (!("ok" in admitted)) return admitted;
  if (admitted.reason === "not_found") throw new Problem(404);
  return leaveNotice(visit, "twoFactorFirst", "/account/security");
}

function toSignIn(visit: Visit, method: Route["method"]): Answer {
  if (visit.cookies.session !== undefined) {
    visit.setCookies.push(clearCookie("session"), setCookie("notice", "sessionExpired", 60));
  }
  const query = visit.query.toString();
  const wanted = method === "GET" ? visit.path + (query === "" ? "" : `?${query}`) : "/";
  return redirect(wanted === "/" ? "/sign-in" : `/sign-in?${new URLSearchParams({ next: wanted })}`);
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
