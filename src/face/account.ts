// A person's own second factor: what they have, and turning it on, changing it and turning it off. What changes
// something takes a session that was confirmed recently (`session.confirm`).

import type { Client, Context } from "../context.ts";
import * as authenticators from "../core/factors/authenticators.ts";
import * as enrolment from "../core/factors/enrolment.ts";
import * as recoveryCodes from "../core/factors/recovery-codes.ts";
import * as trustedBrowsers from "../core/factors/trusted-browsers.ts";
import * as sessions from "../core/session/sessions.ts";

type By<S extends sessions.LivingSession> = { client: Client; session: S };
type Recently = By<sessions.RecentSession>;
/** Whoever owes a second factor may enrol, too. */
type Enrolling = By<sessions.Recent<sessions.LivingSession>>;

/** What somebody has: authenticators, what may be known of their recovery codes, and browsers that they trust now. */
export type Status = {
  authenticators: authenticators.Authenticator[];
  recoveryCodes: recoveryCodes.RecoveryCodes | undefined;
  trustedBrowsers: trustedBrowsers.TrustedBrowser[];
};

export const account = {
  /** What the person has. Without an authenticator two-factor authentication is off. */
  status: async (context: Context, { session }: { session: sessions.Session }): Promise<Status> => {
    const person = await sessions.accountFor(context, session);
    const [apps, codes, browsers] = await Promise.all([
      authenticators.list(context, person.user.id),
      recoveryCodes.find(context, person),
      trustedBrowsers.list(context, person),
    ]);
    return { authenticators: apps, recoveryCodes: codes, trustedBrowsers: browsers };
  },

  /**
   * Begins to add an authenticator, with a new secret; it is not on yet. `replaces` is the id of one that is to go with
   * it. Refused: `too_many_authenticators`, `not_found`, `expired`.
   */
  beginEnrolment: (context: Context, { client, session, replaces = null }: Enrolling & { replaces?: string | null }) =>
    enrolment.begin(context, client, session, { replaces }),

  /** The secret and the `otpauth:` address of the enrolment that this session began, while it runs. */
  enrolment: (context: Context, { session }: { session: sessions.LivingSession }) => enrolment.find(context, session),

  /**
   * Turns the authenticator on, if the code shows that the phone has the secret. `nameOf` names it, by its number. The
   * recovery codes come with the first one, and are never shown again. Refused: `wrong_code`, `clock_off` with how far,
   * `too_many_attempts`, `too_many_authenticators`, `not_found`, `busy`, `expired`.
   */
  confirmEnrolment: (
    context: Context,
    { client, session, ...given }: Enrolling & { code: string; nameOf: authenticators.Naming },
  ) => enrolment.confirm(context, client, session, given),

  /** Gives an authenticator another name. Refused: `name_invalid`, `not_found`, `expired`. */
  renameAuthenticator: (
    context: Context,
    { client, session, ...given }: By<sessions.Session> & { id: string; name: string },
  ) => authenticators.rename(context, client, session, given),

  /** Removes an authenticator. Refused: `last_authenticator` (that is `disable`), `not_found`, `expired`. */
  removeAuthenticator: (context: Context, { client, session, id }: Recently & { id: string }) =>
    authenticators.remove(context, client, session, id),

  /** Turns two-factor authentication off; recovery codes and trust go with it. Refused: `not_enabled`, `expired`. */
  disable: (context: Context, { client, session }: Recently) => authenticators.disable(context, client, session),

  /** Makes new recovery codes; the ones before are void. Refused: `not_enabled`, `busy`, `expired`. */
  renewRecoveryCodes: (context: Context, { client, session }: Recently) =>
    recoveryCodes.renew(context, client, session),

  /** Ends the trust in one browser, or in all. Refused: `not_found`, `expired`. */
  removeTrustedBrowser: (context: Context, { client, session, which }: Recently & { which: { id: string } | "all" }) =>
    trustedBrowsers.remove(context, client, session, which),
};
