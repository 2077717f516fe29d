// The English catalogue, composed of its subjects. A sentence is never glued from parts: what varies is a parameter, and
// plurals, durations and lists come from Intl.

import { account, authenticators, disable, ownSessions, security, trustedBrowsers } from "./en/account.ts";
import { apiKeys } from "./en/api-keys.ts";
import { enrolment, recovery } from "./en/enrolment.ts";
import { events } from "./en/events.ts";
import { invitation, password, profile, setup } from "./en/first-password.ts";
import { groups } from "./en/groups.ts";
import { home, required } from "./en/home.ts";
import { jobs, selection } from "./en/jobs.ts";
import { mails } from "./en/mails.ts";
import { methods } from "./en/methods.ts";
import { done } from "./en/notices.ts";
import { outbox } from "./en/outbox.ts";
import { policy } from "./en/policy.ts";
import { protection } from "./en/protection.ts";
import { rescue } from "./en/rescue.ts";
import { busy, common, errors, roles, wait } from "./en/shared.ts";
import { code, confirm, emailUndo, mailedCode, passwordReset, signIn } from "./en/sign-in.ts";
import { lockout, newUser, person, users } from "./en/users.ts";
import { list, paragraph } from "./en/words.ts";

/** Which way a language is written. */
export type Direction = "ltr" | "rtl";

export const en = {
  language: "en",
  languageName: "English",
  // Wider than this value, so that another catalogue can have the other.
  direction: "ltr" as Direction,
  list,
  paragraph,
  common,
  wait,
  busy,
  roles,
  errors,
  signIn,
  code,
  mailedCode,
  confirm,
  passwordReset,
  emailUndo,
  setup,
  invitation,
  password,
  profile,
  home,
  required,
  account,
  security,
  authenticators,
  trustedBrowsers,
  ownSessions,
  disable,
  enrolment,
  recovery,
  apiKeys,
  policy,
  rescue,
  users,
  newUser,
  person,
  lockout,
  groups,
  selection,
  jobs,
  events,
  protection,
  methods,
  outbox,
  done,
  mails,
};

/** What a catalogue has; English is the pattern of the others. */
export type Text = typeof en;
