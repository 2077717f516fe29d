// The policy: the rules, the form of one, and its rehearsal, which says what a rule would do before it is saved.

import type { NamedRule } from "../../auth.ts";
import { type Answer, Problem } from "../answer.ts";
import { type AdministratorVisit, type ConfirmedAdministratorVisit, confirmed, type Route } from "../route.ts";
import { settle } from "../settle.ts";
import { leaveNotice } from "../shell.ts";
import { ruleIn, typedIn, typedOf } from "./rule-form.ts";
import { PATH, policyPage, refusalsOf, rulePage } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: PATH, who: "administrator", handle: showPolicy },
  { method: "GET", path: `${PATH}/rule`, who: "administrator", handle: showRule },
  { method: "GET", path: `${PATH}/rehearsal`, who: "administrator", handle: rehearse },
  confirmed("administrator", PATH, save),
];

async function showPolicy(visit: AdministratorVisit): Promise<Answer> {
  return policyPage(visit, await visit.auth.policy.list({ reader: visit.session }));
}

async function showRule(visit: AdministratorVisit): Promise<Answer> {
  const known = await knownRule(visit, visit.query.get("scope") ?? "everyone");
  return rulePage(visit, known, { typed: typedOf(visit, known) });
}

/** Says what the rule of the form would do. */
async function rehearse(visit: AdministratorVisit): Promise<Answer> {
  const { auth, session, query } = visit;
  const known = await knownRule(visit, query.get("scope") ?? "everyone");
  const typed = query.has("remove") ? {} : typedIn((name) => query.get(name) ?? "");
  const read = ruleIn(visit, known.scope, typed);
  return settle(read.ok ? await auth.policy.rehearse({ reader: session, rule: read.rule }) : read, {
    done: (rehearsal) => rulePage(visit, known, { typed, rehearsal }),
    again: (problem) => rulePage(visit, known, { typed, problem }),
    refusals: refusalsOf(visit),
  });
}

async function save(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, authority, client, form } = visit;
  const known = await knownRule(visit, form.get("scope"));
  const typed = typedIn(form.get);
  const read = ruleIn(visit, known.scope, typed);
  return settle(read.ok ? await auth.policy.save({ client, authority, rule: read.rule }) : read, {
    done: () => leaveNotice(visit, "policySaved", PATH),
    again: (problem) => rulePage(visit, known, { typed, problem }),
    refusals: refusalsOf(visit),
  });
}

async function knownRule({ auth, session }: AdministratorVisit, scope: string): Promise<NamedRule> {
  const known = await auth.policy.find({ reader: session, scope });
  if (known === undefined) throw new Problem(404);
  return known;
}
