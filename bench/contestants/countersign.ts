// Countersign as it is shipped: the bundle, its settings, a database with people in it.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { createAuth } from "../../src/auth.ts";
import { hashPassword } from "../../src/crypto/password.ts";
import { type Keys, seal } from "../../src/crypto/secret-box.ts";
import { newId, newToken } from "../../src/crypto/token.ts";
import { DEFAULT_PARAMETERS, SECRET_BYTES, totp } from "../../src/crypto/totp.ts";
import { openDatabase } from "../../src/db/open.ts";
import type { Schema } from "../../src/db/schema.ts";
import { readKeys } from "../../src/server/keys.ts";
import type { Cores } from "../support/cores.ts";
import { cookiesOf, requestBytes } from "../support/requests.ts";
import { type Program, startServer } from "../support/servers.ts";
import { type Contestant, PASSWORD, type Person } from "./contestant.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** The program on a folder. `bin` starts it with the compile cache; the bundle alone is what `npm start` runs. */
export function program(folder: string, entry: "bin/countersign.js" | "dist/server.js" = "dist/server.js"): Program {
  return {
    words: [join(ROOT, entry), "serve"],
    environment: {
      HOST: "127.0.0.1",
      COUNTERSIGN_DATA: folder,
      // Each person comes from an address of their own, as from behind a proxy.
      COUNTERSIGN_TRUSTED_PROXIES: "127.0.0.1",
    },
    ready: "/healthz",
  };
}

/** The database in a folder. */
export function databasePath(folder: string): string {
  return join(folder, "countersign.sqlite");
}

/** An installation that was set up, with so many people. */
export async function prepare(folder: string, count: number): Promise<Person[]> {
  const keys = readKeys(join(folder, "keys.json"), false);
  const database = `file:${databasePath(folder)}`;
  const opened = await openDatabase(database);
  const auth = await createAuth({ database }, { keys, openDatabase: async () => opened });
  const passwordHash = await hashPassword(PASSWORD);
  const people: Person[] = [];
  await opened.db.transaction().execute(async (tx) => {
    await tx.updateTable("installation").set({ set_up_at: Date.now() }).execute();
    for (let index = 0; index < count; index++) people.push(await addPerson(tx, keys, { index, passwordHash }));
  });
  await auth.close();
  return people;
}

/** Starts it and says how its people sign in. */
export async function start(folder: string, cores: Cores | undefined): Promise<Contestant> {
  const server = await startServer(program(folder), cores);
  const { port } = server;
  return {
    server,
    stepStatus: 303,
    firstStep: ({ name, address }) => {
      const form = { login: name, password: PASSWORD };
      return requestBytes({ port, path: "/sign-in", form, headers: { "X-Forwarded-For": address } });
    },
    secondStep: ({ secret, address, pendingCookie: cookie }) => {
      const form = { code: totp(secret, Date.now(), DEFAULT_PARAMETERS) };
      return requestBytes({ port, path: "/sign-in/code", cookie, form, headers: { "X-Forwarded-For": address } });
    },
    whoIsThis: (head) => requestBytes({ port, path: "/api/v1/me", cookie: cookiesOf(head) }),
  };
}

/** What an invitation, an enrolment and a right password leave in the database. */
async function addPerson(
  tx: Kysely<Schema>,
  keys: Keys,
  { index, passwordHash: password_hash }: { index: number; passwordHash: string },
): Promise<Person> {
  const id = newId(randomBytes);
  const name = `person${index}`;
  const address = `198.18.${index >> 8}.${index & 255}`;
  const secret = randomBytes(SECRET_BYTES);
  const pending = newToken(randomBytes);
  const now = Date.now();
  const profile = { login: name, name, email: null, role: "person", language: "en", time_zone: "UTC" } as const;
  const never = { disabled_at: null, last_sign_in_at: null, warnings_read_at: 0 };
  const user = { id, ...profile, ...never, password_hash, security_version: 1, created_at: now, search_text: name };
  await tx.insertInto("users").values(user).execute();
  await tx.insertInto("user_names").values({ name, user_id: id, kind: "login" }).execute();
  const place = { table: "authenticators", column: "secret_sealed", row: id, owner: id };
  const sealed = { secret_sealed: seal(keys, place, secret), ...DEFAULT_PARAMETERS, last_step: 0 };
  const app = {
    id,
    user_id: id,
    name: "Authenticator app",
    ...sealed,
    drift_steps: 0,
    created_at: now,
    last_used_at: now,
    goes_at: null,
    replaced_by: null,
  };
  await tx.insertInto("authenticators").values(app).execute();
  const times = { created_at: now, expires_at: now + 600_000, cancelled_at: null };
  const bucket = { bucket: "strangers", wanted_page: "/", address, user_agent: "", misses: 0 };
  const token = {
    id: pending.id,
    chain: pending.id,
    secret_hash: pending.secretHash,
    user_id: id,
    security_version: 1,
  };
  await tx
    .insertInto("pending_sign_ins")
    .values({ ...token, ...bucket, ...times })
    .execute();
  await tx
    .insertInto("rates")
    .values({ key: `address:${address}`, used_until: now + 18_000 })
    .execute();
  return { name, address, secret, pendingCookie: `__Host-countersign-sign-in=${pending.token}` };
}
