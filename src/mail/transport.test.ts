import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { startMailSink } from "../../test/support/mail-sink.ts";
import { folderTransport, smtpTransport } from "./transport.ts";

const FROM = '"Countersign" <no-reply@accounts.example.org>';

const MESSAGE = {
  id: "AAAAAAAAAAAAAAAA",
  date: new Date(Date.UTC(2026, 0, 15, 12, 0, 15)),
  to: "ada@example.org",
  subject: "Zwei-Faktor-Anmeldung – Countersign",
  text: "Hello Ada,\n\nÄpfel und 🦊.\n",
  html: "<!doctype html><p>Hello Ada,</p><p>Äpfel und 🦊.</p>",
};

describe("the SMTP transport", () => {
  test("brings subject, both parts, sender and date across as they are", async () => {
    const sink = await startMailSink();
    await smtpTransport(sink.url, FROM).send(MESSAGE);
    const [mail] = sink.mails;
    assert.ok(mail);
    assert.deepEqual(mail.to, ["ada@example.org"]);
    assert.equal(mail.from, "no-reply@accounts.example.org");
    assert.equal(mail.subject, MESSAGE.subject);
    assert.equal(mail.text.trim(), MESSAGE.text.trim());
    assert.match(mail.html ?? "", /Äpfel und 🦊/);
    const { date, messageId } = await simpleParser(mail.raw);
    assert.equal(date?.getTime(), MESSAGE.date.getTime(), "when it happened, not when it was sent");
    assert.equal(messageId, "<AAAAAAAAAAAAAAAA@accounts.example.org>");
    await sink.close();
  });

  test("gives a mail the same number at every try, so that one sent twice is seen once (ML-08)", async () => {
    const sink = await startMailSink();
    const transport = smtpTransport(sink.url, FROM);
    await transport.send(MESSAGE);
    await transport.send(MESSAGE);
    await transport.send({ ...MESSAGE, id: "BBBBBBBBBBBBBBBB" });
    const ids = await Promise.all(sink.mails.map(async ({ raw }) => (await simpleParser(raw)).messageId));
    assert.equal(ids[0], ids[1]);
    assert.notEqual(ids[0], ids[2]);
    await sink.close();
  });

  test("fails when nobody is there, when the server says no, and when it breaks off (ML-08)", async () => {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["AUTH", "STARTTLS"],
      onRcptTo: (_address, _session, done) => done(new Error("no such mailbox")),
    });
    server.on("error", () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.server.address() as AddressInfo;
    const send = (to: number) => smtpTransport(`smtp://127.0.0.1:${to}`, FROM).send(MESSAGE);
    await assert.rejects(send(port), /no such mailbox/);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await assert.rejects(send(port), /ECONNREFUSED/);
    const rude = createServer((socket) => socket.resume().end("220 hello\r\n")).listen(0, "127.0.0.1");
    await new Promise((resolve) => rude.once("listening", resolve));
    await assert.rejects(send((rude.address() as AddressInfo).port));
    await new Promise((resolve) => rude.close(resolve));
  });

  test("sends nothing to another machine without encryption, nor to one that cannot prove its name (ML-08)", async () => {
    // 0.0.0.0 reaches this machine, too, but is not one of the names that mean it.
    const plain = await startMailSink();
    const elsewhere = plain.url.replace("127.0.0.1", "0.0.0.0");
    await assert.rejects(smtpTransport(elsewhere, FROM).send(MESSAGE), /STARTTLS/i);
    assert.deepEqual(plain.mails, []);
    await plain.close();

    let received = 0;
    // The package's own certificate, which nobody signed.
    const forged = new SMTPServer({
      authOptional: true,
      onData: (stream, _session, done) => {
        received++;
        stream.resume().on("end", done);
      },
    });
    forged.on("error", () => {});
    await new Promise<void>((resolve) => forged.listen(0, "127.0.0.1", resolve));
    const { port } = forged.server.address() as AddressInfo;
    await assert.rejects(smtpTransport(`smtp://0.0.0.0:${port}`, FROM).send(MESSAGE), /certificate/i);
    assert.equal(received, 0);
    await new Promise<void>((resolve) => forged.close(() => resolve()));
  });

  test("stops at once when the server does, with a mail under way (OP-06)", async () => {
    const silent = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const called = new Promise<Socket>((resolve) => silent.once("connection", resolve));
    const transport = smtpTransport(`smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`, FROM);
    const sending = transport.send(MESSAGE);
    sending.catch(() => {});
    const socket = await called;
    transport.close();
    await assert.rejects(sending, /The server stops/);
    await assert.rejects(transport.send(MESSAGE), /The server stops/);
    socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });
});

describe("the folder", () => {
  test("holds each mail as a file that any mail program opens, for its owner's eyes alone", async () => {
    const parent = await mkdtemp(join(tmpdir(), "countersign-outbox-"));
    const folder = join(parent, "data", "outbox");
    const transport = folderTransport(folder, FROM);
    await transport.send(MESSAGE);
    await transport.send({ ...MESSAGE, id: "BBBBBBBBBBBBBBBB", to: "bob@example.org" });
    const names = (await readdir(folder)).sort();
    assert.deepEqual(names, [
      "2026-01-15T12-00-15-000Z-AAAAAAAAAAAAAAAA.eml",
      "2026-01-15T12-00-15-000Z-BBBBBBBBBBBBBBBB.eml",
    ]);
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    const [first = ""] = names;
    assert.equal((await stat(join(folder, first))).mode & 0o777, 0o600);
    const mail = await simpleParser(await readFile(join(folder, first)));
    assert.equal(mail.subject, MESSAGE.subject);
    assert.equal(mail.text?.trim(), MESSAGE.text.trim());
    assert.match(mail.html || "", /Äpfel und 🦊/);
    assert.equal(mail.from?.value[0]?.address, "no-reply@accounts.example.org");
    assert.deepEqual([mail.to].flat()[0]?.value[0]?.address, "ada@example.org");
    await rm(parent, { recursive: true });
  });

  test("that cannot be written to fails, so that the mail waits (ML-08)", async () => {
    const parent = await mkdtemp(join(tmpdir(), "countersign-outbox-"));
    const file = join(parent, "outbox");
    await writeFile(file, "not a folder");
    await assert.rejects(folderTransport(file, FROM).send(MESSAGE), /EEXIST|ENOTDIR/);
    await rm(parent, { recursive: true });
  });
});
