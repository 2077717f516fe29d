// Empties the outbox: sends one mail after the other until nothing is due. What fails is tried again later. Requests for
// a new password are answered in the same run, because the answers are mails.

import type { Auth } from "../auth.ts";
import { oneAtATime } from "../one-at-a-time.ts";
import { render } from "./messages.ts";
import type { Transport } from "./transport.ts";

/**
 * Returns a function that delivers all due mail; calls during a run share that run. Once `stop` is aborted, no further
 * mail is begun, and a call waits until the one under way is sent or handed back.
 */
export function mailDelivery(auth: Auth, transport: Transport, stop?: AbortSignal): () => Promise<void> {
  return oneAtATime(async () => {
    for (;;) {
      const mail = stop?.aborted ? undefined : await auth.mails.claim();
      if (mail === undefined) {
        if (!stop?.aborted && (await auth.passwordReset.answerNext())) continue;
        return;
      }
      try {
        await transport.send({ ...render(mail, auth.options), id: mail.id, date: new Date(mail.at) });
        await auth.mails.sent(mail.id);
      } catch (error) {
        // The stop broke it off, which is no failure: the next node takes it.
        if (stop?.aborted) return auth.mails.handBack(mail.id);
        const reason = error instanceof Error ? error.message : String(error);
        const kept = await auth.mails.failed(mail.id, reason);
        auth.log("mail not sent, will be tried again", { mail: mail.id, kind: mail.kind, error: kept });
      }
    }
  });
}
