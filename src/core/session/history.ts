// What a person may know of their own account's past.

import type { Context } from "../../context.ts";
import { type Event, listOfKind } from "../ground/events.ts";
import type { Session } from "./sessions.ts";

const SHOWN = 5;

/** The person's last sign-ins, the newest first. */
export function signIns(context: Context, session: Session): Promise<Event<"sign_in.succeeded">[]> {
  return listOfKind(context, session.user.id, "sign_in.succeeded", SHOWN);
}

/** Times when somebody had the right password and no right code, and the person has not said that it was known. */
export async function warnings(context: Context, session: Session): Promise<Event<"sign_in.abandoned">[]> {
  const { warnings_read_at } = await context.db
    .selectFrom("users")
    .select("warnings_read_at")
    .where("id", "=", session.user.id)
    .executeTakeFirstOrThrow();
  const events = await listOfKind(context, session.user.id, "sign_in.abandoned", SHOWN);
  return events.filter((event) => event.at > warnings_read_at);
}
