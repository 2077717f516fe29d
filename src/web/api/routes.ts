// For programs. An API key says who asks; the session check takes the cookie of somebody signed in.

import type { Program } from "../../auth.ts";
import { type Answer, json } from "../answer.ts";
import type { ProgramVisit, Route, Visit } from "../route.ts";
import { SESSION_PATH, sessionAnswer } from "./session.ts";

export const routes: Route[] = [
  { method: "GET", path: "/healthz", who: "anybody", handle: health },
  {
    method: "GET",
    path: SESSION_PATH,
    who: "anybody",
    handle: ({ session, client }) => sessionAnswer(session, client.requestId),
  },
  { method: "GET", path: "/api/v1/me", who: "program", scope: "profile:read", handle: me },
  { method: "POST", path: "/api/v1/introspect", who: "program", scope: "introspect", handle: introspect },
];

/** Answers 200 as long as the database answers; the error page's 503 otherwise. */
async function health({ auth }: Visit): Promise<Answer> {
  await auth.ping();
  return json({ status: "ok" });
}

/** Whose key is this? */
function me({ program }: ProgramVisit): Answer {
  const { id, login, name, email, role, twoFactor } = program.user;
  const { scopes, expiresAt } = program.key;
  return json({ user: { id, login, name, email, role, twoFactor }, scopes, expiresAt });
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
