// How well people are protected, for administrators: counts, each of which leads to the list of those people.

import type { PeopleState } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import type { AdministratorVisit, Route } from "../route.ts";
import { appPage } from "../shell.ts";
import { type BadgeKind, badge } from "../ui/badge.ts";
import { actions, linkButton } from "../ui/button.ts";
import { notice } from "../ui/notice.ts";
import { items, section, standing } from "../ui/section.ts";
import { cut } from "../ui/table.ts";

export const routes: Route[] = [{ method: "GET", path: "/protection", who: "administrator", handle: protectionPage }];

type Concern = Exclude<PeopleState, "two-factor">;

/** What is to be looked into, by its subject. */
const GROUPS = {
  factors: ["no-second-factor", "one-authenticator", "no-recovery-codes"],
  people: ["clock-off", "not-seen"],
} as const satisfies Record<string, readonly Concern[]>;

async function protectionPage(visit: AdministratorVisit): Promise<Answer> {
  const words = visit.text.protection;
  const { people, counts, serverAhead } = await visit.auth.protection.overview(visit.session);
  const unprotected = counts["no-second-factor"];
  const entries = (states: readonly Concern[]) =>
    items(
      states.map((state) => ({
        title:
          counts[state] === 0
            ? visit.text.users.states[state]
            : cut(visit.text.users.states[state], `/users?state=${state}`),
        badge: badge({ kind: toneOf(state, counts[state]), label: words.people(counts[state]) }),
        detail: words.why[state],
      })),
    );
  return appPage(visit, {
    title: words.title,
    children: [
      serverAhead !== 0 && notice({ kind: "danger", children: words.serverClock(serverAhead) }),
      standing({
        kind: unprotected === 0 ? "success" : "warning",
        icon: unprotected === 0 ? "shield-check" : "shield",
        title: words.share(people - unprotected, people),
        children: words.shareMeans,
      }),
      section({ heading: words.factors, intro: words.factorsIntro, children: entries(GROUPS.factors) }),
      section({ heading: words.others, intro: words.othersIntro, children: entries(GROUPS.people) }),
      section({
        heading: visit.text.methods.title,
        children: [words.methods, actions(linkButton({ href: "/methods", label: words.methodsLink }))],
      }),
    ],
  });
}

/** One app is what most people have, and no reason for alarm. */
function toneOf(state: Concern, people: number): BadgeKind {
  if (people === 0) return "on";
  return state === "one-authenticator" ? "off" : "warning";
}
