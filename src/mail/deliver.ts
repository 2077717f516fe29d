// Empties the outbox: one mail after the other, until nothing is due. What fails is tried again later. Those who forgot
// their password are answered on the way, because that makes mails.

import type { Auth } from "../auth.ts";
import { oneAtATime } from "../one-at-a-time.ts";
import { render } from "./messages.ts";
import type { Transport } from "./transport.ts";

/**
 * A function that delivers whatever is due; calls that come while it works are answered by the same work. Once `stop`
 * is aborted no other mail is begun, and a call waits until the one that is under way is sent or handed back.
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
        // What the stop broke off is nobody's failure: the next node to look takes it.
        if (stop?.aborted) return auth.mails.handBack(mail.id);
        const reason = error instanceof Error ? error.message : String(error);
        const kept = await auth.mails.failed(mail.id, reason);
        auth.log("mail not sent, will be tried again", { mail: mail.id, kind: mail.kind, error: kept });
      }
    }
  });
}
