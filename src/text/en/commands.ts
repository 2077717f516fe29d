// What the command line says to the operator. It has no reader whose language it could ask for, so there is one
// language of it: that of the documentation and of the log.

import type { Fault, PasswordReason, ProfileReason } from "../../auth.ts";
import { number } from "./words.ts";

/** One event, or several in a row. */
type Range = { id: number; upTo?: number };

export const commands = {
  overview: {
    unknown: (words: string) => `There is no command "${words}". Use one of:`,
    more: "countersign COMMAND --help tells more about one.",
  },
  tooManyWords: (words: string) => `Too many words: ${words}`,
  progress: (share: number, total: number) => `${String(share).padStart(3)} % of ${number(total)}`,

  serve: {
    help: "Serves the pages until it is told to stop.\nSettings come from the environment: see docs/settings.md.",
  },

  users: {
    add: {
      help: `Adds a person.
Without --password-stdin the person gets an invitation by mail; without an address, its link is printed for you to hand
over. With it, the password is the first line of the standard input.`,
      incomplete: "--login and --name are needed",
      role: "--role is person, support or administrator",
      added: (login: string) => `Added ${login}.`,
      mailed: (login: string, email: string) =>
        `Added ${login}. The invitation goes to ${email} from the running server.`,
      handOver: (login: string, link: string) =>
        `Added ${login}. Hand over this link, it works once, within 24 hours: ${link}`,
    },
    list: {
      help: "Lists all people, with their two-factor authentication and last sign-in.",
      on: "on",
      off: "off",
      disabled: "disabled",
    },
    disable: {
      help: "Keeps a person out and signs them out everywhere.",
      done: (login: string) => `Disabled ${login}.`,
    },
    enable: { help: "Lets a disabled person sign in again.", done: (login: string) => `Enabled ${login}.` },
    unlock: {
      help: "Opens what too many wrong codes or passwords have shut.",
      done: (login: string) => `Unlocked ${login}.`,
    },
    reset: {
      help: "Removes the authenticator of somebody who lost the phone.\nTheir sessions end, and they are told by mail. The password stays.",
      reason: "--reason is needed; it is kept with the record of this",
      done: (login: string) => `Reset two-factor authentication of ${login}.`,
    },
    which: "Which login?",
    tooShort: (length: number) => `A password needs at least ${length} characters.`,
    refusals: {
      login_taken: "Somebody already has this login.",
      login_invalid: "A login has at most 120 characters and no spaces.",
      email_taken: "Somebody already has this email address.",
      email_invalid: "That does not look like an email address.",
      name_invalid: "A name has 1 to 120 characters.",
      role_invalid: "A role is person, support or administrator.",
      password_too_long: "A password has at most 256 characters.",
      password_too_common: "That password is on the list of common and leaked passwords.",
      password_personal: "That password is made of the person's name or the name of this site.",
      password_repeats: "That password repeats the same characters.",
      password_sequence: "That password is a sequence such as abc or 123.",
      password_keys: "That password is made of keys that lie beside each other.",
      password_easy: "That password is easy to guess.",
      last_administrator: "This is the last administrator. Make somebody else an administrator first.",
      not_enabled: "Two-factor authentication is not on for this person.",
      reason_missing: "Give a reason with --reason.",
      not_found: "There is no such person.",
      not_allowed: "The people of this database belong to an application: change them there.",
      busy: "The machine is busy. Try again.",
    } satisfies Record<
      | Exclude<ProfileReason, "language_invalid" | "time_zone_invalid">
      | Exclude<PasswordReason, "password_too_short">
      | "last_administrator"
      | "not_enabled"
      | "reason_missing"
      | "not_allowed"
      | "not_found"
      | "busy",
      string
    >,
  },

  verify: {
    help: `Checks that no event was changed, removed, moved or cut off. Exit status 1 at the first that was.
It prints the head of the record. Note it where nobody who can change the database can change it, and give it to
--expect later: the record must still contain it. --since checks only what came after, to go on with a check that was
stopped by Ctrl-C, or to save time.`,
    noted: (option: string) => `${option} is the head as an earlier check printed it, ID:HASH`,
    empty: "Whole: no events.",
    whole: (range: Range) => `Whole: ${named(range, "event")}.`,
    stoppedEmpty: (head: string) => `Stopped. Right so far: no events. Go on with --since ${head}`,
    stopped: (range: Range, head: string) =>
      `Stopped. Right so far: ${named(range, "event")}. Go on with --since ${head}`,
    head: (head: string) => `Head: ${head}`,
    removedBefore: (id: number) => `What came before, up to event ${id}, was removed because of its age.`,
    removedBeforeOldest: (id: number, oldest: string) =>
      `What came before, up to event ${id}, was removed because of its age. The oldest that is kept is of ${oldest}.`,
    faults: {
      changed: (range) =>
        `Not whole. ${named(range)} was changed, put in or moved: it does not follow from the one before it.`,
      missing: (range) => `Not whole. ${named(range)} missing: removed, or moved.`,
      cut_off_at_beginning: (range) => `Not whole. ${named(range)} missing: cut off at the beginning.`,
      cut_off_at_end: (range) => `Not whole. ${named(range)} missing: cut off at the end.`,
      before_beginning: (range) =>
        `Not whole. ${named(range)} stands before the place where the record begins: somebody put it there.`,
      beyond_head: (range) => `Not whole. ${named(range)} stands beyond the head of the record: somebody put it there.`,
      head_changed: (range) => `Not whole. ${named(range)} is the newest, but the head of the record has another hash.`,
      checkpoint_forged: (range) =>
        `Not whole. The record is said to begin after ${named(range)}, but no event tells that what came before was removed because of its age.`,
      not_as_noted: (range) =>
        `Not whole. ${named(range)} has another hash than you noted: it, or something before it, was changed.`,
      removed_by_age: (range) => `Not whole. ${named(range)} was removed because of its age. Give a newer one.`,
    } satisfies Record<Fault["what"], (range: Range) => string>,
  },

  export: {
    help: `Writes events to the standard output, the oldest first, as JSON lines or CSV.
DATE is a day such as 2026-01-31, which --to includes, or a time such as 2026-01-31T12:00Z, which --to does not; both in
UTC. --after goes on after an event that you have already. Making an export is recorded.`,
    format: "--format is jsonl or csv",
    kind: (kind: string) => `There is no kind ${kind}`,
    after: "--after is a number",
    time: (option: string) => `${option} is a day such as 2026-01-31 or a time such as 2026-01-31T12:00Z`,
    nobody: "There is no such person.",
    stopped: (last: number) => `Stopped. Go on with --after ${last}`,
  },

  methods: {
    help: "Lists every way to be let in: what it gives, how sure it is, where its last step is, and its rule.",
  },

  code: {
    help: "Prints the current verification code of a two-factor secret.\nTo try the product without a phone. Spaces in the secret do not matter if it is quoted.",
    secret: "Give the secret in base32, as the page shows it",
  },

  check: {
    help: "Checks settings, keys, database and clock, and changes nothing.\nExit status 1 if something is wrong.",
    ok: (what: string, result: string) => `ok    ${what}: ${result}`,
    wrong: (what: string, problem: string) => `wrong ${what}: ${problem}`,
    serves: (url: string) => `serves ${url}`,
    newDatabase: "sqlite, will be made at the first start",
    pending: (dialect: string, migrations: number) =>
      `${dialect}, ${migrations === 1 ? "1 migration" : `${migrations} migrations`} to do at the next start`,
    upToDate: (dialect: string) => `${dialect}, up to date`,
    keysMatch: "belong to this database",
    newKeys: "will be made at the first start",
    unusedKeys: "readable, not used yet",
    clock: (now: string, seconds: number) => `${now}, within ${seconds} s of the database`,
    clockOff: (seconds: number) => `this machine and the database are ${seconds} s apart; codes would be refused`,
  },

  migrate: {
    help: "Brings the database to the newest schema.\nThe server does the same at start; this is for those who want to do it before.",
    upToDate: "The database is up to date.",
    done: (migrations: readonly string[]) => `Migrated: ${migrations.join(", ")}`,
  },
};

function named({ id, upTo = id }: Range, word = "Event"): string {
  return upTo === id ? `${word} ${id}` : `${word}s ${id} to ${upTo}`;
}
