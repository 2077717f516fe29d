// For programs. An API key says who asks, or the session cookie where a route takes it, too.

import type { Program } from "../../auth.ts";
import { type Answer, json } from "../answer.ts";
import type { ProgramVisit, Route, Visit } from "../route.ts";

export const routes: Route[] = [
  { method: "GET", path: "/healthz", who: "anybody", handle: health },
  { method: "GET", path: "/api/v1/me", who: "program", scope: "profile:read", session: "too", handle: me },
  { method: "POST", path: "/api/v1/introspect", who: "program", scope: "introspect", handle: introspect },
];

/** Answers 200 as long as the database answers; the error page's 503 otherwise. */
async function health({ auth }: Visit): Promise<Answer> {
  await auth.ping();
  return json({ status: "ok" });
}

/** Who is this? */
function me({ caller }: ProgramVisit): Answer {
  const { id, login, name, email, role, twoFactor } = caller.user;
  const user = { id, login, name, email, role, twoFactor };
  if ("session" in caller) return json({ user, method: caller.session.method, expiresAt: caller.session.expiresAt });
  const { scopes, expiresAt } = caller.program.key;
  return json({ user, scopes, expiresAt });
}

/** Whose key is this? In the manner of RFC 7662; whatever does nothing is just inactive. */
async function introspect({ auth, client, form }: ProgramVisit): Promise<Answer> {
  const program = await auth.apiKeys.introspect(client, form.get("token"));
  return json(program === undefined ? { active: false } : description(program));
}

function description({ key, user }: Program) {
  const seconds = (at: number) => Math.floor(at / 1000);
  return {
    active: true,
    sub: user.id,
    username: user.login,
    scope: key.scopes.join(" "),
    ...(key.expiresAt === null ? {} : { exp: seconds(key.expiresAt) }),
    iat: seconds(key.createdAt),
  };
}
