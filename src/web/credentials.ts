// The fields for a name and a password, wherever somebody shows who they are without a session.

import type { Visit } from "./route.ts";
import { passwordField, textField } from "./ui/field.ts";
import type { Content } from "./ui/markup.ts";

/** `name` is what was typed before, of any length. */
export function nameField({ text }: Visit, { name, autofocus }: { name: string; autofocus: boolean }): Content {
  return textField({
    name: "login",
    label: text.signIn.name,
    value: name.slice(0, 254),
    autocomplete: "username",
    required: true,
    autofocus,
  });
}

/** The name and the password that goes with it. */
export function credentialFields(visit: Visit, given: { name: string; autofocus: boolean }): Content {
  return [
    nameField(visit, given),
    passwordField({
      name: "password",
      label: visit.text.signIn.password,
      autocomplete: "current-password",
      required: true,
    }),
  ];
}
