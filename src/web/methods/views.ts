import { waysIn } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import type { AdministratorVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { badge } from "../ui/badge.ts";
import { blocks } from "../ui/markup.ts";
import { items, section } from "../ui/section.ts";

/** Each method with what it asks and what it counts as. */
export function methodsPage(visit: AdministratorVisit): Answer {
  const words = visit.text.methods;
  const rules = words.rules(visit.auth.options.trustDays);
  const entries = waysIn(visit.auth.accounts).map((way) => ({
    isLogIn: way.gives === "session",
    title: words.names[way.method],
    badge:
      way.gives === "session"
        ? badge({ kind: way.factors === 2 ? "on" : "off", label: words.factors[way.factors] })
        : badge({ kind: "role", label: words.gives[way.gives] }),
    detail: blocks([
      rules[way.method],
      way.gives === "session" && words.countsAs(words.assurances[way.assurance]),
      words.at(way.at),
    ]),
  }));
  return appPage(visit, {
    title: words.title,
    children: [
      words.intro,
      section({
        heading: words.sessions,
        intro: words.sessionsIntro,
        children: items(entries.filter(({ isLogIn }) => isLogIn)),
      }),
      section({
        heading: words.side,
        intro: words.sideIntro,
        children: items(entries.filter(({ isLogIn }) => !isLogIn)),
      }),
    ],
  });
}
