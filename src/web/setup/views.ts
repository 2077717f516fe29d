import type { Answer } from "../answer.ts";
import { newPasswordField } from "../new-password.ts";
import { newPasswordPage } from "../one-time-link.ts";
import { errorAt, type FormProblem } from "../problem.ts";
import type { Visit } from "../route.ts";
import { cardPage } from "../shell.ts";
import { actions, button } from "../ui/button.ts";
import { emailField, textField } from "../ui/field.ts";
import { form } from "../ui/form.ts";

type Setup = {
  ticket: string;
  typed?: { login: string; name: string; email: string };
  problem?: FormProblem | undefined;
};

/** Makes the first administrator. */
export function setupPage(visit: Visit, { ticket, typed, problem }: Setup): Answer {
  const { text } = visit;
  return cardPage(visit, {
    title: text.setup.title,
    hideQuery: "ticket",
    problem,
    children: form({
      action: "/setup",
      hidden: { ticket },
      children: [
        text.setup.intro,
        textField({
          name: "name",
          label: text.account.name,
          value: typed?.name ?? "",
          autocomplete: "name",
          required: true,
          autofocus: problem === undefined,
          maxLength: 120,
          error: errorAt(problem, "name"),
        }),
        textField({
          name: "login",
          label: text.account.login,
          value: typed?.login ?? "",
          autocomplete: "username",
          required: true,
          maxLength: 120,
          error: errorAt(problem, "login"),
        }),
        emailField({
          name: "email",
          label: text.account.email,
          value: typed?.email ?? "",
          autocomplete: "email",
          required: true,
          maxLength: 254,
          error: errorAt(problem, "email"),
        }),
        newPasswordField(visit, { label: text.signIn.password, problem, person: [] }),
        actions(button({ label: text.setup.submit })),
      ],
    }),
  });
}

/** Sets the first password of somebody who was invited. */
export function invitationPage(
  visit: Visit,
  {
    ticket,
    person,
    problem,
  }: { ticket: string; person: { name: string; login: string }; problem?: FormProblem | undefined },
): Answer {
  const { title, intro, submit } = visit.text.invitation;
  const { name, login } = person;
  const words = { title, intro: intro(name, login), password: visit.text.signIn.password, submit };
  return newPasswordPage(visit, { action: "/invitation", ticket, problem, person: [login, name], words });
}
