// Signing in by two steps, and signing out. Everybody may come here; what a stranger can try is limited in core.

import type { Auth, PendingSignIn, SignedIn } from "../../auth.ts";
import { type Answer, redirect } from "../answer.ts";
import { clearCookie, setCookie } from "../middleware/cookies.ts";
import { busy, type FormProblem, triesUsedUp } from "../problem.ts";
import type { EnrollingVisit, Route, Visit } from "../route.ts";
import { settle } from "../settle.ts";
import { clockText } from "../ui/time.ts";
import { wantedPage } from "../wanted-page.ts";
import { browserTokens, trustTokens } from "./browsers.ts";
import { enter, goOn, startAgain } from "./entry.ts";
import { codePage, FIELDS, mailedCodePage, recoveryCodePage, signInPage } from "./views.ts";

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
  const again = (problem: FormProblem) => signInPage(visit, { wanted, name, problem });
  if (name.trim() === "" || password === "") return again({ message: text.signIn.incomplete, field: "login" });
  const outcome = await auth.signIn.begin({
    client,
    name,
    password,
    wantedPage: wanted,
    browserTokens: browserTokens(cookies),
    earlierToken: cookies["sign-in"],
    trustTokens: trustTokens(cookies),
  });
  return settle(outcome, {
    done: (step) => goOn(visit, step),
    again,
    refusals: {
      wrong_credentials: { message: text.signIn.wrong, field: "login" },
      too_many_attempts: ({ retryAfterSeconds }) => triesUsedUp(visit, retryAfterSeconds, "login"),
      busy: busy(visit, "login"),
    },
  });
}

async function showCode(visit: Visit): Promise<Answer> {
  const pending = await visit.auth.signIn.find({ pendingToken: visit.cookies["sign-in"] });
  return pending === undefined ? startAgain(visit) : codePage(visit, pending, {});
}

async function showRecoveryCode(visit: Visit): Promise<Answer> {
  const pending = await visit.auth.signIn.find({ pendingToken: visit.cookies["sign-in"] });
  return pending === undefined ? startAgain(visit) : recoveryCodePage(visit);
}

async function showMailedCode(visit: Visit): Promise<Answer> {
  const pending = await visit.auth.signIn.find({ pendingToken: visit.cookies["sign-in"] });
  return pending === undefined ? startAgain(visit) : mailedCodeStep(visit, pending);
}

/** The step of the code by mail; where mail does not count there is none. */
function mailedCodeStep(visit: Visit, { mailedCode }: PendingSignIn, problem?: FormProblem): Answer {
  return mailedCode === null ? redirect("/sign-in/code") : mailedCodePage(visit, mailedCode, problem);
}

async function mailCode(visit: Visit): Promise<Answer> {
  const { auth, client, cookies, text } = visit;
  const again = async (problem?: FormProblem) => {
    const pending = await auth.signIn.find({ pendingToken: cookies["sign-in"] });
    return pending === undefined ? startAgain(visit) : mailedCodeStep(visit, pending, problem);
  };
  return settle(await auth.signIn.mailCode({ client, pendingToken: cookies["sign-in"] }), {
    done: () => redirect("/sign-in/mailed-code"),
    again,
    refusals: {
      expired: () => startAgain(visit),
      not_allowed: () => again(),
      too_many_attempts: ({ retryAfterSeconds }) => ({
        ...triesUsedUp(visit, retryAfterSeconds),
        message: text.mailedCode.wait(retryAfterSeconds ?? 0),
      }),
    },
  });
}

async function confirmMailedCode(visit: Visit): Promise<Answer> {
  const { auth, client, form, cookies, text } = visit;
  const given = { pendingToken: cookies["sign-in"], code: form.get(FIELDS.mailedCode) };
  return secondStep(visit, await auth.signIn.confirmMailedCode({ client, ...given }), {
    again: (pending, problem) => mailedCodeStep(visit, pending, problem),
    wrong: () => text.mailedCode.wrong,
    field: FIELDS.mailedCode,
  });
}

async function confirmCode(visit: Visit): Promise<Answer> {
  const { auth, client, form, cookies, text } = visit;
  const trust = form.get("trust") === "on";
  const given = { pendingToken: cookies["sign-in"], code: form.get(FIELDS.code), trust };
  return secondStep(visit, await auth.signIn.confirmCode({ client, ...given }), {
    again: (pending, problem) => codePage(visit, pending, { problem, trust }),
    // One answer, whatever was wrong with the code: who has the password only may be anybody.
    wrong: ({ timeZone: zone }) => text.code.refused(clockText({ at: auth.now(), language: text.language, zone })),
    field: FIELDS.code,
  });
}

async function confirmRecoveryCode(visit: Visit): Promise<Answer> {
  const { auth, client, form, cookies, text } = visit;
  const given = { pendingToken: cookies["sign-in"], code: form.get(FIELDS.recoveryCode) };
  const outcome = await auth.signIn.confirmRecoveryCode({ client, ...given });
  return secondStep(visit, outcome.ok ? { ...outcome, wantedPage: recoveredPage(outcome) } : outcome, {
    again: (_pending, problem) => recoveryCodePage(visit, problem),
    wrong: () => text.recovery.wrong,
    field: FIELDS.recoveryCode,
  });
}

/** The page that says what is left, and leads to the one that was wanted. */
function recoveredPage({ wantedPage: wanted }: SignedIn): string {
  const next = wantedPage(wanted);
  return `/account/security/recovered${next === "/" ? "" : `?${new URLSearchParams({ next })}`}`;
}

/** Lets in whoever completed the second step, or shows the step again with what was wrong. */
function secondStep(
  visit: Visit,
  outcome: Awaited<ReturnType<Auth["signIn"]["confirmCode"]>>,
  {
    again,
    wrong,
    field,
  }: {
    again: (pending: PendingSignIn, problem: FormProblem) => Answer;
    wrong: (pending: PendingSignIn) => string;
    field: string;
  },
): Answer | Promise<Answer> {
  if (outcome.ok) return enter(visit, outcome);
  if (outcome.reason === "expired") return startAgain(visit);
  const { pending } = outcome;
  switch (outcome.reason) {
    case "wrong_code":
    case "used_code":
      return again(pending, { message: wrong(pending), field });
    case "busy":
      return again(pending, busy(visit, field));
    case "too_many_attempts":
      return again(pending, triesUsedUp(visit, outcome.retryAfterSeconds, field));
  }
}

async function cancel(visit: Visit): Promise<Answer> {
  await visit.auth.signIn.cancel({ client: visit.client, pendingToken: visit.cookies["sign-in"] });
  visit.setCookies.push(clearCookie("sign-in"));
  return redirect("/sign-in");
}

async function signOut(visit: EnrollingVisit): Promise<Answer> {
  await visit.auth.session.end({ client: visit.client, session: visit.session });
  await visit.auth.signIn.cancel({ client: visit.client, pendingToken: visit.cookies["sign-in"] });
  visit.setCookies.push(clearCookie("session"), clearCookie("sign-in"), setCookie("notice", "signedOut", 60));
  return { ...redirect("/sign-in"), headers: { location: "/sign-in", "clear-site-data": '"cache", "storage"' } };
}
