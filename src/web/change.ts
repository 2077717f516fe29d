import type { Answer } from "./answer.ts";
import type { ConfirmedAdministratorVisit, Route } from "./route.ts";

/** A form of administrators that changes something, so it asks who they are first. */
export function change(path: string, handle: (visit: ConfirmedAdministratorVisit) => Promise<Answer>): Route {
  return { method: "POST", path, who: "administrator", confirmation: { kind: "first" }, handle };
}
