// One user, for administrators, and for support as far as it helps people. Reading takes a sign-in with two factors; every
// change takes a fresh confirmation besides. Each act of the engine has a form here, so none can be forgotten.

import { type Act, type Acted, type ActOf, type ActRefused, acts, isOffered, type SupportAct } from "../../auth.ts";
import { saidIn } from "../act-fields.ts";
import { type Answer, Problem } from "../answer.ts";
import type { FormProblem } from "../problem.ts";
import {
  type ConfirmedAdministratorVisit,
  type ConfirmedSupportVisit,
  confirmed,
  idOf,
  ofOwnAccounts,
  type Route,
  type SupportVisit,
} from "../route.ts";
import { settle } from "../settle.ts";
import { leaveNotice, type Notice } from "../shell.ts";
import { ACT_FORMS, CAME } from "./acts.ts";
import { profileIn } from "./person.ts";
import { actRefusals, groupRefusals, profileRefusals } from "./refusals.ts";
import { shownLinkPage } from "./rescue.ts";
import { userPage } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: "/users/:id", who: "support", handle: (visit) => show(visit) },
  ...ofOwnAccounts(confirmed("administrator", "/users/:id", save)),
  confirmed("administrator", "/users/:id/groups", join),
  confirmed("administrator", "/users/:id/groups/leave", leave),
  // Both links are in one form, whose field says which.
  ...acts()
    .filter(({ act }) => act !== "mail-enrolment-link")
    .flatMap((entry) => (isOffered(entry.act, "host") ? routeOf(entry) : ofOwnAccounts(routeOf(entry)))),
];

function routeOf(entry: ActOf): Route {
  const path = `/users/:id/${ACT_FORMS[entry.act].path}`;
  return entry.who === "support"
    ? confirmed("support", path, (visit) => {
        const { auth, authority, client } = visit;
        const act = chosen(visit, entry.act);
        return settleAct(visit, act, auth.people.act({ client, authority, act, ...wanted(visit) }));
      })
    : confirmed("administrator", path, (visit) => {
        const { auth, authority, client } = visit;
        return settleAct(visit, entry.act, auth.people.act({ client, authority, act: entry.act, ...wanted(visit) }));
      });
}

function chosen({ form }: SupportVisit, act: SupportAct): SupportAct {
  return act === "show-enrolment-link" && form.get("way") === "mailed-link" ? "mail-enrolment-link" : act;
}

function wanted(visit: SupportVisit) {
  return { id: idOf(visit), rescue: visit.form.get("rescue"), ...saidIn(visit) };
}

/** Back to the user with what came of it. A link that is to be handed over is shown, this once. */
async function settleAct(visit: SupportVisit, act: Act, acting: Promise<Acted | ActRefused>): Promise<Answer> {
  return settle(await acting, {
    done: async ({ next, ticket = "" }) => {
      if (next === "link-shown") return showLink(visit, ticket);
      const notice = next === undefined ? ACT_FORMS[act].notice : CAME[next];
      return leaveNotice(visit, notice ?? "saved", `/users/${idOf(visit)}`);
    },
    again: (problem) => show(visit, problem),
    refusals: actRefusals(visit),
  });
}

async function showLink(visit: SupportVisit, ticket: string): Promise<Answer> {
  const person = await visit.auth.people.find({ reader: visit.session, id: idOf(visit) });
  return shownLinkPage(visit, { id: idOf(visit), name: person?.name ?? "", ticket });
}

async function show(visit: SupportVisit, problem?: FormProblem): Promise<Answer> {
  const { auth, session } = visit;
  const id = idOf(visit);
  const person = await auth.people.find({ reader: session, id });
  if (person === undefined) throw new Problem(404);
  const lockout = await auth.lockout.find(session, person);
  const groups = { own: await auth.groups.listOf(session, id), all: await auth.groups.list(session) };
  const rescue = await auth.rescues.find(session, id);
  return userPage(visit, { person, groups, lockout, rescue, problem });
}

async function save(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, authority, client, form } = visit;
  const oldMailboxLost = form.get("old_mailbox_lost") === "on";
  const changed = { id: idOf(visit), ...profileIn(visit), oldMailboxLost };
  return settle(
    await auth.people.change({ client, authority, ...changed }),
    back(visit, "saved", profileRefusals(visit)),
  );
}

async function join(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, authority, client, form } = visit;
  const given = { id: form.get("group"), person: { id: idOf(visit) } };
  const outcome = await auth.groups.addMember(client, authority, given);
  return settle(outcome, back(visit, "memberAdded", groupRefusals(visit)));
}

async function leave(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, authority, client, form } = visit;
  const given = { id: form.get("group"), userId: idOf(visit) };
  const outcome = await auth.groups.removeMember(client, authority, given);
  return settle(outcome, back(visit, "memberRemoved", groupRefusals(visit)));
}

/** Back to the user, with what was done or what was wrong. */
function back<R>(visit: ConfirmedSupportVisit, notice: Notice, refusals: R) {
  return {
    done: () => leaveNotice(visit, notice, `/users/${idOf(visit)}`),
    again: (problem: FormProblem) => show(visit, problem),
    refusals,
  };
}
