// The field for a new password, wherever one is chosen: what the server refused and why, and a word while it is typed.

import { SHORTEST_PASSWORD } from "../auth.ts";
import type { Answer } from "./answer.ts";
import type { Visit } from "./route.ts";
import { cardPage } from "./shell.ts";
import { actions, button } from "./ui/button.ts";
import { passwordField } from "./ui/field.ts";
import { form } from "./ui/form.ts";
import type { Content } from "./ui/markup.ts";
import { passwordMeter } from "./ui/meter.ts";
import { errorSummary } from "./ui/notice.ts";

/** `person` is what the page knows of whose password it is; a password made of it is refused. */
export function newPasswordField(
  visit: Visit,
  { label, reason, person }: { label: string; reason: string | undefined; person: readonly (string | null)[] },
): Content {
  const { text, auth } = visit;
  return [
    passwordField({
      name: "new_password",
      label,
      hint: text.account.newPasswordHint(SHORTEST_PASSWORD),
      autocomplete: "new-password",
      required: true,
      error: passwordProblem(visit, reason),
    }),
    passwordMeter({
      field: "new_password",
      shortest: SHORTEST_PASSWORD,
      words: [...person, auth.options.name, "countersign"],
      label: text.password.meter,
      says: text.password.says,
    }),
  ];
}

/** The sentence for a refused new password, where the reason is about one. */
export function passwordProblem({ text }: Pick<Visit, "text">, reason: string | undefined): string | undefined {
  if (reason === "password_too_short") return text.password.password_too_short(SHORTEST_PASSWORD);
  if (reason === "busy") return text.busy;
  const sentence = reason === undefined ? undefined : (text.password as Record<string, unknown>)[reason];
  return typeof sentence === "string" ? sentence : undefined;
}

/** The page behind a one-time link that sets a password. `words` are those of its kind of link. */
export function newPasswordPage(
  visit: Visit,
  {
    action,
    ticket,
    reason,
    person,
    words,
  }: {
    action: string;
    ticket: string;
    reason: string | undefined;
    person: readonly string[];
    words: { title: string; intro: string; password: string; submit: string };
  },
): Answer {
  const message = passwordProblem(visit, reason);
  return cardPage(visit, {
    title: words.title,
    hideQuery: "ticket",
    isError: message !== undefined,
    status: message === undefined ? 200 : 422,
    children: form({
      action,
      hidden: { ticket },
      children: [
        message && errorSummary({ errors: [{ message, field: "new_password" }] }),
        words.intro,
        newPasswordField(visit, { label: words.password, reason, person }),
        actions(button({ label: words.submit })),
      ],
    }),
  });
}
