// The record of events, for administrators: to read, and as a file for other programs. Support reads about those whom
// it helps.

import { EVENT_KINDS, type EventKind, EXPORT_FORMATS, type ExportFormat } from "../../auth.ts";
import { type Answer, Problem } from "../answer.ts";
import { newest, READ, wholeNumber } from "../paging.ts";
import { type AdministratorVisit, idOf, type Route, type SupportVisit } from "../route.ts";
import { eventsPage, personEventsPage } from "./views.ts";

const TYPES: Record<ExportFormat, string> = {
  csv: "text/csv; charset=utf-8",
  jsonl: "application/jsonl; charset=utf-8",
};

export const routes: Route[] = [
  { method: "GET", path: "/events", who: "administrator", handle: show },
  { method: "GET", path: "/users/:id/events", who: "support", handle: showPersons },
  { method: "POST", path: "/events/export", who: "administrator", handle: download },
];

async function show(visit: AdministratorVisit): Promise<Answer> {
  const { auth, query, session } = visit;
  const { name, kind, userId, nobody } = await wanted(visit, (field) => query.get(field) ?? "");
  const before = wholeNumber(query.get("before"));
  const found = nobody
    ? []
    : await auth.events.list({ reader: session, filter: { userId, kind, before }, limit: READ });
  return eventsPage(visit, { page: newest(found, before), name, kind, nobody });
}

async function showPersons(visit: SupportVisit): Promise<Answer> {
  const { auth, query, session } = visit;
  const before = wholeNumber(query.get("before"));
  const found = await auth.record.listOf(session, idOf(visit), { before, limit: READ });
  if (found === undefined) throw new Problem(404);
  return personEventsPage(visit, found.person, newest(found.events, before));
}

/** By POST, because it leaves a record, and so that no link of another site can start it. */
async function download(visit: AdministratorVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const format = EXPORT_FORMATS.find((known) => known === form.get("format"));
  const { kind, userId, nobody } = await wanted(visit, (field) => form.get(field));
  if (format === undefined || nobody) throw new Problem(400);
  const pieces = await auth.events.export({ client, reader: session, format, filter: { userId, kind } });
  const day = new Date(auth.now()).toISOString().slice(0, 10);
  const headers = {
    "content-type": TYPES[format],
    "content-disposition": `attachment; filename="events-${day}.${format}"`,
  };
  return { status: 200, body: ReadableStream.from(bytes(pieces)), headers };
}

/** The filter, as the page and the forms on it name it. */
async function wanted({ auth, session }: AdministratorVisit, get: (field: string) => string) {
  const name = get("person").trim();
  const kind = EVENT_KINDS.find((known): known is EventKind => known === get("kind"));
  const person = name === "" ? undefined : await auth.people.findByName({ reader: session, name });
  return { name, kind, userId: person?.id, nobody: name !== "" && person === undefined };
}

async function* bytes(pieces: AsyncGenerator<{ text: string }>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const { text } of pieces) yield encoder.encode(text);
}
