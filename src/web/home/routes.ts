// The start page: how well the account is protected, warnings, the last sign-ins.

import type { Answer } from "../answer.ts";
import type { PersonVisit, Route } from "../route.ts";
import { leaveNotice } from "../shell.ts";
import { homePage } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: "/", who: "person", handle: home },
  { method: "POST", path: "/warnings/read", who: "person", handle: acknowledge },
];

async function home(visit: PersonVisit): Promise<Answer> {
  const { auth, session } = visit;
  const [signIns, warnings, codes] = await Promise.all([
    auth.record.signIns(session),
    visit.account().then((account) => auth.record.warnings(account)),
    session.user.twoFactor ? visit.account().then((account) => auth.recoveryCodes.find(account)) : undefined,
  ]);
  return homePage(visit, { signIns, warnings, codes });
}

async function acknowledge(visit: PersonVisit): Promise<Answer> {
  await visit.auth.users.acknowledgeWarnings(visit.session);
  return leaveNotice(visit, "acknowledged", "/");
}
