import type { PendingSignIn } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import { credentialFields } from "../credentials.ts";
import { errorAt, type FormProblem } from "../problem.ts";
import { FIELD as RECOVERY_CODE, recoveryCodeField } from "../recovery-codes/views.ts";
import type { Visit } from "../route.ts";
import { cardPage } from "../shell.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { codeField } from "../ui/code-field.ts";
import { checkboxField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { disclosure } from "../ui/secret.ts";

/** The one field of each second step. */
export const FIELDS = { code: "code", recoveryCode: RECOVERY_CODE, mailedCode: "mailed_code" } as const;

/** The first step. What was typed as a name is kept, the password never. */
export function signInPage(visit: Visit, shown: { wanted: string; name?: string; problem?: FormProblem }): Answer {
  const { text, auth } = visit;
  const { wanted, name = "", problem } = shown;
  return cardPage(visit, {
    title: text.signIn.title,
    problem,
    children: form({
      action: "/sign-in",
      hidden: { next: wanted === "/" ? undefined : wanted },
      children: [
        credentialFields(visit, { name, autofocus: problem === undefined }),
        actions(button({ label: text.signIn.submit })),
      ],
    }),
    footer:
      auth.accounts === "own" &&
      disclosure({
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
  { problem, trust }: { problem?: FormProblem; trust?: boolean },
): Answer {
  const { text, auth } = visit;
  return secondStep(visit, {
    action: "/sign-in/code",
    title: text.code.title,
    intro: text.code.intro,
    problem,
    onlyField: FIELDS.code,
    field: [
      codeField({
        name: FIELDS.code,
        label: text.code.code,
        hint: text.code.hint,
        required: true,
        digits: 6,
        autofocus: true,
        error: problem?.message,
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
export function recoveryCodePage(visit: Visit, problem?: FormProblem): Answer {
  const { text } = visit;
  return secondStep(visit, {
    action: "/sign-in/recovery-code",
    title: text.recovery.signInTitle,
    intro: text.recovery.signInIntro,
    problem,
    onlyField: FIELDS.recoveryCode,
    field: recoveryCodeField(visit, problem),
    footer: actions(linkButton({ href: "/sign-in/code", label: text.recovery.useApp })),
  });
}

/** The second step without the phone, by mail: first the code is asked for, then it is entered. */
export function mailedCodePage(
  visit: Visit,
  { to, sentAt }: NonNullable<PendingSignIn["mailedCode"]>,
  problem?: FormProblem,
): Answer {
  const { text } = visit;
  const words = text.mailedCode;
  const send = "/sign-in/mailed-code/send";
  const useApp = linkButton({ href: "/sign-in/code", label: text.recovery.useApp });
  const step = { title: words.title, problem, onlyField: FIELDS.mailedCode };
  if (sentAt === null) {
    const footer = actions(useApp);
    return secondStep(visit, { ...step, action: send, intro: words.intro(to), submit: words.send, footer });
  }
  return secondStep(visit, {
    ...step,
    action: "/sign-in/mailed-code",
    intro: words.sent(to),
    field: codeField({
      name: FIELDS.mailedCode,
      label: words.code,
      hint: words.hint,
      required: true,
      digits: 6,
      autofocus: problem === undefined || problem.field === FIELDS.mailedCode,
      error: errorAt(problem, FIELDS.mailedCode),
    }),
    footer: form({
      action: send,
      layout: "bare",
      children: actions(button({ label: words.again, kind: "quiet" }), useApp),
    }),
  });
}

function secondStep(
  visit: Visit,
  {
    action,
    intro,
    field,
    submit,
    ...page
  }: {
    action: string;
    title: string;
    intro: string;
    problem: FormProblem | undefined;
    onlyField: string;
    field?: Content;
    submit?: string;
    footer: Content;
  },
): Answer {
  const { text } = visit;
  return cardPage(visit, {
    ...page,
    children: [
      form({ id: "cancel", action: "/sign-in/cancel", layout: "bare", children: [] }),
      form({
        action,
        children: [
          intro,
          field,
          actions(
            button({ label: submit ?? text.code.submit }),
            button({ label: text.common.cancel, kind: "quiet", form: "cancel" }),
          ),
        ],
      }),
    ],
  });
}
