// Every way to be let in, for administrators: made from the list that the engine goes by.

import type { Route } from "../route.ts";
import { methodsPage } from "./views.ts";

export const routes: Route[] = [{ method: "GET", path: "/methods", who: "administrator", handle: methodsPage }];
