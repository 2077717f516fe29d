// The gate for programs. A key is read from the Authorization header and from nowhere else, and only on routes for
// programs: on every other route the header means nothing, so a key opens no page. A request with a key and one of our
// cookies has two owners, and is refused rather than guessed at.

import type { Program } from "../../auth.ts";
import type { Answer } from "../answer.ts";
import { tooMany } from "../answer.ts";
import type { ProgramRoute, Visit } from "../route.ts";
import { type KeyProblem, keyProblem } from "./errors.ts";

/** Gives back who asks, or the answer that says why nobody may. */
export async function admitProgram(
  { auth, client, cookies }: Visit,
  route: ProgramRoute,
  authorization: string | null,
): Promise<{ program: Program } | Answer> {
  const refuse = (problem: KeyProblem) => keyProblem(problem, client.requestId, route.scope);
  // Other schemes are for a proxy on the way.
  const presented = /^bearer(?: +(.*))?$/i.exec(authorization ?? "");
  if (presented === null) return refuse("not_signed_in");
  if (Object.keys(cookies).length > 0) return refuse("invalid_request");
  const outcome = await auth.apiKeys.authenticate(client, presented[1] ?? "");
  if (outcome.ok) {
    const { program } = outcome;
    return program.key.scopes.includes(route.scope) ? { program } : refuse("insufficient_scope");
  }
  if (outcome.reason === "key_invalid") return refuse("invalid_token");
  return tooMany(refuse("too_many_requests"), outcome.retryAfterSeconds);
}
