// Ways back in, on the side of the person: the enrolment link, stopping a rescue that is open, and rescuing oneself.
// Opening a link spends nothing; only the form behind it does.

import { type Answer, Problem, redirect } from "../answer.ts";
import { invalidLinkPage } from "../one-time-link.ts";
import { busy, type FormProblem, triesUsedUp } from "../problem.ts";
import type { PersonVisit, Route, Visit } from "../route.ts";
import { settle } from "../settle.ts";
import { leaveNotice } from "../shell.ts";
import { browserTokens } from "../sign-in/browsers.ts";
import { enter, startAgain } from "../sign-in/entry.ts";
import { linkPage, lostPage, stopPage, stoppedPage } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: "/enrolment-link", who: "anybody", handle: showLink },
  { method: "POST", path: "/enrolment-link", who: "anybody", handle: enterByLink },
  { method: "GET", path: "/rescue-stop", who: "anybody", handle: showStop },
  { method: "POST", path: "/rescue-stop", who: "anybody", handle: stopByLink },
  { method: "POST", path: "/account/rescue/stop", who: "person", handle: stop },
  { method: "GET", path: "/sign-in/lost", who: "anybody", handle: (visit) => showLost(visit) },
  { method: "POST", path: "/sign-in/lost", who: "anybody", handle: beginSelfRescue },
  { method: "POST", path: "/sign-in/lost/enrolment", who: "anybody", handle: confirmSelfRescue },
];

async function showLink(visit: Visit): Promise<Answer> {
  const ticket = visit.query.get("ticket") ?? "";
  return (await visit.auth.enrolmentLinks.isUsable(ticket)) ? linkPage(visit, { ticket }) : invalidLink(visit);
}

async function enterByLink(visit: Visit): Promise<Answer> {
  const { auth, client, form, cookies, text } = visit;
  const [ticket, name, password] = [form.get("ticket"), form.get("login"), form.get("password")];
  const again = (problem: FormProblem) => linkPage(visit, { ticket, name, problem });
  if (name.trim() === "" || password === "") {
    if (!(await auth.enrolmentLinks.isUsable(ticket))) return invalidLink(visit);
    return again({ message: text.signIn.incomplete, field: "login" });
  }
  const given = { ticket, name, password, browserTokens: browserTokens(cookies) };
  return settle(await auth.enrolmentLinks.enter(client, given), {
    done: (issued) => enter(visit, { ...issued, next: "session", wantedPage: "/", trustToken: null }),
    again,
    refusals: {
      expired: () => invalidLink(visit),
      wrong_credentials: { message: text.signIn.wrong, field: "login" },
      busy: busy(visit, "login"),
      too_many_attempts: ({ retryAfterSeconds }) => triesUsedUp(visit, retryAfterSeconds, "login"),
    },
  });
}

function invalidLink(visit: Visit): Answer {
  const { linkInvalidTitle: invalidTitle, linkInvalid: invalid } = visit.text.rescue;
  return invalidLinkPage(visit, { invalidTitle, invalid });
}

async function showStop(visit: Visit): Promise<Answer> {
  const ticket = visit.query.get("ticket") ?? "";
  const rescue = await visit.auth.rescues.findByLink(ticket);
  return rescue === undefined ? nothingToStop(visit) : stopPage(visit, { ticket, rescue });
}

async function stopByLink(visit: Visit): Promise<Answer> {
  const { auth, client, form } = visit;
  const ticket = form.get("ticket");
  const rescue = await auth.rescues.findByLink(ticket);
  const outcome = await auth.rescues.stopByLink(client, ticket);
  return outcome.ok && rescue !== undefined ? stoppedPage(visit, rescue) : nothingToStop(visit);
}

function nothingToStop(visit: Visit): Answer {
  const { stopInvalidTitle: invalidTitle, stopInvalid: invalid } = visit.text.rescue;
  return invalidLinkPage(visit, { invalidTitle, invalid });
}

async function stop(visit: PersonVisit): Promise<Answer> {
  const outcome = await visit.auth.rescues.stop(visit.client, visit.session);
  return leaveNotice(visit, outcome.ok ? "rescueStopped" : "rescueGone", "/");
}

async function showLost(visit: Visit, problem?: FormProblem): Promise<Answer> {
  const pending = await visit.auth.signIn.find({ pendingToken: visit.cookies["sign-in"] });
  if (pending === undefined) return startAgain(visit);
  if (pending.selfRescue === undefined) throw new Problem(404);
  return lostPage(visit, { ...pending.selfRescue, zone: pending.timeZone }, problem);
}

async function beginSelfRescue(visit: Visit): Promise<Answer> {
  const { auth, client, cookies } = visit;
  return settle(await auth.selfRescue.begin(client, cookies["sign-in"]), {
    done: () => redirect("/sign-in/lost"),
    again: (problem) => showLost(visit, problem),
    refusals: {
      expired: () => startAgain(visit),
      not_possible: () => showLost(visit),
      too_many_attempts: ({ retryAfterSeconds }) => triesUsedUp(visit, retryAfterSeconds),
    },
  });
}

async function confirmSelfRescue(visit: Visit): Promise<Answer> {
  const { auth, client, cookies, text } = visit;
  return settle(await auth.selfRescue.confirm(client, cookies["sign-in"]), {
    done: (signedIn) => enter(visit, signedIn),
    again: (problem) => showLost(visit, problem),
    refusals: { expired: () => startAgain(visit), not_possible: { message: text.rescue.lostGone } },
  });
}
