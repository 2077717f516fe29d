// What an engine does besides answering: it sends its mail, works on acts for many people, and ends what time ends.

import type { Auth } from "../auth.ts";
import { mailDelivery } from "../mail/deliver.ts";
import type { Transport } from "../mail/transport.ts";
import { oneAtATime } from "../one-at-a-time.ts";

const MINUTE = 60_000;

/**
 * Keeps an engine going until `stop` is called: mail goes out when it is queued, acts on many people when they are begun,
 * and once a minute whatever is over ends. Any number of nodes may do so at once; the database decides whose turn it is.
 * `stop` closes the transport and waits: a mail that was under way is sent or handed back, a job stays where it is.
 */
export function runEngine(auth: Auth, { transport }: { transport: Transport }): () => Promise<void> {
  const stopping = new AbortController();
  const deliver = mailDelivery(auth, transport, stopping.signal);
  const work = oneAtATime(async () => {
    while (!stopping.signal.aborted && (await auth.jobs.workNext()));
  });
  const tidy = oneAtATime(() => auth.upkeep.run());

  /** Work that nobody waits for: its failure is logged, and it is tried again at the next turn. */
  const begin = (task: () => Promise<void>) => {
    task().catch((error: unknown) => auth.log("background work failed", { error: String(error) }));
  };
  const unlisten = auth.listen({ mailQueued: () => begin(deliver), jobReady: () => begin(work) });
  const timer = setInterval(() => {
    for (const task of [tidy, deliver, work]) begin(task);
  }, MINUTE);
  for (const task of [deliver, work]) begin(task);

  return async () => {
    clearInterval(timer);
    unlisten();
    stopping.abort();
    // It breaks off a mail that its server does not take.
    transport.close();
    await Promise.all([deliver(), work(), tidy()].map((task) => task.catch(() => {})));
  };
}
