// Who may read what of the record: administrators everything, those who help somebody what concerns that person, and
// everybody a little of their own past.

import type { Context } from "../../context.ts";
import { type Event, type EventFilter, list as listEvents, listOfSignIns } from "../ground/events.ts";
import { type Account, accountOf } from "../session/account.ts";
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
  const account = await accountOf(context, userId);
  if (account === undefined || !reaches(roleOf(reader), account.user.role)) return undefined;
  const { id, name } = account.user;
  return { person: { id, name }, events: await listEvents(context, { userId, before }, limit) };
}

/** The person's last sign-ins, the newest first. */
export function signIns(context: Context, session: Session): Promise<Event<"sign_in.succeeded">[]> {
  return listOfSignIns(context, session.user.id, "sign_in.succeeded", SHOWN);
}

/** Times when somebody had the right password and no right code, and the person has not said that it was known. */
export async function warnings(context: Context, { user }: Account): Promise<Event<"sign_in.abandoned">[]> {
  const events = await listOfSignIns(context, user.id, "sign_in.abandoned", SHOWN);
  return events.filter((event) => event.at > user.warnings_read_at);
}
