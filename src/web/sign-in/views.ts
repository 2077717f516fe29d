import type { PendingSignIn } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import { credentialFields } from "../credentials.ts";
import { recoveryCodeField } from "../recovery-codes/routes.ts";
import type { Visit } from "../route.ts";
import { cardPage } from "../shell.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { codeField } from "../ui/code-field.ts";
import { checkboxField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { errorSummary } from "../ui/notice.ts";
import { disclosure } from "../ui/secret.ts";

/** The first step. What was typed as a name is kept, the password never. */
export function signInPage(visit: Visit, shown: { wanted: string; name?: string; problem?: string }): Answer {
  const { text, auth } = visit;
  const { wanted, name = "", problem } = shown;
  return cardPage(visit, {
    title: text.signIn.title,
    isError: problem !== undefined,
    status: problem === undefined ? 200 : 422,
    children: form({
      action: "/sign-in",
      hidden: { next: wanted === "/" ? undefined : wanted },
      children: [
        problem && errorSummary({ errors: [{ message: problem, field: "login" }] }),
        credentialFields(visit, { name, autofocus: problem === undefined }),
        actions(button({ label: text.signIn.submit })),
      ],
    }),
    footer: disclosure({
      summary: text.signIn.forgotten,
      children: [
        actions(linkButton({ href: "/forgotten-password", label: text.passwordReset.link })),
        text.signIn.forgottenAnswer(auth.options.name),
      ],
    }),
  });
}

/** The second step. */
export function codePage(
  visit: Visit,
  { trustDays, recoveryCode, mailedCode, selfRescue }: PendingSignIn,
  { problem, trust }: { problem?: string; trust?: boolean },
): Answer {
  const { text, auth } = visit;
  return secondStep(visit, {
    action: "/sign-in/code",
    title: text.code.title,
    intro: text.code.intro,
    problem,
    field: [
      codeField({
        name: "code",
        label: text.code.code,
        hint: text.code.hint,
        required: true,
        digits: 6,
        autofocus: true,
        error: problem,
      }),
      trustDays > 0 &&
        checkboxField({
          name: "trust",
          label: text.trustedBrowsers.offer,
          hint: text.trustedBrowsers.offerHint(trustDays),
          checked: trust,
        }),
    ],
    footer: disclosure({
      summary: text.code.lost,
      children: [
        actions(
          recoveryCode && linkButton({ href: "/sign-in/recovery-code", label: text.recovery.link }),
          mailedCode !== null && linkButton({ href: "/sign-in/mailed-code", label: text.mailedCode.link }),
          selfRescue && linkButton({ href: "/sign-in/lost", label: text.rescue.lostAll }),
        ),
        text.code.lostAnswer(auth.options.name),
      ],
    }),
  });
}

/** The second step without the phone. */
export function recoveryCodePage(visit: Visit, { problem }: { problem?: string }): Answer {
  const { text } = visit;
  return secondStep(visit, {
    action: "/sign-in/recovery-code",
    title: text.recovery.signInTitle,
    intro: text.recovery.signInIntro,
    problem,
    field: recoveryCodeField(visit, problem),
    footer: actions(linkButton({ href: "/sign-in/code", label: text.recovery.useApp })),
  });
}

/** The second step without the phone, by mail: first the code is asked for, then it is entered. */
export function mailedCodePage(
  visit: Visit,
  { to, sentAt }: NonNullable<PendingSignIn["mailedCode"]>,
  { problem, wait }: { problem?: string; wait?: string },
): Answer {
  const { text } = visit;
  const words = text.mailedCode;
  const send = "/sign-in/mailed-code/send";
  const early = wait && errorSummary({ errors: [{ message: wait }] });
  const useApp = linkButton({ href: "/sign-in/code", label: text.recovery.useApp });
  if (sentAt === null) {
    return secondStep(visit, {
      action: send,
      title: words.title,
      intro: words.intro(to),
      problem: wait,
      field: early,
      submit: words.send,
      footer: actions(useApp),
    });
  }
  return secondStep(visit, {
    action: "/sign-in/mailed-code",
    title: words.title,
    intro: words.sent(to),
    problem: problem ?? wait,
    field: [
      early,
      codeField({
        name: "mailed_code",
        label: words.code,
        hint: words.hint,
        required: true,
        digits: 6,
        autofocus: wait === undefined,
        error: problem,
      }),
    ],
    footer: [
      form({ action: send, layout: "bare", children: actions(button({ label: words.again, kind: "quiet" }), useApp) }),
    ],
  });
}

function secondStep(
  visit: Visit,
  shown: {
    action: string;
    title: string;
    intro: string;
    problem: string | undefined;
    field: Content;
    submit?: string;
    footer: Content;
  },
): Answer {
  const { text } = visit;
  return cardPage(visit, {
    title: shown.title,
    isError: shown.problem !== undefined,
    status: shown.problem === undefined ? 200 : 422,
    children: [
      form({ id: "cancel", action: "/sign-in/cancel", layout: "bare", children: [] }),
      form({
        action: shown.action,
        children: [
          shown.intro,
          shown.field,
          actions(
            button({ label: shown.submit ?? text.code.submit }),
            button({ label: text.common.cancel, kind: "quiet", form: "cancel" }),
          ),
        ],
      }),
    ],
    footer: shown.footer,
  });
}
