// The attack: somebody writes line breaks, quotes and markup into a name, so that the mail about it goes to others or
// says something else. Or the mail server is dead, slow or full, by chance or because somebody made it so, and people
// can no longer sign in, or the warning that mattered is lost.

import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Server } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { canonicalName } from "../../../src/core/ground/names.ts";
import { mailDelivery } from "../../../src/mail/deliver.ts";
import { smtpTransport } from "../../../src/mail/transport.ts";
import { codeFor } from "../../../src/testing/auth.ts";
import { type MailSink, startMailSink } from "../../support/mail-sink.ts";
import { openTables } from "../../support/tables.ts";
import {
  createWorld,
  type Dialect,
  enrol,
  OPERATOR,
  onBothDatabases,
  PASSWORD,
  secretOn,
} from "../../support/world.ts";

const FROM = '"Countersign" <no-reply@accounts.example.org>';
const MINUTE = 60_000;

/** Parts from which a name is made that wants to be more than a name. */
const HOSTILE = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      minLength: 1,
      maxLength: 40,
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .array(
        fc.constantFrom(
          ..."\r\n|\n|\r|\r\n\r\n|Bcc: mallory@evil.example|Subject: Owned|\"|'|<|>|,|;|:|@evil.example|(|)|\\|=?utf-8?b?QmNjOg==?=|<script>alert(1)</script>|</p>|&amp;|%0d%0a|\u2028|Ada|.|\t|\0|ﬁ|é".split(
            "|",
          ),
        ),
        { minLength: 1, maxLength: 8 },
      )
      .map((parts) => parts.join("")),
  },
);

