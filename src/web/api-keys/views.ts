import { API_KEY_LIFETIMES, API_KEY_NAME_LENGTH, type ApiKey, grantableScopes, type Scope } from "../../auth.ts";
import { tabs } from "../account/views.ts";
import type { Answer } from "../answer.ts";
import { errorAt, type FormProblem } from "../problem.ts";
import type { PersonVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { ago, date } from "../times.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { emptyState } from "../ui/empty-state.ts";
import { facts } from "../ui/facts.ts";
import { checkboxField, selectField, textField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import { type Content, within } from "../ui/markup.ts";
import { notice } from "../ui/notice.ts";
import { secret } from "../ui/secret.ts";
import { items, panel, section } from "../ui/section.ts";

export const PATH = "/account/api-keys";
/** The choice of a key without an end. */
export const NEVER = "never";

/** What is wrong with what was entered for a new key. */
export function refusalsOf({ text: { apiKeys } }: PersonVisit) {
  return {
    name_invalid: { message: apiKeys.name_invalid(API_KEY_NAME_LENGTH), field: "name" },
    scopes_invalid: { message: apiKeys.scopes_invalid, field: "scope_profile_read" },
    expiry_invalid: { message: apiKeys.expiry_invalid, field: "days" },
    too_many_keys: { message: apiKeys.too_many_keys },
  };
}

type Keys = { keys: ApiKey[]; mayBeEndless: boolean; problem: FormProblem | undefined };

/** One's keys, and the form for one more. */
export function keysPage(visit: PersonVisit, { keys, mayBeEndless, problem }: Keys): Answer {
  const { text } = visit;
  const words = text.apiKeys;
  return appPage(visit, {
    title: words.title,
    heading: text.account.title,
    tabs: tabs(visit, PATH),
    width: "wide",
    problem,
    children: [
      section({
        heading: words.heading,
        intro: words.intro,
        children: keys.length === 0 ? emptyState({ sentence: words.none }) : keyList(visit, keys),
      }),
      section({ heading: words.newHeading, intro: words.newIntro, children: newKeyForm(visit, mayBeEndless, problem) }),
    ],
  });
}

function keyList(visit: PersonVisit, keys: ApiKey[]): Content {
  const { text } = visit;
  return items(
    keys.map((key) => ({
      icon: "key",
      title: key.name,
      detail: keyFacts(visit, key),
      actions: form({
        action: `${PATH}/revoke`,
        layout: "bare",
        label: text.apiKeys.revokeNamed(key.name),
        hidden: { key: key.id },
        children: button({ label: text.apiKeys.revoke, kind: "danger" }),
      }),
    })),
  );
}

function keyFacts(visit: PersonVisit, key: ApiKey): Content {
  const { text } = visit;
  const words = text.apiKeys;
  const { lastUsedAt, lastUsedAddress } = key;
  const used =
    lastUsedAt === null
      ? text.common.never
      : lastUsedAddress === null
        ? ago(visit, lastUsedAt)
        : within((when) => words.lastUsedFrom(when, lastUsedAddress), ago(visit, lastUsedAt));
  return facts([
    { name: words.keyShort, value: `cs_…${key.lastFour}` },
    { name: words.scopes, value: scopesOf(visit, key) },
    { name: words.made, value: date(visit, key.createdAt) },
    { name: words.expires, value: key.expiresAt === null ? text.common.never : date(visit, key.expiresAt) },
    { name: words.lastUsed, value: used },
  ]);
}

function newKeyForm(visit: PersonVisit, mayBeEndless: boolean, problem: FormProblem | undefined): Content {
  const { text, auth, session, form: typed } = visit;
  const words = text.apiKeys;
  return form({
    action: PATH,
    hidden: { form_number: auth.apiKeys.newFormNumber() },
    children: [
      textField({
        name: "name",
        label: words.name,
        hint: words.nameHint,
        value: typed.get("name"),
        required: true,
        maxLength: API_KEY_NAME_LENGTH,
        error: errorAt(problem, "name"),
      }),
      ...grantableScopes(session.user).map((scope) =>
        checkboxField({
          name: fieldOf(scope),
          label: words.scope[scope],
          hint: words.scopeHint[scope],
          checked: typed.get(fieldOf(scope)) !== "" || (problem === undefined && scope === "profile:read"),
          error: errorAt(problem, fieldOf(scope)),
        }),
      ),
      selectField({
        name: "days",
        label: words.expiry,
        value: typed.get("days") || "90",
        options: [
          ...API_KEY_LIFETIMES.map((days) => ({ value: String(days), label: words.days[days] })),
          ...(mayBeEndless ? [{ value: NEVER, label: text.common.never }] : []),
        ],
        error: errorAt(problem, "days"),
      }),
      actions(button({ label: words.submit })),
    ],
  });
}

/** The one page that shows a key. */
export function keyPage(visit: PersonVisit, key: string, apiKey: ApiKey): Answer {
  const { text } = visit;
  const words = text.apiKeys;
  return appPage(visit, {
    title: words.onceTitle,
    children: panel([
      notice({ kind: "warning", children: words.once }),
      secret({
        id: "secret",
        label: words.key,
        value: key,
        whole: true,
        copy: text.common.copy,
        copied: text.common.copied,
      }),
      facts([
        { name: words.name, value: apiKey.name },
        { name: words.scopes, value: scopesOf(visit, apiKey) },
        {
          name: words.expires,
          value: apiKey.expiresAt === null ? text.common.never : date(visit, apiKey.expiresAt),
        },
      ]),
      actions(linkButton({ href: PATH, label: words.back })),
    ]),
  });
}

function scopesOf({ text }: PersonVisit, { scopes }: ApiKey): string {
  return text.list(
    scopes.map((scope) => text.apiKeys.scope[scope]),
    "and",
  );
}

/** A form takes each name once, so every scope is a field. */
export function fieldOf(scope: Scope): string {
  return `scope_${scope.replace(":", "_")}`;
}
