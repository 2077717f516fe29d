// What a mail says, in the person's language, as plain text and as HTML. Each says what to do if it was not the person.
// Links start with the configured public URL, never with what a request called us.

import type { Mail } from "../auth.ts";
import { deviceName } from "../device.ts";
import type { Options } from "../options.ts";
import { type Text, textIn } from "../text/text.ts";
import { letter } from "./letter.ts";

export type Message = { to: string; subject: string; text: string; html: string };

/** `path` is a page of ours; `notYou` is for the kinds where changing the password is not what helps. */
type Parts = { subject: string; sentences: string[]; link?: { path: string; label: string }; notYou?: string };

/** Renders a mail of the outbox. */
export function render(mail: Mail, { name, publicUrl }: Options): Message {
  const text = textIn(mail.recipient.language);
  const { subject, sentences, link, notYou = text.mails.notYou } = parts(mail, name, text);
  const paragraphs = [text.mails.greeting(mail.recipient.name), ...sentences];
  const signature = [name, publicUrl];
  const action = link && { href: `${publicUrl}${link.path}`, label: link.label };
  const lines = [...paragraphs, ...(action ? [action.href] : []), notYou, `-- \n${signature.join("\n")}`];
  return {
    to: mail.to,
    subject: `${subject} – ${name}`.replace(/[\r\n]+/g, " "),
    text: `${lines.join("\n\n")}\n`,
    html: letter({ language: text.language, subject, paragraphs, link: action, notYou, signature }),
  };
}

function parts(mail: Mail, product: string, text: Text): Parts {
  const { kind, facts } = mail;
  const { mails } = text;
  switch (kind) {
    case "invitation": {
      const { subject, text: sentence, action: label, notYou } = mails.invitation;
      const link = { path: `/invitation?ticket=${facts.ticket}`, label };
      return { subject: subject(product), sentences: [sentence(product, String(facts.login))], link, notYou };
    }
    case "password_reset": {
      const { subject, text: sentence, here, action: label, notYou } = mails.password_reset;
      const link = { path: `/password-reset?ticket=${facts.ticket}`, label };
      return { subject, sentences: [sentence(...whence(mail, text)), here], link, notYou };
    }
    case "password_changed": {
      const { subject, text: sentence, action: label, notYou } = mails.password_changed;
      return { subject, sentences: [sentence], link: { path: "/forgotten-password", label }, notYou };
    }
    case "password_voided": {
      const { subject, text: sentence, here, action: label } = mails.password_voided;
      return { subject, sentences: [sentence, here], link: { path: "/forgotten-password", label } };
    }
    case "email_changed": {
      const { subject, text: sentence, undo, action: label, wasYou } = mails.email_changed;
      if (facts.ticket === undefined) return { subject, sentences: [sentence] };
      const link = { path: `/email-undo?ticket=${facts.ticket}`, label };
      return { subject, sentences: [sentence, undo], link, notYou: wasYou };
    }
    case "email_set":
    case "two_factor_reset":
      return { ...mails[kind], sentences: [mails[kind].text] };
    case "email_restored": {
      const { subject, text: sentence, apps, here, action: label, notYou } = mails.email_restored;
      return { subject, sentences: [sentence, apps, here], link: { path: "/forgotten-password", label }, notYou };
    }
    case "rescue_asked":
      return rescueAsked(mail, text);
    case "rescue_approval_wanted": {
      const { subject, text: sentence, reason, here, action: label, notYou } = mails.rescue_approval_wanted;
      const asked = sentence(String(facts.asker), String(facts.person));
      const link = { path: `/users/${facts.personId}`, label };
      return { subject, sentences: [asked, reason(String(facts.reason)), here], link, notYou };
    }
    case "enrolment_link": {
      const { subject, text: sentence, action: label, notYou } = mails.enrolment_link;
      return {
        subject,
        sentences: [sentence],
        link: { path: `/enrolment-link?ticket=${facts.ticket}`, label },
        notYou,
      };
    }
    case "rescue_withdrawn":
    case "enrolment_link_made":
      return { ...mails[kind], sentences: [mails[kind].text] };
    case "rescue_entered":
    case "new_browser":
    case "sign_in_abandoned":
    case "browser_trusted":
    case "browser_untrusted":
      return { subject: mails[kind].subject, sentences: [mails[kind].text(...whence(mail, text))] };
    case "two_factor_invited": {
      const { here, action: label, notYou } = mails.second_factor_asked;
      const { subject, text: sentence } = mails.two_factor_invited;
      return { subject, sentences: [sentence(product), here], link: { path: "/account/security", label }, notYou };
    }
    case "second_factor_asked": {
      const { subject, here, action: label, notYou } = mails.second_factor_asked;
      const until = facts.dueAt === undefined ? undefined : day(mail, text);
      const sentences = [text.required.until(until, leftOf(facts.signInsLeft)), here];
      return { subject, sentences, link: { path: "/account/security", label }, notYou };
    }
    case "recovery_code_used": {
      const { subject, text: sentence } = mails.recovery_code_used;
      return { subject, sentences: [sentence(...whence(mail, text), Number(facts.left))] };
    }
    case "mailed_code": {
      const { subject, text: sentence, from, notYou } = mails.mailed_code;
      const sentences = [sentence(String(facts.code), timeOf(mail, text)), from(...whence(mail, text))];
      return { subject, sentences, notYou };
    }
    case "authenticator_added":
    case "authenticator_removed":
    case "api_key_created":
    case "api_key_revoked":
      return { subject: mails[kind].subject, sentences: [mails[kind].text(String(facts.name))] };
    default:
      return { subject: mails[kind].subject, sentences: [mails[kind].text] };
  }
}

function day({ recipient, facts }: Mail, text: Text): string {
  const { timeZone } = recipient;
  return new Intl.DateTimeFormat(text.language, { dateStyle: "long", timeZone }).format(Number(facts.dueAt));
}

/** The time of day until when it is good. */
function timeOf({ recipient, facts }: Mail, text: Text): string {
  const { timeZone } = recipient;
  return new Intl.DateTimeFormat(text.language, { timeStyle: "short", timeZone }).format(Number(facts.until));
}

function leftOf(fact: string | number | undefined): number | null {
  return fact === undefined ? null : Number(fact);
}

/** What somebody asked for, and when it can happen. */
function rescueAsked({ recipient, facts }: Mail, text: Text): Parts {
  const { subject, text: ways, ready, approval, action: label, notYou } = text.mails.rescue_asked;
  // Only core/rescue/rescues.ts queues this.
  const sentence = ways[facts.way as keyof typeof ways];
  const { readyAt } = facts;
  return {
    subject,
    sentences: [
      sentence(moment(facts.at, recipient, text), String(facts.asker)),
      readyAt === undefined ? approval : ready(moment(readyAt, recipient, text)),
    ],
    link: { path: `/rescue-stop?ticket=${facts.token}`, label },
    notYou,
  };
}

/** When, with which device and from which address it happened, in words. */
function whence({ recipient, facts }: Mail, text: Text): [when: string, device: string, address: string] {
  const device = deviceName(String(facts.userAgent)) ?? text.common.unknownDevice;
  return [moment(facts.at, recipient, text), device, String(facts.address)];
}

function moment(at: string | number | undefined, { timeZone }: Mail["recipient"], text: Text): string {
  const format = new Intl.DateTimeFormat(text.language, { dateStyle: "long", timeStyle: "long", timeZone });
  return format.format(Number(at));
}
