// The link to undo a change of the e-mail address. Opening it spends nothing, and the form logs nobody in.

import type { Answer } from "../answer.ts";
import { invalidLinkPage } from "../one-time-link.ts";
import { ofOwnAccounts, type Route, type Visit } from "../route.ts";
import { leaveNotice } from "../shell.ts";
import { undoPage } from "./views.ts";

export const routes: Route[] = ofOwnAccounts(
  { method: "GET", path: "/email-undo", who: "anybody", handle: show },
  { method: "POST", path: "/email-undo", who: "anybody", handle: undo },
);

async function show(visit: Visit): Promise<Answer> {
  const ticket = visit.query.get("ticket") ?? "";
  const link = await visit.auth.emailUndo.find(ticket);
  return link === undefined ? invalidLinkPage(visit, visit.text.emailUndo) : undoPage(visit, { ticket, ...link });
}

async function undo(visit: Visit): Promise<Answer> {
  const outcome = await visit.auth.emailUndo.complete(visit.client, visit.form.get("ticket"));
  return outcome.ok
    ? leaveNotice(visit, "emailRestored", "/forgotten-password")
    : invalidLinkPage(visit, visit.text.emailUndo);
}
