import type { Overview, PeopleState } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import type { AdministratorVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { type BadgeKind, badge } from "../ui/badge.ts";
import { actions, linkButton } from "../ui/button.ts";
import { notice } from "../ui/notice.ts";
import { items, section, standing } from "../ui/section.ts";
import { cut } from "../ui/table.ts";

type Concern = Exclude<PeopleState, "two-factor">;

/** What is to be looked into, by its subject. */
const GROUPS = {
  factors: ["no-second-factor", "one-authenticator", "no-recovery-codes"],
  people: ["clock-off", "not-seen"],
} as const satisfies Record<string, readonly Concern[]>;

/** How well people are protected: what is to be looked into, each with the list of those people. */
export function protectionPage(visit: AdministratorVisit, { people, counts, serverAhead }: Overview): Answer {
  const words = visit.text.protection;
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
