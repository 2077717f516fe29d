import type { Person, Rescue, RescueStanding } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import { reader } from "../reader.ts";
import type { AdministratorVisit, SupportVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { emptyState } from "../ui/empty-state.ts";
import { selectField, textAreaField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { notice } from "../ui/notice.ts";
import { secret } from "../ui/secret.ts";
import { section } from "../ui/section.ts";
import { cut, table } from "../ui/table.ts";
import { dateTimeText, time } from "../ui/time.ts";

/** The two ways to help somebody who lost everything: the gentle one first. */
export function rescueSections(
  visit: SupportVisit,
  person: Person,
  { rescue: { rule, wait }, reason }: { rescue: RescueStanding; reason: string | undefined },
): Content[] {
  const { text } = visit;
  const words = text.rescue;
  const atOnce = rule === "at-once";
  const policy =
    rule === "waiting"
      ? words.policy.waiting(wait / 3_600_000)
      : rule === "approval"
        ? words.policy.approval
        : undefined;
  const note = policy && notice({ kind: "info", children: policy });
  return [
    section({
      heading: words.linkHeading,
      intro: words.linkHelp,
      children: form({
        action: `/users/${person.id}/enrolment-link`,
        children: [
          note,
          selectField({
            name: "way",
            label: words.give,
            value: visit.form.get("way"),
            options: (["shown-link", "mailed-link"] as const).map((value) => ({ value, label: words.gives[value] })),
            error:
              (reason === "no_email" || reason === "mail_not_enough") && visit.form.entries.has("way")
                ? words.problems[reason]
                : undefined,
          }),
          reasonField(visit, { name: "link_reason", label: words.linkReason, reason }),
          actions(button({ label: atOnce ? words.make : words.askLink })),
        ],
      }),
    }),
    section({
      kind: "danger",
      heading: text.person.reset,
      intro: text.person.resetIntro,
      children: form({
        action: `/users/${person.id}/reset-two-factor`,
        children: [
          note,
          reasonField(visit, { name: "reason", label: text.person.reason, reason }),
          actions(button({ label: atOnce ? text.person.reset : words.askReset, kind: "danger" })),
        ],
      }),
    }),
  ];
}

function reasonField(
  { text, form: typed }: SupportVisit,
  { name, label, reason }: { name: string; label: string; reason: string | undefined },
): Content {
  return textAreaField({
    name,
    label,
    hint: text.person.reasonHint,
    value: typed.get(name),
    required: true,
    maxLength: 500,
    rows: 2,
    error: reason === "reason_missing" && typed.entries.has(name) ? text.person.reasonMissing : undefined,
  });
}

/** What is open for this person, and what the reader can do about it. */
export function openRescue(visit: SupportVisit, rescue: Rescue): Content {
  const { text, auth, session } = visit;
  const words = text.rescue;
  const { way, askedBy, readyAt } = rescue;
  const moment = (at: number) => dateTimeText({ at, ...reader(visit) });
  const isOwn = askedBy?.id === session.user.id;
  const isAdministrator = session.user.role === "administrator";
  const act = (path: string, label: string, kind: "quiet" | "primary" | "danger"): Content =>
    form({
      action: `/users/${rescue.person.id}/rescue/${path}`,
      hidden: { rescue: rescue.id },
      layout: "bare",
      children: button({ label, kind }),
    });
  return notice({
    kind: "warning",
    title: words.openTitle,
    children: [
      askedBy === null
        ? words.openSelf(moment(rescue.askedAt))
        : words.open(words.ways[way], askedBy.name, moment(rescue.askedAt)),
      askedBy !== null && words.openReason(rescue.reason),
      readyAt === null ? words.openApproval : words.openReady(moment(readyAt)),
      actions(
        readyAt === null && isAdministrator && !isOwn && act("approve", words.approve, "danger"),
        askedBy !== null && readyAt !== null && readyAt <= auth.now() && act("carry-out", words.carryOut, "danger"),
        (isOwn || isAdministrator || askedBy === null) &&
          act("withdraw", isOwn ? words.withdraw : words.refuse, "quiet"),
      ),
    ],
  });
}

/** Everything that is open. */
export function rescuesPage(visit: AdministratorVisit, rescues: Rescue[]): Answer {
  const { text } = visit;
  const words = text.rescue;
  return appPage(visit, {
    title: words.listTitle,
    width: "wide",
    children:
      rescues.length === 0
        ? emptyState({
            sentence: words.listNone,
            action: linkButton({ href: "/users", label: words.listEveryone, kind: "quiet" }),
          })
        : table({
            caption: words.listCaption,
            columns: [words.person, words.way, words.askedBy, words.asked, words.state].map((label) => ({ label })),
            rows: rescues.map((rescue) => [
              cut(rescue.person.name, `/users/${rescue.person.id}`),
              words.ways[rescue.way],
              cut(rescue.askedBy?.name ?? words.askedByPerson),
              time({ at: rescue.askedAt, now: visit.auth.now(), style: "relative", ...reader(visit) }),
              words.states[stateOf(visit, rescue)],
            ]),
          }),
  });
}

function stateOf({ auth }: AdministratorVisit, { readyAt }: Rescue): "approval" | "waiting" | "ready" {
  if (readyAt === null) return "approval";
  return readyAt <= auth.now() ? "ready" : "waiting";
}

/** A link that was made to be handed over, shown this once. */
export function shownLinkPage(visit: SupportVisit, given: { id: string; name: string; ticket: string }): Answer {
  const { text, auth } = visit;
  const words = text.rescue;
  return appPage(visit, {
    title: words.shownTitle,
    children: [
      words.shownIntro(given.name),
      secret({
        id: "link",
        label: words.shown,
        value: `${auth.options.publicUrl}/enrolment-link?ticket=${given.ticket}`,
        whole: true,
        copy: text.common.copy,
        copied: text.common.copied,
      }),
      actions(linkButton({ href: `/users/${given.id}`, label: words.done, kind: "primary" })),
    ],
  });
}
