// The program as its operator runs it: a child process whose settings are its environment, and which is heard by the
// lines that it prints. Nothing of the environment of the tests reaches it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent as HttpAgent, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Auth, createAuth } from "../../src/auth.ts";
import { openDatabase } from "../../src/db/open.ts";
import { readKeys } from "../../src/server/keys.ts";
import { type Browser, createBrowser, type Fetcher } from "../../src/testing/browser.ts";
import { createDatabase } from "./postgres.ts";
import { addPerson, contextOf, type Dialect } from "./world.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The bundle that `npm start` runs. */
export const SERVER = join(ROOT, "dist", "server.js");
/** The command that the package installs. */
export const BIN = join(ROOT, "bin", "countersign.js");

/** Before a wait is given up, and its test failed; a busy machine may need most of it. */
const PATIENCE = 60_000;

export type Environment = Readonly<Record<string, string>>;

/** How a process ended. */
export type End = { status: number | null; signal: NodeJS.Signals | null };

/** A process that ended, with all that it said. */
export type Finished = End & { stdout: string; stderr: string };

export type RunOptions = {
  environment?: Environment;
  /** What it reads from its standard input. */
  input?: string;
  /** The words that start it, before the words of the command. Default: this Node.js and the bundle. */
  program?: readonly string[];
  folder?: string;
};

/** Runs a command to its end. */
export async function run(words: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = spawnProgram(words, options);
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  // A command that does not read its input may be gone before it is written.
  child.stdin?.on("error", () => {});
  child.stdin?.end(options.input ?? "");
  const [status, signal] = await once(child, "close");
  return { status, signal, stdout, stderr };
}

/** A server that runs. */
export type ServerProcess = {
  pid: number;
  /** Where it listens. */
  url: string;
  /** All that it said so far. */
  output(): string;
  /** The first match in what it says; rejects if it ends before. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** The path of the set-up link that it printed, if it printed one. */
  setupPath(): string | undefined;
  /** A new browser; with an address, its requests claim to come from there by X-Forwarded-For. */
  browser(options?: { address?: string }): Browser;
  /** Asks it to stop, and waits for its end. */
  stop(): Promise<End>;
  /** Ends it at once, in the middle of whatever it does. */
  kill(): Promise<void>;
  end: Promise<End>;
};

/** Starts a server and waits until it answers. Rejects with what it said if it ends instead. */
export async function startServer(options: RunOptions = {}): Promise<ServerProcess> {
  const child = spawnProgram(["serve"], options);
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      for (const listener of [...listeners]) listener();
    });
  }
  child.stdin?.end();
  let ended = false;
  const end = once(child, "close").then(([status, signal]): End => {
    ended = true;
    for (const listener of [...listeners]) listener();
    return { status, signal };
  });

  const waitFor = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        listeners.delete(look);
        settle();
      };
      const fail = (what: string) =>
        finish(() => reject(new Error(`The server ${what} ${pattern}. It said:\n${output}`)));
      const look = () => {
        const found = pattern.exec(output);
        if (found !== null) finish(() => resolve(found));
        else if (ended) fail("ended without saying");
      };
      const timer = setTimeout(() => fail("does not say"), PATIENCE);
      listeners.add(look);
      look();
    });

  const signal = async (name: NodeJS.Signals) => {
    if (!ended) child.kill(name);
    return end;
  };
  const answers = async () => {
    const [, announced = ""] = await waitFor(/^Countersign serves (\S+)$/m);
    const port = options.environment?.PORT ?? "0";
    const at = port === "0" ? announced : `http://localhost:${port}`;
    await fetcherTo(at)(new Request(`${at}/healthz`));
    return at;
  };
  const url = await answers().catch(async (error: unknown) => {
    await signal("SIGKILL");
    throw error;
  });
  return {
    // A process that said something has an id.
    pid: child.pid as number,
    url,
    output: () => output,
    waitFor,
    setupPath: () => /^Create the first administrator.*(\/setup\?ticket=\S+)$/m.exec(output)?.[1],
    browser: ({ address } = {}) => {
      const headers: Environment = address === undefined ? {} : { "x-forwarded-for": address };
      return createBrowser(fetcherTo(url, { headers }), { publicUrl: url });
    },
    stop: () => signal("SIGTERM"),
    kill: async () => void (await signal("SIGKILL")),
    end,
  };
}

