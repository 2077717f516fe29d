import { type Authenticator, MOST_AUTHENTICATORS } from "../../auth.ts";
import type { PersonVisit } from "../route.ts";
import { ago, date, reader } from "../times.ts";
import { actions, button } from "../ui/button.ts";
import { facts } from "../ui/facts.ts";
import { textField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { notice } from "../ui/notice.ts";
import { disclosure } from "../ui/secret.ts";
import { items } from "../ui/section.ts";
import { exactTime } from "../ui/time.ts";

/** Seconds from which a phone's clock is off by more than typing late explains: two steps of most apps. */
const CLOCK_OFF = 60;

/** The list, each with what can be done about it. */
export function authenticatorList(visit: PersonVisit, authenticators: Authenticator[]): Content {
  const living = authenticators.filter(({ goesAt }) => goesAt === null).length;
  return [
    items(authenticators.map((each) => entry(visit, each, { isOnly: authenticators.length === 1 }))),
    living < MOST_AUTHENTICATORS && addForm(visit),
  ];
}

function entry(visit: PersonVisit, each: Authenticator, { isOnly }: { isOnly: boolean }) {
  const { text } = visit;
  const { id, name, createdAt, lastUsedAt, driftSeconds, goesAt } = each;
  const words = text.authenticators;
  return {
    icon: "phone" as const,
    title: name,
    detail: [
      facts([
        { name: text.security.added, value: date(visit, createdAt) },
        { name: text.security.lastUsed, value: ago(visit, lastUsedAt) },
      ]),
      Math.abs(driftSeconds) >= CLOCK_OFF &&
        notice({
          kind: "warning",
          children: driftSeconds < 0 ? words.behind(-driftSeconds) : words.ahead(driftSeconds),
        }),
      goesAt !== null && words.goes(exactTime({ at: goesAt, ...reader(visit) })),
      disclosure({
        summary: words.change(name),
        children: [
          form({
            action: "/account/security/authenticators/rename",
            hidden: { authenticator: id },
            children: [
              textField({
                id: `name-${id}`,
                name: "name",
                label: words.name,
                value: name,
                maxLength: 60,
                required: true,
                autocomplete: "off",
              }),
              actions(button({ label: words.rename, kind: "quiet" })),
            ],
          }),
          goesAt === null &&
            form({
              action: "/account/security/enrolment",
              hidden: { replaces: id },
              children: [words.moveIntro, actions(button({ label: words.move, kind: "quiet" }))],
            }),
          !isOnly &&
            form({
              action: "/account/security/authenticators/remove",
              hidden: { authenticator: id },
              children: [words.removeIntro, actions(button({ label: words.remove, kind: "danger" }))],
            }),
        ],
      }),
    ],
  };
}

function addForm({ text }: PersonVisit): Content {
  return form({
    action: "/account/security/enrolment",
    children: [text.authenticators.addIntro, actions(button({ label: text.authenticators.add, kind: "quiet" }))],
  });
}
