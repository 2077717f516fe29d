import type { OwnSession } from "../../auth.ts";
import { deviceName } from "../../device.ts";
import type { PersonVisit } from "../route.ts";
import { ago } from "../times.ts";
import { badge } from "../ui/badge.ts";
import { actions, button } from "../ui/button.ts";
import { facts } from "../ui/facts.ts";
import { form } from "../ui/form.ts";
import type { Markup } from "../ui/markup.ts";
import { items, section } from "../ui/section.ts";

export const END = "/account/security/sessions/end";
export const END_OTHERS = "/account/security/sessions/end-others";

/** The sessions of a person, the current one marked. */
export function ownSessionsSection(visit: PersonVisit, sessions: OwnSession[]): Markup {
  const { text } = visit;
  return section({
    id: "sessions",
    heading: text.ownSessions.heading,
    intro: text.ownSessions.intro,
    children: [
      items(sessions.map((session) => item(visit, session))),
      sessions.length > 1 &&
        form({
          action: END_OTHERS,
          layout: "bare",
          children: actions(button({ label: text.ownSessions.endOthers, kind: "danger" })),
        }),
    ],
  });
}

function item(visit: PersonVisit, { id, isCurrent, method, address, userAgent, createdAt, lastSeenAt }: OwnSession) {
  const { text } = visit;
  const device = deviceName(userAgent, text) ?? text.common.unknownDevice;
  return {
    icon: "browser" as const,
    title: device,
    badge: isCurrent ? badge({ kind: "on", label: text.ownSessions.current }) : undefined,
    detail: [
      text.home.signedIn[method],
      facts([
        { name: text.ownSessions.address, value: address },
        { name: text.ownSessions.started, value: ago(visit, createdAt) },
        { name: text.ownSessions.lastSeen, value: ago(visit, lastSeenAt) },
      ]),
    ],
    actions: isCurrent
      ? undefined
      : form({
          action: END,
          layout: "bare",
          label: text.ownSessions.endOf(device),
          hidden: { id },
          children: button({ label: text.ownSessions.end, kind: "quiet" }),
        }),
  };
}
