import type { Mail } from "../../src/auth.ts";
import type { World } from "./world.ts";

/** Takes every mail that is due out of the outbox, in order, as if it had been sent. */
export async function takeMails({ auth }: Pick<World, "auth">): Promise<Mail[]> {
  while (await auth.passwordReset.answerNext());
  const mails: Mail[] = [];
  for (let mail = await auth.mails.claim(); mail !== undefined; mail = await auth.mails.claim()) {
    mails.push(mail);
    await auth.mails.sent(mail.id);
  }
  return mails.sort((a, b) => a.at - b.at);
}
