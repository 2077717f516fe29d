// For programs. The session cookie says who asks; API keys come with their own rules.

import { type Answer, json } from "../answer.ts";
import type { Route, Visit } from "../route.ts";

export const routes: Route[] = [
  { method: "GET", path: "/healthz", who: "anybody", handle: health },
  { method: "GET", path: "/api/v1/me", who: "anybody", handle: me },
];

/** Answers 200 as long as the database answers; the error page's 503 otherwise. */
async function health({ auth }: Visit): Promise<Answer> {
  await auth.ping();
  return json({ status: "ok" });
}

/** Who is this? */
function me({ session }: Visit): Answer {
  if (session === undefined) return json({ error: "not_signed_in" }, 401);
  const { id, login, name, email, role, twoFactor } = session.user;
  return json({ user: { id, login, name, email, role, twoFactor }, road: session.road, expiresAt: session.expiresAt });
}
