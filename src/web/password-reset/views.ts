import type { Answer } from "../answer.ts";
import { newPasswordField, passwordProblem } from "../new-password.ts";
import type { Visit } from "../route.ts";
import { card } from "../shell.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { textField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import { errorSummary } from "../ui/notice.ts";

/** Asks for the name whose owner is to get a link. */
export function requestPage(visit: Visit, { name = "", problem }: { name?: string; problem?: string }): Answer {
  const { text } = visit;
  return card(visit, {
    title: text.passwordReset.requestTitle,
    isError: problem !== undefined,
    status: problem === undefined ? 200 : 422,
    children: form({
      action: "/forgotten-password",
      children: [
        problem && errorSummary({ errors: [{ message: problem, field: "login" }] }),
        text.passwordReset.requestIntro,
        textField({
          name: "login",
          label: text.signIn.name,
          value: name.slice(0, 254),
          autocomplete: "username",
          required: true,
          autofocus: problem === undefined,
        }),
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
  return card(visit, {
    title: text.passwordReset.requestedTitle,
    children: [
      text.passwordReset.requested,
      text.passwordReset.noMail(auth.options.name),
      actions(linkButton({ href: "/sign-in", label: text.signIn.title })),
    ],
  });
}

/** The page behind the link. */
export function newPasswordPage(
  visit: Visit,
  { ticket, login, reason }: { ticket: string; login: string; reason?: string },
): Answer {
  const { text } = visit;
  const message = passwordProblem(visit, reason);
  return card(visit, {
    title: text.passwordReset.title,
    hideQuery: "ticket",
    isError: message !== undefined,
    status: message === undefined ? 200 : 422,
    children: form({
      action: "/password-reset",
      hidden: { ticket },
      children: [
        message && errorSummary({ errors: [{ message, field: "new_password" }] }),
        text.passwordReset.intro(login),
        newPasswordField(visit, { label: text.passwordReset.password, reason, person: [login] }),
        actions(button({ label: text.passwordReset.submit })),
      ],
    }),
  });
}
