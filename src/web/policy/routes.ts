// The policy: the rules, the form of one, and its rehearsal, which says what a rule would do before it is saved.

import { html } from "hono/html";
import { FACTORS, MOST_IN_RULE, type NamedRule, type Rehearsal, type Rule, type RuleReason } from "../../auth.ts";
import { type Answer, Problem } from "../answer.ts";
import type { Form } from "../middleware/form.ts";
import { reader } from "../reader.ts";
import type { AdministratorVisit, ConfirmedAdministratorVisit, Route } from "../route.ts";
import { appPage, leaveNotice } from "../shell.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { emptyState } from "../ui/empty-state.ts";
import { dateField, numberField, selectField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { errorSummary, notice } from "../ui/notice.ts";
import { items, panel, section } from "../ui/section.ts";
import { cut, table } from "../ui/table.ts";
import { dateText, dayOf, startOfDay } from "../ui/time.ts";

const PATH = "/policy";

export const routes: Route[] = [
  { method: "GET", path: PATH, who: "administrator", handle: showPolicy },
  { method: "GET", path: `${PATH}/rule`, who: "administrator", handle: showRule },
  { method: "GET", path: `${PATH}/rehearsal`, who: "administrator", handle: rehearse },
  { method: "POST", path: PATH, who: "administrator", confirmation: { kind: "first" }, handle: save },
];

/** Which factors count, as a choice; more than these would be no use. */
const FACTOR_CHOICES = [
  "authenticator",
  "authenticator recovery-code",
  "authenticator mailed-code",
  "authenticator recovery-code mailed-code",
] as const;

async function showPolicy(visit: AdministratorVisit): Promise<Answer> {
  const { auth, text, session } = visit;
  const words = text.policy;
  const { rules, groups } = await auth.policy.list(session);
  const scopes = ["everyone", "role:person", "role:support", "role:administrator"];
  const missing = [
    ...scopes.map((scope) => ({ value: scope, label: words.scopes[scope] ?? scope })),
    ...groups.map(({ id, name }) => ({ value: `group:${id}`, label: words.group(name) })),
  ].filter(({ value }) => !rules.some(({ scope }) => scope === value));
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
              rule.requirement === null
                ? words.nothing
                : [words.requirements[rule.requirement], " ", timeLeft(visit, rule)],
              besides(visit, rule).join("; ") || words.nothing,
            ]),
          }),
      missing.length > 0 &&
        form({
          action: `${PATH}/rule`,
          method: "get",
          layout: "row",
          children: [
            selectField({ name: "scope", label: words.newFor, options: missing }),
            actions(button({ label: words.newRule, kind: "quiet", icon: "plus" })),
          ],
        }),
    ],
  });
}

async function showRule(visit: AdministratorVisit): Promise<Answer> {
  const rule = await visit.auth.policy.find(visit.session, visit.query.get("scope") ?? "everyone");
  if (rule === undefined) throw new Problem(404);
  return rulePage(visit, rule, fieldsOf(rule, visit), {});
}

/** Says what the rule of the form would do. */
async function rehearse(visit: AdministratorVisit): Promise<Answer> {
  const { auth, session, query } = visit;
  const known = await auth.policy.find(session, query.get("scope") ?? "everyone");
  if (known === undefined) throw new Problem(404);
  const fields = query.has("remove") ? {} : fieldsIn((name) => query.get(name) ?? "");
  const read = readRule(known.scope, fields, visit);
  if (!("scope" in read)) return rulePage(visit, known, fields, { reason: read.reason });
  const rehearsal = await auth.policy.rehearse(session, read);
  return rulePage(visit, known, fields, rehearsal.ok ? { rehearsal } : { reason: rehearsal.reason });
}

async function save(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, session, form: typed } = visit;
  const known = await auth.policy.find(session, typed.get("scope"));
  if (known === undefined) throw new Problem(404);
  const fields = fieldsIn(typed.get);
  const read = readRule(known.scope, fields, visit);
  if (!("scope" in read)) return rulePage(visit, known, fields, { reason: read.reason });
  const outcome = await auth.policy.save(client, auth.authorityOf(session), read);
  if (outcome.ok) return leaveNotice(visit, "policySaved", PATH);
  if (outcome.reason === "no_authority" || outcome.reason === "scope_unknown") throw new Problem(404);
  return rulePage(visit, known, fields, { reason: outcome.reason });
}

const FIELDS = [
  "requirement",
  "required_from",
  "grace_days",
  "skips",
  "factors",
  "trust_days",
  "session_hours",
  "endless_keys",
  "rescue",
  "rescue_wait_hours",
  "self_rescue",
] as const;
type Fields = Partial<Record<(typeof FIELDS)[number], string>>;

