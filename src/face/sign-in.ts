// Signing in: a password, then a code. Each step says what comes next; the tokens that it gives belong in cookies.

import type { Client, Context } from "../context.ts";
import * as pendingSignIns from "../core/session/pending-sign-ins.ts";
import * as machine from "../core/sign-in/sign-in.ts";

/** A pending sign-in, by the token that `begin` gave. */
type Pending = { pendingToken: string | undefined };
type From = { client: Client };

export const signIn = {
  /**
   * The first step: a name and a password. `next` is `session` where nothing else is owed, and `code` otherwise.
   * `wantedPage` comes back at the end; tokens are those of the browser's cookies. Refused: `wrong_credentials`, the same
   * for a name that nobody has; `too_many_attempts`; `busy` where too many passwords wait for their turn.
   */
  begin: (context: Context, { client, ...step }: From & machine.PasswordStep) => machine.begin(context, client, step),

  /**
   * The first step of somebody whose password the host of their account checks, in `check`; it counts no attempt. Refused:
   * `wrong_credentials` as `begin`, for somebody disabled, too; `not_allowed` where the accounts are the engine's own.
   */
  beginFor: (context: Context, { client, ...step }: From & machine.HostStep) => machine.beginFor(context, client, step),

  /** What the page of the second step may show, and by which methods it can be done; `undefined` when it is over. */
  find: (context: Context, { pendingToken }: Pending) => machine.find(context, pendingToken),

  /**
   * The second step: the code of an authenticator app. `trust` lets the browser do without for as long as the rules say.
   * Refused: `wrong_code`, `used_code` and `too_many_attempts`, after which it can be tried again; `expired`.
   */
  confirmCode: (context: Context, { client, ...completion }: From & machine.Completion & { trust?: boolean }) =>
    machine.confirmCode(context, client, completion),

  /** The second step without the phone: one of the recovery codes, which is spent. Refused as `confirmCode`, or `busy`. */
  confirmRecoveryCode: (context: Context, { client, ...completion }: From & machine.Completion) =>
    machine.confirmRecoveryCode(context, client, completion),

  /** Mails a code for this sign-in, where the rules allow it. Refused: `not_allowed`, `too_many_attempts`, `expired`. */
  mailCode: (context: Context, { client, pendingToken }: From & Pending) =>
    machine.mailCode(context, client, pendingToken),

  /** The second step without the phone: the code that was mailed for this sign-in. Refused as `confirmCode`. */
  confirmMailedCode: (context: Context, { client, ...completion }: From & machine.Completion) =>
    machine.confirmMailedCode(context, client, completion),

  /** Ends a pending sign-in. Nobody is told, as when somebody goes away without a word. */
  cancel: (context: Context, { client, pendingToken }: From & Pending) =>
    pendingSignIns.cancel(context, client, pendingToken),
};
