// Where the steps of signing in lead: to the next one, in, or back to the beginning.

import type { SecondStep, SignedIn } from "../../auth.ts";
import { type Answer, redirect } from "../answer.ts";
import { clearCookie, setCookie } from "../middleware/cookies.ts";
import { ENROLMENT_REQUIRED, type Visit } from "../route.ts";
import { leaveNotice } from "../shell.ts";
import { wantedPage } from "../wanted-page.ts";
import { rememberBrowser, trustBrowser } from "./browsers.ts";

const PENDING_SECONDS = 600;

/** What letting somebody in takes of a request. */
export type Entry = Pick<Visit, "auth" | "client" | "cookies" | "session" | "setCookies">;

/** Goes on from a right password: in, or to the step that asks for a code. */
export async function goOn(visit: Entry, step: SecondStep | SignedIn): Promise<Answer> {
  if (step.next === "session") return enter(visit, step);
  visit.setCookies.push(setCookie("sign-in", step.pendingToken, PENDING_SECONDS));
  return redirect("/sign-in/code");
}

/** Hands out the cookies of a new session; one that this browser had before ends, and its id is never kept. */
export async function enter(
  visit: Entry,
  { sessionToken, lifetime, asked, browserToken, trustToken, wantedPage: wanted }: SignedIn,
): Promise<Answer> {
  if (visit.session !== undefined) await visit.auth.session.end({ client: visit.client, session: visit.session });
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
  visit.setCookies.push(clearCookie("sign-in"));
  return leaveNotice(visit, "signInExpired", "/sign-in");
}