function fieldsIn(get: Form["get"]): Fields {
  return Object.fromEntries(FIELDS.map((name) => [name, get(name).trim()]));
}

/** The rule in the words of the form. */
function fieldsOf(rule: Rule, { session }: AdministratorVisit): Fields {
  const number = (value: number | null) => (value === null ? "" : String(value));
  const yesOrNo = (value: boolean | null) => (value === null ? "" : value ? "yes" : "no");
  return {
    requirement: rule.requirement ?? "",
    required_from: rule.requiredFrom === null ? "" : dayOf(rule.requiredFrom, session.user.timeZone),
    grace_days: number(rule.graceDays),
    skips: number(rule.skips),
    factors: rule.factors?.join(" ") ?? "",
    trust_days: number(rule.trustDays),
    session_hours: number(rule.sessionHours),
    endless_keys: yesOrNo(rule.endlessKeys),
    rescue: rule.rescue ?? "",
    rescue_wait_hours: number(rule.rescueWaitHours),
    self_rescue: yesOrNo(rule.selfRescue),
  };
}

/** Reads the form; its values are checked in core. */
function readRule(scope: string, fields: Fields, visit: AdministratorVisit): Rule | { reason: RuleReason } {
  const number = (name: keyof Fields) => {
    const typed = fields[name] ?? "";
    if (typed === "") return null;
    // Whatever is no number is refused in core, as NaN.
    return /^\d{1,6}$/.test(typed) ? Number(typed) : Number.NaN;
  };
  const isYes = (name: "endless_keys" | "self_rescue") => {
    const typed = fields[name] ?? "";
    return typed === "" ? null : typed === "yes";
  };
  const { required_from: day = "", requirement = "", factors = "", rescue = "" } = fields;
  const requiredFrom = day === "" ? null : startOfDay(day, visit.session.user.timeZone);
  if (requiredFrom === undefined) return { reason: "required_from_invalid" };
  return {
    scope,
    requirement: requirement === "" ? null : (requirement as Rule["requirement"]),
    requiredFrom,
    graceDays: number("grace_days"),
    skips: number("skips"),
    factors: factors === "" ? null : (factors.split(" ") as (typeof FACTORS)[number][]),
    trustDays: number("trust_days"),
    sessionHours: number("session_hours"),
    endlessKeys: isYes("endless_keys"),
    rescue: rescue === "" ? null : (rescue as Rule["rescue"]),
    rescueWaitHours: number("rescue_wait_hours"),
    selfRescue: isYes("self_rescue"),
  };
}

