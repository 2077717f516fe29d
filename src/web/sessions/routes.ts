// Where you are signed in: a section of the page of account security, and what its buttons do.
//
// Which session a button means travels in its form, so no address names one.

import type { Answer } from "../answer.ts";
import { type ConfirmedVisit, confirmed, type Route } from "../route.ts";
import { leaveNotice, sessionOver } from "../shell.ts";
import { END, END_OTHERS } from "./views.ts";

const SECURITY = "/account/security";

export const routes: Route[] = [confirmed("person", END, endOne), confirmed("person", END_OTHERS, endOthers)];

async function endOne(visit: ConfirmedVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const outcome = await auth.session.endOther({ client, session, id: form.get("id") });
  return leaveNotice(visit, outcome.ok ? "otherEnded" : "otherGone", SECURITY);
}

async function endOthers(visit: ConfirmedVisit): Promise<Answer> {
  const outcome = await visit.auth.session.endOthers({ client: visit.client, session: visit.session });
  return outcome.ok ? leaveNotice(visit, "othersEnded", SECURITY) : sessionOver(visit);
}
