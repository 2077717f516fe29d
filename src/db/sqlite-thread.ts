// SQLite on a thread of its own, for questions that may take long. SQLite answers at once, so on the thread that serves
// a question about a million people would hold up every request until its end.

import type sqlite from "node:sqlite";
import type { SQLInputValue } from "node:sqlite";
import threads from "node:worker_threads";
import type { Answer, Connection, Text } from "./driver.ts";

type Request = { id: number; path: string; sql?: string; values?: readonly unknown[] };
type Reply = { id: number; rows?: unknown[]; error?: { message: string; code: unknown; errcode: unknown } };
type Waiting = { resolve(rows: unknown[]): void; reject(error: Error): void };

/** Reads the SQLite file at `path` on another thread. What is open there is closed at its end. */
export function threadConnection(path: string): Connection & { close(): Promise<void> } {
  return {
    execute: async ({ sql }: Text, values): Promise<Answer> => {
      // A value that was forgotten must not become null.
      if (values.includes(undefined)) throw new TypeError("A parameter is undefined");
      const rows = await ask({ path, sql, values });
      return { rows, changed: rows.length };
    },
    close: async () => {
      if (thread?.paths.has(path)) await ask({ path });
    },
  };
}

/** The one thread of this process, once somebody asked it something. */
let thread: { worker: threads.Worker; waiting: Map<number, Waiting>; paths: Set<string> } | undefined;
let asked = 0;

function ask(request: Omit<Request, "id">): Promise<unknown[]> {
  thread ??= start();
  const { worker, waiting, paths } = thread;
  const id = asked++;
  if (request.sql === undefined) paths.delete(request.path);
  else paths.add(request.path);
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    // The process lives as long as somebody waits for an answer.
    worker.ref();
    worker.postMessage({ ...request, id } satisfies Request);
  });
}

function start() {
  // The text of the function is the program of the thread: so it needs no file, wherever this one is bundled to.
  const program = `(${answer})(require("node:worker_threads"), require("node:sqlite"))`;
  const worker = new threads.Worker(program, { eval: true, name: "reports" });
  const waiting = new Map<number, Waiting>();
  worker.on("message", ({ id, rows, error }: Reply) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    if (error === undefined) resolve?.(rows ?? []);
    else reject?.(Object.assign(new Error(error.message), error));
  });
  const end = (error: Error) => {
    if (thread?.worker === worker) thread = undefined;
    for (const { reject } of waiting.values()) reject(error);
  };
  worker.on("error", end);
  worker.on("exit", () => end(new Error("The thread for reports has ended")));
  return { worker, waiting, paths: new Set<string>() };
}

/** What the thread does. It knows nothing of this file but its types. */
function answer({ parentPort }: typeof threads, { DatabaseSync }: typeof sqlite): void {
  const opened = new Map<string, { database: sqlite.DatabaseSync; statements: Map<string, sqlite.StatementSync> }>();
  const open = (path: string) => {
    const known = opened.get(path);
    if (known !== undefined) return known;
    const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
    const file = { database, statements: new Map<string, sqlite.StatementSync>() };
    opened.set(path, file);
    return file;
  };
  const rowsOf = ({ path, sql, values = [] }: Request): unknown[] => {
    if (sql === undefined) {
      opened.get(path)?.database.close();
      opened.delete(path);
      return [];
    }
    const { database, statements } = open(path);
    const statement = statements.get(sql) ?? database.prepare(sql);
    if (statements.size >= 100) statements.clear();
    statements.set(sql, statement);
    return statement.all(...(values as SQLInputValue[]));
  };
  parentPort?.on("message", (request: Request) => {
    const { id } = request;
    try {
      parentPort.postMessage({ id, rows: rowsOf(request) });
    } catch (error) {
      const { message, code, errcode } = error as Error & { code?: unknown; errcode?: unknown };
      parentPort.postMessage({ id, error: { message, code, errcode } });
    }
  });
}
