import type { Authenticator, RecoveryCodes } from "../../auth.ts";
import { choicesOf } from "../../text/text.ts";
import type { Answer } from "../answer.ts";
import { authenticatorList } from "../authenticators/views.ts";
import { confirmationFields } from "../confirmation/views.ts";
import { newPasswordField } from "../new-password.ts";
import { errorAt, type FormProblem } from "../problem.ts";
import { recoveryCodesSection } from "../recovery-codes/views.ts";
import type { PersonVisit } from "../route.ts";
import { appPage, PREFERENCES, SECURITY } from "../shell.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { facts } from "../ui/facts.ts";
import { emailField, selectField, textField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { notice } from "../ui/notice.ts";
import { section, standing } from "../ui/section.ts";

type Preferences = {
  problem?: FormProblem | undefined;
  typed?: { name?: string; email?: string; language?: string; timeZone?: string };
};

/** Name, language and time zone; e-mail address; password. What was typed is kept beside its error. */
export function preferencesPage(visit: PersonVisit, { problem, typed }: Preferences): Answer {
  const { text, session } = visit;
  const { user } = session;
  return appPage(visit, {
    title: text.account.preferences,
    heading: text.account.title,
    tabs: tabs(visit, PREFERENCES),
    width: "wide",
    problem,
    children: [
      section({
        heading: text.account.about,
        intro: text.account.aboutIntro,
        children: form({
          action: PREFERENCES,
          children: [
            facts([{ name: text.account.login, value: user.login }]),
            textField({
              name: "name",
              label: text.account.name,
              value: typed?.name ?? user.name,
              autocomplete: "name",
              required: true,
              maxLength: 120,
              error: errorAt(problem, "name"),
            }),
            selectField({
              name: "language",
              label: text.account.languageLabel,
              value: user.language,
              options: choicesOf(visit.catalogues),
              error: errorAt(problem, "language"),
            }),
            selectField({
              name: "time_zone",
              label: text.account.timeZone,
              value: typed?.timeZone ?? user.timeZone,
              options: timeZones(),
              error: errorAt(problem, "time_zone"),
            }),
            actions(button({ label: text.account.savePreferences })),
          ],
        }),
      }),
      section({
        heading: text.account.emailHeading,
        intro: text.account.emailIntro,
        children: form({
          action: "/account/email",
          children: [
            emailField({
              name: "email",
              label: text.account.email,
              value: typed?.email ?? user.email ?? "",
              autocomplete: "email",
              maxLength: 254,
              error: errorAt(problem, "email"),
            }),
            actions(button({ label: text.account.changeEmail, kind: "quiet" })),
          ],
        }),
      }),
      section({
        id: "password",
        heading: text.account.passwordHeading,
        intro: text.account.passwordIntro,
        children: form({
          action: "/account/password",
          children: [
            ...confirmationFields(visit, { label: text.account.currentPassword, problem }),
            newPasswordField(visit, {
              label: text.account.newPassword,
              problem,
              person: [user.login, user.name, user.email],
            }),
            actions(button({ label: text.account.changePassword, kind: "quiet" })),
          ],
        }),
      }),
    ],
  });
}

/** Two-factor authentication: off with the way to turn it on, or on with the authenticator and recovery codes; `more` follows. */
export function securityPage(
  visit: PersonVisit,
  authenticators: Authenticator[],
  codes: RecoveryCodes | undefined,
  more: Content[],
): Answer {
  const { text } = visit;
  const [first] = authenticators;
  return appPage(visit, {
    title: text.account.security,
    heading: text.account.title,
    tabs: tabs(visit, "/account/security"),
    width: "wide",
    children: [
      section({
        heading: text.security.heading,
        intro: text.security.intro,
        children: first === undefined ? offPanel(visit) : onPanel(visit, authenticators),
      }),
      first && recoveryCodesSection(visit, codes),
      ...more,
    ],
  });
}

function offPanel({ text }: PersonVisit) {
  return [
    standing({ kind: "warning", icon: "shield", title: text.security.off }),
    form({
      action: "/account/security/enrolment",
      children: actions(button({ label: text.security.enable })),
    }),
  ];
}

function onPanel(visit: PersonVisit, authenticators: Authenticator[]) {
  const { text } = visit;
  return [
    standing({ kind: "success", icon: "shield-check", title: text.security.on, children: text.security.onSentence }),
    authenticatorList(visit, authenticators),
    actions(linkButton({ href: "/account/security/disable", label: text.security.disable, kind: "danger" })),
  ];
}

/** What turning it off means, and the password and code that it takes. */
export function disablePage(visit: PersonVisit, problem: FormProblem | undefined): Answer {
  const { text } = visit;
  return appPage(visit, {
    title: text.disable.title,
    problem,
    children: [
      notice({ kind: "warning", children: text.disable.consequences }),
      form({
        action: "/account/security/disable",
        children: [
          ...confirmationFields(visit, { problem, autofocus: true }),
          actions(
            button({ label: text.disable.submit, kind: "danger" }),
            linkButton({ href: "/account/security", label: text.common.cancel }),
          ),
        ],
      }),
    ],
  });
}

/** The parts of My profile. */
export function tabs({ auth, text }: PersonVisit, current: string) {
  return [
    ...(auth.accounts === "own" ? [{ href: PREFERENCES, label: text.account.preferences }] : []),
    { href: SECURITY, label: text.account.security },
    { href: "/account/api-keys", label: text.apiKeys.title },
  ].map((link) => ({ ...link, current: link.href === current }));
}

let zones: { value: string; label: string }[] | undefined;

function timeZones() {
  zones ??= ["UTC", ...Intl.supportedValuesOf("timeZone")]
    .filter((zone, index, all) => all.indexOf(zone) === index)
    .map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));
  return zones;
}