/** A folder, a database and the settings for them: what several starts of the program share. */
export type Installation = {
  folder: string;
  databaseUrl: string;
  environment: Environment;
  /** Starts a server on it, on a port that is free. */
  start(settings?: Environment): Promise<ServerProcess>;
  /** Runs a command on it. */
  run(words: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Opens it from within this process, as another node; the caller closes it. */
  open(): Promise<Auth>;
  /** Adds people who have a password. */
  addPeople(logins: readonly string[], role?: "person" | "administrator"): Promise<void>;
};

/** Makes an installation. Its end also ends the servers that are still running. */
export async function createInstallation(
  dialect: Dialect,
  settings: Environment = {},
): Promise<Installation & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-server-"));
  const database = dialect === "postgres" ? await createDatabase() : undefined;
  const databaseUrl = database?.url ?? `file:${join(folder, "countersign.sqlite")}`;
  const environment = {
    PORT: "0",
    COUNTERSIGN_DATA: folder,
    ...(database === undefined ? {} : { COUNTERSIGN_DATABASE: database.url }),
    ...settings,
  };
  const started: ServerProcess[] = [];

  const keyFile = join(folder, "keys.json");
  const open = () => createAuth({ database: databaseUrl }, { keys: (used) => readKeys(keyFile, used) });
  return {
    folder,
    databaseUrl,
    environment,
    start: async (more = {}) => {
      const server = await startServer({ environment: { ...environment, ...more }, folder });
      started.push(server);
      return server;
    },
    run: (words, options = {}) =>
      run(words, { folder, ...options, environment: { ...environment, ...options.environment } }),
    open,
    addPeople: async (logins, role = "person") => {
      const auth = await open();
      const context = contextOf(auth, await openDatabase(databaseUrl), readKeys(keyFile, true));
      for (const login of logins) await addPerson(context, login, { role });
      await Promise.all([auth.close(), context.db.destroy()]);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(started.map((server) => server.kill()));
      await database?.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type FetcherOptions = {
  /** Headers that every request gets besides its own. */
  headers?: Environment;
  /** The address of this machine that the connection comes from. */
  localAddress?: string;
  /** The certificate to trust, for https. */
  ca?: string;
};

/**
 * Sends requests to a server over the network, wherever their URL points; connections are kept open and used again.
 * Unlike the global `fetch`, it adds nothing that browsers would not, and lets the caller be at another address.
 */
export function fetcherTo(url: string, { headers = {}, localAddress, ca }: FetcherOptions = {}): Fetcher {
  const target = new URL(url);
  const isTls = target.protocol === "https:";
  const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  return async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
    return new Promise<Response>((resolve, reject) => {
      const sent = (isTls ? requestHttps : requestHttp)({
        agent,
        host: target.hostname,
        port: target.port,
        method: request.method,
        path: pathname + search,
        headers: { ...Object.fromEntries(request.headers), ...headers },
        ...(localAddress === undefined ? {} : { localAddress }),
        // The certificate is checked for the server that is meant, whatever Host header the request has.
        ...(ca === undefined ? {} : { ca, servername: target.hostname }),
      });
      sent.on("error", reject);
      sent.on("response", (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const pairs = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
            values.map((value): [string, string] => [name, value]),
          );
          const status = incoming.statusCode ?? 0;
          const content = [204, 303, 304].includes(status) ? null : Buffer.concat(chunks);
          resolve(new Response(content, { status, headers: pairs }));
        });
      });
      sent.end(body);
    });
  };
}

/** A port that nobody listens on now, for what must know its port before it starts. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

function spawnProgram(words: readonly string[], { environment = {}, program, folder }: RunOptions): ChildProcess {
  const [command = process.execPath, ...first] = program ?? [process.execPath, SERVER];
  const { PATH = "", HOME = "", NODE_COMPILE_CACHE } = process.env;
  const cache = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
  if (!existsSync(SERVER)) throw new Error("There is no bundle: run this test by `npm test -- FILE`");
  return spawn(command, [...first, ...words], {
    cwd: folder ?? tmpdir(),
    env: { PATH, HOME, ...cache, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
}
