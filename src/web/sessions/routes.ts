// Where you are signed in: a section of the page of account security, and what its buttons do.
//
// Which session a button means travels in its form, so no address names one.

import type { OwnSession } from "../../auth.ts";
import { deviceName } from "../../device.ts";
import type { Answer } from "../answer.ts";
import { reader } from "../reader.ts";
import type { ConfirmedVisit, PersonVisit, Route } from "../route.ts";
import { leaveNotice } from "../shell.ts";
import { badge } from "../ui/badge.ts";
import { actions, button } from "../ui/button.ts";
import { facts } from "../ui/facts.ts";
import { form } from "../ui/form.ts";
import type { Markup } from "../ui/markup.ts";
import { items, section } from "../ui/section.ts";
import { time } from "../ui/time.ts";

const END = "/account/security/sessions/end";
const END_OTHERS = "/account/security/sessions/end-others";

export const routes: Route[] = [
  { method: "POST", path: END, who: "person", confirmation: { kind: "first" }, handle: endOne },
  { method: "POST", path: END_OTHERS, who: "person", confirmation: { kind: "first" }, handle: endOthers },
];

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
  const { text, auth } = visit;
  const device = deviceName(userAgent, text) ?? text.common.unknownDevice;
  const ago = (at: number) => time({ at, now: auth.now(), style: "relative", ...reader(visit) });
  return {
    icon: "browser" as const,
    title: device,
    badge: isCurrent ? badge({ kind: "on", label: text.ownSessions.current }) : undefined,
    detail: [
      text.home.signedIn[method],
      facts([
        { name: text.ownSessions.address, value: address },
        { name: text.ownSessions.started, value: ago(createdAt) },
        { name: text.ownSessions.lastSeen, value: ago(lastSeenAt) },
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

async function endOne(visit: ConfirmedVisit): Promise<Answer> {
  const { auth, client, form, session } = visit;
  const outcome = await auth.ownSessions.endOne(client, session, form.get("id"));
  return done(visit, outcome.ok ? "otherEnded" : "otherGone");
}

async function endOthers(visit: ConfirmedVisit): Promise<Answer> {
  const outcome = await visit.auth.ownSessions.endOthers(visit.client, visit.session);
  return done(visit, outcome.ok ? "othersEnded" : "sessionExpired");
}

function done(visit: ConfirmedVisit, notice: string): Answer {
  return leaveNotice(visit, notice, "/account/security");
}
