// Browsers that a person trusts: a section of the page of account security, and what its buttons do.

import type { Answer } from "../answer.ts";
import { type ConfirmedVisit, confirmed, type Route } from "../route.ts";
import { leaveNotice } from "../shell.ts";
import { END, END_ALL } from "./views.ts";

export const routes: Route[] = [
  confirmed("person", END, (visit) => remove(visit, { id: visit.form.get("id") })),
  confirmed("person", END_ALL, (visit) => remove(visit, "all")),
];

async function remove(visit: ConfirmedVisit, which: { id: string } | "all"): Promise<Answer> {
  const outcome = await visit.auth.account.removeTrustedBrowser({
    client: visit.client,
    session: visit.session,
    which,
  });
  return leaveNotice(visit, outcome.ok ? "trustEnded" : "trustGone", "/account/security");
}
