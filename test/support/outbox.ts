import assert from "node:assert/strict";
import type { Mail } from "../../src/auth.ts";
import type { Member, World } from "./world.ts";

/** A mail of any kind, whose facts can be asked for by name. */
type Taken = Mail & { facts: Readonly<Record<string, string | number>> };

/** Takes every mail that is due out of the outbox, in order, as if it had been sent. */
export async function takeMails({ auth }: Pick<World, "auth">): Promise<Taken[]> {
  while (await auth.passwordReset.answerNext());
  const mails: Taken[] = [];
  for (let mail = await auth.mails.claim(); mail !== undefined; mail = await auth.mails.claim()) {
    mails.push(mail);
    await auth.mails.sent(mail.id);
  }
  return mails.sort((a, b) => a.at - b.at);
}

/** The code of the newest mail with one to this person; all mail is taken out of the outbox. */
export async function mailedCode(world: Pick<World, "auth">, { id }: Pick<Member, "id">): Promise<string> {
  const mails = await takeMails(world);
  const code = mails.findLast(({ kind, recipient }) => kind === "mailed_code" && recipient.id === id)?.facts.code;
  assert.match(String(code), /^[0-9]{6}$/);
  return String(code);
}
