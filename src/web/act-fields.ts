// What an act on people asks for in its form, for one person or for many.

import { type Act, needsOf } from "../auth.ts";
import { errorAt, type FormProblem } from "./problem.ts";
import type { SupportVisit } from "./route.ts";
import { selectField, textAreaField } from "./ui/field.ts";
import type { Content, Markup } from "./ui/markup.ts";

const DAYS = [0, 7, 14, 30] as const;
const DAY = 86_400_000;

/** The fields for what an act needs. */
export function actFields(visit: SupportVisit, act: Act, problem: FormProblem | undefined): Content[] {
  const needs = needsOf(act);
  return [
    needs.includes("reason") && reasonField(visit, { name: "reason", label: visit.text.person.reason, problem }),
    needs.includes("from") && daysField(visit),
  ];
}

/** The reason for an act; `name` tells two of a page apart. */
export function reasonField(
  { text, form: typed }: SupportVisit,
  { name, label, problem }: { name: "reason" | "link_reason"; label: string; problem: FormProblem | undefined },
): Markup {
  return textAreaField({
    name,
    label,
    hint: text.person.reasonHint,
    value: typed.get(name),
    required: true,
    maxLength: 500,
    rows: 2,
    error: errorAt(problem, name),
  });
}

/** The day from which something holds. */
function daysField({ text }: SupportVisit): Markup {
  return selectField({
    name: "days",
    label: text.person.from,
    options: DAYS.map((days) => ({ value: String(days), label: text.person.inDays[days] })),
  });
}

/** What a form with such fields says; a day that nobody was offered means at once. */
export function saidIn({ form, auth }: SupportVisit): { reason: string; from: number } {
  const days = DAYS.find((known) => String(known) === form.get("days")) ?? 0;
  return { reason: form.get("reason") || form.get("link_reason"), from: auth.now() + days * DAY };
}

/** That the reason is missing. */
export function reasonMissing({ text, form }: SupportVisit): FormProblem {
  const field = form.entries.has("link_reason") ? "link_reason" : "reason";
  return { message: text.person.reasonMissing, field };
}
