// Moments as whoever is signed in reads them: in their language and time zone.

import type { EnrollingVisit } from "./route.ts";
import type { Markup } from "./ui/markup.ts";
import { type Reader, time } from "./ui/time.ts";

/** How times are shown to the person of a visit. */
export function reader({ session }: Pick<EnrollingVisit, "session">): Reader {
  return { language: session.user.language, zone: session.user.timeZone };
}

/** The day of a moment. */
export function date(visit: EnrollingVisit, at: number): Markup {
  return time({ at, style: "date", ...reader(visit) });
}

/** The day and the minute. */
export function dateTime(visit: EnrollingVisit, at: number): Markup {
  return time({ at, style: "date-time", ...reader(visit) });
}

/** How long ago it was. */
export function ago(visit: EnrollingVisit, at: number): Markup {
  return time({ at, now: visit.auth.now(), style: "relative", ...reader(visit) });
}
