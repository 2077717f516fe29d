// What is wrong with a form, for the page that shows it again: the page's title, its status and the summary over it
// follow from this (shell.ts), and the field says it, too.

import type { Visit } from "./route.ts";

/** A sentence, and the field where it can be put right. */
export type FormProblem = {
  message: string;
  field?: string | undefined;
  /** Default: 422. The others are no fault of what was typed, and pass. */
  status?: 429 | 503;
  /** When the next try may be made; null: not before somebody opens it. */
  retryAfterSeconds?: number | null;
};

/** What a field says. */
export function errorAt(problem: FormProblem | undefined, field: string): string | undefined {
  return problem?.field === field ? problem.message : undefined;
}

/** Too many tries were made; says when the next may be. */
export function triesUsedUp({ text }: Visit, retryAfterSeconds: number | null, field?: string): FormProblem {
  const message = retryAfterSeconds === null ? text.code.shut : text.wait(retryAfterSeconds);
  return { message, field, status: 429, retryAfterSeconds };
}

/** More wait for the same than can be served now. */
export function busy({ text }: Visit, field?: string): FormProblem {
  return { message: text.busy, field, status: 503 };
}

/** What each refusal of a catalogue says, and the field where it is put right; most are about no field. */
export function problemsOf<R extends string>(
  sentences: Readonly<Record<R, string>>,
  fields?: Readonly<Partial<Record<R, string>>>,
): Record<R, FormProblem> {
  const reasons = Object.keys(sentences) as R[];
  const problems = reasons.map((reason) => [reason, { message: sentences[reason], field: fields?.[reason] }]);
  // One entry for each key.
  return Object.fromEntries(problems) as Record<R, FormProblem>;
}

/** What is wrong with what is entered about a person. */
export function profileRefusals({ text: { profile } }: Visit) {
  return {
    name_invalid: { message: profile.name_invalid, field: "name" },
    login_invalid: { message: profile.login_invalid, field: "login" },
    login_taken: { message: profile.login_taken, field: "login" },
    email_invalid: { message: profile.email_invalid, field: "email" },
    email_taken: { message: profile.email_taken, field: "email" },
    role_invalid: { message: profile.role_invalid, field: "role" },
    language_invalid: { message: profile.language_invalid, field: "language" },
    time_zone_invalid: { message: profile.time_zone_invalid, field: "time_zone" },
  };
}
