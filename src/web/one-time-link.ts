// The pages behind one-time links, whatever a link is for. Opening one spends nothing.

import type { Answer } from "./answer.ts";
import { newPasswordField } from "./new-password.ts";
import type { FormProblem } from "./problem.ts";
import type { Visit } from "./route.ts";
import { cardPage } from "./shell.ts";
import { actions, button, linkButton } from "./ui/button.ts";
import { form } from "./ui/form.ts";

/** Sets a password by the link. `words` are those of its kind of link. */
export function newPasswordPage(
  visit: Visit,
  {
    action,
    ticket,
    problem,
    person,
    words,
  }: {
    action: string;
    ticket: string;
    problem: FormProblem | undefined;
    person: readonly string[];
    words: { title: string; intro: string; password: string; submit: string };
  },
): Answer {
  return cardPage(visit, {
    title: words.title,
    hideQuery: "ticket",
    problem,
    children: form({
      action,
      hidden: { ticket },
      children: [
        words.intro,
        newPasswordField(visit, { label: words.password, problem, person }),
        actions(button({ label: words.submit })),
      ],
    }),
  });
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
