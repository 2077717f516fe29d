import type { Answer } from "../answer.ts";
import { newPasswordField, newPasswordPage, passwordProblem } from "../new-password.ts";
import type { Visit } from "../route.ts";
import { cardPage } from "../shell.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { emailField, textField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import { errorSummary } from "../ui/notice.ts";

type Setup = { ticket: string; typed?: { login: string; name: string; email: string }; reason?: string };

/** Makes the first administrator. */
export function setupPage(visit: Visit, { ticket, typed, reason }: Setup): Answer {
  const { text } = visit;
  const errorAt = (field: string) => (reason?.startsWith(`${field}_`) ? text.profile[reason] : undefined);
  const message = passwordProblem(visit, reason) ?? (reason && text.profile[reason]);
  return cardPage(visit, {
    title: text.setup.title,
    hideQuery: "ticket",
    isError: reason !== undefined,
    status: reason === undefined ? 200 : 422,
    children: form({
      action: "/setup",
      hidden: { ticket },
      children: [
        message && errorSummary({ errors: [{ message, field: fieldOf(reason) }] }),
        text.setup.intro,
        textField({
          name: "name",
          label: text.account.name,
          value: typed?.name ?? "",
          autocomplete: "name",
          required: true,
          autofocus: reason === undefined,
          maxLength: 120,
          error: errorAt("name"),
        }),
        textField({
          name: "login",
          label: text.account.login,
          value: typed?.login ?? "",
          autocomplete: "username",
          required: true,
          maxLength: 120,
          error: errorAt("login"),
        }),
        emailField({
          name: "email",
          label: text.account.email,
          value: typed?.email ?? "",
          autocomplete: "email",
          required: true,
          maxLength: 254,
          error: errorAt("email"),
        }),
        newPasswordField(visit, { label: text.signIn.password, reason, person: [] }),
        actions(button({ label: text.setup.submit })),
      ],
    }),
  });
}

/** Sets the first password of somebody who was invited. */
export function invitationPage(
  visit: Visit,
  { ticket, person, reason }: { ticket: string; person: { name: string; login: string }; reason: string | undefined },
): Answer {
  const { title, intro, submit } = visit.text.invitation;
  const { name, login } = person;
  const words = { title, intro: intro(name, login), password: visit.text.signIn.password, submit };
  return newPasswordPage(visit, { action: "/invitation", ticket, reason, person: [login, name], words });
}

/** A link that was used, or is too old; the reason is not told apart. */
export function invalidLinkPage(
  visit: Visit,
  { invalidTitle, invalid }: { invalidTitle: string; invalid: string },
): Answer {
  return cardPage(visit, {
    title: invalidTitle,
    hideQuery: "ticket",
    status: 410,
    children: [invalid, actions(linkButton({ href: "/sign-in", label: visit.text.signIn.title }))],
  });
}

function fieldOf(reason: string | undefined): string {
  return reason?.startsWith("password") ? "new_password" : (reason ?? "").replace(/_(invalid|taken)$/, "");
}
