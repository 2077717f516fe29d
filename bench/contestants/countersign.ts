// Countersign as it is shipped: the bundle, its settings, a database with people in it.

import { join } from "node:path";
import { createAuth } from "../../src/auth.ts";
import { hashPassword } from "../../src/crypto/password.ts";
import { DEFAULT_PARAMETERS, totp } from "../../src/crypto/totp.ts";
import { openDatabase } from "../../src/db/open.ts";
import { readKeys } from "../../src/server/keys.ts";
import type { Cores } from "../support/cores.ts";
import { addPerson, type Kind } from "../support/people.ts";
import { cookiesOf, requestBytes } from "../support/requests.ts";
import { type Program, startServer } from "../support/servers.ts";
import { type Contestant, PASSWORD, type Person, type Site } from "./contestant.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** The program of a site. `bin` starts it with the compile cache; the bundle alone is what `npm start` runs. */
export function program(site: Site, entry: "bin/countersign.js" | "dist/server.js" = "dist/server.js"): Program {
  return {
    words: [join(ROOT, entry), "serve"],
    environment: {
      HOST: "127.0.0.1",
      COUNTERSIGN_DATA: site.folder,
      COUNTERSIGN_DATABASE: databaseUrl(site),
      // Each person comes from an address of their own, as from behind a proxy.
      COUNTERSIGN_TRUSTED_PROXIES: "127.0.0.1",
    },
    ready: "/healthz",
  };
}

/** The file that is the database of a site. */
export function databasePath({ folder }: Site): string {
  return join(folder, "countersign.sqlite");
}

function databaseUrl(site: Site): string {
  return site.database ?? `file:${databasePath(site)}`;
}

/** Makes an installation that was set up, or adds to one; it has so many people more. */
export async function prepare(site: Site, count: number, kind: Kind = {}): Promise<Person[]> {
  const keys = readKeys(join(site.folder, "keys.json"), false);
  const database = databaseUrl(site);
  const opened = await openDatabase(database);
  const auth = await createAuth({ database }, { keys, openDatabase: async () => opened });
  const passwordHash = await hashPassword(PASSWORD);
  const people: Person[] = [];
  await opened.transaction(async ({ db }) => {
    await db.updateTable("installation").set({ set_up_at: Date.now() }).execute();
    for (let index = 0; index < count; index++) {
      people.push(await addPerson(db, { ...kind, keys, index, passwordHash }));
    }
    return { value: undefined, commit: true };
  });
  await auth.close();
  return people;
}

/** Starts it and says how its people sign in. */
export async function start(site: Site, cores: Cores | undefined): Promise<Contestant> {
  const server = await startServer(program(site), cores);
  const { port } = server;
  return {
    server,
    stepStatus: 303,
    firstStep: ({ name, address }, password = PASSWORD) => {
      const form = { login: name, password };
      return requestBytes({ port, path: "/sign-in", form, headers: { "X-Forwarded-For": address } });
    },
    secondStep: ({ secret, address, pendingCookie: cookie }) => {
      const form = { code: totp(secret, Date.now(), DEFAULT_PARAMETERS) };
      return requestBytes({ port, path: "/sign-in/code", cookie, form, headers: { "X-Forwarded-For": address } });
    },
    whoIsThis: (head) => requestBytes({ port, path: "/api/v1/session", cookie: cookiesOf(head) }),
  };
}
