import type { Rescue } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import type { AdministratorVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { ago } from "../times.ts";
import { linkButton } from "../ui/button.ts";
import { emptyState } from "../ui/empty-state.ts";
import { cut, table } from "../ui/table.ts";

/** Everything that is open. */
export function rescuesPage(visit: AdministratorVisit, rescues: Rescue[]): Answer {
  const { text } = visit;
  const words = text.rescue;
  return appPage(visit, {
    title: words.listTitle,
    width: "wide",
    children:
      rescues.length === 0
        ? emptyState({
            sentence: words.listNone,
            action: linkButton({ href: "/users", label: words.listEveryone, kind: "quiet" }),
          })
        : table({
            caption: words.listCaption,
            columns: [words.person, words.way, words.askedBy, words.asked, words.state].map((label) => ({ label })),
            rows: rescues.map((rescue) => [
              cut(rescue.person.name, `/users/${rescue.person.id}`),
              words.ways[rescue.way],
              cut(rescue.askedBy?.name ?? words.askedByPerson),
              ago(visit, rescue.askedAt),
              words.states[stateOf(visit, rescue)],
            ]),
          }),
  });
}

function stateOf({ auth }: AdministratorVisit, { readyAt }: Rescue): "approval" | "waiting" | "ready" {
  if (readyAt === null) return "approval";
  return readyAt <= auth.now() ? "ready" : "waiting";
}
