import type { Answer } from "../answer.ts";
import type { Visit } from "../route.ts";
import { card } from "../shell.ts";
import { actions, button } from "../ui/button.ts";
import { codeField } from "../ui/code-field.ts";
import { passwordField, textField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import { errorSummary } from "../ui/notice.ts";
import { disclosure } from "../ui/secret.ts";

/** The first step. What was typed as a name is kept, the password never. */
export function signInPage(visit: Visit, shown: { wanted: string; name?: string; problem?: string }): Answer {
  const { text, auth } = visit;
  const { wanted, name = "", problem } = shown;
  return card(visit, {
    title: text.signIn.title,
    isError: problem !== undefined,
    status: problem === undefined ? 200 : 422,
    children: form({
      action: "/sign-in",
      hidden: { next: wanted === "/" ? undefined : wanted },
      children: [
        problem && errorSummary({ errors: [{ message: problem, field: "login" }] }),
        textField({
          name: "login",
          label: text.signIn.name,
          value: name.slice(0, 254),
          autocomplete: "username",
          required: true,
          autofocus: problem === undefined,
        }),
        passwordField({
          name: "password",
          label: text.signIn.password,
          autocomplete: "current-password",
          required: true,
        }),
        actions(button({ label: text.signIn.submit })),
      ],
    }),
    footer: disclosure({ summary: text.signIn.forgotten, children: text.signIn.forgottenAnswer(auth.options.name) }),
  });
}

/** The second step. */
export function codePage(visit: Visit, { problem }: { problem?: string }): Answer {
  const { text, auth } = visit;
  return card(visit, {
    title: text.code.title,
    isError: problem !== undefined,
    status: problem === undefined ? 200 : 422,
    children: [
      form({ id: "cancel", action: "/sign-in/cancel", layout: "bare", children: [] }),
      form({
        action: "/sign-in/code",
        children: [
          text.code.intro,
          codeField({
            name: "code",
            label: text.code.code,
            hint: text.code.hint,
            required: true,
            digits: 6,
            autofocus: true,
            error: problem,
          }),
          actions(
            button({ label: text.code.submit }),
            button({ label: text.common.cancel, kind: "quiet", form: "cancel" }),
          ),
        ],
      }),
    ],
    footer: disclosure({ summary: text.code.lost, children: text.code.lostAnswer(auth.options.name) }),
  });
}
