// How a person is entered and shown to those who help: the fields of their profile, and how they stand in a word or two.

import { type Person, ROLES, type Role } from "../../auth.ts";
import { errorAt, type FormProblem } from "../problem.ts";
import type { SupportVisit } from "../route.ts";
import { ago } from "../times.ts";
import { badge } from "../ui/badge.ts";
import { emailField, selectField, textField } from "../ui/field.ts";
import type { Content } from "../ui/markup.ts";

/** The fields of a profile, with what was typed or what there is. */
export function profileFields(
  { text }: SupportVisit,
  values: Record<"name" | "login" | "email" | "role", string>,
  problem: FormProblem | undefined,
): Content[] {
  const common = (name: keyof typeof values) => ({ name, value: values[name], error: errorAt(problem, name) });
  return [
    textField({ ...common("name"), label: text.users.name, required: true, maxLength: 120 }),
    textField({ ...common("login"), label: text.users.login, required: true, maxLength: 120 }),
    emailField({ ...common("email"), label: text.newUser.email, maxLength: 254 }),
    selectField({
      ...common("role"),
      label: text.users.role,
      options: ROLES.map((value) => ({ value, label: text.roles[value] })),
    }),
  ];
}

/** What the fields say. */
export function profileIn({ form }: SupportVisit) {
  const email = form.get("email").trim();
  // `users` checks the role: whatever else was sent is refused there.
  const role = form.get("role") as Role;
  return { login: form.get("login"), name: form.get("name"), email: email === "" ? null : email, role };
}

/** What keeps somebody from signing in, where anything does. */
export function stateBadge({ text }: SupportVisit, { disabledAt, hasPassword }: Person): Content {
  if (disabledAt !== null) return [" ", badge({ kind: "disabled", label: text.users.disabled })];
  return !hasPassword && [" ", badge({ kind: "role", label: text.users.invited })];
}

/** Whether two-factor authentication is on. */
export function twoFactorBadge({ text }: SupportVisit, { twoFactor }: Person): Content {
  return badge(twoFactor ? { kind: "on", label: text.users.on } : { kind: "off", label: text.users.off });
}

/** When somebody signed in last. */
export function lastSignIn(visit: SupportVisit, { lastSignInAt }: Person): Content {
  return lastSignInAt === null ? visit.text.common.never : ago(visit, lastSignInAt);
}
