import type { Answer } from "../answer.ts";
import type { Visit } from "../route.ts";
import { cardPage } from "../shell.ts";
import { actions, button } from "../ui/button.ts";
import { form } from "../ui/form.ts";

/** Says what undoing does, and does it by a button. */
export function undoPage(visit: Visit, { ticket, login, email }: Record<"ticket" | "login" | "email", string>): Answer {
  const { emailUndo } = visit.text;
  return cardPage(visit, {
    title: emailUndo.title,
    hideQuery: "ticket",
    children: form({
      action: "/email-undo",
      hidden: { ticket },
      children: [emailUndo.intro(login, email), emailUndo.consequences, actions(button({ label: emailUndo.submit }))],
    }),
  });
}
