// A rule as its form holds it: a field for each point, by the kind of the point. The same fields are read into a rule
// and written from one.

import { POLICY_POINT_NAMES, POLICY_POINTS, type PointName, type Rule, readRule } from "../../auth.ts";
import type { Form } from "../middleware/form.ts";
import type { AdministratorVisit } from "../route.ts";
import { reader } from "../times.ts";
import { dateField, numberField, selectField } from "../ui/field.ts";
import type { Markup } from "../ui/markup.ts";
import { dayOf, startOfDay } from "../ui/time.ts";
import { isOf, wordsFor } from "./said.ts";

/** What the fields hold; one that is empty says nothing about its point. */
export type Typed = Readonly<Partial<Record<PointName, string>>>;

const ALLOWANCES = { no: 0, yes: 1 } as const;

/** What somebody typed. */
export function typedIn(get: Form["get"]): Typed {
  return Object.fromEntries(POLICY_POINT_NAMES.map((name) => [name, get(name).trim()]));
}

/** A rule in the words of its form. */
export function typedOf({ session }: AdministratorVisit, rule: Rule): Typed {
  const write = (name: PointName) => {
    const said = rule[name];
    if (said === null) return "";
    if (isOf("time", name)) return dayOf(Number(said), session.user.timeZone);
    return isOf("allowance", name) ? (said === ALLOWANCES.yes ? "yes" : "no") : String(said);
  };
  return Object.fromEntries(POLICY_POINT_NAMES.map((name) => [name, write(name)]));
}

/** The rule that was typed, if it says what can be said. What cannot be read stays text, which is refused. */
export function ruleIn({ session }: AdministratorVisit, scope: string, typed: Typed): ReturnType<typeof readRule> {
  const read = (name: PointName) => {
    const text = typed[name] ?? "";
    if (text === "") return null;
    if (isOf("number", name)) return /^\d+$/.test(text) ? Number(text) : text;
    if (isOf("time", name)) return startOfDay(text, session.user.timeZone) ?? text;
    if (isOf("allowance", name)) return new Map<string, number>(Object.entries(ALLOWANCES)).get(text) ?? text;
    return text;
  };
  return readRule({ ...Object.fromEntries(POLICY_POINT_NAMES.map((name) => [name, read(name)])), scope });
}

/** The field of a point. */
export function pointField(
  { text }: AdministratorVisit,
  name: PointName,
  { typed, error }: { typed: Typed; error: string | undefined },
): Markup {
  const { points, allowance, nothing } = text.policy;
  const field = { name, label: points[name].label, value: typed[name] ?? "", error };
  if (isOf("number", name)) {
    const limits = POLICY_POINTS[name];
    return numberField({ ...field, hint: points[name].hint(limits), least: limits.least, most: limits.most });
  }
  if (isOf("time", name)) return dateField({ ...field, hint: points[name].hint });
  const choices: Readonly<Record<string, string>> = isOf("allowance", name)
    ? { no: allowance[ALLOWANCES.no], yes: allowance[ALLOWANCES.yes] }
    : points[name].choices;
  const options = Object.entries({ "": nothing, ...choices }).map(([value, label]) => ({ value, label }));
  return selectField({ ...field, options });
}

/** What must be put right in the field of a point. */
export function problemAt({ text }: AdministratorVisit, name: PointName): string {
  const { points } = text.policy;
  return isOf("number", name) ? points[name].problem(POLICY_POINTS[name]) : points[name].problem;
}

/** What a rule says about a point; `undefined` where it says nothing. */
export function saidAt(visit: AdministratorVisit, rule: Rule, name: PointName): string | undefined {
  const said = rule[name];
  return said === null ? undefined : wordsFor({ text: visit.text, reader: reader(visit) }, name, said);
}
