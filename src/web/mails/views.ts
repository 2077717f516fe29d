import { html } from "hono/html";
import type { MailState } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import { agePager, type Newest } from "../paging.ts";
import type { AdministratorVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { dateTime } from "../times.ts";
import { badge } from "../ui/badge.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { emptyState } from "../ui/empty-state.ts";
import { selectField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import { type Content, within } from "../ui/markup.ts";
import { notice } from "../ui/notice.ts";
import { cut, table } from "../ui/table.ts";

type Mails = { page: Newest<MailState>; unsent: boolean };

/** Who is told of what, and how far that is, the newest first. */
export function mailsPage(visit: AdministratorVisit, { page, unsent }: Mails): Answer {
  const { text } = visit;
  const { rows: mails } = page;
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
      agePager(page, { words: text.outbox, place: ({ createdAt, id }) => `${createdAt}.${id}`, href }),
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
    dateTime(visit, mail.createdAt),
    mail.tries,
    state(visit, mail),
  ];
}

function state(visit: AdministratorVisit, { sentAt, nextTryAt, error }: MailState): Content {
  const { text } = visit;
  if (sentAt !== null) return [badge({ kind: "on", label: text.outbox.sent }), " ", dateTime(visit, sentAt)];
  if (error === null) return badge({ kind: "off", label: text.outbox.waiting });
  const next = within(text.outbox.nextTry, dateTime(visit, nextTryAt));
  return [
    badge({ kind: "warning", label: text.outbox.delayed }),
    " ",
    next,
    html`<br><span class="muted">${error}</span>`,
  ];
}
