// Why wrong tries keep a person out, and the way to let them in again.

import type { Lockout, Person } from "../../auth.ts";
import { deviceName } from "../../device.ts";
import type { SupportVisit } from "../route.ts";
import { ago } from "../times.ts";
import { actions } from "../ui/button.ts";
import { facts } from "../ui/facts.ts";
import type { Content } from "../ui/markup.ts";
import { section } from "../ui/section.ts";
import { cut, table } from "../ui/table.ts";
import { actButton } from "./acts.ts";

/** What is used up, where and since when, and the button that opens it. */
export function lockoutSection(visit: SupportVisit, { id }: Person, { locks, origins }: Lockout): Content {
  const { text } = visit;
  const words = text.lockout;
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
          ago(visit, since),
          until === null ? words.untilUnlocked : ago(visit, until),
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
      actions(actButton(id, "unlock", { label: text.person.unlock, kind: "quiet" })),
    ],
  });
}