function rulePage(
  visit: AdministratorVisit,
  rule: NamedRule,
  fields: Fields,
  { reason, rehearsal }: { reason?: RuleReason; rehearsal?: Rehearsal },
): Answer {
  const { text } = visit;
  const words = text.policy;
  const message = reason && words.problems[reason];
  const errorAt = (field: string) => (reason === `${field}_invalid` ? message : undefined);
  type Counted = "grace_days" | "skips" | "trust_days" | "session_hours" | "rescue_wait_hours";
  const number = (name: Counted, least: number, most: number) =>
    numberField({
      name,
      label: words.fields[name],
      hint: words.hints[name],
      value: fields[name] ?? "",
      least,
      most,
      error: errorAt(name),
    });
  type Chosen = "requirement" | "factors" | "endless_keys" | "rescue" | "self_rescue";
  const choice = (name: Chosen, choices: Record<string, string>) =>
    selectField({
      name,
      label: words.fields[name],
      value: fields[name] ?? "",
      options: Object.entries({ "": words.nothing, ...choices }).map(([value, label]) => ({ value, label })),
      error: errorAt(name),
    });
  return appPage(visit, {
    title: words.ruleTitle(nameOf(visit, rule)),
    width: "wide",
    isError: message !== undefined,
    status: message === undefined ? 200 : 422,
    children: [
      message &&
        errorSummary({ title: text.common.problems, errors: [{ message, field: reason?.replace(/_invalid$/, "") }] }),
      rehearsal && rehearsed(visit, rule, fields, rehearsal),
      form({
        action: `${PATH}/rehearsal`,
        method: "get",
        hidden: { scope: rule.scope },
        children: [
          section({
            heading: text.users.twoFactor,
            intro: words.requirementIntro,
            children: [
              choice("requirement", words.requirements),
              dateField({
                name: "required_from",
                label: words.fields.required_from,
                hint: words.hints.required_from,
                value: fields.required_from ?? "",
                error: errorAt("required_from"),
              }),
              number("grace_days", 0, MOST_IN_RULE.graceDays),
              number("skips", 0, MOST_IN_RULE.skips),
            ],
          }),
          section({
            heading: words.factorsHeading,
            intro: words.factorsIntro,
            children: [
              choice("factors", Object.fromEntries(FACTOR_CHOICES.map((names) => [names, factorNames(visit, names)]))),
              number("trust_days", 0, MOST_IN_RULE.trustDays),
            ],
          }),
          section({
            heading: words.accessHeading,
            intro: words.accessIntro,
            children: [
              number("session_hours", 1, MOST_IN_RULE.sessionHours),
              choice("endless_keys", { yes: words.allowed, no: words.notAllowed }),
            ],
          }),
          section({
            heading: words.rescueHeading,
            intro: words.rescueIntro,
            children: [
              choice("rescue", words.rescues),
              number("rescue_wait_hours", 1, MOST_IN_RULE.rescueWaitHours),
              choice("self_rescue", { yes: words.allowed, no: words.notAllowed }),
            ],
          }),
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

/** What the rule would do, and the button that does it. */
function rehearsed(visit: AdministratorVisit, rule: NamedRule, fields: Fields, found: Rehearsal): Content {
  const words = visit.text.policy;
  const kinds = ["asked", "stopped", "withoutEmail", "services", "untrusted", "endlessKeys"] as const;
  const touched = kinds.filter((kind) => found[kind].total > 0);
  return panel([
    notice({
      kind: touched.length > 0 ? "warning" : "info",
      role: "status",
      title: words.rehearsalTitle,
      children: [
        words.people(found.people),
        touched.length === 0 ? ` ${words.nobodyTouched}` : undefined,
        found.sessions > 0 ? ` ${words.sessions(found.sessions)}` : undefined,
      ],
    }),
    touched.length > 0 &&
      items(
        touched.map((kind) => ({
          title: words.touched[kind](found[kind].total),
          // The same people are not named twice.
          detail:
            kind === "stopped" && found.stopped.total === found.asked.total ? undefined : named(visit, found[kind]),
        })),
      ),
    form({
      action: PATH,
      hidden: { scope: rule.scope, ...fields },
      layout: "bare",
      children: actions(button({ label: words.save })),
    }),
  ]);
}

function named(visit: AdministratorVisit, { total, first }: Rehearsal["asked"]): Content {
  const words = visit.text.policy;
  const people = first.map(({ id, name, at }) => [
    html`<a href="/users/${id}">${name}</a>`,
    at !== null && ` (${words.from(dateText({ at, ...reader(visit) }))})`,
  ]);
  return [
    people.map((person, index) => [index > 0 && ", ", person]),
    total > first.length && ` ${words.more(total - first.length)}`,
  ];
}

function nameOf({ text }: AdministratorVisit, { scope, group }: NamedRule): string {
  return group === null ? (text.policy.scopes[scope] ?? scope) : text.policy.group(group);
}

function timeLeft(visit: AdministratorVisit, { requirement, requiredFrom, graceDays, skips }: Rule): string {
  const words = visit.text.policy;
  if (requirement !== "required") return "";
  const parts = [
    requiredFrom !== null && words.from(dateText({ at: requiredFrom, ...reader(visit) })),
    graceDays !== null && words.within(graceDays),
    skips !== null && words.skipping(skips),
  ].filter((part) => part !== false);
  return parts.length === 0 ? words.atOnce : parts.join(words.or);
}

function besides(visit: AdministratorVisit, rule: Rule): string[] {
  const words = visit.text.policy;
  const { factors, trustDays, sessionHours, endlessKeys, rescue, rescueWaitHours, selfRescue } = rule;
  return [
    factors !== null && factorNames(visit, factors.join(" ")),
    trustDays !== null && words.trust(trustDays),
    sessionHours !== null && words.hours(sessionHours),
    endlessKeys !== null && (endlessKeys ? words.endlessAllowed : words.endlessNotAllowed),
    rescue !== null && words.rescuing[rescue],
    rescueWaitHours !== null && words.rescueWait(rescueWaitHours),
    selfRescue !== null && (selfRescue ? words.selfRescueAllowed : words.selfRescueNotAllowed),
  ].filter((part) => part !== false);
}

function factorNames({ text }: AdministratorVisit, names: string): string {
  return FACTORS.filter((name) => names.split(" ").includes(name))
    .map((name) => text.policy.factorNames[name])
    .join(", ");
}
