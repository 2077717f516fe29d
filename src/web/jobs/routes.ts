// Bulk actions, for administrators: the people chosen on the list, the preview, and how far it is.

import { BULK_ACTS, type ItemState, type Job } from "../../auth.ts";
import { reasonMissing, saidIn } from "../act-fields.ts";
import { type Answer, Problem, redirect } from "../answer.ts";
import { pageNumber } from "../paging.ts";
import { busy, type FormProblem } from "../problem.ts";
import { type AdministratorVisit, type ConfirmedAdministratorVisit, confirmed, idOf, type Route } from "../route.ts";
import { settle } from "../settle.ts";
import { leaveNotice, type Notice } from "../shell.ts";
import { filterFields, pickedIds, readFilter } from "../users/selection.ts";
import { jobPage, jobsPage } from "./views.ts";

const STATES: readonly ItemState[] = ["waiting", "done", "skipped", "refused"];
/** How often the page of a job that runs asks again, in seconds. */
const REFRESH = 3;

export const routes: Route[] = [
  { method: "GET", path: "/jobs", who: "administrator", handle: showAll },
  confirmed("administrator", "/jobs", prepare),
  { method: "GET", path: "/jobs/:id", who: "administrator", handle: (visit) => show(visit) },
  confirmed("administrator", "/jobs/:id/begin", begin),
  confirmed("administrator", "/jobs/:id/stop", stop),
  confirmed("administrator", "/jobs/:id/resume", resume),
];

async function showAll(visit: AdministratorVisit): Promise<Answer> {
  return jobsPage(visit, await visit.auth.jobs.list(visit.session));
}

async function prepare(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, authority, client, form } = visit;
  const act = BULK_ACTS.find((known) => known === form.get("act"));
  if (act === undefined) throw new Problem(400);
  const filter = readFilter((field) => form.get(field));
  const selection = form.get("all") === "on" ? { filter } : { ids: pickedIds(form) };
  const nobody = () => leaveNotice(visit, "nobodySelected", `/users?${new URLSearchParams(filterFields(filter))}`);
  return settle(await auth.jobs.prepare(client, authority, { act, selection }), {
    done: ({ id }) => redirect(`/jobs/${id}`),
    again: nobody,
    refusals: { nobody_selected: nobody },
  });
}

async function show(visit: AdministratorVisit, problem?: FormProblem): Promise<Answer> {
  const { auth, query, session } = visit;
  const found = await auth.jobs.find(session, idOf(visit));
  if (found === undefined) throw new Problem(404);
  const state = STATES.find((known) => known === query.get("show"));
  const page = pageNumber(visit);
  const part = await auth.jobs.items(session, { id: found.job.id, state, page });
  const isStill = query.get("still") === "yes";
  const answer = jobPage(visit, { ...found, ...part, state, page, isStill, problem });
  return found.job.state === "running" && !isStill ? refreshing(answer, found.job) : answer;
}

/** A page that the browser asks for again by itself, without script. Any link on it leads to one that stands still. */
function refreshing(answer: Answer, { id }: Job): Answer {
  return { ...answer, headers: { ...answer.headers, refresh: `${REFRESH}; url=/jobs/${id}` } };
}

async function begin(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, authority, client } = visit;
  const outcome = await auth.jobs.begin(client, authority, { id: idOf(visit), ...saidIn(visit) });
  return settle(outcome, back(visit, "jobBegun"));
}

async function stop(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, authority, client } = visit;
  return settle(await auth.jobs.stop(client, authority, idOf(visit)), back(visit, "jobStopped"));
}

async function resume(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, authority, client } = visit;
  return settle(await auth.jobs.resume(client, authority, idOf(visit)), back(visit, "jobResumed"));
}

/** Back to the job, with what was done or what was wrong. */
function back(visit: AdministratorVisit, notice: Notice) {
  const { text } = visit;
  const path = `/jobs/${idOf(visit)}`;
  return {
    done: () => leaveNotice(visit, notice, path),
    again: (problem: FormProblem) => show(visit, problem),
    refusals: {
      reason_missing: reasonMissing(visit),
      busy: busy(visit),
      somebody_elses: () => somebodyElses(visit),
      expired: { message: text.jobs.expired },
      // A second click: the page says how it stands.
      already_made: () => redirect(path),
    },
  };
}

async function somebodyElses(visit: AdministratorVisit): Promise<FormProblem> {
  const { auth, session, text } = visit;
  const found = await auth.jobs.find(session, idOf(visit));
  return { message: text.jobs.somebodyElses(found?.job.actor.name ?? "") };
}
