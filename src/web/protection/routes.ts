// How well people are protected, for administrators: counts, each of which leads to the list of those people.

import type { Answer } from "../answer.ts";
import type { AdministratorVisit, Route } from "../route.ts";
import { protectionPage } from "./views.ts";

export const routes: Route[] = [{ method: "GET", path: "/protection", who: "administrator", handle: show }];

async function show(visit: AdministratorVisit): Promise<Answer> {
  return protectionPage(visit, await visit.auth.protection.overview(visit.session));
}
