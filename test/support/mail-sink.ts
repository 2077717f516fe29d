// A real mail server that keeps what it is sent.

import type { AddressInfo } from "node:net";
import { type AddressObject, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

/** A received mail, decoded. */
export type Mail = {
  /** The address in the From header. */
  from: string;
  /** The addresses that the sender named to the server; these decide who gets the mail. */
  to: string[];
  subject: string;
  text: string;
  html?: string;
  /** The whole message, as it came. */
  raw: string;
};

/** A running mail server. */
export type MailSink = {
  /** What to configure as the SMTP server: `smtp://127.0.0.1:PORT`. */
  url: string;
  /** Everything received, in order. */
  mails: Mail[];
  /** The first mail that matches, of those received or still to come. Rejects after a minute without one. */
  waitFor(predicate: (mail: Mail) => boolean): Promise<Mail>;
  close(): Promise<void>;
};

const PATIENCE = 60_000;

/** Starts a mail server on a free port of this machine, without encryption or sign-in. */
export async function startMailSink(): Promise<MailSink> {
  const mails: Mail[] = [];
  const waiting = new Set<(mail: Mail) => void>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    onData: (stream, session, done) => {
      const recipients = session.envelope.rcptTo.map(({ address }) => address);
      receive(stream, recipients).then(
        (mail) => {
          mails.push(mail);
          for (const offer of waiting) offer(mail);
          done();
        },
        (error: Error) => done(error),
      );
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  // A test that failed and did not close it must not keep its process.
  server.server.unref();
  // A client that breaks off, as tests do, is no reason to end the process.
  server.on("error", () => {});
  const { port } = server.server.address() as AddressInfo;

  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    waitFor: (predicate) => {
      const found = mails.find(predicate);
      if (found !== undefined) return Promise.resolve(found);
      return new Promise((resolve, reject) => {
        const finish = () => {
          clearTimeout(timer);
          waiting.delete(offer);
        };
        const offer = (mail: Mail) => {
          if (!predicate(mail)) return;
          finish();
          resolve(mail);
        };
        const timer = setTimeout(() => {
          finish();
          const seen = mails.map(({ to, subject }) => `  ${to.join(", ")}: ${subject}`);
          reject(new Error(["No such mail came; these did:", ...seen].join("\n")));
        }, PATIENCE);
        waiting.add(offer);
      });
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function receive(stream: AsyncIterable<Buffer>, to: string[]): Promise<Mail> {
  const raw = Buffer.concat(await Array.fromAsync(stream));
  const parsed = await simpleParser(raw, { skipTextToHtml: true, skipHtmlToText: true });
  return {
    from: addresses(parsed.from).join(", "),
    to,
    subject: parsed.subject ?? "",
    text: parsed.text ?? "",
    ...(parsed.html === false ? {} : { html: parsed.html }),
    raw: raw.toString("utf8"),
  };
}

function addresses(header: AddressObject | undefined): string[] {
  return (header?.value ?? []).map(({ address }) => address ?? "");
}
