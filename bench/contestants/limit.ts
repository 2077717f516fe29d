// The limit: the rows that one second step of Countersign writes, into a database with Countersign's own schema, and
// nothing else. No framework, no query builder, no check, no record of the sender; but the same two commits a step, as
// "charged before checked" demands, WAL with synchronous=FULL, and transactions that arrive together share a commit.

import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { DatabaseSync } from "node:sqlite";
import type { Cores } from "../support/cores.ts";
import { requestBytes } from "../support/requests.ts";
import { startServer } from "../support/servers.ts";
import type { SecondStep } from "./contestant.ts";

/** Starts it on a database that Countersign made, with people who have taken the first step. */
export async function start(database: string, cores: Cores | undefined): Promise<SecondStep> {
  const server = await startServer({ words: [import.meta.filename, database], ready: "/" }, cores);
  const { port } = server;
  return {
    server,
    stepStatus: 303,
    secondStep: ({ address, pendingCookie: cookie }) =>
      requestBytes({
        port,
        path: "/sign-in/code",
        cookie,
        form: { code: "0" },
        headers: { "X-Forwarded-For": address },
      }),
  };
}

function serve(path: string, port: number): void {
  const database = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: true });
  database.exec("pragma journal_mode = wal; pragma synchronous = full");
  const durably = sharedCommits(database);
  const { charge, enter } = steps(database);
  const handle = async ({ headers, method }: IncomingMessage, response: ServerResponse) => {
    if (method !== "POST") return response.end();
    const pending = /sign-in=([^.]+)/.exec(headers.cookie ?? "")?.[1] ?? "";
    const address = String(headers["x-forwarded-for"]);
    await durably(() => charge(pending));
    const session = await durably(() => enter(pending, address));
    return response.writeHead(303, { location: "/", "set-cookie": `session=${session}`, "content-length": 0 }).end();
  };
  const server = createServer((request, response) => void handle(request, response)).listen(port, "127.0.0.1");
  process.once("SIGTERM", () => server.close(() => process.exit()).closeAllConnections());
}

/** Runs what arrives in one turn of the event loop in one transaction; resolves after its commit. */
function sharedCommits(database: DatabaseSync) {
  const [begin, commit] = [database.prepare("begin immediate"), database.prepare("commit")];
  let waiting: (() => () => void)[] = [];
  const flush = () => {
    const together = waiting;
    waiting = [];
    begin.run();
    const acknowledge = together.map((run) => run());
    commit.run();
    for (const tell of acknowledge) tell();
  };
  return <T>(work: () => T) =>
    new Promise<T>((resolve) => {
      waiting.push(() => {
        const result = work();
        return () => resolve(result);
      });
      if (waiting.length === 1) setImmediate(flush);
    });
}

/** The charge of an attempt, and what a right code leaves behind. */
function steps(database: DatabaseSync) {
  const find = database.prepare("select user_id, bucket from pending_sign_ins where id = ?");
  const attempt = database.prepare(
    "insert into attempts (subject, bucket, kind, misses, blocked_until, first_at, last_at) values (?, ?, 'code', 1, 0, ?, ?)",
  );
  const spend = database.prepare("delete from pending_sign_ins where id = ?");
  const step = database.prepare("update authenticators set last_step = ?, last_used_at = ? where user_id = ?");
  const signedIn = database.prepare("update users set last_sign_in_at = ? where id = ?");
  const know = database.prepare(
    `insert into known_browsers (id, secret_hash, user_id, user_agent, created_at, last_used_at)
     values (?, ?, ?, ?, ?, ?)`,
  );
  const issue = database.prepare(
    `insert into sessions (id, secret_hash, user_id, security_version, method, known_browser_id, address, user_agent,
       created_at, last_seen_at, expires_at, confirmed_at)
     values (?, ?, ?, 1, 'password+code', ?, ?, ?, ?, ?, ?, ?)`,
  );
  const forgive = database.prepare("delete from attempts where subject = ? and bucket = ?");
  const refund = database.prepare("update rates set used_until = used_until - 18000 where key = ?");
  const number = database.prepare("update event_head set last_event = last_event + 1, hash = ? returning last_event");
  const record = database.prepare(
    `insert into events (id, at, kind, actor_id, user_id, session_id, address, user_agent, request_id, node, details, hash)
     values (?, ?, 'sign_in.succeeded', ?, ?, ?, ?, ?, ?, 'limit', '{"method":"password+code","assurance":"password + code"}', ?)`,
  );
  const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

  const whose = (pending: string) => find.get(pending) as { user_id: string; bucket: string };
  return {
    charge: (pending: string) => {
      const { user_id, bucket } = whose(pending);
      const now = Date.now();
      attempt.run(user_id, bucket, now, now);
    },
    enter: (pending: string, address: string) => {
      const { user_id: user, bucket } = whose(pending);
      const [session, browser] = [newId(), newId()];
      const now = Date.now();
      spend.run(pending);
      step.run(Math.floor(now / 30_000), now, user);
      signedIn.run(now, user);
      know.run(browser, newHash(), user, agent, now, now);
      issue.run(session, newHash(), user, browser, address, agent, now, now, now + 86_400_000, now);
      forgive.run(user, bucket);
      refund.run(`address:${address}`);
      const hash = newHash();
      const head = number.get(hash) as { last_event: number };
      record.run(head.last_event, now, user, user, session, address, agent, newId(), hash);
      return session;
    },
  };
}

const newId = () => randomBytes(12).toString("base64url");
const newHash = () => randomBytes(32).toString("base64url");

if (import.meta.main) serve(process.argv[2] ?? "", Number(process.env.PORT));
