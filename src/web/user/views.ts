import { type Lockout, type Person, type RescueStanding, reaches } from "../../auth.ts";
import { actFields } from "../act-fields.ts";
import type { Answer } from "../answer.ts";
import type { FormProblem } from "../problem.ts";
import type { SupportVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { date } from "../times.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { facts } from "../ui/facts.ts";
import { checkboxField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { notice } from "../ui/notice.ts";
import { section } from "../ui/section.ts";
import { actButton, actionOf } from "./acts.ts";
import { type GroupName, groupsSection, type PersonGroups } from "./groups.ts";
import { lockoutSection } from "./lockout.ts";
import { lastSignIn, profileFields, twoFactorBadge } from "./person.ts";
import { openRescue, rescueSections } from "./rescue.ts";

/** What the page of a user is made from. */
export type ShownUser = {
  person: Person;
  groups: PersonGroups;
  lockout: Lockout | undefined;
  rescue: RescueStanding;
  problem: FormProblem | undefined;
};

/** One user: profile, access, and the acts that help or stop them. */
export function userPage(visit: SupportVisit, { person, groups, lockout, rescue, problem }: ShownUser): Answer {
  const { text, session } = visit;
  const { id, role } = session.user;
  const canHelp = reaches(role, person.role) && person.id !== id;
  const isAdministrator = role === "administrator";
  const isOurs = visit.auth.accounts === "own";
  return appPage(visit, {
    title: person.name,
    width: "wide",
    problem,
    children: [
      lockout && canHelp && lockoutSection(visit, person, lockout),
      canHelp && rescue.open && openRescue(visit, rescue.open),
      section({ heading: text.person.access, children: access(visit, person, groups.own) }),
      isAdministrator && [isOurs && profile(visit, person, problem), groupsSection(visit, person, groups)],
      canHelp
        ? [
            person.twoFactor && rescueSections(visit, person, { rescue, problem }),
            signingOut(visit, person),
            isAdministrator && [requirement(visit, person), isOurs && entry(visit, person)],
          ]
        : notice({ kind: "info", children: isAdministrator ? text.person.yourself : text.person.beyondSupport }),
    ],
  });
}

function access(visit: SupportVisit, person: Person, groups: GroupName[]): Content {
  const { auth, text, session } = visit;
  const forAdministrators = session.user.role === "administrator";
  const hasForm = forAdministrators && auth.accounts === "own";
  const state =
    person.disabledAt !== null ? text.users.disabled : person.hasPassword ? text.person.active : text.person.waiting;
  return [
    facts([
      ...(hasForm ? [] : identity(visit, person, forAdministrators ? [] : groups)),
      { name: text.person.state, value: state },
      { name: text.users.twoFactor, value: twoFactorBadge(visit, person) },
      ...(person.requiredFrom === null
        ? []
        : [{ name: text.person.requiredFrom, value: date(visit, person.requiredFrom) }]),
      { name: text.users.lastSignIn, value: lastSignIn(visit, person) },
      { name: text.person.created, value: date(visit, person.createdAt) },
    ]),
    reaches(session.user.role, person.role) &&
      actions(
        !person.hasPassword &&
          actButton(person.id, "invite", { label: text.person.inviteAgain, kind: "quiet", icon: "mail" }),
        person.hasPassword &&
          !person.twoFactor &&
          person.disabledAt === null &&
          person.id !== session.user.id &&
          actButton(person.id, "invite-to-two-factor", {
            label: text.person.inviteToTwoFactor,
            kind: "quiet",
            icon: "mail",
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
function profile(visit: SupportVisit, person: Person, problem: FormProblem | undefined): Content {
  const { text, form: typed } = visit;
  const isRefused = problem !== undefined && typed.entries.has("login");
  const value = (name: "name" | "login" | "email" | "role") => (isRefused ? typed.get(name) : (person[name] ?? ""));
  const values = { name: value("name"), login: value("login"), email: value("email"), role: value("role") };
  return section({
    heading: text.person.profile,
    intro: text.person.profileIntro,
    children: form({
      action: `/users/${person.id}`,
      children: [
        ...profileFields(visit, values, problem),
        person.id !== visit.session.user.id &&
          person.email !== null &&
          checkboxField({
            name: "old_mailbox_lost",
            label: text.person.oldMailboxLost,
            hint: text.person.oldMailboxLostHint,
            checked: isRefused && typed.get("old_mailbox_lost") === "on",
          }),
        actions(button({ label: text.person.save })),
      ],
    }),
  });
}

function signingOut({ text }: SupportVisit, person: Person): Content {
  return section({
    heading: text.person.signOut,
    intro: text.person.signOutIntro,
    children: actButton(person.id, "sign-out", { label: text.person.signOut, kind: "quiet" }),
  });
}

/** Whether the policy is not enough for this person. */
function requirement(visit: SupportVisit, person: Person): Content {
  const { text } = visit;
  return section({
    heading: text.person.require,
    intro: text.person.requireIntro,
    children: [
      form({
        action: actionOf(person.id, "require-two-factor"),
        layout: "row",
        children: [
          actFields(visit, "require-two-factor", undefined),
          actions(button({ label: text.person.requireSubmit, kind: "quiet" })),
        ],
      }),
      person.requiredFrom !== null &&
        actButton(person.id, "stop-requiring", { label: text.person.stopRequiring, kind: "quiet" }),
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
      children: actButton(person.id, "void-password", { label: text.person.voidPassword, kind: "quiet" }),
    });
  const disabling =
    person.disabledAt === null
      ? section({
          kind: "danger",
          heading: text.person.disable,
          intro: text.person.disableIntro,
          children: actButton(person.id, "disable", { label: text.person.disable, kind: "danger" }),
        })
      : section({
          heading: text.person.enable,
          intro: text.person.enableIntro,
          children: actButton(person.id, "enable", { label: text.person.enable, kind: "quiet" }),
        });
  return [voiding, disabling];
}
