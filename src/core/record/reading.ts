// Who may read what of the record: administrators everything, those who help somebody what concerns that person, and
// everybody a little of their own past.

import type { Context } from "../../context.ts";
import { type Event, type EventFilter, list as listEvents, listOfSignIns } from "../ground/events.ts";
import { type AdministratorReader, reaches, roleOf, type SupportReader } from "../session/authority.ts";
import type { Session } from "../session/sessions.ts";

/** What a person is shown of their own past. */
const SHOWN = 5;

/** What happened in the whole installation, newest first. */
export function list(
  context: Context,
  _reader: AdministratorReader,
  filter: EventFilter,
  limit: number,
): Promise<Event[]> {
  return listEvents(context, filter, limit);
}

/** What a person did and what was done to them, newest first; `undefined` where the reader has no business in it. */
export async function listOf(
  context: Context,
  reader: SupportReader,
  userId: string,
  { before, limit }: { before: number | undefined; limit: number },
): Promise<{ person: { id: string; name: string }; events: Event[] } | undefined> {
  const row = await context.db
    .selectFrom("users")
    .select(["id", "name", "role"])
    .where("id", "=", userId)
    .executeTakeFirst();
  if (row === undefined || !reaches(roleOf(reader), row.role)) return undefined;
  const { id, name } = row;
  return { person: { id, name }, events: await listEvents(context, { userId, before }, limit) };
}

/** The person's last sign-ins, the newest first. */
export function signIns(context: Context, session: Session): Promise<Event<"sign_in.succeeded">[]> {
  return listOfSignIns(context, session.user.id, "sign_in.succeeded", SHOWN);
}

/** Times when somebody had the right password and no right code, and the person has not said that it was known. */
export async function warnings(context: Context, session: Session): Promise<Event<"sign_in.abandoned">[]> {
  const { warnings_read_at } = await context.db
    .selectFrom("users")
    .select("warnings_read_at")
    .where("id", "=", session.user.id)
    .executeTakeFirstOrThrow();
  const events = await listOfSignIns(context, session.user.id, "sign_in.abandoned", SHOWN);
  return events.filter((event) => event.at > warnings_read_at);
}
