// People, from the command line. Whoever can run this has the database and the keys, so no password is asked; every
// act is recorded as the operator's, and the person is told by mail where the pages would tell them.

import { text } from "node:stream/consumers";
import { type Auth, type Person, ROLES } from "../../auth.ts";
import { OPERATOR, withAuth } from "../start.ts";
import { type Command, printRows, readWords, UsageError } from "./command.ts";

const REASONS: Record<string, string> = {
  login_taken: "Somebody already has this login.",
  login_invalid: "A login has at most 120 characters and no spaces.",
  email_taken: "Somebody already has this email address.",
  email_invalid: "That does not look like an email address.",
  name_invalid: "A name has 1 to 120 characters.",
  role_invalid: "A role is person, support or administrator.",
  password_too_short: "A password needs at least 15 characters.",
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
  busy: "The machine is busy. Try again.",
};

const add: Command = {
  name: ["users", "add"],
  usage:
    "countersign users add --login LOGIN --name NAME [--email ADDRESS] [--role person|support|administrator] [--password-stdin]",
  help: `Adds a person.
Without --password-stdin the person gets an invitation by mail; without an address, its link is printed for you to hand
over. With it, the password is the first line of the standard input.`,
  run: async (words) => {
    const { values } = readWords(words, {
      login: { type: "string" },
      name: { type: "string" },
      email: { type: "string" },
      role: { type: "string", default: "person" },
      "password-stdin": { type: "boolean", default: false },
    });
    const { login, name, email } = values;
    const role = ROLES.find((known) => known === values.role);
    if (login === undefined || name === undefined) throw new UsageError("--login and --name are needed");
    if (role === undefined) throw new UsageError("--role is person, support or administrator");
    const profile = { login, name, email: email ?? null, role } as const;
    return withAuth(async (auth, { publicUrl }) => {
      const authority = auth.operatorAuthority();
      if (values["password-stdin"]) {
        const [password = ""] = (await text(process.stdin)).split(/\r?\n/);
        const added = await auth.administration.addPerson(OPERATOR, authority, { ...profile, password });
        return added.ok ? say(`Added ${login}.`) : refuse(added.reason);
      }
      const invited = await auth.administration.invitePerson(OPERATOR, authority, profile);
      if (!invited.ok) return refuse(invited.reason);
      if (email !== undefined) return say(`Added ${login}. The invitation goes to ${email} from the running server.`);
      return say(
        `Added ${login}. Hand over this link, it works once, within 24 hours: ${publicUrl}/invitation?ticket=${invited.ticket}`,
      );
    });
  },
};

const list: Command = {
  name: ["users", "list"],
  usage: "countersign users list [--json]",
  help: "Lists all people, with their two-factor authentication and last sign-in.",
  run: async (words) => {
    const { values } = readWords(words, { json: { type: "boolean", default: false } });
    return withAuth(async (auth) => {
      const people: Person[] = [];
      for (let page = 1, total = 1; people.length < total; page++) {
        const found = await auth.administration.listPeople(auth.operatorAuthority(), {}, page);
        if (found.people.length === 0) break;
        people.push(...found.people);
        total = found.total;
      }
      printRows(
        people.map(({ login, name, email, role, twoFactor, disabledAt, lastSignInAt }) => ({
          login,
          name,
          email,
          role,
          twoFactor: values.json ? twoFactor : twoFactor ? "on" : "off",
          disabled: values.json ? disabledAt !== null : disabledAt === null ? "" : "disabled",
          lastSignIn: lastSignInAt === null ? null : new Date(lastSignInAt).toISOString(),
        })),
        values.json,
      );
      return 0;
    });
  },
};

const disable = onPerson(
  "disable",
  "Keeps a person out and logs them out everywhere.",
  (auth, { id }) => auth.administration.disablePerson(OPERATOR, auth.operatorAuthority(), id),
  "Disabled",
);

const enable = onPerson(
  "enable",
  "Lets a disabled person sign in again.",
  (auth, { id }) => auth.administration.enablePerson(OPERATOR, auth.operatorAuthority(), id),
  "Enabled",
);

const unlock = onPerson(
  "unlock",
  "Opens what too many wrong codes or passwords have shut.",
  (auth, { id }) => auth.administration.unlockPerson(OPERATOR, auth.operatorAuthority(), id),
  "Unlocked",
);

const reset: Command = {
  name: ["users", "reset-2fa"],
  usage: "countersign users reset-2fa LOGIN --reason TEXT",
  help: "Removes the authenticator of somebody who lost the phone.\nTheir sessions end, and they are told by mail. The password stays.",
  run: async (words) => {
    const { values, positionals } = readWords(words, { reason: { type: "string" } }, 1);
    const { reason } = values;
    if (reason === undefined) throw new UsageError("--reason is needed; it is kept with the record of this");
    return withPerson(positionals[0], async (auth, person) => {
      const given = { id: person.id, way: "reset", reason } as const;
      const outcome = await auth.rescues.ask(OPERATOR, auth.operatorAuthority(), given);
      return outcome.ok ? say(`Reset two-factor authentication of ${person.login}.`) : refuse(outcome.reason);
    });
  },
};

export const userCommands: readonly Command[] = [add, list, disable, enable, reset, unlock];

type Outcome = { ok: true } | { ok: false; reason: string };

function onPerson(
  word: string,
  help: string,
  act: (auth: Auth, person: Person) => Promise<Outcome>,
  done: string,
): Command {
  return {
    name: ["users", word],
    usage: `countersign users ${word} LOGIN`,
    help,
    run: async (words) => {
      const { positionals } = readWords(words, {}, 1);
      return withPerson(positionals[0], async (auth, person) => {
        const outcome = await act(auth, person);
        return outcome.ok ? say(`${done} ${person.login}.`) : refuse(outcome.reason);
      });
    },
  };
}

function withPerson(login: string | undefined, work: (auth: Auth, person: Person) => Promise<number>): Promise<number> {
  if (login === undefined) throw new UsageError("Which login?");
  return withAuth(async (auth) => {
    const person = await auth.administration.findPersonByName(auth.operatorAuthority(), login);
    return person === undefined ? refuse("not_found") : work(auth, person);
  });
}

function say(sentence: string): number {
  console.log(sentence);
  return 0;
}

function refuse(reason: string): number {
  console.error(REASONS[reason] ?? reason);
  return 1;
}
