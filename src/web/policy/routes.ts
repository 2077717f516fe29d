// The policy: the rules, the form of one, and its rehearsal, which says what a rule would do before it is saved.

import type { NamedRule } from "../../auth.ts";
import { type Answer, Problem } from "../answer.ts";
import type { AdministratorVisit, ConfirmedAdministratorVisit, Route } from "../route.ts";
import { leaveNotice } from "../shell.ts";
import { ruleIn, typedIn, typedOf } from "./rule-form.ts";
import { PATH, policyPage, rulePage } from "./views.ts";

export const routes: Route[] = [
  { method: "GET", path: PATH, who: "administrator", handle: showPolicy },
  { method: "GET", path: `${PATH}/rule`, who: "administrator", handle: showRule },
  { method: "GET", path: `${PATH}/rehearsal`, who: "administrator", handle: rehearse },
  { method: "POST", path: PATH, who: "administrator", confirmation: { kind: "first" }, handle: save },
];

async function showPolicy(visit: AdministratorVisit): Promise<Answer> {
  return policyPage(visit, await visit.auth.policy.list(visit.session));
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
  if (!read.ok) return rulePage(visit, known, { typed, reason: read.reason });
  const rehearsal = await auth.policy.rehearse(session, read.rule);
  return rulePage(visit, known, rehearsal.ok ? { typed, rehearsal } : { typed, reason: rehearsal.reason });
}

async function save(visit: ConfirmedAdministratorVisit): Promise<Answer> {
  const { auth, client, session, form } = visit;
  const known = await knownRule(visit, form.get("scope"));
  const typed = typedIn(form.get);
  const read = ruleIn(visit, known.scope, typed);
  if (!read.ok) return rulePage(visit, known, { typed, reason: read.reason });
  const outcome = await auth.policy.save(client, auth.authorityOf(session), read.rule);
  if (outcome.ok) return leaveNotice(visit, "policySaved", PATH);
  if (outcome.reason === "no_authority" || outcome.reason === "scope_unknown") throw new Problem(404);
  return rulePage(visit, known, { typed, reason: outcome.reason });
}

async function knownRule({ auth, session }: AdministratorVisit, scope: string): Promise<NamedRule> {
  const known = await auth.policy.find(session, scope);
  if (known === undefined) throw new Problem(404);
  return known;
}
