// Signing in by two steps, and signing out. Everybody may come here; what a stranger can try is limited in core.

import type { Auth, PendingSignIn, SignedIn } from "../../auth.ts";
import { type Answer, redirect, tooMany } from "../answer.ts";
import { ENROLMENT_REQUIRED } from "../enrolment/routes.ts";
import { clearCookie, setCookie } from "../middleware/cookies.ts";
import type { EnrollingVisit, Route, Visit } from "../route.ts";
import { clockText } from "../ui/time.ts";
import { wantedPage } from "../wanted-page.ts";
import { browserTokens, rememberBrowser, trustBrowser, trustTokens } from "./browsers.ts";
import { codePage, mailedCodePage, recoveryCodePage, signInPage } from "./views.ts";

const PENDING_SECONDS = 600;

export const routes: Route[] = [
  { method: "GET", path: "/sign-in", who: "anybody", handle: showSignIn },
  { method: "POST", path: "/sign-in", who: "anybody", handle: signIn },
  { method: "GET", path: "/sign-in/code", who: "anybody", handle: showCode },
  { method: "POST", path: "/sign-in/code", who: "anybody", handle: confirmCode },
  { method: "GET", path: "/sign-in/recovery-code", who: "anybody", handle: showRecoveryCode },
  { method: "POST", path: "/sign-in/recovery-code", who: "anybody", handle: confirmRecoveryCode },
  { method: "GET", path: "/sign-in/mailed-code", who: "anybody", handle: showMailedCode },
  { method: "POST", path: "/sign-in/mailed-code", who: "anybody", handle: confirmMailedCode },
  { method: "POST", path: "/sign-in/mailed-code/send", who: "anybody", handle: mailCode },
  { method: "POST", path: "/sign-in/cancel", who: "anybody", handle: cancel },
  { method: "POST", path: "/sign-out", who: "enrolling", handle: signOut },
];

function showSignIn(visit: Visit): Answer {
  const wanted = wantedPage(visit.query.get("next"));
  if (visit.session !== undefined) return redirect(wanted);
  return wanted === "/" && visit.notice === undefined ? plainPage(visit) : signInPage(visit, { wanted });
}

const plainPages = new WeakMap<Auth, Map<string, Answer>>();

/** The page as nearly everybody gets it, made once for each language. */
function plainPage(visit: Visit): Answer {
  const pages = plainPages.get(visit.auth) ?? new Map<string, Answer>();
  plainPages.set(visit.auth, pages);
  const answer = pages.get(visit.text.language) ?? signInPage(visit, { wanted: "/" });
  pages.set(visit.text.language, answer);
  return answer;
}

async function signIn(visit: Visit): Promise<Answer> {
  const { auth, client, form, cookies, text } = visit;
  const wanted = wantedPage(form.get("next"));
  const name = form.get("login");
  const password = form.get("password");
  if (name.trim() === "" || password === "")
    return signInPage(visit, { wanted, name, problem: text.signIn.incomplete });
  const outcome = await auth.signIn.begin(client, {
    name,
    password,
    wantedPage: wanted,
    browserTokens: browserTokens(cookies),
    earlierToken: cookies["sign-in"],
    trustTokens: trustTokens(cookies),
  });
  if (!outcome.ok) {
    if (outcome.reason === "too_many_attempts") return slowed(visit, outcome.retryAfterSeconds, { wanted, name });
    if (outcome.reason === "busy") return { ...signInPage(visit, { wanted, name, problem: text.busy }), status: 503 };
    return signInPage(visit, { wanted, name, problem: text.signIn.wrong });
  }
  if (outcome.next === "session") return enter(visit, outcome);
  visit.setCookies.push(setCookie("sign-in", outcome.pendingToken, PENDING_SECONDS));
  return redirect("/sign-in/code");
}

async function showCode(visit: Visit): Promise<Answer> {
  const pending = await visit.auth.signIn.find(visit.cookies["sign-in"]);
  return pending === undefined ? startAgain(visit) : codePage(visit, pending, {});
}

async function showRecoveryCode(visit: Visit): Promise<Answer> {
  const pending = await visit.auth.signIn.find(visit.cookies["sign-in"]);
  return pending === undefined ? startAgain(visit) : recoveryCodePage(visit, {});
}

async function showMailedCode(visit: Visit): Promise<Answer> {
  const pending = await visit.auth.signIn.find(visit.cookies["sign-in"]);
  return pending === undefined ? startAgain(visit) : mailedCodeStep(visit, pending);
}

/** The step of the code by mail; where mail does not count there is none. */
function mailedCodeStep(
  visit: Visit,
  { mailedCode }: PendingSignIn,
  shown: { problem?: string; wait?: string } = {},
): Answer {
  return mailedCode === null ? redirect("/sign-in/code") : mailedCodePage(visit, mailedCode, shown);
}

async function mailCode(visit: Visit): Promise<Answer> {
  const { auth, client, cookies, text } = visit;
  const outcome = await auth.signIn.mailCode(client, cookies["sign-in"]);
  if (outcome.ok) return redirect("/sign-in/mailed-code");
  const pending = outcome.reason === "expired" ? undefined : await auth.signIn.find(cookies["sign-in"]);
  if (pending === undefined) return startAgain(visit);
  if (outcome.reason !== "too_many_attempts") return mailedCodeStep(visit, pending);
  const wait = text.mailedCode.wait(outcome.retryAfterSeconds ?? 0);
  return tooMany(mailedCodeStep(visit, pending, { wait }), outcome.retryAfterSeconds);
}

