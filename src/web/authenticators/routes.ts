// The authenticator apps of a person: renamed in place, removed, and the way to another one or to a new phone.

import type { Answer } from "../answer.ts";
import { type ConfirmedVisit, confirmed, type PersonVisit, type Route } from "../route.ts";
import { leaveNotice, type Notice, sessionOver } from "../shell.ts";

const SECURITY = "/account/security";

export const routes: Route[] = [
  { method: "POST", path: `${SECURITY}/authenticators/rename`, who: "person", handle: rename },
  confirmed("person", `${SECURITY}/authenticators/remove`, remove),
];

async function rename(visit: PersonVisit): Promise<Answer> {
  const { auth, client, session, form } = visit;
  const given = { id: form.get("authenticator"), name: form.get("name") };
  const outcome = await auth.account.renameAuthenticator({ client, session, ...given });
  return back(visit, outcome.ok ? "authenticatorRenamed" : outcome.reason);
}

async function remove(visit: ConfirmedVisit): Promise<Answer> {
  const { auth, client, session, form } = visit;
  const outcome = await auth.account.removeAuthenticator({ client, session, id: form.get("authenticator") });
  return back(visit, outcome.ok ? "authenticatorRemoved" : outcome.reason);
}

/** Back to the list, with what was done, or why not. */
function back(visit: PersonVisit, came: Notice | "expired"): Answer {
  return came === "expired" ? sessionOver(visit) : leaveNotice(visit, came, SECURITY);
}
