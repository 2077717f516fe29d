// What serving and the command line share: settings, keys and database, opened and checked in that order.

import { AccountsError, type Auth, createAuth, WrongKeysError } from "../auth.ts";
import type { Client } from "../context.ts";
import { DatabaseError } from "../db/database-error.ts";
import { NewerDatabaseError } from "../db/migrate.ts";
import { type Options, OptionsError } from "../options.ts";
import { LANGUAGES } from "../text/text.ts";
import { KeysFileError, readKeys } from "./keys.ts";
import { readSettings, type Settings } from "./settings.ts";

/** The operator, as the record of events shows them. */
export const OPERATOR: Client = { address: "-", userAgent: "", requestId: "command-line" };

/** Opens everything, by the settings of the environment. */
export async function open(): Promise<{ auth: Auth; settings: Settings }> {
  const settings = readSettings();
  const { publicUrl, database, name, trustDays, eventRetentionDays } = settings;
  // Not a GivenOptions: the compiler asks for every option, so that no setting is read in vain.
  const options: Options = { publicUrl, database, name, trustDays, eventRetentionDays, languages: LANGUAGES };
  const auth = await createAuth(options, {
    keys: (used) => readKeys(settings.keysFile, used),
    log,
  });
  return { auth, settings };
}

/** Opens everything for one command, and closes it. */
export async function withAuth(work: (auth: Auth, settings: Settings) => Promise<number>): Promise<number> {
  const { auth, settings } = await open();
  try {
    return await work(auth, settings);
  } finally {
    await auth.close();
  }
}

/** One line a fact, to standard error; values are quoted, so that no name can forge a line. */
export function log(line: string, details: Record<string, string | number> = {}): void {
  const facts = Object.entries(details).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  process.stderr.write(`${new Date().toISOString()} ${line}${facts.join("")}\n`);
}

/** The words for an error that the operator can mend; `undefined` for one that nobody expected. */
export function expectedProblems(error: unknown): readonly string[] | undefined {
  if (error instanceof OptionsError) return error.problems;
  if (error instanceof AggregateError && error.errors.length > 0) return expectedProblems(error.errors[0]);
  if (!(error instanceof Error)) return undefined;
  const ours = [KeysFileError, WrongKeysError, NewerDatabaseError, DatabaseError, AccountsError];
  if (ours.some((kind) => error instanceof kind)) return [error.message];
  const { code, errcode, port, address } = error as Error & Record<"code" | "errcode" | "port" | "address", unknown>;
  if (code === "EADDRINUSE") return [`Port ${port} is taken: is another server running? Set PORT.`];
  if (code === "EADDRNOTAVAIL") return [`This machine has no address ${address}: set HOST.`];
  if (typeof errcode === "number") return [`The database cannot be used: ${error.message}`];
  // A system call that failed, or a class of SQLSTATE that the operator's settings cause.
  if (typeof code === "string" && /^(E[A-Z]+$|08|28|3D|53|57)/.test(code)) return [error.message];
  return undefined;
}

/** Whether an error passes by itself: the database is busy, restarting or out of connections. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (typeof errcode === "number") return [5, 6, 10, 13].includes(errcode & 0xff);
  if (typeof code === "string") return /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|08|40|53|55P03|57)/.test(code);
  return /timeout exceeded when trying to connect|Query read timeout|Connection terminated|database is (closed|locked)/i.test(
    error.message,
  );
}
