// The gate for programs. A key is read from the Authorization header and from nowhere else, and only on routes for
// programs: on every other route the header means nothing, so a key opens no page. A request with a key and one of our
// cookies has two owners, and is refused rather than guessed at.

import type { Answer } from "../answer.ts";
import { tooMany } from "../answer.ts";
import type { Caller, ProgramRoute, Visit } from "../route.ts";
import { type KeyProblem, keyProblem } from "./errors.ts";

/** Gives back who asks, or the answer that says why nobody may. */
export async function admitProgram(
  { auth, client, cookies, session }: Visit,
  route: ProgramRoute,
  authorization: string | null,
): Promise<{ caller: Caller } | Answer> {
  const refuse = (problem: KeyProblem) => keyProblem(problem, client.requestId, route.scope);
  // Other schemes are for a proxy on the way.
  const presented = /^bearer(?: +(.*))?$/i.exec(authorization ?? "");
  if (presented === null) {
    if (route.session !== "too" || session === undefined || session.mayOnlyEnrol) return refuse("not_signed_in");
    return { caller: { user: session.user, session } };
  }
  if (Object.keys(cookies).length > 0) return refuse("invalid_request");
  const outcome = await auth.apiKeys.authenticate(client, presented[1] ?? "");
  if (outcome.ok) {
    const { program } = outcome;
    return program.key.scopes.includes(route.scope)
      ? { caller: { user: program.user, program } }
      : refuse("insufficient_scope");
  }
  if (outcome.reason === "key_invalid") return refuse("invalid_token");
  return tooMany(refuse("too_many_requests"), outcome.retryAfterSeconds);
}
