// A mail as it is sent, in the person's language, as plain text and as HTML. Links start with the configured public
// URL, never with the host name of a request.

import type { Mail } from "../auth.ts";
import type { Options } from "../options.ts";
import { type Catalogues, textIn } from "../text/text.ts";
import { letter } from "./letter.ts";
import { partsOf } from "./parts.ts";

export type Message = { to: string; subject: string; text: string; html: string };

/** Renders a mail of the outbox. */
export function render(
  mail: Mail,
  { name: product, publicUrl }: Pick<Options, "name" | "publicUrl">,
  catalogues?: Catalogues,
): Message {
  const text = textIn(mail.recipient.language, catalogues);
  const scene = { text, product, recipient: mail.recipient };
  const { subject, sentences, link, notYou = text.mails.notYou } = partsOf(mail.kind, mail.facts, scene);
  const paragraphs = [text.mails.greeting(mail.recipient.name), ...sentences];
  const signature = [product, publicUrl];
  const action = link && { href: `${publicUrl}${link.path}`, label: link.label };
  const lines = [...paragraphs, ...(action ? [action.href] : []), notYou, `-- \n${signature.join("\n")}`];
  return {
    to: mail.to,
    subject: text.mails.subject(subject, product).replace(/[\r\n]+/g, " "),
    text: `${lines.join("\n\n")}\n`,
    html: letter({
      language: text.language,
      direction: text.direction,
      subject,
      paragraphs,
      link: action,
      notYou,
      signature,
    }),
  };
}
