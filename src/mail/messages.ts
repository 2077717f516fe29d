// What a mail says, in the person's language, as plain text and as HTML. Links start with the configured public URL,
// never with what a request called us.

import { html } from "hono/html";
import type { Mail } from "../auth.ts";
import { deviceName } from "../device.ts";
import type { Options } from "../options.ts";
import { type Text, textIn } from "../text/text.ts";

export type Message = { to: string; subject: string; text: string; html: string };

type Parts = { subject: string; sentences: string[]; link?: string };

/** Renders a mail of the outbox. */
export function render(mail: Mail, options: Options): Message {
  const text = textIn(mail.recipient.language);
  const { subject, sentences, link } = parts(mail, options, text);
  const greeting = text.mails.greeting(mail.recipient.name);
  const paragraphs = [greeting, ...sentences];
  const signature = text.mails.signature(options.name, options.publicUrl);
  return {
    to: mail.to,
    subject: `${subject} – ${options.name}`.replace(/[\r\n]+/g, " "),
    text: `${[...paragraphs, ...(link === undefined ? [] : [link]), `-- \n${signature}`].join("\n\n")}\n`,
    html: String(html`<!doctype html>
<html lang="${text.language}"><head><meta charset="utf-8"><title>${subject}</title></head>
<body>${paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)}${link === undefined ? "" : html`<p><a href="${link}">${link}</a></p>`}<p>${options.name}<br>${options.publicUrl}</p></body></html>
`),
  };
}

function parts(mail: Mail, options: Options, text: Text): Parts {
  const { kind, facts } = mail;
  const { mails } = text;
  const product = options.name;
  switch (kind) {
    case "invitation":
      return {
        subject: mails.invitation.subject(product),
        sentences: [mails.invitation.text(product, String(facts.login))],
        link: `${options.publicUrl}/invitation?ticket=${facts.ticket}`,
      };
    case "password_reset":
      return {
        subject: mails.password_reset.subject,
        sentences: [
          mails.password_reset.text(...whence(mail, text)),
          mails.password_reset.notYou,
          mails.password_reset.here,
        ],
        link: `${options.publicUrl}/password-reset?ticket=${facts.ticket}`,
      };
    case "email_changed":
      return facts.ticket === undefined
        ? { subject: mails.email_changed.subject, sentences: [mails.email_changed.text, mails.notYou] }
        : {
            subject: mails.email_changed.subject,
            sentences: [mails.email_changed.text, mails.email_changed.undo],
            link: `${options.publicUrl}/email-undo?ticket=${facts.ticket}`,
          };
    case "email_restored":
      return {
        subject: mails.email_restored.subject,
        sentences: [mails.email_restored.text, mails.email_restored.notYou, mails.email_restored.here],
        link: `${options.publicUrl}/forgotten-password`,
      };
    case "sign_in_abandoned":
      return {
        subject: mails.sign_in_abandoned.subject,
        sentences: [mails.sign_in_abandoned.text(...whence(mail, text)), mails.notYou],
      };
    case "second_factor_asked":
      return {
        subject: mails.second_factor_asked.subject,
        sentences: [
          text.required.until(facts.dueAt === undefined ? undefined : day(mail, text), leftOf(facts.signInsLeft)),
          mails.second_factor_asked.here,
        ],
        link: `${options.publicUrl}/account/security`,
      };
    case "authenticator_added":
    case "authenticator_removed":
      return { subject: mails[kind].subject, sentences: [mails[kind].text(String(facts.name)), mails.notYou] };
    case "browser_trusted":
    case "browser_untrusted":
      return { subject: mails[kind].subject, sentences: [mails[kind].text(...whence(mail, text)), mails.notYou] };
    case "recovery_code_used":
      return {
        subject: mails.recovery_code_used.subject,
        sentences: [mails.recovery_code_used.text(...whence(mail, text), Number(mail.facts.left)), mails.notYou],
      };
    case "api_key_created":
    case "api_key_revoked":
      return { subject: mails[kind].subject, sentences: [mails[kind].text(String(facts.name)), mails.notYou] };
    default:
      return { subject: mails[kind].subject, sentences: [mails[kind].text, mails.notYou] };
  }
}

function day({ recipient, facts }: Mail, text: Text): string {
  const { timeZone } = recipient;
  return new Intl.DateTimeFormat(text.language, { dateStyle: "long", timeZone }).format(Number(facts.dueAt));
}

function leftOf(fact: string | number | undefined): number | null {
  return fact === undefined ? null : Number(fact);
}

/** When, with which device and from which address it happened, in words. */
function whence({ recipient, facts }: Mail, text: Text): [when: string, device: string, address: string] {
  const { timeZone } = recipient;
  const format = new Intl.DateTimeFormat(text.language, { dateStyle: "long", timeStyle: "long", timeZone });
  const device = deviceName(String(facts.userAgent)) ?? text.common.unknownDevice;
  return [format.format(Number(facts.at)), device, String(facts.address)];
}
