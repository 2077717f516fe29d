// Ways back in, on the side of the person: the enrolment link, stopping a rescue that is open, and rescuing oneself.
// Opening a link spends nothing; only the form behind it does.

import { type Answer, Problem, redirect, tooMany } from "../answer.ts";
import type { PersonVisit, Route, Visit } from "../route.ts";
import { invalidLinkPage } from "../setup/views.ts";
import { leaveNotice } from "../shell.ts";
import { browserTokens } from "../sign-in/browsers.ts";
import { enter, startAgain } from "../sign-in/routes.ts";
import { linkPage, lostPage, stopPage, stoppedPage } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: "/enrolment-link", who: "anybody", handle: showLink },
  { method: "POST", path: "/enrolment-link", who: "anybody", handle: enterByLink },
  { method: "GET", path: "/rescue-stop", who: "anybody", handle: showStop },
  { method: "POST", path: "/rescue-stop", who: "anybody", handle: stopByLink },
  { method: "POST", path: "/account/rescue/stop", who: "person", handle: stop },
  { method: "GET", path: "/sign-in/lost", who: "anybody", handle: showLost },
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
  const again = (problem: string) => linkPage(visit, { ticket, name, problem });
  if (name.trim() === "" || password === "") {
    return (await auth.enrolmentLinks.isUsable(ticket)) ? again(text.signIn.incomplete) : invalidLink(visit);
  }
  const given = { ticket, name, password, browserTokens: browserTokens(cookies) };
  const outcome = await auth.enrolmentLinks.enter(client, given);
  if (outcome.ok) return enter(visit, { ...outcome, next: "session", wantedPage: "/", trustToken: null });
  switch (outcome.reason) {
    case "expired":
      return invalidLink(visit);
    case "wrong_credentials":
      return again(text.signIn.wrong);
    case "busy":
      return { ...again(text.busy), status: 503 };
    case "too_many_attempts":
      return tooMany(again(text.wait(outcome.retryAfterSeconds ?? 900)), outcome.retryAfterSeconds);
  }
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

async function showLost(visit: Visit): Promise<Answer> {
  const pending = await visit.auth.signIn.find(visit.cookies["sign-in"]);
  if (pending === undefined) return startAgain(visit);
  if (pending.selfRescue === undefined) throw new Problem(404);
  return lostPage(visit, { ...pending.selfRescue, zone: pending.timeZone });
}

async function beginSelfRescue(visit: Visit): Promise<Answer> {
  const { auth, client, cookies, text } = visit;
  const outcome = await auth.signIn.beginSelfRescue(client, cookies["sign-in"]);
  if (outcome.ok) return redirect("/sign-in/lost");
  if (outcome.reason !== "too_many_attempts") {
    if (outcome.reason === "not_possible") throw new Problem(404);
    return startAgain(visit);
  }
  const pending = await auth.signIn.find(cookies["sign-in"]);
  if (pending?.selfRescue === undefined) return startAgain(visit);
  const { retryAfterSeconds } = outcome;
  return tooMany(
    lostPage(visit, { ...pending.selfRescue, zone: pending.timeZone }, text.wait(retryAfterSeconds ?? 86_400)),
    retryAfterSeconds,
  );
}

async function confirmSelfRescue(visit: Visit): Promise<Answer> {
  const { auth, client, cookies, text } = visit;
  const outcome = await auth.signIn.confirmSelfRescue(client, cookies["sign-in"]);
  if (outcome.ok) return enter(visit, outcome);
  const pending = await auth.signIn.find(cookies["sign-in"]);
  if (outcome.reason === "expired" || pending === undefined) return startAgain(visit);
  if (pending.selfRescue === undefined) throw new Problem(404);
  return lostPage(visit, { ...pending.selfRescue, zone: pending.timeZone }, text.rescue.lostGone);
}
