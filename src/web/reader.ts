import type { EnrollingVisit } from "./route.ts";
import type { Reader } from "./ui/time.ts";

/** How times are shown to the person of a visit. */
export function reader({ session }: Pick<EnrollingVisit, "session">): Reader {
  return { language: session.user.language, zone: session.user.timeZone };
}
