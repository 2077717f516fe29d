// Sessions of the person who asks: whose it is, where else they are signed in, and confirming that it is really them.

import type { Client, Context } from "../context.ts";
import * as ownSessions from "../core/session/own-sessions.ts";
import * as sessions from "../core/session/sessions.ts";
import * as confirmation from "../core/sign-in/confirmation.ts";

type Of<S = sessions.Session> = { session: S };
type Recently = { client: Client } & Of<sessions.RecentSession>;

export const session = {
  /**
   * The living session of a token; `undefined` for one that ended, and for somebody who may only set up an app. It is
   * asked of the database each time, and is good for the request that asked.
   */
  find: (context: Context, { token }: { token: string | undefined }) => sessions.find(context, token),

  /** Signs out. */
  end: (context: Context, { client, session: ending }: { client: Client } & Of<sessions.LivingSession>) =>
    sessions.end(context, client, ending),

  /** Where the person is signed in, this session first, then by when they were last used. */
  list: (context: Context, { session: own }: Of) => ownSessions.list(context, own),

  /** Ends another session of the person. Refused: `not_found`, `expired`. */
  endOther: (context: Context, { client, session: own, id }: Recently & { id: string }) =>
    ownSessions.endOne(context, client, own, id),

  /** Ends all other sessions of the person, and sign-ins that are half done; tells how many. Refused: `expired`. */
  endOthers: (context: Context, { client, session: own }: Recently) => ownSessions.endOthers(context, client, own),

  /** The session as one whose person confirmed in the last ten minutes who they are; otherwise `undefined`. */
  recent: (context: Context, { session: own }: Of) => confirmation.recent(context, own),

  /**
   * Confirms the person by their password and, where two-factor authentication is on, a code or a recovery code. The
   * session that comes back has a new token. Refused: `wrong_password`, `wrong_code`, `used_code`, `too_many_attempts`,
   * `busy`, and `session_ended` after too many misses.
   */
  confirm: (context: Context, { client, session: own, ...proof }: { client: Client } & Of & confirmation.Proof) =>
    confirmation.confirm(context, client, own, proof),
};