async function confirmMailedCode(visit: Visit): Promise<Answer> {
  const { auth, client, form, cookies, text } = visit;
  const outcome = await auth.signIn.confirmMailedCode(client, {
    pendingToken: cookies["sign-in"],
    code: form.get("mailed_code"),
  });
  if (outcome.ok) return enter(visit, outcome);
  if (outcome.reason === "expired") return startAgain(visit);
  const again = (problem: string) => mailedCodeStep(visit, outcome.pending, { problem });
  return refusedCode(visit, outcome, { again, wrong: text.mailedCode.wrong });
}

async function confirmCode(visit: Visit): Promise<Answer> {
  const { auth, client, form, cookies, text } = visit;
  const trust = form.get("trust") === "on";
  const outcome = await auth.signIn.confirmCode(client, {
    pendingToken: cookies["sign-in"],
    code: form.get("code"),
    trust,
  });
  if (outcome.ok) return enter(visit, outcome);
  if (outcome.reason === "expired") return startAgain(visit);
  const { pending } = outcome;
  // One answer, whatever was wrong with the code: who has the password only may be anybody.
  const time = clockText({ at: auth.now(), language: text.language, zone: pending.timeZone });
  const again = (problem: string) => codePage(visit, pending, { problem, trust });
  return refusedCode(visit, outcome, { again, wrong: text.code.refused(time) });
}

async function confirmRecoveryCode(visit: Visit): Promise<Answer> {
  const { auth, client, form, cookies, text } = visit;
  const code = form.get("recovery_code");
  const outcome = await auth.signIn.confirmRecoveryCode(client, { pendingToken: cookies["sign-in"], code });
  if (!outcome.ok) {
    if (outcome.reason === "expired") return startAgain(visit);
    const again = (problem: string) => recoveryCodePage(visit, { problem });
    return refusedCode(visit, outcome, { again, wrong: text.recovery.wrong });
  }
  const wanted = wantedPage(outcome.wantedPage);
  const next = wanted === "/" ? "" : `?${new URLSearchParams({ next: wanted })}`;
  return enter(visit, { ...outcome, wantedPage: `/account/security/recovered${next}` });
}

type Refusal = Exclude<Awaited<ReturnType<Auth["signIn"]["confirmCode"]>>, { ok: true } | { reason: "expired" }>;

/** The same step again, with what was wrong. */
function refusedCode(
  visit: Visit,
  refusal: Refusal,
  { again, wrong }: { again: (problem: string) => Answer; wrong: string },
): Answer {
  const { text } = visit;
  switch (refusal.reason) {
    case "wrong_code":
    case "used_code":
      return again(wrong);
    case "busy":
      return { ...again(text.busy), status: 503 };
    case "too_many_attempts": {
      const seconds = refusal.retryAfterSeconds;
      return tooMany(again(seconds === null ? text.code.shut : text.wait(seconds)), seconds);
    }
  }
}

async function cancel(visit: Visit): Promise<Answer> {
  await visit.auth.signIn.cancel(visit.client, visit.cookies["sign-in"]);
  visit.setCookies.push(clearCookie("sign-in"));
  return redirect("/sign-in");
}

async function signOut(visit: EnrollingVisit): Promise<Answer> {
  await visit.auth.sessions.end(visit.client, visit.session);
  await visit.auth.signIn.cancel(visit.client, visit.cookies["sign-in"]);
  visit.setCookies.push(clearCookie("session"), clearCookie("sign-in"), setCookie("notice", "signedOut", 60));
  return { ...redirect("/sign-in"), headers: { location: "/sign-in", "clear-site-data": '"cache", "storage"' } };
}

/** Hands out the cookies of a new session; one that this browser had before ends, and its id is never kept. */
export async function enter(
  visit: Visit,
  { sessionToken, lifetime, asked, browserToken, trustToken, wantedPage: wanted }: SignedIn,
): Promise<Answer> {
  if (visit.session !== undefined) await visit.auth.sessions.end(visit.client, visit.session);
  if (visit.cookies["sign-in"] !== undefined) visit.setCookies.push(clearCookie("sign-in"));
  visit.setCookies.push(setCookie("session", sessionToken, lifetime / 1000));
  if (browserToken !== null) visit.setCookies.push(rememberBrowser(visit.cookies, browserToken));
  if (trustToken !== null) visit.setCookies.push(trustBrowser(visit.cookies, trustToken));
  const next = wantedPage(wanted);
  if (asked === undefined || (asked !== "only-enrol" && asked.requirement === "encouraged")) return redirect(next);
  return redirect(`${ENROLMENT_REQUIRED}?${new URLSearchParams({ next })}`);
}

/** The second step was left open too long, or done already in another window. */
export function startAgain(visit: Visit): Answer {
  if (visit.session !== undefined) return redirect("/");
  visit.setCookies.push(clearCookie("sign-in"), setCookie("notice", "signInExpired", 60));
  return redirect("/sign-in");
}

function slowed(visit: Visit, seconds: number | null, shown: { wanted: string; name: string }): Answer {
  return tooMany(signInPage(visit, { ...shown, problem: visit.text.wait(seconds ?? 900) }), seconds);
}
