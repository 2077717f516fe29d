// The one friendly error page. It tells the request's number, never a stack.

import type { Text } from "../text/text.ts";
import type { Answer } from "./answer.ts";
import { page } from "./answer.ts";
import type { Look } from "./look.ts";
import { actions, linkButton } from "./ui/button.ts";
import { cardLayout } from "./ui/layout.ts";

export type ErrorStatus = keyof Omit<Text["errors"], "request" | "home">;

/** The error page of a status. */
export function errorPage(
  { text, product, look }: { text: Text; product: string; look: Look },
  status: ErrorStatus,
  requestId: string,
): Answer {
  const { title, text: sentence } = text.errors[status];
  const markup = cardLayout({
    lang: text.language,
    dir: text.direction,
    product,
    look,
    title: text.common.errorTitle(title, product),
    heading: title,
    children: [
      sentence,
      text.errors.request(requestId),
      actions(linkButton({ href: "/", label: text.errors.home, kind: "quiet" })),
    ],
  });
  return page(markup, status);
}
