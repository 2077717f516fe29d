import { html } from "hono/html";
import type { MailState } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import { reader } from "../reader.ts";
import type { AdministratorVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { badge } from "../ui/badge.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { emptyState } from "../ui/empty-state.ts";
import { selectField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import { type Content, type Markup, within } from "../ui/markup.ts";
import { notice } from "../ui/notice.ts";
import { pager } from "../ui/pager.ts";
import { cut, table } from "../ui/table.ts";
import { time } from "../ui/time.ts";

type Mails = { mails: MailState[]; hasMore: boolean; isFirst: boolean; unsent: boolean };

/** Who is told of what, and how far that is, the newest first. */
export function mailsPage(visit: AdministratorVisit, { mails, hasMore, isFirst, unsent }: Mails): Answer {
  const { text } = visit;
  const last = mails.at(-1);
  const href = (more: Record<string, string>) =>
    `/mails?${new URLSearchParams({ ...(unsent ? { state: "unsent" } : {}), ...more })}`;
  return appPage(visit, {
    title: text.outbox.title,
    width: "wide",
    action: linkButton({ href: "/events", label: text.common.events }),
    children: [
      text.outbox.intro,
      form({
        action: "/mails",
        method: "get",
        layout: "row",
        children: [
          selectField({
            name: "state",
            label: text.outbox.state,
            value: unsent ? "unsent" : "",
            options: [
              { value: "", label: text.outbox.all },
              { value: "unsent", label: text.outbox.unsent },
            ],
          }),
          actions(button({ label: text.outbox.apply, kind: "quiet", icon: "search" })),
        ],
      }),
      mails.some(({ sentAt, error }) => sentAt === null && error !== null) && retrying(visit),
      mails.length === 0
        ? emptyState({ sentence: unsent ? text.outbox.noneUnsent : text.outbox.none })
        : table({
            caption: text.outbox.caption,
            columns: [
              { label: text.outbox.to },
              { label: text.outbox.what },
              { label: text.outbox.when },
              { label: text.outbox.tries, kind: "end" },
              { label: text.outbox.state },
            ],
            rows: mails.map((mail) => row(visit, mail)),
          }),
      (hasMore || !isFirst) &&
        pager({
          label: text.outbox.pager,
          position: text.outbox.position(mails.length),
          previous: isFirst ? undefined : { href: href({}), label: text.outbox.newest },
          next:
            hasMore && last !== undefined
              ? { href: href({ before: `${last.createdAt}.${last.id}` }), label: text.outbox.older }
              : undefined,
        }),
    ],
  });
}

function retrying({ text }: AdministratorVisit): Content {
  return notice({
    kind: "warning",
    title: text.outbox.failedTitle,
    children: [
      text.outbox.failed,
      form({
        action: "/mails/retry",
        layout: "bare",
        children: actions(button({ label: text.outbox.retry, kind: "quiet" })),
      }),
    ],
  });
}

/** The subject says what a mail is about, and nothing that was made for it. */
function subject({ text, auth }: AdministratorVisit, { kind }: MailState): string {
  const { subject } = text.mails[kind];
  return typeof subject === "string" ? subject : subject(auth.options.name);
}

function row(visit: AdministratorVisit, mail: MailState): Content[] {
  return [
    cut(mail.to, mail.userId === null ? undefined : `/users/${mail.userId}`),
    cut(subject(visit, mail)),
    moment(visit, mail.createdAt),
    mail.tries,
    state(visit, mail),
  ];
}

function state(visit: AdministratorVisit, { sentAt, nextTryAt, error }: MailState): Content {
  const { text } = visit;
  if (sentAt !== null) return [badge({ kind: "on", label: text.outbox.sent }), " ", moment(visit, sentAt)];
  if (error === null) return badge({ kind: "off", label: text.outbox.waiting });
  const next = within(text.outbox.nextTry, moment(visit, nextTryAt));
  return [
    badge({ kind: "warning", label: text.outbox.delayed }),
    " ",
    next,
    html`<br><span class="muted">${error}</span>`,
  ];
}

function moment(visit: AdministratorVisit, at: number): Markup {
  return time({ at, style: "date-time", ...reader(visit) });
}
