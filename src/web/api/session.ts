// The session check: "who is signed in?", asked with the cookie alone, by programs behind the same host and by proxies
// that ask it for each request. The server answers it before the framework (server/short-way.ts), by the same functions.

import type { Auth, LivingSession } from "../../auth.ts";
import { type Answer, json } from "../answer.ts";
import { readCookies } from "../middleware/cookies.ts";
import { apiError } from "./errors.ts";

export const SESSION_PATH = "/api/v1/session";

/** The answer to a request with this `Cookie` header. */
export async function checkSession(auth: Auth, cookieHeader: string | undefined, requestId: string): Promise<Answer> {
  const { session: token } = readCookies(cookieHeader);
  return sessionAnswer(token === undefined ? undefined : await auth.sessions.findLiving(token), requestId);
}

/** Whose session it is; whoever may only enrol is nobody here. */
export function sessionAnswer(session: LivingSession | undefined, requestId: string): Answer {
  if (session === undefined || session.mayOnlyEnrol) return apiError(401, requestId);
  const { user, method, expiresAt } = session;
  const { id, login, name, email, role, twoFactor } = user;
  return json({ user: { id, login, name, email, role, twoFactor }, method, expiresAt });
}
