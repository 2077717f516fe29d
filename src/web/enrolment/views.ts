import type { Enrolment, LivingSession } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import type { FormProblem } from "../problem.ts";
import { qrPath } from "../qr-path.ts";
import type { EnrollingVisit } from "../route.ts";
import { appPage, asked } from "../shell.ts";
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

export const FIELD = "code";

/** Asks for a second factor: now, or with the time and the sign-ins that are left. */
export function requiredPage(visit: EnrollingVisit, session: LivingSession): Answer {
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
export function enrolledNotice({ text }: EnrollingVisit): Content {
  return notice({ kind: "success", role: "status", title: text.security.on, children: text.done.enabled });
}

/** The three steps of setting up. A wrong code comes back here, with the same secret. */
export function enrolmentPage(visit: EnrollingVisit, enrolment: Enrolment, problem: FormProblem | undefined): Answer {
  const { text } = visit;
  const { title, submit } = text.enrolment.purposes[enrolment.purpose];
  return appPage(visit, {
    title,
    problem,
    onlyField: FIELD,
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
                name: FIELD,
                label: text.enrolment.code,
                hint: text.enrolment.codeHint,
                required: true,
                digits: enrolment.digits,
                autofocus: problem !== undefined,
                error: problem?.message,
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
