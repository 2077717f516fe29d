// The pages of the policy: the list of rules, the form of one, and what it would do.

import { html } from "hono/html";
import {
  type NamedRule,
  POLICY_PARTS,
  POLICY_POINT_NAMES,
  POLICY_POINTS,
  type Rehearsal,
  type Rule,
  type RuleReason,
  type RuleScope,
  WAYS_OF_LEAVING_TIME,
} from "../../auth.ts";
import type { Answer } from "../answer.ts";
import { errorAt, type FormProblem } from "../problem.ts";
import type { AdministratorVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { reader } from "../times.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { emptyState } from "../ui/empty-state.ts";
import { selectField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import { type Content, within } from "../ui/markup.ts";
import { notice } from "../ui/notice.ts";
import { items, panel, section } from "../ui/section.ts";
import { cut, table } from "../ui/table.ts";
import { dateText } from "../ui/time.ts";
import { pointField, problemAt, saidAt, type Typed, typedOf } from "./rule-form.ts";

export const PATH = "/policy";

/** The rules, and a way to one for whom there is none. */
export function policyPage(
  visit: AdministratorVisit,
  { rules, free }: { rules: NamedRule[]; free: RuleScope[] },
): Answer {
  const words = visit.text.policy;
  return appPage(visit, {
    title: words.title,
    width: "wide",
    children: [
      words.intro,
      rules.length === 0
        ? emptyState({ sentence: words.none })
        : table({
            caption: words.title,
            columns: [{ label: words.whom }, { label: words.factor }, { label: words.besides }],
            rows: rules.map((rule) => [
              cut(nameOf(visit, rule), `${PATH}/rule?${new URLSearchParams({ scope: rule.scope })}`),
              requirement(visit, rule),
              besides(visit, rule),
            ]),
          }),
      free.length > 0 &&
        form({
          action: `${PATH}/rule`,
          method: "get",
          layout: "row",
          children: [
            selectField({
              name: "scope",
              label: words.newFor,
              options: free.map((scope) => ({ value: scope.scope, label: nameOf(visit, scope) })),
            }),
            actions(button({ label: words.newRule, kind: "quiet", icon: "plus" })),
          ],
        }),
    ],
  });
}

/** The form of a rule, with what it would do or what is wrong with it. */
export function rulePage(
  visit: AdministratorVisit,
  rule: NamedRule,
  { typed, problem, rehearsal }: { typed: Typed; problem?: FormProblem; rehearsal?: Rehearsal },
): Answer {
  const { text } = visit;
  const words = text.policy;
  return appPage(visit, {
    title: words.ruleTitle(nameOf(visit, rule)),
    width: "wide",
    problem,
    children: [
      rehearsal && rehearsed(visit, rehearsal),
      form({
        action: `${PATH}/rehearsal`,
        method: "get",
        hidden: { scope: rule.scope },
        children: [
          POLICY_PARTS.map((part) =>
            section({
              heading: words.parts[part].heading,
              intro: words.parts[part].intro,
              children: POLICY_POINT_NAMES.filter((name) => POLICY_POINTS[name].part === part).map((name) =>
                pointField(visit, name, { typed, error: errorAt(problem, name) }),
              ),
            }),
          ),
          actions(
            button({
              label: rehearsal === undefined ? words.rehearse : words.rehearseAgain,
              kind: rehearsal && "quiet",
            }),
            button({ label: words.remove, kind: "quiet", name: "remove", value: "yes" }),
            linkButton({ href: PATH, label: text.common.cancel }),
          ),
        ],
      }),
    ],
  });
}

/** What is wrong with a rule, point by point. */
export function refusalsOf(visit: AdministratorVisit): Record<Exclude<RuleReason, "scope_unknown">, FormProblem> {
  const refusals = POLICY_POINT_NAMES.map((field) => [`${field}_invalid`, { message: problemAt(visit, field), field }]);
  // The reasons are made of the same names.
  return Object.fromEntries(refusals);
}

/** What the rule would do, and the button that does it. */
function rehearsed(visit: AdministratorVisit, found: Rehearsal): Content {
  const words = visit.text.policy;
  const kinds = ["asked", "stopped", "withoutEmail", "services", "untrusted", "endlessKeys"] as const;
  const touched = kinds.filter((kind) => found[kind].total > 0);
  const entries = [
    ...touched.map((kind) => ({
      title: words.touched[kind](found[kind].total),
      // The same people are not named twice.
      detail: kind === "stopped" && found.stopped.total === found.asked.total ? undefined : named(visit, found[kind]),
    })),
    ...found.looser.map((name) => ({ title: words.looser(words.points[name].label) })),
  ];
  return panel([
    notice({
      kind: entries.length > 0 ? "warning" : "info",
      role: "status",
      title: words.rehearsalTitle,
      children: visit.text.paragraph([
        words.people(found.people),
        ...(touched.length > 0 ? [] : [found.looser.length === 0 ? words.nobodyTouched : words.nobodyMore]),
        ...(found.sessions > 0 ? [words.sessions(found.sessions)] : []),
      ]),
    }),
    entries.length > 0 && items(entries),
    form({
      action: PATH,
      hidden: { scope: found.rule.scope, ...typedOf(visit, found.rule) },
      layout: "bare",
      children: actions(button({ label: words.save })),
    }),
  ]);
}

function named(visit: AdministratorVisit, { total, first }: Rehearsal["asked"]): Content {
  const { policy: words, list } = visit.text;
  const people = first.map(({ id, name, at }) => {
    const link = html`<a href="/users/${id}">${name}</a>`;
    return at === null ? link : within((who) => words.personFrom(who, dateText({ at, ...reader(visit) })), link);
  });
  const rest = total > first.length ? [words.more(total - first.length)] : [];
  return within((...all) => list(all, "and"), ...people, ...rest);
}

function nameOf({ text }: AdministratorVisit, whom: RuleScope): string {
  return whom.group === null ? text.policy.scopes[whom.scope] : text.policy.group(whom.group);
}

function requirement(visit: AdministratorVisit, rule: Rule): string {
  const { text } = visit;
  if (rule.requirement !== "required") return saidAt(visit, rule, "requirement") ?? text.policy.nothing;
  const times = WAYS_OF_LEAVING_TIME.flatMap((way) => saidAt(visit, rule, way) ?? []);
  return times.length === 0 ? text.policy.requiredAtOnce : text.policy.requiredIn(text.list(times, "or"));
}

function besides(visit: AdministratorVisit, rule: Rule): Content {
  const others = POLICY_POINT_NAMES.filter((name) => POLICY_POINTS[name].part !== "requirement");
  const said = others.flatMap((name) => saidAt(visit, rule, name) ?? []);
  return said.length === 0 ? visit.text.policy.nothing : said.map((words) => html`<div>${words}</div>`);
}
