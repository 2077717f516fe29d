import type { Answer } from "../answer.ts";
import { nameField } from "../credentials.ts";
import { newPasswordPage } from "../one-time-link.ts";
import type { FormProblem } from "../problem.ts";
import type { Visit } from "../route.ts";
import { cardPage } from "../shell.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { form } from "../ui/form.ts";

/** Asks for the name whose owner is to get a link. */
export function requestPage(visit: Visit, { name = "", problem }: { name?: string; problem?: FormProblem }): Answer {
  const { text } = visit;
  return cardPage(visit, {
    title: text.passwordReset.requestTitle,
    problem,
    children: form({
      action: "/forgotten-password",
      children: [
        text.passwordReset.requestIntro,
        nameField(visit, { name, autofocus: problem === undefined }),
        actions(
          button({ label: text.passwordReset.requestSubmit }),
          linkButton({ href: "/sign-in", label: text.common.cancel }),
        ),
      ],
    }),
  });
}

/** The same for every name, also those that nobody has. */
export function requestedPage(visit: Visit): Answer {
  const { text, auth } = visit;
  return cardPage(visit, {
    title: text.passwordReset.requestedTitle,
    children: [
      text.passwordReset.requested,
      text.passwordReset.noMail(auth.options.name),
      actions(linkButton({ href: "/sign-in", label: text.signIn.title })),
    ],
  });
}

/** The page behind the link. */
export function resetPage(
  visit: Visit,
  { ticket, login, problem }: { ticket: string; login: string; problem: FormProblem | undefined },
): Answer {
  const { title, intro, password, submit } = visit.text.passwordReset;
  const words = { title, intro: intro(login), password, submit };
  return newPasswordPage(visit, { action: "/password-reset", ticket, problem, person: [login], words });
}
