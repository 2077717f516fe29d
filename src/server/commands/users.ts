// People, from the command line. Whoever can run this has the database and the keys, so no password is asked; every
// act is recorded as the operator's, and the person is told by mail where the pages would tell them.

import { text } from "node:stream/consumers";
import { type ActRefused, type Auth, type Person, ROLES, SHORTEST_PASSWORD } from "../../auth.ts";
import { commands } from "../../text/en/commands.ts";
import { OPERATOR, withAuth } from "../start.ts";
import { type Command, printRows, readWords, UsageError } from "./command.ts";

const words = commands.users;

const add: Command = {
  name: ["users", "add"],
  usage:
    "countersign users add --login LOGIN --name NAME [--email ADDRESS] [--role person|support|administrator] [--password-stdin]",
  help: words.add.help,
  run: async (given) => {
    const { values } = readWords(given, {
      login: { type: "string" },
      name: { type: "string" },
      email: { type: "string" },
      role: { type: "string", default: "person" },
      "password-stdin": { type: "boolean", default: false },
    });
    const { login, name, email } = values;
    const role = ROLES.find((known) => known === values.role);
    if (login === undefined || name === undefined) throw new UsageError(words.add.incomplete);
    if (role === undefined) throw new UsageError(words.add.role);
    const profile = { login, name, email: email ?? null, role } as const;
    return withAuth(async (auth, { publicUrl }) => {
      const authority = auth.operatorAuthority();
      if (values["password-stdin"]) {
        const [password = ""] = (await text(process.stdin)).split(/\r?\n/);
        const added = await auth.people.add({ client: OPERATOR, authority, ...profile, password });
        return added.ok ? say(words.add.added(login)) : refuse(added.reason);
      }
      const invited = await auth.people.invite({ client: OPERATOR, authority, ...profile });
      if (!invited.ok) return refuse(invited.reason);
      if (email !== undefined) return say(words.add.mailed(login, email));
      return say(words.add.handOver(login, `${publicUrl}/invitation?ticket=${invited.ticket}`));
    });
  },
};

const list: Command = {
  name: ["users", "list"],
  usage: "countersign users list [--json]",
  help: words.list.help,
  run: async (given) => {
    const { values } = readWords(given, { json: { type: "boolean", default: false } });
    return withAuth(async (auth) => {
      const people: Person[] = [];
      for (let page = 1, total = 1; people.length < total; page++) {
        const found = await auth.people.list({ reader: auth.operatorAuthority(), filter: {}, page });
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
          twoFactor: values.json ? twoFactor : twoFactor ? words.list.on : words.list.off,
          disabled: values.json ? disabledAt !== null : disabledAt === null ? "" : words.list.disabled,
          lastSignIn: lastSignInAt === null ? null : new Date(lastSignInAt).toISOString(),
        })),
        values.json,
      );
      return 0;
    });
  },
};

const reset: Command = {
  name: ["users", "reset-2fa"],
  usage: "countersign users reset-2fa LOGIN --reason TEXT",
  help: words.reset.help,
  run: async (given) => {
    const { values, positionals } = readWords(given, { reason: { type: "string" } }, 1);
    const { reason } = values;
    if (reason === undefined) throw new UsageError(words.reset.reason);
    return withPerson(positionals[0], async (auth, person) => {
      const wanted = { act: "reset-two-factor", id: person.id, reason } as const;
      const outcome = await auth.people.act({ client: OPERATOR, authority: auth.operatorAuthority(), ...wanted });
      return outcome.ok ? say(words.reset.done(person.login)) : refuse(outcome.reason);
    });
  },
};

export const userCommands: readonly Command[] = [
  add,
  list,
  onPerson("disable"),
  onPerson("enable"),
  reset,
  onPerson("unlock"),
];

/** What can be refused to the operator. */
type OperatorReason = keyof typeof words.refusals | "password_too_short";
/** What cannot: the operator has every authority, is nobody of the people, and asks for no such thing here. */
type Elsewhere = Exclude<ActRefused["reason"], OperatorReason> | "language_invalid" | "time_zone_invalid";

/** A command of the same name as the act. */
function onPerson(act: "disable" | "enable" | "unlock"): Command {
  return {
    name: ["users", act],
    usage: `countersign users ${act} LOGIN`,
    help: words[act].help,
    run: async (given) => {
      const { positionals } = readWords(given, {}, 1);
      return withPerson(positionals[0], async (auth, person) => {
        const outcome = await auth.people.act({
          client: OPERATOR,
          authority: auth.operatorAuthority(),
          act,
          id: person.id,
        });
        return outcome.ok ? say(words[act].done(person.login)) : refuse(outcome.reason);
      });
    },
  };
}

function withPerson(login: string | undefined, work: (auth: Auth, person: Person) => Promise<number>): Promise<number> {
  if (login === undefined) throw new UsageError(words.which);
  return withAuth(async (auth) => {
    const person = await auth.people.findByName({ reader: auth.operatorAuthority(), name: login });
    return person === undefined ? refuse("not_found") : work(auth, person);
  });
}

function say(sentence: string): number {
  console.log(sentence);
  return 0;
}

function refuse(reason: OperatorReason | Elsewhere): number {
  const { refusals, tooShort } = words;
  const sentences: Partial<Record<typeof reason, string>> = {
    ...refusals,
    password_too_short: tooShort(SHORTEST_PASSWORD),
  };
  console.error(sentences[reason] ?? reason);
  return 1;
}
