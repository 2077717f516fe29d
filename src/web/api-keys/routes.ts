// API keys: one's own, and the page that shows a new one, once.
//
// The form carries a number that is good for one key: reloading the page with the key sends the form again, and that
// leads back to the list. The new key is the body of the answer to the form, so it is in no address, cookie or cache.

import { API_KEY_LIFETIMES, API_KEY_NAME_LENGTH, type ApiKey, grantableScopes, type Scope } from "../../auth.ts";
import { tabs } from "../account/views.ts";
import { type Answer, Problem, redirect } from "../answer.ts";
import { clearCookie, setCookie } from "../middleware/cookies.ts";
import { reader } from "../reader.ts";
import type { ConfirmedVisit, PersonVisit, Route } from "../route.ts";
import { appPage, leaveNotice } from "../shell.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { emptyState } from "../ui/empty-state.ts";
import { facts } from "../ui/facts.ts";
import { checkboxField, selectField, textField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import { type Content, within } from "../ui/markup.ts";
import { errorSummary, notice } from "../ui/notice.ts";
import { secret } from "../ui/secret.ts";
import { items, panel, section } from "../ui/section.ts";
import { time } from "../ui/time.ts";

const PATH = "/account/api-keys";
/** The choice of a key without an end. */
const NEVER = "never";

export const routes: Route[] = [
  { method: "GET", path: PATH, who: "person", handle: (visit) => listPage(visit) },
  { method: "POST", path: PATH, who: "person", confirmation: { kind: "first" }, handle: make },
  { method: "POST", path: `${PATH}/revoke`, who: "person", handle: revoke },
];

async function make(visit: ConfirmedVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const outcome = await auth.apiKeys.create(client, session, {
    name: form.get("name"),
    scopes: grantableScopes(session.user).filter((scope) => form.get(fieldOf(scope)) !== ""),
    days: form.get("days") === NEVER ? null : Number(form.get("days")),
    formNumber: form.get("form_number"),
  });
  if (outcome.ok) return keyPage(visit, outcome.key, outcome.apiKey);
  switch (outcome.reason) {
    case "already_made":
      return leaveNotice(visit, "apiKeyMade", PATH);
    case "session_ended":
      return signedOut(visit);
    default:
      return listPage(visit, outcome.reason);
  }
}

async function revoke(visit: PersonVisit): Promise<Answer> {
  const outcome = await visit.auth.apiKeys.revoke(visit.client, visit.session, visit.form.get("key"));
  if (!outcome.ok) {
    if (outcome.reason === "not_found") throw new Problem(404);
    return signedOut(visit);
  }
  return leaveNotice(visit, "apiKeyRevoked", PATH);
}

function signedOut(visit: PersonVisit): Answer {
  visit.setCookies.push(clearCookie("session"), setCookie("notice", "sessionExpired", 60));
  return redirect("/sign-in");
}

type Refusal = "name_invalid" | "scopes_invalid" | "expiry_invalid" | "too_many_keys";

async function listPage(visit: PersonVisit, reason?: Refusal): Promise<Answer> {
  const { text, auth, session } = visit;
  const words = text.apiKeys;
  const [keys, { policy }] = await Promise.all([auth.apiKeys.list(session), visit.account()]);
  const mayBeEndless = policy.endless_keys === 1;
  const problem = reason && {
    message: reason === "name_invalid" ? words.name_invalid(API_KEY_NAME_LENGTH) : words[reason],
    field: {
      name_invalid: "name",
      scopes_invalid: "scope_profile_read",
      expiry_invalid: "days",
      too_many_keys: undefined,
    }[reason],
  };
  return appPage(visit, {
    title: words.title,
    heading: text.account.title,
    tabs: tabs(visit, PATH),
    width: "wide",
    isError: problem !== undefined,
    status: problem === undefined ? 200 : 422,
    children: [
      problem && errorSummary({ title: text.common.problems, errors: [problem] }),
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
  const { text, auth } = visit;
  const words = text.apiKeys;
  const date = (at: number) => time({ at, style: "date", ...reader(visit) });
  const { lastUsedAt, lastUsedAddress } = key;
  const ago = (at: number) => time({ at, now: auth.now(), style: "relative", ...reader(visit) });
  const used =
    lastUsedAt === null
      ? text.common.never
      : lastUsedAddress === null
        ? ago(lastUsedAt)
        : within((when) => words.lastUsedFrom(when, lastUsedAddress), ago(lastUsedAt));
  return facts([
    { name: words.keyShort, value: `cs_…${key.lastFour}` },
    { name: words.scopes, value: scopesOf(visit, key) },
    { name: words.made, value: date(key.createdAt) },
    { name: words.expires, value: key.expiresAt === null ? text.common.never : date(key.expiresAt) },
    { name: words.lastUsed, value: used },
  ]);
}

function newKeyForm(
  visit: PersonVisit,
  mayBeEndless: boolean,
  problem: { message: string; field: string | undefined } | undefined,
): Content {
  const { text, auth, session, form: typed } = visit;
  const words = text.apiKeys;
  const errorAt = (field: string) => (problem?.field === field ? problem.message : undefined);
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
        error: errorAt("name"),
      }),
      ...grantableScopes(session.user).map((scope) =>
        checkboxField({
          name: fieldOf(scope),
          label: words.scope[scope],
          hint: words.scopeHint[scope],
          checked: typed.get(fieldOf(scope)) !== "" || (problem === undefined && scope === "profile:read"),
          error: errorAt(fieldOf(scope)),
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
        error: errorAt("days"),
      }),
      actions(button({ label: words.submit })),
    ],
  });
}

/** The one page that shows a key. */
function keyPage(visit: PersonVisit, key: string, apiKey: ApiKey): Answer {
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
          value:
            apiKey.expiresAt === null
              ? text.common.never
              : time({ at: apiKey.expiresAt, style: "date", ...reader(visit) }),
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
function fieldOf(scope: Scope): string {
  return `scope_${scope.replace(":", "_")}`;
}
