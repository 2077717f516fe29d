// What each kind of mail says, and what to do if it was not the person.

import type { Mail, MailFactsOf, MailKind, Whence } from "../auth.ts";
import { deviceName } from "../device.ts";
import type { Text } from "../text/text.ts";

/** What a mail is made of. `path` is a page of ours; `notYou` is for kinds where changing the password does not help. */
type Parts = {
  subject: string;
  sentences: string[];
  link?: { path: string; label: string };
  notYou?: string | undefined;
};

/** The words, and the person they are for. */
type Scene = { text: Text; product: string; recipient: Mail["recipient"] };

/** What a mail of this kind says. */
export function partsOf<K extends MailKind>(kind: K, facts: MailFactsOf[K], scene: Scene): Parts {
  return PARTS[kind](facts, scene);
}

const PARTS: { readonly [K in MailKind]: (facts: MailFactsOf[K], scene: Scene) => Parts } = {
  invitation: ({ ticket, login }, { text, product }) => {
    const { subject, text: sentence, action: label, notYou } = text.mails.invitation;
    const link = { path: `/invitation?ticket=${ticket}`, label };
    return { subject: subject(product), sentences: [sentence(product, login)], link, notYou };
  },
  second_factor_asked: ({ dueAt, signInsLeft = null }, scene) => {
    const { subject, here, action: label, notYou } = scene.text.mails.second_factor_asked;
    const sentence = scene.text.required.until(dueAt === undefined ? undefined : day(dueAt, scene), signInsLeft);
    return { subject, sentences: [sentence, here], link: { path: "/account/security", label }, notYou };
  },
  two_factor_enabled: plain("two_factor_enabled"),
  two_factor_disabled: plain("two_factor_disabled"),
  two_factor_reset: plain("two_factor_reset"),
  two_factor_invited: (_facts, { text, product }) => {
    const { here, action: label, notYou } = text.mails.second_factor_asked;
    const { subject, text: sentence } = text.mails.two_factor_invited;
    return { subject, sentences: [sentence(product), here], link: { path: "/account/security", label }, notYou };
  },
  two_factor_replaced: plain("two_factor_replaced"),
  rescue_asked: ({ token, way, at, asker, readyAt }, scene) => {
    const { subject, text: ways, ready, approval, action: label, notYou } = scene.text.mails.rescue_asked;
    const when = readyAt === undefined ? approval : ready(moment(readyAt, scene));
    const link = { path: `/rescue-stop?ticket=${token}`, label };
    return { subject, sentences: [ways[way](moment(at, scene), asker), when], link, notYou };
  },
  rescue_approval_wanted: ({ person, personId, asker, reason }, { text }) => {
    const { subject, text: sentence, reason: given, here, action: label, notYou } = text.mails.rescue_approval_wanted;
    const sentences = [sentence(asker, person), given(reason), here];
    return { subject, sentences, link: { path: `/users/${personId}`, label }, notYou };
  },
  rescue_withdrawn: plain("rescue_withdrawn"),
  rescue_stopped: plain("rescue_stopped"),
  rescue_entered: fromWhere("rescue_entered"),
  enrolment_link: ({ ticket }, { text }) => {
    const { subject, text: sentence, action: label, notYou } = text.mails.enrolment_link;
    return { subject, sentences: [sentence], link: { path: `/enrolment-link?ticket=${ticket}`, label }, notYou };
  },
  enrolment_link_made: plain("enrolment_link_made"),
  authenticator_added: named("authenticator_added"),
  authenticator_removed: named("authenticator_removed"),
  recovery_codes_made: plain("recovery_codes_made"),
  recovery_code_used: ({ left, ...request }, scene) => {
    const { subject, text: sentence } = scene.text.mails.recovery_code_used;
    return { subject, sentences: [sentence(...whence(request, scene), left)] };
  },
  mailed_code: ({ code, until, ...request }, scene) => {
    const { subject, text: sentence, from, notYou } = scene.text.mails.mailed_code;
    return { subject, sentences: [sentence(code, time(until, scene)), from(...whence(request, scene))], notYou };
  },
  password_reset: ({ ticket, ...request }, scene) => {
    const { subject, text: sentence, here, action: label, notYou } = scene.text.mails.password_reset;
    const link = { path: `/password-reset?ticket=${ticket}`, label };
    return { subject, sentences: [sentence(...whence(request, scene)), here], link, notYou };
  },
  password_changed: (_facts, { text }) => {
    const { subject, text: sentence, action: label, notYou } = text.mails.password_changed;
    return { subject, sentences: [sentence], link: { path: "/forgotten-password", label }, notYou };
  },
  password_voided: (_facts, { text }) => {
    const { subject, text: sentence, here, action: label } = text.mails.password_voided;
    return { subject, sentences: [sentence, here], link: { path: "/forgotten-password", label } };
  },
  email_set: ({ accounts }, { text }) => {
    const { subject, text: sentence, notYou, atHost } = text.mails.email_set;
    if (accounts === undefined) return { subject, sentences: [sentence], notYou };
    return { subject, sentences: [atHost.text], notYou: atHost.notYou };
  },
  email_changed: ({ ticket }, { text }) => {
    const { subject, text: sentence, undo, action: label, wasYou } = text.mails.email_changed;
    if (ticket === undefined) return { subject, sentences: [sentence] };
    const link = { path: `/email-undo?ticket=${ticket}`, label };
    return { subject, sentences: [sentence, undo], link, notYou: wasYou };
  },
  email_restored: (_facts, { text }) => {
    const { subject, text: sentence, apps, here, action: label, notYou } = text.mails.email_restored;
    return { subject, sentences: [sentence, apps, here], link: { path: "/forgotten-password", label }, notYou };
  },
  browser_trusted: fromWhere("browser_trusted"),
  browser_untrusted: fromWhere("browser_untrusted"),
  new_browser: fromWhere("new_browser"),
  sign_in_abandoned: fromWhere("sign_in_abandoned"),
  api_key_created: named("api_key_created"),
  api_key_revoked: named("api_key_revoked"),
};

