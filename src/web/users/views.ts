import {
  type Lockout,
  PEOPLE_STATES,
  type PeopleFilter,
  type Person,
  type RescueStanding,
  ROLES,
  reaches,
} from "../../auth.ts";
import type { Answer } from "../answer.ts";
import { type GroupName, groupsSection, type PersonGroups } from "../groups/views.ts";
import type { Form } from "../middleware/form.ts";
import { reader } from "../reader.ts";
import { openRescue, rescueSections } from "../rescues/views.ts";
import type { AdministratorVisit, SupportVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { badge } from "../ui/badge.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { emptyState } from "../ui/empty-state.ts";
import { facts } from "../ui/facts.ts";
import { checkboxField, emailField, searchField, selectField, textField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { errorSummary, notice } from "../ui/notice.ts";
import { pager } from "../ui/pager.ts";
import { section } from "../ui/section.ts";
import { cut, table } from "../ui/table.ts";
import { time } from "../ui/time.ts";
import { lockoutSection } from "./lockout.ts";
import { filterFields } from "./people-filter.ts";
import { requiredFromField } from "./required-in-days.ts";
import { picksOf, selectionForm } from "./selection.ts";

type People = {
  people: Person[];
  total: number;
  pageSize: number;
  page: number;
  filter: PeopleFilter;
  groups: GroupName[];
};

/** The list of people, with search, filter and pages. */
export function usersPage(visit: SupportVisit, shown: People): Answer {
  const { text } = visit;
  const { people, total, pageSize, page, filter, groups } = shown;
  const { search = "", state, group } = filter;
  const href = (number: number) => `/users?${new URLSearchParams({ ...filterFields(filter), page: String(number) })}`;
  const first = (page - 1) * pageSize + 1;
  const mayChange = visit.session.user.role === "administrator";
  return appPage(visit, {
    title: text.users.title,
    width: "wide",
    action: mayChange && linkButton({ href: "/users/new", label: text.users.newUser, kind: "primary", icon: "plus" }),
    children: [
      form({
        action: "/users",
        method: "get",
        layout: "row",
        children: [
          searchField({ name: "search", label: text.users.search, value: search.slice(0, 200) }),
          selectField({
            name: "state",
            label: text.users.filter,
            value: state ?? "",
            options: [
              { value: "", label: text.users.all },
              ...PEOPLE_STATES.map((value) => ({ value, label: text.users.states[value] })),
            ],
          }),
          groups.length > 0 &&
            selectField({
              name: "group",
              label: text.groups.one,
              value: group,
              options: [
                { value: "", label: text.users.all },
                ...groups.map(({ id, name }) => ({ value: id, label: name })),
              ],
            }),
          actions(button({ label: text.users.apply, kind: "quiet", icon: "search" })),
        ],
      }),
      people.length === 0
        ? emptyState({
            sentence: text.users.nobody,
            action: linkButton({ href: "/users", label: text.users.showAll, kind: "quiet" }),
          })
        : table({
            caption: text.users.caption,
            columns: [
              { label: text.users.name },
              { label: text.users.login },
              { label: text.users.role },
              { label: text.users.twoFactor },
              { label: text.users.lastSignIn },
            ],
            rows: people.map((person) => row(visit, person)),
            picks: mayChange ? picksOf(visit, people) : undefined,
          }),
      total > 0 &&
        people.length > 0 &&
        pager({
          label: text.users.pager,
          position: text.users.range(first, first + people.length - 1, total),
          previous: page > 1 ? { href: href(page - 1), label: text.users.previous } : undefined,
          next: page * pageSize < total ? { href: href(page + 1), label: text.users.next } : undefined,
        }),
      mayChange && people.length > 0 && selectionForm(visit, { filter, total }),
    ],
  });
}

function row(visit: SupportVisit, person: Person): Content[] {
  return [
    cut(person.name, `/users/${person.id}`),
    cut(person.login),
    [visit.text.roles[person.role], stateBadge(visit, person)],
    twoFactorBadge(visit, person),
    lastSignIn(visit, person),
  ];
}

/** Adds a person. */
export function newUserPage(visit: AdministratorVisit, { typed, reason }: { typed?: Form; reason?: string }): Answer {
  const { text } = visit;
  const message = reason === "no_email" ? text.newUser.emailNeeded : reason && text.profile[reason];
  return appPage(visit, {
    title: text.newUser.title,
    isError: reason !== undefined,
    status: reason === undefined ? 200 : 422,
    children: form({
      action: "/users",
      children: [
        message && errorSummary({ title: text.common.problems, errors: [{ message, field: fieldOf(reason) }] }),
        text.newUser.intro,
        ...profileFields(visit, {
          name: typed?.get("name") ?? "",
          login: typed?.get("login") ?? "",
          email: typed?.get("email") ?? "",
          role: typed?.get("role") ?? "person",
          reason,
        }),
        actions(button({ label: text.newUser.submit }), linkButton({ href: "/users", label: text.common.cancel })),
      ],
    }),
  });
}

/** One person: profile, access, and the acts that help or stop them. */
export function userPage(
  visit: SupportVisit,
  {
    person,
    groups,
    lockout,
    rescue,
    reason,
  }: {
    person: Person;
    groups: PersonGroups;
    lockout: Lockout | undefined;
    rescue: RescueStanding;
    reason?: string;
  },
): Answer {
  const { text, session } = visit;
  const { id, role } = session.user;
  const canHelp = reaches(role, person.role) && person.id !== id;
  const message = reason && problem(visit, reason);
  return appPage(visit, {
    title: person.name,
    width: "wide",
    isError: message !== undefined,
    status: message === undefined ? 200 : 422,
    children: [
      message && errorSummary({ title: text.common.problems, errors: [{ message, field: fieldOf(reason) }] }),
      lockout && canHelp && lockoutSection(visit, person, lockout),
      canHelp && rescue.open && openRescue(visit, rescue.open),
      section({ heading: text.person.access, children: access(visit, person, groups.own) }),
      role === "administrator" && [profile(visit, person, reason), groupsSection(visit, person, groups)],
      ...(canHelp
        ? [
            ...help(visit, person, { rescue, reason }),
            role === "administrator" && [requirement(visit, person), entry(visit, person)],
          ]
        : [
            notice({
              kind: "info",
              children: role === "administrator" ? text.person.yourself : text.person.beyondSupport,
            }),
          ]),
    ],
  });
}

function access(visit: SupportVisit, person: Person, groups: GroupName[]): Content {
  const { text, session } = visit;
  const forAdministrators = session.user.role === "administrator";
  const state =
    person.disabledAt !== null ? text.users.disabled : person.hasPassword ? text.person.active : text.person.waiting;
  return [
    facts([
      ...(forAdministrators ? [] : identity(visit, person, groups)),
      { name: text.person.state, value: state },
      { name: text.users.twoFactor, value: twoFactorBadge(visit, person) },
      ...(person.requiredFrom === null
        ? []
        : [
            {
              name: text.person.requiredFrom,
              value: time({ at: person.requiredFrom, style: "date", ...reader(visit) }),
            },
          ]),
      { name: text.users.lastSignIn, value: lastSignIn(visit, person) },
      { name: text.person.created, value: time({ at: person.createdAt, style: "date", ...reader(visit) }) },
    ]),
    reaches(session.user.role, person.role) &&
      actions(
        !person.hasPassword &&
          form({
            action: `/users/${person.id}/invitation`,
            layout: "bare",
            children: button({ label: text.person.inviteAgain, kind: "quiet", icon: "mail" }),
          }),
        person.hasPassword &&
          !person.twoFactor &&
          person.disabledAt === null &&
          person.id !== session.user.id &&
          form({
            action: `/users/${person.id}/two-factor-invitation`,
            layout: "bare",
            children: button({ label: text.person.inviteToTwoFactor, kind: "quiet", icon: "mail" }),
          }),
        linkButton({
          href: forAdministrators
            ? `/events?${new URLSearchParams({ person: person.login })}`
            : `/users/${person.id}/events`,
          label: text.person.eventsLink,
          kind: "quiet",
        }),
      ),
  ];
}

/** What the profile's form shows, for those who cannot change it. */
function identity({ text }: SupportVisit, { login, email, role }: Person, groups: GroupName[]) {
  return [
    { name: text.users.login, value: login },
    { name: text.newUser.email, value: email ?? "–" },
    { name: text.users.role, value: text.roles[role] },
    ...(groups.length === 0
      ? []
      : [
          {
            name: text.groups.title,
            value: text.list(
              groups.map(({ name }) => name),
              "and",
            ),
          },
        ]),
  ];
}

/** The form of the profile; after a refusal with what was typed. */
function profile(visit: SupportVisit, person: Person, reason: string | undefined): Content {
  const { text, form: typed } = visit;
  const own = reason !== undefined && typed.entries.has("login");
  return section({
    heading: text.person.profile,
    intro: text.person.profileIntro,
    children: form({
      action: `/users/${person.id}`,
      children: [
        ...profileFields(visit, {
          name: own ? typed.get("name") : person.name,
          login: own ? typed.get("login") : person.login,
          email: own ? typed.get("email") : (person.email ?? ""),
          role: own ? typed.get("role") : person.role,
          reason,
        }),
        person.id !== visit.session.user.id &&
          person.email !== null &&
          checkboxField({
            name: "old_mailbox_lost",
            label: text.person.oldMailboxLost,
            hint: text.person.oldMailboxLostHint,
            checked: own && typed.get("old_mailbox_lost") === "on",
          }),
        actions(button({ label: text.person.save })),
      ],
    }),
  });
}

function help(
  visit: SupportVisit,
  person: Person,
  { rescue, reason }: { rescue: RescueStanding; reason: string | undefined },
): Content[] {
  const { text } = visit;
  return [
    ...(person.twoFactor ? rescueSections(visit, person, { rescue, reason }) : []),
    section({
      heading: text.person.signOut,
      intro: text.person.signOutIntro,
      children: bareAct(person, { path: "sign-out-everywhere", label: text.person.signOut, kind: "quiet" }),
    }),
  ];
}

/** Whether the policy is not enough for this person. */
function requirement({ text }: SupportVisit, person: Person): Content {
  return section({
    heading: text.person.require,
    intro: text.person.requireIntro,
    children: [
      form({
        action: `/users/${person.id}/require-two-factor`,
        layout: "row",
        children: [requiredFromField(text), actions(button({ label: text.person.requireSubmit, kind: "quiet" }))],
      }),
      person.requiredFrom !== null &&
        bareAct(person, { path: "stop-requiring", label: text.person.stopRequiring, kind: "quiet" }),
    ],
  });
}

/** Whether the person gets in at all. */
function entry({ text }: SupportVisit, person: Person): Content {
  const voiding =
    person.hasPassword &&
    section({
      heading: text.person.voidPassword,
      intro: text.person.voidPasswordIntro,
      children: bareAct(person, { path: "void-password", label: text.person.voidPassword, kind: "quiet" }),
    });
  const disabling =
    person.disabledAt === null
      ? section({
          kind: "danger",
          heading: text.person.disable,
          intro: text.person.disableIntro,
          children: bareAct(person, { path: "disable", label: text.person.disable, kind: "danger" }),
        })
      : section({
          heading: text.person.enable,
          intro: text.person.enableIntro,
          children: bareAct(person, { path: "enable", label: text.person.enable, kind: "quiet" }),
        });
  return [voiding, disabling];
}

function bareAct(
  { id }: Person,
  { path, label, kind }: { path: string; label: string; kind: "quiet" | "danger" },
): Content {
  return form({ action: `/users/${id}/${path}`, layout: "bare", children: button({ label, kind }) });
}

function profileFields(
  visit: SupportVisit,
  typed: { name: string; login: string; email: string; role: string; reason: string | undefined },
): Content[] {
  const { text } = visit;
  const { reason } = typed;
  const errorAt = (field: string) => (reason?.startsWith(`${field}_`) ? text.profile[reason] : undefined);
  return [
    textField({
      name: "name",
      label: text.users.name,
      value: typed.name,
      required: true,
      maxLength: 120,
      error: errorAt("name"),
    }),
    textField({
      name: "login",
      label: text.users.login,
      value: typed.login,
      required: true,
      maxLength: 120,
      error: errorAt("login"),
    }),
    emailField({
      name: "email",
      label: text.newUser.email,
      value: typed.email,
      maxLength: 254,
      error: reason === "no_email" ? text.newUser.emailNeeded : errorAt("email"),
    }),
    selectField({
      name: "role",
      label: text.users.role,
      value: typed.role,
      options: ROLES.map((value) => ({ value, label: text.roles[value] })),
      error: errorAt("role"),
    }),
  ];
}

function problem({ text }: SupportVisit, reason: string): string | undefined {
  const sentences: Record<string, string> = {
    last_administrator: text.person.lastAdministrator,
    yourself: text.person.yourself,
    beyond_support: text.person.beyondSupport,
    reason_missing: text.person.reasonMissing,
    already_accepted: text.person.alreadyAccepted,
    not_enabled: text.person.notEnabled,
  };
  return (
    sentences[reason] ??
    text.rescue.problems[reason] ??
    text.person.obstacles[reason] ??
    text.profile[reason] ??
    text.groups.refusals[reason]
  );
}

function fieldOf(reason: string | undefined): string | undefined {
  const known: Record<string, string> = { reason_missing: "reason", no_email: "email" };
  if (reason === undefined) return undefined;
  return known[reason] ?? (/_(invalid|taken)$/.test(reason) ? reason.replace(/_(invalid|taken)$/, "") : undefined);
}

function stateBadge({ text }: SupportVisit, { disabledAt, hasPassword }: Person): Content {
  if (disabledAt !== null) return [" ", badge({ kind: "disabled", label: text.users.disabled })];
  return !hasPassword && [" ", badge({ kind: "role", label: text.users.invited })];
}

function twoFactorBadge({ text }: SupportVisit, { twoFactor }: Person): Content {
  return badge(twoFactor ? { kind: "on", label: text.users.on } : { kind: "off", label: text.users.off });
}

function lastSignIn(visit: SupportVisit, { lastSignInAt }: Person): Content {
  if (lastSignInAt === null) return visit.text.common.never;
  return time({ at: lastSignInAt, now: visit.auth.now(), style: "relative", ...reader(visit) });
}
