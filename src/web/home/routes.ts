// The start page: how well the account is protected, warnings, the last log-ins.

import { type Answer, redirect } from "../answer.ts";
import { setCookie } from "../middleware/cookies.ts";
import type { PersonVisit, Route } from "../route.ts";
import { homePage } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: "/", who: "person", handle: home },
  { method: "POST", path: "/warnings/read", who: "person", handle: acknowledge },
];

async function home(visit: PersonVisit): Promise<Answer> {
  const [signIns, warnings] = await Promise.all([
    visit.auth.history.signIns(visit.session),
    visit.auth.history.warnings(visit.session),
  ]);
  return homePage(visit, { signIns, warnings });
}

async function acknowledge(visit: PersonVisit): Promise<Answer> {
  await visit.auth.users.acknowledgeWarnings(visit.session);
  visit.setCookies.push(setCookie("notice", "acknowledged", 60));
  return redirect("/");
}
