// better-auth with its twoFactor plugin, set up as its documentation says for production: its Node.js handler,
// node:sqlite or a pool of pg, its own password hash (scrypt) and its own defaults, but for what would only slow it
// down here: telemetry and rate limits are off. Its SQLite has the pragmas that Countersign's has.

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type BetterAuthOptions, betterAuth } from "better-auth";
import { hashPassword, symmetricEncrypt } from "better-auth/crypto";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { twoFactor } from "better-auth/plugins";
import { Pool } from "pg";
import { DEFAULT_PARAMETERS, totp } from "../../src/crypto/totp.ts";
import type { Cores } from "../support/cores.ts";
import { cookiesOf, requestBytes } from "../support/requests.ts";
import { startServer } from "../support/servers.ts";
import { type Contestant, PASSWORD, type Person, type Site } from "./contestant.ts";

const SECRET = "a secret of the bench, of no other use, 8kq2ZtY4";

type Password = NonNullable<BetterAuthOptions["emailAndPassword"]>["password"];

function configure(site: Site, port: number, password: Password = {}) {
  const { database, durable, close } = site.database === undefined ? sqlite(site) : postgres(site.database);
  const auth = betterAuth({
    database,
    secret: SECRET,
    baseURL: `http://localhost:${port}`,
    emailAndPassword: { enabled: true, password },
    plugins: [twoFactor()],
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
  });
  return { auth, durable, close };
}

function sqlite({ folder }: Site) {
  const database = new DatabaseSync(join(folder, "better-auth.sqlite"), { timeout: 5_000 });
  const durable = (yes: boolean) => database.exec(`pragma synchronous = ${yes ? "full" : "off"}`);
  database.exec("pragma journal_mode = wal");
  durable(true);
  return { database, durable, close: async () => database.close() };
}

function postgres(connectionString: string) {
  const database = new Pool({ connectionString });
  return { database, durable: () => {}, close: () => database.end() };
}

/** Makes a database with so many people. */
export async function prepare(site: Site, count: number): Promise<Person[]> {
  // Only here every password is right, since a thousand slow hashes would take minutes.
  const { auth, durable, close } = configure(site, 0, { verify: async () => true });
  await (await getMigrations(auth.options)).runMigrations();
  const { adapter } = await auth.$context;
  const password = await hashPassword(PASSWORD);
  const people: Person[] = [];
  durable(false);
  for (let index = 0; index < count; index++) {
    const name = `person${index}`;
    const email = `${name}@example.org`;
    const secret = randomBytes(16).toString("hex");
    const times = { createdAt: new Date(), updatedAt: new Date() };
    const user = { name, email, emailVerified: true, twoFactorEnabled: true, ...times };
    const { id: userId } = await adapter.create({ model: "user", data: user });
    const account = { userId, accountId: userId, providerId: "credential", password, ...times };
    await adapter.create({ model: "account", data: account });
    const sealed = await symmetricEncrypt({ key: SECRET, data: secret });
    const backupCodes = await symmetricEncrypt({ key: SECRET, data: "[]" });
    await adapter.create({ model: "twoFactor", data: { userId, secret: sealed, backupCodes, verified: true } });
    const { headers } = await auth.api.signInEmail({ body: { email, password: PASSWORD }, asResponse: true });
    const pendingCookie = cookiesOf(
      headers
        .getSetCookie()
        .map((cookie) => `set-cookie: ${cookie}`)
        .join("\r\n"),
    );
    people.push({ name, address: "", secret: Buffer.from(secret), pendingCookie });
  }
  await close();
  return people;
}

/** Starts it and says how its people sign in. */
export async function start({ folder, database }: Site, cores: Cores | undefined): Promise<Contestant> {
  const words = [import.meta.filename, folder, ...(database === undefined ? [] : [database])];
  const server = await startServer({ words, ready: "/api/auth/ok" }, cores);
  const { port } = server;
  return {
    server,
    stepStatus: 200,
    firstStep: ({ name }, password = PASSWORD) => {
      const json = { email: `${name}@example.org`, password };
      return requestBytes({ port, path: "/api/auth/sign-in/email", json });
    },
    secondStep: ({ secret, pendingCookie: cookie }) => {
      const json = { code: totp(secret, Date.now(), DEFAULT_PARAMETERS) };
      return requestBytes({ port, path: "/api/auth/two-factor/verify-totp", cookie, json });
    },
    whoIsThis: (head) => requestBytes({ port, path: "/api/auth/get-session", cookie: cookiesOf(head) }),
  };
}

if (import.meta.main) {
  const port = Number(process.env.PORT);
  const [folder = "", database] = process.argv.slice(2);
  const { auth } = configure({ folder, ...(database === undefined ? {} : { database }) }, port);
  const server = createServer(toNodeHandler(auth)).listen(port, "127.0.0.1");
  process.once("SIGTERM", () => server.close(() => process.exit()).closeAllConnections());
}
