// Bulk actions, for administrators: the people chosen on the list, the preview, and how far it is.

import { ACTS, type ItemState, type Job } from "../../auth.ts";
import type { Refused } from "../../outcomes.ts";
import { type Answer, Problem, redirect } from "../answer.ts";
import { change } from "../change.ts";
import type { AdministratorVisit, ConfirmedAdministratorVisit, Route } from "../route.ts";
import { leaveNotice } from "../shell.ts";
import { filterFields, readFilter } from "../users/people-filter.ts";
import { requiredFrom } from "../users/required-in-days.ts";
import { pickedIds } from "../users/selection.ts";
import { pageNumber } from "../whole-number.ts";
import { jobPage, jobsPage } from "./views.ts";

const STATES: readonly ItemState[] = ["waiting", "done", "skipped", "refused"];
/** How often the page of a job that runs asks again, in seconds. */
const REFRESH = 3;

export const routes: Route[] = [
  { method: "GET", path: "/jobs", who: "administrator", handle: showAll },
  change("/jobs", prepare),
  { method: "GET", path: "/jobs/:id", who: "administrator", handle: (visit) => show(visit, undefined) },
  change("/jobs/:id/begin", begin),
  change("/jobs/:id/stop", stop),
  change("/jobs/:id/resume", resume),
];

async function showAll(visit: AdministratorVisit): Promise<Answer> {
  return jobsPage(visit, await visit.auth.jobs.list(visit.session));
}

async function prepare(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const act = ACTS.find((known) => known === form.get("act"));
  if (act === undefined) throw new Problem(400);
  const filter = readFilter((field) => form.get(field));
  const selection = form.get("all") === "on" ? { filter } : { ids: pickedIds(form) };
  const outcome = await auth.jobs.prepare(client, auth.authorityOf(session), { act, selection });
  if (outcome.ok) return redirect(`/jobs/${outcome.id}`);
  if (outcome.reason === "no_authority") throw new Problem(404);
  return leaveNotice(visit, "nobodySelected", `/users?${new URLSearchParams(filterFields(filter))}`);
}

async function show(visit: AdministratorVisit, reason: string | undefined): Promise<Answer> {
  const { auth, query, session } = visit;
  const found = await auth.jobs.find(session, idOf(visit));
  if (found === undefined) throw new Problem(404);
  const state = STATES.find((known) => known === query.get("show"));
  const page = pageNumber(query.get("page"));
  const part = await auth.jobs.items(session, { id: found.job.id, state, page });
  const isStill = query.get("still") === "yes";
  const answer = jobPage(visit, { ...found, ...part, state, page, isStill, reason });
  return found.job.state === "running" && !isStill ? refreshing(answer, found.job) : answer;
}

/** A page that the browser asks for again by itself, without script. Any link on it leads to one that stands still. */
function refreshing(answer: Answer, { id }: Job): Answer {
  return { ...answer, headers: { ...answer.headers, refresh: `${REFRESH}; url=/jobs/${id}` } };
}

async function begin(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const outcome = await auth.jobs.begin(client, auth.authorityOf(session), {
    id: idOf(visit),
    reason: form.get("reason"),
    from: requiredFrom(form.get("days"), auth.now()),
  });
  return settle(visit, outcome, "jobBegun");
}

async function stop(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, session } = visit;
  return settle(visit, await auth.jobs.stop(client, auth.authorityOf(session), idOf(visit)), "jobStopped");
}

async function resume(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, session } = visit;
  return settle(visit, await auth.jobs.resume(client, auth.authorityOf(session), idOf(visit)), "jobResumed");
}

async function settle(
  visit: ConfirmedAdministratorVisit,
  outcome: { ok: true } | Refused,
  notice: string,
): Promise<Answer> {
  if (outcome.ok) return leaveNotice(visit, notice, `/jobs/${idOf(visit)}`);
  switch (outcome.reason) {
    case "not_found":
    case "no_authority":
      throw new Problem(404);
    // A second click: the page says how it stands.
    case "already_made":
      return redirect(`/jobs/${idOf(visit)}`);
    default:
      return show(visit, outcome.reason);
  }
}

function idOf({ params }: AdministratorVisit): string {
  return params.id ?? "";
}
