import type { Act, Person, Rescue, RescueStanding } from "../../auth.ts";
import { actFields, reasonField } from "../act-fields.ts";
import type { Answer } from "../answer.ts";
import { errorAt, type FormProblem } from "../problem.ts";
import type { SupportVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { reader } from "../times.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { selectField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { notice } from "../ui/notice.ts";
import { secret } from "../ui/secret.ts";
import { section } from "../ui/section.ts";
import { dateTimeText } from "../ui/time.ts";
import { actButton, actionOf } from "./acts.ts";

/** The two ways to help somebody who lost everything: the gentle one first. */
export function rescueSections(
  visit: SupportVisit,
  person: Person,
  { rescue: { rule, wait }, problem }: { rescue: RescueStanding; problem: FormProblem | undefined },
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
        action: actionOf(person.id, "show-enrolment-link"),
        children: [
          note,
          selectField({
            name: "way",
            label: words.give,
            value: visit.form.get("way"),
            options: (["shown-link", "mailed-link"] as const).map((value) => ({ value, label: words.gives[value] })),
            error: errorAt(problem, "way"),
          }),
          reasonField(visit, { name: "link_reason", label: words.linkReason, problem }),
          actions(button({ label: atOnce ? words.make : words.askLink })),
        ],
      }),
    }),
    section({
      kind: "danger",
      heading: text.person.reset,
      intro: text.person.resetIntro,
      children: form({
        action: actionOf(person.id, "reset-two-factor"),
        children: [
          note,
          actFields(visit, "reset-two-factor", problem),
          actions(button({ label: atOnce ? text.person.reset : words.askReset, kind: "danger" })),
        ],
      }),
    }),
  ];
}

/** What is open for this person, and what the reader can do about it. */
export function openRescue(visit: SupportVisit, rescue: Rescue): Content {
  const { text, auth, session } = visit;
  const words = text.rescue;
  const { way, askedBy, readyAt } = rescue;
  const moment = (at: number) => dateTimeText({ at, ...reader(visit) });
  const isOwn = askedBy?.id === session.user.id;
  const isAdministrator = session.user.role === "administrator";
  const decide = (act: Act, label: string, kind: "quiet" | "danger") =>
    actButton(rescue.person.id, act, { label, kind }, { rescue: rescue.id });
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
        readyAt === null && isAdministrator && !isOwn && decide("approve-rescue", words.approve, "danger"),
        askedBy !== null &&
          readyAt !== null &&
          readyAt <= auth.now() &&
          decide("carry-out-rescue", words.carryOut, "danger"),
        (isOwn || isAdministrator || askedBy === null) &&
          decide("withdraw-rescue", isOwn ? words.withdraw : words.refuse, "quiet"),
      ),
    ],
  });
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
