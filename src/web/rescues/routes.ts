// The rescues that are open, for administrators. Asking for one and deciding about it is done on the person's page.

import type { Answer } from "../answer.ts";
import type { AdministratorVisit, Route } from "../route.ts";
import { rescuesPage } from "./views.ts";

export const routes: Route[] = [{ method: "GET", path: "/rescues", who: "administrator", handle: show }];

async function show(visit: AdministratorVisit): Promise<Answer> {
  return rescuesPage(visit, await visit.auth.rescues.list(visit.session));
}
