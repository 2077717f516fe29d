// Events for other programs: JSON lines, one object a line, or CSV (RFC 4180) for spreadsheets. Read a page at a time,
// so the memory it takes does not grow with the record; who exported what is an event itself.

import type { Client, Context } from "../../context.ts";
import { type EventFilter, matching } from "../ground/events.ts";
import { recordOnly } from "../ground/transaction.ts";
import { nextTurn } from "../ground/turns.ts";
import { type AdministratorReader, by } from "../session/authority.ts";
import { head } from "./chain.ts";

export const EXPORT_FORMATS = ["csv", "jsonl"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Which events, and how. */
export type Wanted = { format: ExportFormat; filter: EventFilter };

/** Whole lines of an export, and the id of the event in the last of them. */
export type Piece = { text: string; last: number };

const PAGE = 500;

/** Records the export, and gives the events up to now, the oldest first. */
export async function begin(
  context: Context,
  client: Client,
  reader: AdministratorReader,
  { format, filter }: Wanted,
): Promise<AsyncGenerator<Piece>> {
  const { id } = await head(context);
  const author = by("user" in reader ? { actor: reader.user.id, session: reader.id } : reader);
  const { userId, kind, from, to, after } = filter;
  const details = {
    format,
    ...(kind === undefined ? {} : { kind }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(after === undefined ? {} : { after }),
    ...author.details,
  };
  await recordOnly(context, client, { kind: "events.exported", ...author, user: userId ?? null, details });
  return pieces(context, format, { ...filter, before: id + 1 });
}

async function* pieces({ reports: db }: Context, format: ExportFormat, filter: EventFilter): AsyncGenerator<Piece> {
  let { after = 0 } = filter;
  // Whoever goes on with an export has its first line already.
  if (format === "csv" && filter.after === undefined) yield { text: CSV_START, last: after };
  for (;;) {
    const rows = await matching(db, { ...filter, after })
      .orderBy("events.id")
      .limit(PAGE)
      .execute();
    after = rows.at(-1)?.id ?? after;
    const lines = rows.map((row) => (format === "csv" ? csvLine(factsOf(row)) : `${JSON.stringify(factsOf(row))}\n`));
    if (rows.length > 0) yield { text: lines.join(""), last: after };
    if (rows.length < PAGE) return;
    await nextTurn();
  }
}

type Row = Awaited<ReturnType<ReturnType<typeof matching>["execute"]>>[number];

/** The columns of both formats. With `at` in milliseconds, they are what the hash covers. */
function factsOf(row: Row) {
  return {
    id: row.id,
    at: new Date(row.at).toISOString(),
    kind: row.kind,
    actor_id: row.actor_id,
    actor: row.actor_login,
    user_id: row.user_id,
    user: row.user_login,
    address: row.address,
    user_agent: row.user_agent,
    session_id: row.session_id,
    request_id: row.request_id,
    node: row.node,
    details: JSON.parse(row.details),
    hash: row.hash,
  };
}

/** Spreadsheets take a file for UTF-8 by its byte order mark. */
const CSV_START =
  "\ufeffid,at,kind,actor_id,actor,user_id,user,address,user_agent,session_id,request_id,node,details,hash\r\n";

function csvLine(facts: ReturnType<typeof factsOf>): string {
  const cells = Object.values({ ...facts, details: JSON.stringify(facts.details) });
  return `${cells.map((cell) => csvCell(cell === null ? "" : String(cell))).join(",")}\r\n`;
}

/** What a spreadsheet would take for a formula gets an apostrophe in front, which makes it text there. */
function csvCell(text: string): string {
  const safe = /^[\s\p{C}]*[=+\-@|%＝＋－＠].|^[\t\r\n]/su.test(text) ? `'${text}` : text;
  return /[",\r\n']|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
