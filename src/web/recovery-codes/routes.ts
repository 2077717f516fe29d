// Recovery codes: shown when they are made, to be copied, printed or saved; proved by typing one; renewed.

import { type Answer, redirect } from "../answer.ts";
import { busy, triesUsedUp } from "../problem.ts";
import { type ConfirmedVisit, confirmed, type PersonVisit, type Route } from "../route.ts";
import { settle } from "../settle.ts";
import { leaveNotice, sessionOver } from "../shell.ts";
import { checkPage, FIELD, recoveredPage, renewedPage } from "./views.ts";

const SECURITY = "/account/security";

export const routes: Route[] = [
  confirmed("person", `${SECURITY}/recovery-codes`, renew),
  { method: "GET", path: `${SECURITY}/recovery-codes/check`, who: "person", handle: (visit) => checkPage(visit) },
  { method: "POST", path: `${SECURITY}/recovery-codes/check`, who: "person", handle: check },
  { method: "GET", path: `${SECURITY}/recovered`, who: "person", handle: recovered },
];

async function renew(visit: ConfirmedVisit): Promise<Answer> {
  const outcome = await visit.auth.account.renewRecoveryCodes({ client: visit.client, session: visit.session });
  return outcome.ok ? renewedPage(visit, outcome.codes) : redirect(SECURITY);
}

async function check(visit: PersonVisit): Promise<Answer> {
  const { auth, client, form, session, text } = visit;
  return settle(await auth.recoveryCodes.proveKept(client, session, form.get(FIELD)), {
    done: () => leaveNotice(visit, "recoveryCodesKept", SECURITY),
    again: (problem) => checkPage(visit, problem),
    refusals: {
      wrong_code: { message: text.recovery.wrong, field: FIELD },
      too_many_attempts: ({ retryAfterSeconds }) => triesUsedUp(visit, retryAfterSeconds, FIELD),
      busy: busy(visit, FIELD),
      expired: () => sessionOver(visit),
    },
  });
}

/** After signing in by a recovery code. */
async function recovered(visit: PersonVisit): Promise<Answer> {
  const codes = await visit.auth.recoveryCodes.find(await visit.account());
  return recoveredPage(visit, codes?.left ?? 0);
}
