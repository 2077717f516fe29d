// Ways back in, on the side of those who help: asking for them, and deciding about those that are open. Support asks and
// carries out; approving takes an administrator.

import { RESCUE_WAYS, type RescueWay } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import { change } from "../change.ts";
import type { AdministratorVisit, ConfirmedSupportVisit, Route } from "../route.ts";
import { leaveNotice } from "../shell.ts";
import { help, idOf, refuse, settle } from "../users/routes.ts";
import { rescuesPage, shownLinkPage } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: "/rescues", who: "administrator", handle: list },
  help("/users/:id/reset-two-factor", (visit) => ask(visit, "reset", visit.form.get("reason"))),
  help("/users/:id/enrolment-link", askLink),
  help("/users/:id/rescue/carry-out", async (visit) => {
    const { auth, client, session } = visit;
    return tell(visit, await auth.rescues.carryOut(client, auth.authorityOf(session), named(visit)));
  }),
  help("/users/:id/rescue/withdraw", async (visit) => {
    const { auth, client, session } = visit;
    const outcome = await auth.rescues.withdraw(client, auth.authorityOf(session), named(visit));
    return settle(visit, outcome, "rescueWithdrawn");
  }),
  change("/users/:id/rescue/approve", async (visit) => {
    const { auth, client, session } = visit;
    return tell(visit, await auth.rescues.approve(client, auth.authorityOf(session), named(visit)));
  }),
];

async function list(visit: AdministratorVisit): Promise<Answer> {
  return rescuesPage(visit, await visit.auth.rescues.list(visit.session));
}

function askLink(visit: ConfirmedSupportVisit): Promise<Answer> {
  const way = RESCUE_WAYS.find((known) => known === visit.form.get("way")) ?? "shown-link";
  return ask(visit, way === "reset" ? "shown-link" : way, visit.form.get("link_reason"));
}

async function ask(visit: ConfirmedSupportVisit, way: RescueWay, reason: string): Promise<Answer> {
  const { auth, client, session } = visit;
  return tell(visit, await auth.rescues.ask(client, auth.authorityOf(session), { id: idOf(visit), way, reason }));
}

const NOTICES = {
  reset: "personReset",
  "link-mailed": "linkMailed",
  waiting: "rescueWaiting",
  approval: "rescueApproval",
} as const;

type Outcome = Awaited<ReturnType<ConfirmedSupportVisit["auth"]["rescues"]["ask"]>>;

/** What came of it. A link that is to be handed over is shown, this once. */
async function tell(
  visit: ConfirmedSupportVisit,
  outcome: Outcome | Awaited<ReturnType<ConfirmedSupportVisit["auth"]["rescues"]["approve" | "carryOut"]>>,
): Promise<Answer> {
  if (!outcome.ok) return refuse(visit, outcome.reason);
  if (outcome.next !== "link-shown") return leaveNotice(visit, NOTICES[outcome.next], `/users/${idOf(visit)}`);
  const person = await visit.auth.administration.findPerson(visit.session, idOf(visit));
  return shownLinkPage(visit, { id: idOf(visit), name: person?.name ?? "", ticket: outcome.ticket });
}

function named(visit: ConfirmedSupportVisit) {
  return { userId: idOf(visit), id: visit.form.get("rescue") };
}
