// The outbox, for administrators: what is waiting and why.

import type { Answer } from "../answer.ts";
import { newest, READ } from "../paging.ts";
import { type AdministratorVisit, type ConfirmedAdministratorVisit, confirmed, type Route } from "../route.ts";
import { settle } from "../settle.ts";
import { leaveNotice } from "../shell.ts";
import { mailsPage } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: "/mails", who: "administrator", handle: show },
  confirmed("administrator", "/mails/retry", retry),
];

async function show(visit: AdministratorVisit): Promise<Answer> {
  const { auth, query, session } = visit;
  const unsent = query.get("state") === "unsent";
  const before = placeOf(query.get("before"));
  return mailsPage(visit, { page: newest(await auth.outbox.list(session, { unsent, before }, READ), before), unsent });
}

async function retry(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  return settle(await visit.auth.outbox.retry(visit.client, visit.authority), {
    done: () => leaveNotice(visit, "mailsRetried", "/mails?state=unsent"),
    again: () => show(visit),
    refusals: {},
  });
}

/** The place in the list that a page begins after: a time and an id. */
function placeOf(text: string | null): { createdAt: number; id: string } | undefined {
  const [, createdAt, id] = /^([0-9]{1,15})\.([\w-]{16})$/.exec(text ?? "") ?? [];
  return createdAt === undefined || id === undefined ? undefined : { createdAt: Number(createdAt), id };
}
