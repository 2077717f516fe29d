// Where mails go: to an SMTP server, or as files into a folder.

import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Message } from "./messages.ts";

export type Transport = {
  send(message: Message & { id: string; date: Date }): Promise<void>;
  /** Breaks off a mail that is being sent; it stays in the outbox. */
  close(): void;
};

/** Sends by the SMTP server of a URL; TLS with a verified certificate, except to this machine itself. */
export function smtpTransport(url: string, from: string): Transport {
  const { hostname } = new URL(url);
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };
  const underWay = new Set<() => void>();
  let isClosed = false;
  return {
    send: async ({ id, date, ...message }) => {
      const { createTransport } = await import("nodemailer");
      if (isClosed) throw new Error("The server stops");
      const transport = createTransport({ url, requireTLS: !isLocal, ...timeouts });
      let giveUp = () => {};
      const stopped = new Promise<never>((_, reject) => {
        giveUp = () => reject(new Error("The server stops"));
      });
      underWay.add(giveUp);
      try {
        await Promise.race([stopped, transport.sendMail({ ...message, from, date, messageId: messageId(id, from) })]);
      } finally {
        underWay.delete(giveUp);
        transport.close();
      }
    },
    close: () => {
      isClosed = true;
      for (const giveUp of underWay) giveUp();
    },
  };
}

/** Writes each mail as an `.eml` file (RFC 5322) that any mail program opens. */
export function folderTransport(folder: string, from: string): Transport {
  const send: Transport["send"] = async ({ id, date, ...message }) => {
    const { createTransport } = await import("nodemailer");
    const transport = createTransport({ streamTransport: true, buffer: true, newline: "unix" });
    const composed = await transport.sendMail({ ...message, from, date, messageId: messageId(id, from) });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const name = `${date.toISOString().replace(/[:.]/g, "-")}-${id}`;
    // The file has another name until it is whole, so that nobody reads half a mail.
    await writeFile(join(folder, `.${name}.part`), composed.message as Buffer, { mode: 0o600 });
    await rename(join(folder, `.${name}.part`), join(folder, `${name}.eml`));
  };
  return { send, close: () => {} };
}

function messageId(id: string, from: string): string {
  return `<${id}@${from.slice(from.lastIndexOf("@") + 1).replace(/>$/, "")}>`;
}
