// Why wrong tries keep a person out, and the way to let them in again.

import type { Lockout, Person } from "../../auth.ts";
import { deviceName } from "../../device.ts";
import { reader } from "../reader.ts";
import type { SupportVisit } from "../route.ts";
import { actions, button } from "../ui/button.ts";
import { facts } from "../ui/facts.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { section } from "../ui/section.ts";
import { cut, table } from "../ui/table.ts";
import { time } from "../ui/time.ts";

/** What is used up, where and since when, and the button that opens it. */
export function lockoutSection(visit: SupportVisit, { id }: Person, { locks, origins }: Lockout): Content {
  const { text, auth } = visit;
  const words = text.lockout;
  const at = (moment: number) => time({ at: moment, now: auth.now(), style: "relative", ...reader(visit) });
  const passwordIsKnown = locks.some(({ kind }) => ["code", "recovery-code", "mailed-code"].includes(kind));
  return section({
    heading: words.heading,
    intro: passwordIsKnown ? words.withPassword : words.withoutPassword,
    children: [
      table({
        caption: words.heading,
        columns: [
          { label: words.what },
          { label: words.where },
          { label: words.misses, kind: "end" },
          { label: words.since },
          { label: words.until },
        ],
        rows: locks.map(({ kind, browser, misses, since, until }) => [
          words.kinds[kind],
          browser === null ? words.strangers : cut(words.known(deviceName(browser, text))),
          misses,
          at(since),
          until === null ? words.untilUnlocked : at(until),
        ]),
      }),
      origins.length > 0 &&
        facts([
          {
            name: words.origins,
            value: text.list(
              origins.map(({ address, tries }) => words.origin(address, tries)),
              "and",
            ),
          },
        ]),
      form({
        action: `/users/${id}/unlock`,
        layout: "bare",
        children: actions(button({ label: text.person.unlock, kind: "quiet" })),
      }),
    ],
  });
}
