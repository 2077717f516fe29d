// The mails that the program wrote as files.

import { on } from "node:events";
import { watch } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ParsedMail, simpleParser } from "mailparser";

export type Letter = { to: string; subject: string; text: string; html: string };

/** Every mail in the folder, in the order in which they were queued. */
export async function readLetters(outbox: string): Promise<Letter[]> {
  const names = (await readdir(outbox)).filter((name) => name.endsWith(".eml")).sort();
  return Promise.all(names.map(async (name) => letterOf(await simpleParser(await readFile(join(outbox, name))))));
}

/** The first mail to an address, which may still be on its way. */
export async function waitForLetter(outbox: string, to: string): Promise<Letter> {
  await mkdir(outbox, { recursive: true });
  const watcher = watch(outbox);
  const changes = on(watcher, "change", { signal: AbortSignal.timeout(60_000) });
  try {
    for (;;) {
      const found = (await readLetters(outbox)).find((letter) => letter.to === to);
      if (found !== undefined) return found;
      await changes.next();
    }
  } finally {
    watcher.close();
  }
}

/** The link in a mail. */
export function linkIn({ text }: Letter): string {
  return /https?:\/\/\S+\?ticket=\S+/.exec(text)?.[0] ?? "";
}

function letterOf({ to, subject = "", text = "", html }: ParsedMail): Letter {
  const [first] = to === undefined || Array.isArray(to) ? [] : to.value;
  return { to: first?.address ?? "", subject, text, html: html || "" };
}
