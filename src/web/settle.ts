// What becomes of a form: done, or shown again with what is wrong. What each refusal means stands in a table that the
// types keep complete, so no page can forget one.

import type { Refused } from "../outcomes.ts";
import { type Answer, Problem } from "./answer.ts";
import type { FormProblem } from "./problem.ts";

type Outcome = { ok: true } | Refused;
type Succeeded<O extends Outcome> = Extract<O, { ok: true }>;
type Failed<O extends Outcome> = Extract<O, { ok: false }>;
type ReasonOf<O extends Outcome> = Failed<O>["reason"];

/** What is not there, and what is not theirs, is the same to whoever asks. */
type Nowhere = "not_allowed" | "not_found" | "no_authority" | "scope_unknown";

type Come = FormProblem | Answer | Promise<FormProblem | Answer>;

/** What a refusal comes to: the form again with what is wrong, or another page. */
type Refusals<O extends Outcome> = {
  [R in Exclude<ReasonOf<O>, Nowhere>]: FormProblem | ((refused: Extract<O, { reason: R }>) => Come);
} & { [R in Extract<ReasonOf<O>, Nowhere>]?: FormProblem | (() => Come) };

/** Answers a form. What the table has no other word for is not there: 404. */
export async function settle<O extends Outcome>(
  outcome: O,
  ways: {
    done: (outcome: Succeeded<O>) => Answer | Promise<Answer>;
    again: (problem: FormProblem) => Answer | Promise<Answer>;
    refusals: Refusals<O>;
  },
): Promise<Answer> {
  // The compiler does not narrow a type that it does not know yet; the signature has made sure of all this.
  if (outcome.ok) return ways.done(outcome as Succeeded<O>);
  const refusals = ways.refusals as Partial<Record<string, FormProblem | ((refused: Refused) => Come)>>;
  const refusal = refusals[outcome.reason];
  if (refusal === undefined) throw new Problem(404);
  const came = typeof refusal === "function" ? await refusal(outcome) : refusal;
  return "message" in came ? ways.again(came) : came;
}
