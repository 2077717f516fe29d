// The outbox, for administrators: what is waiting and why.

import type { Answer } from "../answer.ts";
import { Problem } from "../answer.ts";
import { change } from "../change.ts";
import type { AdministratorVisit, ConfirmedAdministratorVisit, Route } from "../route.ts";
import { leaveNotice } from "../shell.ts";
import { mailsPage } from "./views.ts";

const SHOWN = 50;

export const routes: Route[] = [
  { method: "GET", path: "/mails", who: "administrator", handle: show },
  change("/mails/retry", retry),
];

async function show(visit: AdministratorVisit): Promise<Answer> {
  const { auth, query, session } = visit;
  const unsent = query.get("state") === "unsent";
  const before = placeOf(query.get("before"));
  const found = await auth.outbox.list(session, { unsent, before }, SHOWN + 1);
  return mailsPage(visit, {
    mails: found.slice(0, SHOWN),
    hasMore: found.length > SHOWN,
    isFirst: before === undefined,
    unsent,
  });
}

async function retry(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, session } = visit;
  const outcome = await auth.outbox.retry(client, auth.authorityOf(session));
  if (!outcome.ok) throw new Problem(404);
  return leaveNotice(visit, "mailsRetried", "/mails?state=unsent");
}

/** The place in the list that a page begins after: a time and an id. */
function placeOf(text: string | null): { createdAt: number; id: string } | undefined {
  const [, createdAt, id] = /^([0-9]{1,15})\.([\w-]{16})$/.exec(text ?? "") ?? [];
  return createdAt === undefined || id === undefined ? undefined : { createdAt: Number(createdAt), id };
}
