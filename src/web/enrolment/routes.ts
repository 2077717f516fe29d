// Setting up an authenticator app, and the page that asks for it. Somebody who owes a second factor reaches these
// routes and signing out, and nothing else.

import type { Enrolment, LivingSession } from "../../auth.ts";
import { type Answer, redirect, tooMany } from "../answer.ts";
import { qrPath } from "../qr-path.ts";
import { newCodesPage } from "../recovery-codes/routes.ts";
import type { ConfirmedEnrollingVisit, EnrollingVisit, Route } from "../route.ts";
import { appPage, asked, leaveNotice } from "../shell.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { codeField } from "../ui/code-field.ts";
import { facts } from "../ui/facts.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { notice } from "../ui/notice.ts";
import { qrCode } from "../ui/qr-code.ts";
import { disclosure, secret } from "../ui/secret.ts";
import { standing } from "../ui/section.ts";
import { steps } from "../ui/steps.ts";
import { wantedPage } from "../wanted-page.ts";

export const ENROLMENT_REQUIRED = "/account/security/required";

export const routes: Route[] = [
  { method: "GET", path: ENROLMENT_REQUIRED, who: "enrolling", handle: showRequired },
  {
    method: "POST",
    path: "/account/security/enrolment",
    who: "enrolling",
    confirmation: { kind: "first" },
    handle: enrol,
  },
  { method: "GET", path: "/account/security/enrolment", who: "enrolling", handle: showEnrolment },
  {
    method: "POST",
    path: "/account/security/enrolment/confirm",
    who: "enrolling",
    confirmation: { kind: "first" },
    handle: confirmEnrolment,
  },
  { method: "POST", path: "/account/security/enrolment/cancel", who: "enrolling", handle: cancelEnrolment },
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
  const replaces = visit.form.get("replaces");
  const outcome = await visit.auth.enrolment.begin(visit.client, visit.session, {
    replaces: replaces === "" ? null : replaces,
  });
  return outcome.ok ? redirect("/account/security/enrolment") : leaveNotice(visit, outcome.reason, pageBefore(visit));
}

async function showEnrolment(visit: EnrollingVisit): Promise<Answer> {
  const enrolment = await visit.auth.enrolment.find(visit.session);
  if (enrolment !== undefined) return enrolmentPage(visit, enrolment, undefined);
  return visit.session.user.twoFactor
    ? redirect(pageBefore(visit))
    : leaveNotice(visit, "enrolmentExpired", pageBefore(visit));
}

async function confirmEnrolment(visit: ConfirmedEnrollingVisit): Promise<Answer> {
  const { auth, client, form, session, text } = visit;
  const outcome = await auth.enrolment.confirm(client, session, {
    code: form.get("code"),
    nameOf: text.authenticators.nameOf,
  });
  if (outcome.ok) {
    return outcome.recoveryCodes === null
      ? leaveNotice(visit, "authenticatorAdded", "/account/security")
      : newCodesPage(visit, outcome.recoveryCodes, enrolledNotice(visit));
  }
  const enrolment = await auth.enrolment.find(session);
  if (enrolment === undefined) return showEnrolment(visit);
  const again = (problem: string) => enrolmentPage(visit, enrolment, problem);
  switch (outcome.reason) {
    case "clock_off": {
      const { offsetSeconds } = outcome;
      return again(
        offsetSeconds < 0 ? text.enrolment.clockBehind(-offsetSeconds) : text.enrolment.clockAhead(offsetSeconds),
      );
    }
    case "too_many_attempts":
      return tooMany(again(text.wait(outcome.retryAfterSeconds ?? 3600)), outcome.retryAfterSeconds);
    case "busy":
      return { ...again(text.busy), status: 503 };
    case "too_many_authenticators":
    case "not_found":
      return leaveNotice(visit, outcome.reason, pageBefore(visit));
    default:
      return again(text.enrolment.wrong);
  }
}

async function cancelEnrolment(visit: EnrollingVisit): Promise<Answer> {
  await visit.auth.enrolment.cancel(visit.session);
  return redirect(pageBefore(visit));
}

/** Asks for a second factor: now, or with the time and the sign-ins that are left. */
function requiredPage(visit: EnrollingVisit, session: LivingSession): Answer {
  const { text } = visit;
  if (session.mayOnlyEnrol && session.user.twoFactor) return rescuePage(visit);
  const words = text.required;
  return appPage(visit, {
    title: words.title,
    children: [
      standing({ kind: "warning", icon: "shield", title: words.why, children: words.how }),
      session.mayOnlyEnrol ? words.now : asked(visit),
      form({
        action: "/account/security/enrolment",
        layout: "bare",
        children: actions(
          button({ label: words.setUp }),
          !session.mayOnlyEnrol &&
            linkButton({ href: wantedPage(visit.query.get("next")), label: words.later, kind: "quiet" }),
        ),
      }),
    ],
  });
}

/** The same for somebody who lost what they had, and has to know that it ends. */
function rescuePage(visit: EnrollingVisit): Answer {
  const words = visit.text.rescue;
  return appPage(visit, {
    title: words.enrolTitle,
    children: [
      standing({ kind: "warning", icon: "shield", title: words.enrolWhy, children: words.enrolHow }),
      words.enrolOld,
      form({
        action: "/account/security/enrolment",
        layout: "bare",
        children: actions(button({ label: words.enrolSubmit })),
      }),
    ],
  });
}

/** What stands above the recovery codes of somebody who has just turned it on. */
function enrolledNotice({ text }: EnrollingVisit): Content {
  return notice({ kind: "success", role: "status", title: text.security.on, children: text.done.enabled });
}

/** The three steps of setting up. A wrong code comes back here, with the same secret. */
function enrolmentPage(visit: EnrollingVisit, enrolment: Enrolment, problem: string | undefined): Answer {
  const { text } = visit;
  const { title, submit } = text.enrolment.purposes[enrolment.purpose];
  return appPage(visit, {
    title,
    isError: problem !== undefined,
    status: problem === undefined ? 200 : 422,
    children: [
      form({ id: "cancel", action: "/account/security/enrolment/cancel", layout: "bare", children: [] }),
      form({
        action: "/account/security/enrolment/confirm",
        children: [
          enrolment.purpose === "move" && text.enrolment.overlap,
          steps([
            { title: text.enrolment.getApp, children: text.enrolment.getAppText },
            { title: text.enrolment.scan, children: [text.enrolment.scanText, keyAsPicture(visit, enrolment)] },
            {
              title: text.enrolment.enter,
              children: codeField({
                name: "code",
                label: text.enrolment.code,
                hint: text.enrolment.codeHint,
                required: true,
                digits: enrolment.digits,
                autofocus: problem !== undefined,
                error: problem,
              }),
            },
          ]),
          actions(button({ label: submit }), button({ label: text.common.cancel, kind: "quiet", form: "cancel" })),
        ],
      }),
    ],
  });
}

function keyAsPicture({ text }: EnrollingVisit, enrolment: Enrolment) {
  return [
    qrCode({ ...qrPath(enrolment.keyUri), label: text.enrolment.qrLabel }),
    disclosure({
      summary: text.enrolment.showCode,
      children: [
        secret({
          id: "secret",
          label: text.enrolment.secret,
          value: enrolment.secret,
          copy: text.common.copy,
          copied: text.common.copied,
        }),
        facts([
          { name: text.enrolment.account, value: enrolment.account },
          { name: text.enrolment.issuer, value: enrolment.issuer },
        ]),
        linkButton({ href: enrolment.keyUri, label: text.enrolment.openApp, kind: "quiet", icon: "phone" }),
      ],
    }),
  ];
}
