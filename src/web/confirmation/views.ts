import { owesCode } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import { errorAt, type FormProblem } from "../problem.ts";
import type { EnrollingVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { codeField } from "../ui/code-field.ts";
import { passwordField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";

/** Fields of an interrupted form that are not carried along: nobody's password or code stands in a page. */
const NOT_CARRIED = /password|code|secret/;

/** Asks for the password, and a code where there is an authenticator, before what was wanted goes on. */
export function confirmationPage(visit: EnrollingVisit, problem: FormProblem | undefined): Answer {
  const { text, path } = visit;
  const carried = [...visit.form.entries].filter(([name]) => !NOT_CARRIED.test(name));
  return appPage(visit, {
    title: text.confirm.title,
    status: 403,
    problem,
    children: [
      form({
        action: path,
        hidden: Object.fromEntries(carried),
        children: [
          owesCode(visit.session) ? text.confirm.introCode : text.confirm.intro,
          ...confirmationFields(visit, { problem, autofocus: problem === undefined }),
          actions(
            button({ label: text.confirm.submit }),
            linkButton({ href: pageBefore(path), label: text.common.cancel }),
          ),
        ],
      }),
    ],
  });
}

/** The page whose form was interrupted. */
function pageBefore(path: string): string {
  return /^\/account\/(?:security|api-keys)|^\/account|^\/(?:users|jobs)\/[^/]+/.exec(path)?.[0] ?? "/users";
}

/** The fields that a form with its own confirmation contains. */
export function confirmationFields(
  visit: EnrollingVisit,
  { problem, label, autofocus }: { problem?: FormProblem | undefined; label?: string; autofocus?: boolean },
): Content[] {
  const { text } = visit;
  return [
    passwordField({
      name: "current_password",
      label: label ?? text.confirm.password,
      autocomplete: "current-password",
      required: true,
      autofocus: autofocus && problem === undefined,
      error: errorAt(problem, "current_password"),
    }),
    owesCode(visit.session) &&
      codeField({
        name: "current_code",
        label: text.confirm.code,
        hint: text.confirm.codeHint,
        required: true,
        error: errorAt(problem, "current_code"),
      }),
  ];
}
