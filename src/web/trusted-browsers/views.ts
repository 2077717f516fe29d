import type { TrustedBrowser } from "../../auth.ts";
import { deviceName } from "../../device.ts";
import type { PersonVisit } from "../route.ts";
import { ago, date } from "../times.ts";
import { actions, button } from "../ui/button.ts";
import { facts } from "../ui/facts.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { items, section } from "../ui/section.ts";

export const END = "/account/security/trusted-browsers/end";
export const END_ALL = "/account/security/trusted-browsers/end-all";

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
  const { text } = visit;
  const device = deviceName(userAgent, text) ?? text.common.unknownDevice;
  return {
    icon: "browser" as const,
    title: device,
    detail: facts([
      { name: text.trustedBrowsers.added, value: date(visit, createdAt) },
      { name: text.trustedBrowsers.lastUsed, value: ago(visit, lastUsedAt) },
      { name: text.trustedBrowsers.until, value: date(visit, expiresAt) },
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
