// Browsers that a person trusts: a section of the page of account security, and what its buttons do.

import type { TrustedBrowser } from "../../auth.ts";
import { deviceName } from "../../device.ts";
import type { Answer } from "../answer.ts";
import { reader } from "../reader.ts";
import type { ConfirmedVisit, PersonVisit, Route } from "../route.ts";
import { leaveNotice } from "../shell.ts";
import { actions, button } from "../ui/button.ts";
import { facts } from "../ui/facts.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { items, section } from "../ui/section.ts";
import { time } from "../ui/time.ts";

const END = "/account/security/trusted-browsers/end";
const END_ALL = "/account/security/trusted-browsers/end-all";

export const routes: Route[] = [
  {
    method: "POST",
    path: END,
    who: "person",
    confirmation: { kind: "first" },
    handle: (visit: ConfirmedVisit) => remove(visit, { id: visit.form.get("id") }),
  },
  {
    method: "POST",
    path: END_ALL,
    who: "person",
    confirmation: { kind: "first" },
    handle: (visit: ConfirmedVisit) => remove(visit, "all"),
  },
];

/** The trusted browsers of a person; nothing where there are none. */
export function trustedBrowsersSection(visit: PersonVisit, browsers: TrustedBrowser[]): Content {
  const { text } = visit;
  if (browsers.length === 0) return undefined;
  return section({
    id: "trusted-browsers",
    heading: text.trustedBrowsers.heading,
    intro: text.trustedBrowsers.intro,
    children: [
      items(browsers.map((browser) => item(visit, browser))),
      browsers.length > 1 &&
        form({
          action: END_ALL,
          layout: "bare",
          children: actions(button({ label: text.trustedBrowsers.endAll, kind: "danger" })),
        }),
    ],
  });
}

function item(visit: PersonVisit, { id, userAgent, createdAt, lastUsedAt, expiresAt }: TrustedBrowser) {
  const { text, auth } = visit;
  const device = deviceName(userAgent, text) ?? text.common.unknownDevice;
  const date = (at: number) => time({ at, style: "date", ...reader(visit) });
  return {
    icon: "browser" as const,
    title: device,
    detail: facts([
      { name: text.trustedBrowsers.added, value: date(createdAt) },
      {
        name: text.trustedBrowsers.lastUsed,
        value: time({ at: lastUsedAt, now: auth.now(), style: "relative", ...reader(visit) }),
      },
      { name: text.trustedBrowsers.until, value: date(expiresAt) },
    ]),
    actions: form({
      action: END,
      layout: "bare",
      label: text.trustedBrowsers.endOf(device),
      hidden: { id },
      children: button({ label: text.trustedBrowsers.end, kind: "quiet" }),
    }),
  };
}

async function remove(visit: ConfirmedVisit, which: { id: string } | "all"): Promise<Answer> {
  const outcome = await visit.auth.trustedBrowsers.remove(visit.client, visit.session, which);
  return leaveNotice(visit, outcome.ok ? "trustEnded" : "trustGone", "/account/security");
}
