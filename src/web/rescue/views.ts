import type { OpenRescue, SelfRescue } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import { credentialFields } from "../credentials.ts";
import type { FormProblem } from "../problem.ts";
import type { Visit } from "../route.ts";
import { cardPage } from "../shell.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { exactTime } from "../ui/time.ts";

/** Behind the enrolment link. It does not say whose it is: whoever found it knows neither name nor password. */
export function linkPage(
  visit: Visit,
  { ticket, name = "", problem }: { ticket: string; name?: string; problem?: FormProblem },
): Answer {
  const { text } = visit;
  return cardPage(visit, {
    title: text.rescue.linkTitle,
    hideQuery: "ticket",
    problem,
    children: form({
      action: "/enrolment-link",
      hidden: { ticket },
      children: [
        text.rescue.linkIntro,
        credentialFields(visit, { name, autofocus: problem === undefined }),
        actions(button({ label: text.rescue.linkSubmit })),
      ],
    }),
  });
}

/** Behind the link by which the person stops a rescue. */
export function stopPage(visit: Visit, { ticket, rescue }: { ticket: string; rescue: OpenRescue }): Answer {
  const { text } = visit;
  const words = text.rescue;
  return cardPage(visit, {
    title: words.stopTitle,
    hideQuery: "ticket",
    children: form({
      action: "/rescue-stop",
      hidden: { ticket },
      children: [
        words.sentence(words.bannerTitle[rescue.way]),
        words.banner(moment(visit, rescue.askedAt), rescue.readyAt === null ? null : moment(visit, rescue.readyAt)),
        words.stopAnyway,
        actions(button({ label: words.stop, kind: "danger" })),
      ],
    }),
  });
}

export function stoppedPage(visit: Visit, { way }: OpenRescue): Answer {
  const { text } = visit;
  return cardPage(visit, {
    title: text.rescue.stoppedTitle,
    hideQuery: "ticket",
    children: [
      way === "self" ? text.rescue.stoppedSelf : text.rescue.stopped,
      actions(linkButton({ href: "/sign-in", label: text.signIn.title })),
    ],
  });
}

/** The second step of somebody who has neither phone nor codes: before the wait, during it and after it. */
export function lostPage(
  visit: Visit,
  { readyAt, wait, zone }: SelfRescue & { zone: string },
  problem?: FormProblem,
): Answer {
  const { text, auth } = visit;
  const words = text.rescue;
  const step = (sentence: string, action: string, label: string): Content =>
    form({ action, children: [sentence, actions(button({ label }))] });
  return cardPage(visit, {
    title: words.lostTitle,
    problem,
    children: [
      readyAt === null
        ? step(words.lostIntro(wait / 3_600_000), "/sign-in/lost", words.lostSubmit)
        : readyAt > auth.now()
          ? words.lostWaiting(exactTime({ at: readyAt, language: text.language, zone }))
          : step(words.lostReady, "/sign-in/lost/enrolment", words.lostGoOn),
    ],
    footer: actions(linkButton({ href: "/sign-in/code", label: text.recovery.useApp })),
  });
}

/** For somebody whose time zone must not be told: they have not signed in. */
function moment({ text }: Visit, at: number): string {
  return exactTime({ at, language: text.language, zone: "UTC" });
}