type Words = Text["mails"];

/** Kinds whose mail is one sentence of the type `Given`. */
type KindWith<Given> = {
  [K in keyof Words & MailKind]: Words[K] extends { subject: string; text: Given } ? K : never;
}[keyof Words & MailKind];

/** A mail of one sentence that is always the same. */
function plain(kind: KindWith<string>) {
  return (_facts: unknown, { text }: Scene): Parts => {
    const words = text.mails[kind];
    return { subject: words.subject, sentences: [words.text], notYou: "notYou" in words ? words.notYou : undefined };
  };
}

/** A mail about something that has a name. */
function named(kind: KindWith<(name: string) => string>) {
  return ({ name }: { name: string }, { text }: Scene): Parts => {
    const { subject, text: sentence } = text.mails[kind];
    return { subject, sentences: [sentence(name)] };
  };
}

/** A mail about a request. */
function fromWhere(kind: KindWith<(when: string, device: string, address: string) => string>) {
  return (request: Whence, scene: Scene): Parts => {
    const { subject, text: sentence } = scene.text.mails[kind];
    return { subject, sentences: [sentence(...whence(request, scene))] };
  };
}

/** When, with which device and from which address it happened, in words. */
function whence({ at, userAgent, address }: Whence, scene: Scene): [when: string, device: string, address: string] {
  const { text } = scene;
  return [moment(at, scene), deviceName(userAgent, text) ?? text.common.unknownDevice, address];
}

function day(at: number, { text, recipient: { timeZone } }: Scene): string {
  return new Intl.DateTimeFormat(text.language, { dateStyle: "long", timeZone }).format(at);
}

function time(at: number, { text, recipient: { timeZone } }: Scene): string {
  return new Intl.DateTimeFormat(text.language, { timeStyle: "short", timeZone }).format(at);
}

function moment(at: number, { text, recipient: { timeZone } }: Scene): string {
  return new Intl.DateTimeFormat(text.language, { dateStyle: "long", timeStyle: "long", timeZone }).format(at);
}
