import type { ItemReason, ItemState, Job, JobItem } from "../../auth.ts";
import { actFields } from "../act-fields.ts";
import type { Answer } from "../answer.ts";
import { numberedPager } from "../paging.ts";
import type { FormProblem } from "../problem.ts";
import type { AdministratorVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { ago, dateTime } from "../times.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { emptyState } from "../ui/empty-state.ts";
import { facts } from "../ui/facts.ts";
import { selectField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { notice } from "../ui/notice.ts";
import { progress } from "../ui/progress.ts";
import { section } from "../ui/section.ts";
import { cut, table } from "../ui/table.ts";
import { actRefusals } from "../user/refusals.ts";

type Counts = Record<ItemState, number>;

type Shown = {
  job: Job;
  counts: Counts;
  items: JobItem[];
  pageSize: number;
  /** The people that are shown; all, where it is not given. */
  state: ItemState | undefined;
  page: number;
  isStill: boolean;
  problem: FormProblem | undefined;
};

/** What was done to many people. */
export function jobsPage(visit: AdministratorVisit, jobs: Job[]): Answer {
  const { text } = visit;
  const words = text.jobs;
  return appPage(visit, {
    title: words.title,
    width: "wide",
    children:
      jobs.length === 0
        ? emptyState({
            sentence: words.none,
            action: linkButton({ href: "/users", label: words.toUsers, kind: "quiet" }),
          })
        : table({
            caption: words.listCaption,
            columns: [
              { label: words.act },
              { label: words.by },
              { label: words.when },
              { label: words.total, kind: "end" },
              { label: words.state },
            ],
            rows: jobs.map((job) => [
              cut(words.acts[job.act], `/jobs/${job.id}`),
              cut(job.actor.name, `/users/${job.actor.id}`),
              ago(visit, job.begunAt ?? job.createdAt),
              words.people(job.total),
              words.states[job.state],
            ]),
          }),
  });
}

/** One job: before it begins whom it touches, then how far it is, and what came of it for each. */
export function jobPage(visit: AdministratorVisit, shown: Shown): Answer {
  const { text } = visit;
  const words = text.jobs;
  const { job, problem } = shown;
  return appPage(visit, {
    title: words.acts[job.act],
    width: "wide",
    problem,
    children: [
      job.state === "prepared" ? preview(visit, shown) : standing(visit, shown),
      section({ heading: words.peopleHeading, children: people(visit, shown) }),
    ],
  });
}

function preview(visit: AdministratorVisit, { job, counts, problem }: Shown): Content {
  const { text } = visit;
  const words = text.jobs;
  const isRisky = job.act === "reset-two-factor";
  return section({
    heading: words.previewHeading,
    intro: words.previewIntro,
    kind: isRisky ? "danger" : undefined,
    children: [
      words.consequences[job.act],
      facts([
        { name: words.touched, value: words.people(counts.waiting) },
        { name: words.skipped, value: words.people(counts.skipped) },
      ]),
      counts.waiting === 0
        ? notice({ kind: "info", children: words.nobody })
        : job.actor.id !== visit.session.user.id
          ? notice({ kind: "info", children: words.somebodyElses(job.actor.name) })
          : form({
              action: `/jobs/${job.id}/begin`,
              children: [
                actFields(visit, job.act, problem),
                actions(
                  button({ label: words.begin(counts.waiting), kind: isRisky ? "danger" : "primary" }),
                  linkButton({ href: "/users", label: text.common.cancel }),
                ),
              ],
            }),
    ],
  });
}

function standing(visit: AdministratorVisit, shown: Shown): Content {
  const { text } = visit;
  const words = text.jobs;
  const { job, counts } = shown;
  const total = job.total - counts.skipped;
  return section({
    heading: words.heading,
    intro: words.states[job.state],
    children: [
      progress({
        label: words.progress,
        value: total - counts.waiting,
        max: Math.max(1, total),
        text: words.progressOf(total - counts.waiting, total),
      }),
      job.state === "stopped" &&
        notice({
          kind: "warning",
          title: words.stoppedTitle,
          children: job.stoppedBecause === null ? words.stopped : words.stoppedBecause,
        }),
      job.state === "done" &&
        notice({ kind: "success", title: words.doneTitle, children: words.doneSentence(counts.done) }),
      facts([
        { name: words.by, value: cut(job.actor.name, `/users/${job.actor.id}`) },
        { name: words.when, value: dateTime(visit, job.begunAt ?? job.createdAt) },
        ...(job.finishedAt === null ? [] : [{ name: words.finished, value: dateTime(visit, job.finishedAt) }]),
        ...(job.parameters.reason === undefined ? [] : [{ name: words.reason, value: job.parameters.reason }]),
        ...(job.parameters.from === undefined
          ? []
          : [{ name: words.from, value: dateTime(visit, job.parameters.from) }]),
        ...(["done", "refused", "skipped"] as const).map((state) => ({
          name: words.results[state],
          value: words.people(counts[state]),
        })),
      ]),
      controls(visit, shown),
    ],
  });
}

/** Stopping, going on, and whether the page updates by itself. */
function controls(visit: AdministratorVisit, { job, isStill }: Shown): Content {
  const { text, session } = visit;
  const words = text.jobs;
  const act = (path: "stop" | "resume") =>
    form({
      action: `/jobs/${job.id}/${path}`,
      layout: "bare",
      children: button({ label: words[path], kind: "quiet" }),
    });
  switch (job.state) {
    case "running":
      return [
        actions(
          act("stop"),
          isStill
            ? linkButton({ href: `/jobs/${job.id}`, label: words.moving })
            : linkButton({ href: `/jobs/${job.id}?still=yes`, label: words.still }),
        ),
        words.stopIntro,
      ];
    case "stopped":
      return job.actor.id === session.user.id ? actions(act("resume")) : words.somebodyElses(job.actor.name);
    default:
      return undefined;
  }
}

function people(visit: AdministratorVisit, { job, counts, items, pageSize, state, page }: Shown): Content[] {
  const { text } = visit;
  const words = text.jobs;
  const total = state === undefined ? job.total : counts[state];
  // Whoever looks through the people is not to be interrupted.
  const href = (number: number) =>
    `/jobs/${job.id}?${new URLSearchParams({ show: state ?? "", page: String(number), still: "yes" })}`;
  return [
    form({
      action: `/jobs/${job.id}`,
      method: "get",
      layout: "row",
      hidden: { still: "yes" },
      children: [
        selectField({
          name: "show",
          label: words.show,
          value: state ?? "",
          options: [
            { value: "", label: words.all },
            ...(["waiting", "done", "skipped", "refused"] as const).map((value) => ({
              value,
              label: words.results[value],
            })),
          ],
        }),
        actions(button({ label: text.users.apply, kind: "quiet", icon: "search" })),
      ],
    }),
    items.length === 0
      ? emptyState({ sentence: text.users.nobody })
      : table({
          caption: words.caption,
          columns: [{ label: words.name }, { label: words.result }, { label: words.why }],
          rows: items.map(({ user, state: result, reason }) => [
            cut(user.name, `/users/${user.id}`),
            words.results[result],
            reason === null ? "" : why(visit, reason),
          ]),
        }),
    total > pageSize &&
      items.length > 0 &&
      numberedPager(visit, { page, pageSize, total }, { shown: items.length, label: words.pager, href }),
  ];
}

/** Why nothing was done to somebody, or not yet: as on their own page, or shorter. */
function why(visit: AdministratorVisit, reason: ItemReason): string {
  const { yourself, not_enabled, waiting, approval } = visit.text.jobs.reasons;
  switch (reason) {
    case "yourself":
      return yourself;
    case "not_enabled":
      return not_enabled;
    case "waiting":
      return waiting;
    case "approval":
      return approval;
    default:
      return actRefusals(visit)[reason].message;
  }
}
