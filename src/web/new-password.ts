// The field for a new password, wherever one is chosen: what the server refused and why, and a word while it is typed.

import { SHORTEST_PASSWORD } from "../auth.ts";
import { busy, errorAt, type FormProblem } from "./problem.ts";
import type { Visit } from "./route.ts";
import { passwordField } from "./ui/field.ts";
import type { Content } from "./ui/markup.ts";
import { passwordMeter } from "./ui/meter.ts";

const FIELD = "new_password";

/** `person` is what the page knows of whose password it is; a password made of it is refused. */
export function newPasswordField(
  { text, auth }: Visit,
  { label, problem, person }: { label: string; problem: FormProblem | undefined; person: readonly (string | null)[] },
): Content {
  return [
    passwordField({
      name: FIELD,
      label,
      hint: text.account.newPasswordHint(SHORTEST_PASSWORD),
      autocomplete: "new-password",
      required: true,
      error: errorAt(problem, FIELD),
    }),
    passwordMeter({
      field: FIELD,
      shortest: SHORTEST_PASSWORD,
      words: [...person, auth.options.name, "countersign"],
      label: text.password.meter,
      says: text.password.says,
    }),
  ];
}

/** Why a new password was refused. */
export function passwordRefusals(visit: Visit) {
  const { password } = visit.text;
  const at = (message: string): FormProblem => ({ message, field: FIELD });
  return {
    password_too_short: at(password.password_too_short(SHORTEST_PASSWORD)),
    password_too_long: at(password.password_too_long),
    password_too_common: at(password.password_too_common),
    password_personal: at(password.password_personal),
    password_repeats: at(password.password_repeats),
    password_sequence: at(password.password_sequence),
    password_keys: at(password.password_keys),
    password_easy: at(password.password_easy),
    busy: busy(visit, FIELD),
  };
}
