// API keys: one's own, and the page that shows a new one, once.
//
// The form carries a number that is good for one key: reloading the page with the key sends the form again, and that
// leads back to the list. The new key is the body of the answer to the form, so it is in no address, cookie or cache.

import { grantableScopes } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import type { FormProblem } from "../problem.ts";
import { type ConfirmedVisit, confirmed, type PersonVisit, type Route } from "../route.ts";
import { settle } from "../settle.ts";
import { leaveNotice, sessionOver } from "../shell.ts";
import { fieldOf, keyPage, keysPage, NEVER, PATH, refusalsOf } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: PATH, who: "person", handle: (visit) => show(visit, undefined) },
  confirmed("person", PATH, make),
  { method: "POST", path: `${PATH}/revoke`, who: "person", handle: revoke },
];

async function show(visit: PersonVisit, problem: FormProblem | undefined): Promise<Answer> {
  const { auth, session } = visit;
  const [keys, { policy }] = await Promise.all([auth.apiKeys.list(session), visit.account()]);
  return keysPage(visit, { keys, mayBeEndless: policy.endless_keys === 1, problem });
}

async function make(visit: ConfirmedVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const outcome = await auth.apiKeys.create(client, session, {
    name: form.get("name"),
    scopes: grantableScopes(session.user).filter((scope) => form.get(fieldOf(scope)) !== ""),
    days: form.get("days") === NEVER ? null : Number(form.get("days")),
    formNumber: form.get("form_number"),
  });
  return settle(outcome, {
    done: ({ key, apiKey }) => keyPage(visit, key, apiKey),
    again: (problem) => show(visit, problem),
    refusals: {
      ...refusalsOf(visit),
      already_made: () => leaveNotice(visit, "apiKeyMade", PATH),
      session_ended: () => sessionOver(visit),
    },
  });
}

async function revoke(visit: PersonVisit): Promise<Answer> {
  return settle(await visit.auth.apiKeys.revoke(visit.client, visit.session, visit.form.get("key")), {
    done: () => leaveNotice(visit, "apiKeyRevoked", PATH),
    again: (problem) => show(visit, problem),
    refusals: { session_ended: () => sessionOver(visit) },
  });
}