/** A mail server that is there and gone and there again, always on one port. */
async function sinkAt(port: number, refuse: (recipient: string) => boolean = () => false) {
  const received: { to: string[]; id: string }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    onRcptTo: ({ address }, _session, done) => done(refuse(address) ? new Error("550 no such mailbox") : null),
    onData: (stream, session, done) => {
      simpleParser(stream).then(({ messageId }) => {
        received.push({ to: session.envelope.rcptTo.map(({ address }) => address), id: messageId ?? "" });
        done();
      }, done);
    },
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { received, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

/** A port on which nothing listens. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** An installation that delivers its mail like the program does: after each commit, without anybody waiting. */
async function installation(dialect: Dialect, url: string) {
  const lines: string[] = [];
  const world = await createWorld(dialect, {
    host: { log: (line, details) => void lines.push(`${line} ${JSON.stringify(details)}`) },
  });
  const deliver = mailDelivery(world.auth, smtpTransport(url, FROM));
  world.auth.listen({ mailQueued: () => void deliver(), jobReady: () => {} });
  return { world, deliver, lines };
}

onBothDatabases("a name", (dialect) => {
  test("of any characters cannot add a header, a recipient or markup to a mail (ML-07)", async () => {
    const sink = await startMailSink();
    const { world, deliver } = await installation(dialect, sink.url);
    let people = 0;
    let headers: string[] | undefined;
    try {
      const check = async (name: string, local: string) => {
        const email = `${local}${++people}@example.org`;
        const profile = { login: `person${people}`, name, email, role: "person" } as const;
        const invited = await world.auth.people.invite({
          client: OPERATOR,
          authority: world.auth.operatorAuthority(),
          ...profile,
        });
        if (!invited.ok) {
          assert.match(invited.reason, /^(name|email)_invalid$/);
          return;
        }
        await deliver();
        const mail = sink.mails.at(-1);
        assert.ok(mail);
        const parsed = await simpleParser(mail.raw);
        headers ??= [...parsed.headers.keys()];
        assert.deepEqual([...parsed.headers.keys()], headers, "the same headers as ever");
        assert.equal(mail.to.length, 1);
        // A local part with a dot in front, say, has to stand in quotes on its way (RFC 5321 §4.1.2).
        assert.equal(mail.to[0]?.replace(/^"(.*)"@/, "$1@"), canonicalName(email));
        assert.equal(mail.subject, "Your account at Countersign – Countersign");
        assert.equal(mail.from, "no-reply@accounts.example.org");
        assert.match(mail.text, /^Hello [^\n]+,\n\nAn account was made/, "the name is one line of it");
        const tags = [...(mail.html ?? "").matchAll(/<\/?([a-z]+)/g)].map(([, tag]) => tag);
        assert.deepEqual(
          new Set(tags),
          new Set(["html", "head", "meta", "title", "style", "body", "div", "h", "p", "a", "br"]),
        );
      };
      await check("Ada Lovelace", "ada");
      const properties = fc.asyncProperty(HOSTILE, fc.oneof(fc.constant("person"), HOSTILE), check);
      await fc.assert(properties, { numRuns: 25 });
      assert.ok(sink.mails.length > 5, `${sink.mails.length} mails were sent`);
    } finally {
      await world.close();
      await sink.close();
    }
  });
});

onBothDatabases("a mail server that is dead", (dialect) => {
  test("keeps nobody from signing in, setting up, or turning off two-factor authentication (ML-08)", async () => {
    const { world, deliver, lines } = await installation(dialect, `smtp://127.0.0.1:${await deadPort()}`);
    try {
      const ada = await world.person("ada");
      const browser = world.browser();
      const page = await enrol(world, ada, browser);
      assert.match(page.words, /Your account is protected/);
      assert.match((await world.signIn(world.browser(), ada)).words, /Welcome, Ada/);
      const proof = { current_password: PASSWORD, current_code: world.freshCode(ada) };
      const changed = await browser.post("/account/password", {
        ...proof,
        new_password: "eleven copper kettles whistle",
      });
      assert.match(changed.words, /Your password is changed/);
      await deliver();
      assert.ok(
        lines.some((line) => /^mail not sent, will be tried again .*ECONNREFUSED/.test(line)),
        lines.join("\n"),
      );
    } finally {
      await world.close();
    }
  });

  test("is tried again later and later, and what waits is to be seen in the database (ML-08)", async () => {
    const port = await deadPort();
    const { world, deliver } = await installation(dialect, `smtp://127.0.0.1:${port}`);
    await using db = await openTables(world);
    try {
      await enrol(world, await world.person("ada"));
      await deliver();
      const state = () => db.selectFrom("mails").selectAll().executeTakeFirstOrThrow();
      const first = await state();
      assert.deepEqual([first.kind, first.recipient, first.tries], ["two_factor_enabled", "ada@example.org", 1]);
      assert.match(first.last_error ?? "", /ECONNREFUSED/);
      assert.equal(first.sent_at, null);
      for (const [tries, minutes] of [1, 5, 15, 60, 240, 720, 1440, 1440, 1440].entries()) {
        const { next_try_at } = await state();
        assert.equal(next_try_at - world.clock.now(), minutes * MINUTE, `after ${tries + 1} tries`);
        world.clock.advance(minutes * MINUTE - 1);
        await deliver();
        assert.equal((await state()).tries, tries + 1, "not a moment earlier");
        world.clock.advance(1);
        await deliver();
        assert.equal((await state()).tries, tries + 2);
      }

      const sink = await sinkAt(port);
      try {
        world.clock.advance(1440 * MINUTE);
        await deliver();
        await deliver();
        assert.deepEqual(
          sink.received.map(({ to }) => to),
          [["ada@example.org"]],
          "once it is back, once",
        );
        const sent = await state();
        assert.deepEqual([sent.sent_at, sent.content_sealed, sent.last_error], [world.clock.now(), null, null]);
      } finally {
        await sink.close();
      }
    } finally {
      await world.close();
    }
  });

  test("that takes the call and says nothing holds up nobody but the mail (ML-08)", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const called = new Promise<import("node:net").Socket>((resolve) => silent.once("connection", resolve));
    const { world, deliver } = await installation(
      dialect,
      `smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    );
    await using db = await openTables(world);
    try {
      const ada = await world.person("ada");
      const browser = world.browser();
      await enrol(world, ada, browser);
      const socket = await called;
      assert.match((await world.signIn(browser, ada)).words, /Welcome, Ada/);
      const waiting = await db.selectFrom("mails").selectAll().executeTakeFirstOrThrow();
      assert.deepEqual([waiting.tries, waiting.sent_at], [1, null], "the mail is still under way");
      socket.destroy();
      await deliver();
      const failed = await db.selectFrom("mails").selectAll().executeTakeFirstOrThrow();
      assert.ok(failed.last_error !== null && failed.sent_at === null);
    } finally {
      await world.close();
      await closeAll(silent);
    }
  });

  test("for one address only does not keep the mails of others back (ML-08)", async () => {
    const port = await deadPort();
    const sink = await sinkAt(port, (recipient) => recipient === "bad@example.org");
    const { world, deliver } = await installation(dialect, `smtp://127.0.0.1:${port}`);
    await using db = await openTables(world);
    try {
      const { auth } = world;
      for (const login of ["one", "bad", "two"]) {
        const profile = { login, name: login, email: `${login}@example.org`, role: "person" } as const;
        await auth.people.invite({ client: OPERATOR, authority: auth.operatorAuthority(), ...profile });
      }
      await deliver();
      assert.deepEqual(sink.received.flatMap(({ to }) => to).sort(), ["one@example.org", "two@example.org"]);
      const left = await db.selectFrom("mails").selectAll().where("sent_at", "is", null).execute();
      assert.deepEqual(
        left.map(({ recipient }) => recipient),
        ["bad@example.org"],
      );
      assert.match(left[0]?.last_error ?? "", /550/);
    } finally {
      await world.close();
      await sink.close();
    }
  });

  test("does not undo what the mail tells of, nor does the mail go out for what was undone (ML-08, AU-05)", async () => {
    const sink: MailSink = await startMailSink();
    const { world, deliver } = await installation(dialect, sink.url);
    try {
      const ada = await world.person("ada");
      const browser = world.browser();
      await world.signIn(browser, ada);
      const secret = secretOn(await browser.post("/account/security/enrolment", { current_password: PASSWORD }));
      await browser.post("/account/security/enrolment/confirm", { code: "000000" });
      const other = await world.auth.people.act({
        client: OPERATOR,
        authority: world.auth.operatorAuthority(),
        id: ada.id,
        act: "reset-two-factor",
        reason: "nothing to reset",
      });
      assert.equal(other.ok, false);
      await deliver();
      assert.deepEqual(sink.mails, []);
      await browser.post("/account/security/enrolment/confirm", { code: codeFor(secret, world.clock.now()) });
      const mail = await sink.waitFor(({ subject }) => subject.startsWith("Two-factor authentication is on"));
      assert.match(mail.text, /If this was not you, change your password now/);
      await deliver();
    } finally {
      await world.close();
      await sink.close();
    }
  });
});

onBothDatabases("several servers", (dialect) => {
  test("that deliver the same outbox at the same time send each mail once (ML-08)", async () => {
    const sink = await startMailSink();
    await using world = await createWorld(dialect);
    try {
      const { auth } = world;
      for (let n = 0; n < 12; n++) {
        const profile = { login: `p${n}`, name: `P${n}`, email: `p${n}@example.org`, role: "person" } as const;
        await auth.people.invite({ client: OPERATOR, authority: auth.operatorAuthority(), ...profile });
      }
      const nodes =
        dialect === "postgres" ? [auth, (await world.node()).auth, (await world.node()).auth] : [auth, auth];
      await Promise.all(nodes.map((node) => mailDelivery(node, smtpTransport(sink.url, FROM))()));
      const recipients = sink.mails.flatMap(({ to }) => to).sort();
      assert.equal(recipients.length, 12);
      assert.equal(new Set(recipients).size, 12);
    } finally {
      await sink.close();
    }
  });
});

function closeAll(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
