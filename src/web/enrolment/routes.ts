// Setting up an authenticator app, and the page that asks for it. Somebody who owes a second factor reaches these
// routes and signing out, and nothing else.

import { type Answer, redirect } from "../answer.ts";
import { busy, type FormProblem, triesUsedUp } from "../problem.ts";
import { newCodesPage } from "../recovery-codes/views.ts";
import {
  type ConfirmedEnrollingVisit,
  confirmed,
  ENROLMENT_REQUIRED,
  type EnrollingVisit,
  type Route,
} from "../route.ts";
import { settle } from "../settle.ts";
import { leaveNotice, sessionOver } from "../shell.ts";
import { enrolledNotice, enrolmentPage, FIELD, requiredPage } from "./views.ts";

const PATH = "/account/security/enrolment";

export const routes: Route[] = [
  { method: "GET", path: ENROLMENT_REQUIRED, who: "enrolling", handle: showRequired },
  confirmed("enrolling", PATH, enrol),
  { method: "GET", path: PATH, who: "enrolling", handle: showEnrolment },
  confirmed("enrolling", `${PATH}/confirm`, confirmEnrolment),
  { method: "POST", path: `${PATH}/cancel`, who: "enrolling", handle: cancelEnrolment },
];

/** Where somebody comes from and goes back to, who sets up an app. */
function pageBefore({ session }: EnrollingVisit): string {
  return session.mayOnlyEnrol ? ENROLMENT_REQUIRED : "/account/security";
}

function showRequired(visit: EnrollingVisit): Answer {
  return visit.session.mayOnlyEnrol || visit.session.asked !== undefined
    ? requiredPage(visit, visit.session)
    : redirect("/account/security");
}

async function enrol(visit: ConfirmedEnrollingVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const replaces = form.get("replaces");
  const outcome = await auth.account.beginEnrolment({ client, session, replaces: replaces === "" ? null : replaces });
  if (outcome.ok) return redirect(PATH);
  return outcome.reason === "expired" ? sessionOver(visit) : leaveNotice(visit, outcome.reason, pageBefore(visit));
}

async function showEnrolment(visit: EnrollingVisit, problem?: FormProblem): Promise<Answer> {
  const enrolment = await visit.auth.account.enrolment({ session: visit.session });
  if (enrolment !== undefined) return enrolmentPage(visit, enrolment, problem);
  return visit.session.user.twoFactor
    ? redirect(pageBefore(visit))
    : leaveNotice(visit, "enrolmentExpired", pageBefore(visit));
}

async function confirmEnrolment(visit: ConfirmedEnrollingVisit): Promise<Answer> {
  const { auth, client, form, session, text } = visit;
  const { wrong, clockBehind, clockAhead } = text.enrolment;
  const given = { code: form.get(FIELD), nameOf: text.authenticators.nameOf };
  return settle(await auth.account.confirmEnrolment({ client, session, ...given }), {
    done: ({ recoveryCodes }) =>
      recoveryCodes === null
        ? leaveNotice(visit, "authenticatorAdded", "/account/security")
        : newCodesPage(visit, recoveryCodes, enrolledNotice(visit)),
    again: (problem) => showEnrolment(visit, problem),
    refusals: {
      wrong_code: { message: wrong, field: FIELD },
      clock_off: ({ offsetSeconds: offset }) => ({
        message: offset < 0 ? clockBehind(-offset) : clockAhead(offset),
        field: FIELD,
      }),
      too_many_attempts: ({ retryAfterSeconds }) => triesUsedUp(visit, retryAfterSeconds, FIELD),
      busy: busy(visit, FIELD),
      too_many_authenticators: () => leaveNotice(visit, "too_many_authenticators", pageBefore(visit)),
      not_found: () => leaveNotice(visit, "not_found", pageBefore(visit)),
      expired: () => showEnrolment(visit),
    },
  });
}

async function cancelEnrolment(visit: EnrollingVisit): Promise<Answer> {
  await visit.auth.enrolment.cancel(visit.session);
  return redirect(pageBefore(visit));
}
