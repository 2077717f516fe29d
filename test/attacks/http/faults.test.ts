// The attack: somebody waits for a bad day, or makes one. While disks are full and connections break, they confirm, set
// up, turn off, reset and accept, in the hope that one half of something is done and the other is not: an app removed
// but its sessions alive, a password set but the link still good, a code spent for nothing, a change without a record.
// Every single call to the database of every such act fails once, before or after it took effect.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { RecentSession } from "../../../src/auth.ts";
import { transact } from "../../../src/core/ground/transaction.ts";
import { lockAccount } from "../../../src/core/session/account.ts";
import * as sessions from "../../../src/core/session/sessions.ts";
import { codeFor } from "../../../src/testing/auth.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { type Arena, COOKIE, clientAt, cookiesSet, createArena, submit, whoIs } from "../../support/attacker.ts";
import { type Fault, noFault, openFaulty } from "../../support/faulty-database.ts";
import { takeMails } from "../../support/outbox.ts";
import { type Member, OPERATOR, onBothDatabases, PASSWORD, secretOn } from "../../support/world.ts";

const NEXT = "eleven copper kettles whistle";
/** A page that says so, or the way to one. */
const DONE = [200, 303];
const ENROLMENT = "/account/security/enrolment";

/** Somebody in the middle of something. */
type Prepared = {
  browser: Browser;
  /** The person whose account changes. */
  person: Member;
  /** The one request that may fail; called again, it makes a new code where it needs one. */
  act(): Promise<Response>;
  /** Facts that must all be true once it is done, and all false while it is not. */
  facts(): Promise<Record<string, boolean>>;
};

onBothDatabases("an act that fails half-way", (dialect) => {
  const fault: Fault = noFault();
  let world: Arena & AsyncDisposable;
  let people = 0;
  before(async () => {
    world = await createArena(dialect, { host: { openDatabase: (url) => openFaulty(url, fault) } });
  });
  after(() => world[Symbol.asyncDispose]());

  const { table, count } = {
    table: () => world.context.db,
    count: async (
      name: "sessions" | "authenticators" | "enrolments" | "known_browsers" | "pending_sign_ins",
      id: string,
    ) => {
      const rows = await world.context.db.selectFrom(name).select("user_id").where("user_id", "=", id).execute();
      return rows.length;
    },
  };

  const member = (options: { role?: "person" | "administrator"; twoFactor?: boolean } = {}) =>
    world.person(`p${++people}`, options);

  /** A browser with a session of that person, confirmed a moment ago if `confirmed` is set. */
  async function inside({ id, secret }: Member, { confirmed = false } = {}): Promise<Browser> {
    const browser = world.browser();
    const method = secret === undefined ? "password" : "password+code";
    const client = clientAt("192.0.2.77");
    const issued = await transact(world.context, client, async (tx) => {
      const account = await lockAccount(tx, id);
      assert.ok(account !== undefined);
      return sessions.issue(tx, { method, account, securityVersion: 1, bucket: "strangers" });
    });
    assert.ok(issued.ok);
    let token = issued.sessionToken;
    if (confirmed) {
      const session = await sessions.find(world.context, token);
      assert.ok(session);
      const renewed = await transact(world.context, client, (tx) => sessions.renew(tx, session));
      assert.ok(renewed.ok);
      token = renewed.sessionToken;
    }
    browser.cookies.set(COOKIE.session, token);
    return browser;
  }

  const recorded = async (kind: string, { id }: Member) => {
    const rows = await table()
      .selectFrom("events")
      .select("id")
      .where("kind", "=", kind)
      .where("user_id", "=", id)
      .execute();
    assert.ok(rows.length <= 1, `${kind} is on record once at most`);
    return rows.length === 1;
  };

  const mailed = async (kind: string, { id }: Member) => {
    const rows = await table()
      .selectFrom("mails")
      .select("id")
      .where("kind", "=", kind)
      .where("user_id", "=", id)
      .execute();
    assert.ok(rows.length <= 1, `${kind} is mailed once at most`);
    return rows.length === 1;
  };

  const userRow = ({ id }: Member) =>
    table().selectFrom("users").selectAll().where("id", "=", id).executeTakeFirstOrThrow();

  const proof = (person: Member) => ({
    current_password: PASSWORD,
    ...(person.secret === undefined ? {} : { current_code: world.freshCode(person) }),
  });

  const ACTS: Record<string, () => Promise<Prepared>> = {
    "turning two factors on": async () => {
      const person = await member();
      const browser = await inside(person, { confirmed: true });
      await inside(person);
      const page = await browser.post(ENROLMENT);
      const secret = secretOn(page);
      return {
        browser,
        person,
        act: () => submit(browser, `${ENROLMENT}/confirm`, { code: codeFor(secret, world.clock.now()) }),
        facts: async () => ({
          "an authenticator": (await count("authenticators", person.id)) === 1,
          "no enrolment": (await count("enrolments", person.id)) === 0,
          "one session": (await count("sessions", person.id)) === 1,
          "a record": await recorded("two_factor.enabled", person),
          "a mail": await mailed("two_factor_enabled", person),
        }),
      };
    },
    "turning two factors off": async () => {
      const person = await member({ twoFactor: true });
      const browser = await inside(person);
      await inside(person);
      return {
        browser,
        person,
        act: () => submit(browser, "/account/security/disable", proof(person)),
        facts: async () => ({
          "no authenticator": (await count("authenticators", person.id)) === 0,
          "one session": (await count("sessions", person.id)) === 1,
          "a record": await recorded("two_factor.disabled", person),
          "a mail": await mailed("two_factor_disabled", person),
        }),
      };
    },
    "changing the password": async () => {
      const person = await member({ twoFactor: true });
      const browser = await inside(person);
      await inside(person);
      const { password_hash } = await userRow(person);
      return {
        browser,
        person,
        act: () => submit(browser, "/account/password", { ...proof(person), new_password: NEXT }),
        facts: async () => ({
          "another password": (await userRow(person)).password_hash !== password_hash,
          "one session": (await count("sessions", person.id)) === 1,
          "a record": await recorded("password.changed", person),
          "a mail": await mailed("password_changed", person),
        }),
      };
    },
    "a reset by an administrator": async () => {
      const root = await member({ role: "administrator", twoFactor: true });
      const person = await member({ twoFactor: true });
      const browser = await inside(root);
      await inside(person);
      return {
        browser,
        person,
        act: () => submit(browser, `/users/${person.id}/reset-two-factor`, { reason: "lost phone", ...proof(root) }),
        facts: async () => ({
          "no authenticator": (await count("authenticators", person.id)) === 0,
          "no session": (await count("sessions", person.id)) === 0,
          "no known browser": (await count("known_browsers", person.id)) === 0,
          "a record": await recorded("two_factor.reset", person),
          "a mail": await mailed("two_factor_reset", person),
        }),
      };
    },
    "disabling an account": async () => {
      const root = await member({ role: "administrator", twoFactor: true });
      const person = await member();
      const browser = await inside(root, { confirmed: true });
      await inside(person);
      return {
        browser,
        person,
        act: () => submit(browser, `/users/${person.id}/disable`),
        facts: async () => ({
          disabled: (await userRow(person)).disabled_at !== null,
          "no session": (await count("sessions", person.id)) === 0,
          "a record": await recorded("user.disabled", person),
        }),
      };
    },
    "accepting an invitation": async () => {
      const login = `p${++people}`;
      const profile = { login, name: "New", email: `${login}@example.org`, role: "person" } as const;
      const invited = await world.auth.people.invite({
        client: OPERATOR,
        authority: world.auth.operatorAuthority(),
        ...profile,
      });
      assert.ok(invited.ok);
      const person = { id: invited.id, login, secret: undefined };
      const browser = world.browser();
      const { ticket } = invited;
      return {
        browser,
        person,
        act: () => submit(browser, "/invitation", { ticket, new_password: NEXT }),
        facts: async () => ({
          "a password": (await userRow(person)).password_hash !== null,
          "no link": (await world.auth.invitations.find(ticket)) === undefined,
          "a record": await recorded("user.accepted", person),
        }),
      };
    },
    "creating the first administrator": async () => {
      await table().updateTable("installation").set({ set_up_at: null }).execute();
      const ticket = await world.auth.people.issueSetupTicket({ client: OPERATOR });
      const login = `p${++people}`;
      const browser = world.browser();
      const fields = { ticket, login, name: "Root", email: `${login}@example.org`, new_password: NEXT };
      const find = () => world.auth.people.findByName({ reader: world.auth.operatorAuthority(), name: login });
      return {
        browser,
        person: { id: "", login, secret: undefined },
        act: () => submit(browser, "/setup", fields),
        facts: async () => {
          const person = await find();
          return {
            "an administrator": person?.role === "administrator",
            "with a password": person?.hasPassword === true,
            "no open link": !(await world.auth.setup.isValid(ticket)),
            "set up": !(await world.auth.setup.isOpen()),
            "a record": person !== undefined && (await recorded("setup.completed", { ...person, secret: undefined })),
          };
        },
      };
    },
  };

  async function isDone({ facts }: Prepared, context: string): Promise<boolean> {
    const known = await facts();
    const values = new Set(Object.values(known));
    assert.equal(values.size, 1, `half done, ${context}: ${JSON.stringify(known)}`);
    return values.has(true);
  }

  /** Does it once without a fault, to see its calls: each can fail before, and each that writes can fail after. */
  async function failures(prepare: () => Promise<Prepared>) {
    const prepared = await prepare();
    Object.assign(fault, { in: Number.MAX_SAFE_INTEGER, when: "before", calls: [] });
    const answer = await prepared.act();
    fault.in = undefined;
    assert.ok(DONE.includes(answer.status), await answer.text());
    assert.ok(await isDone(prepared, "without any fault"));
    const calls = fault.calls.map((call) => /^\s*(select|begin|with|pragma|show)/.test(call));
    assert.ok(calls.length >= 10, fault.calls.join("; "));
    // Where a begin is not counted, the calls after it come sooner.
    const begins = (at: number) => fault.calls.slice(0, at).filter((call) => call === "begin").length;
    const all = calls.flatMap((reads, call) => [
      { call, when: "before" as const, isCommit: fault.calls[call] === "commit" },
      ...(reads
        ? []
        : [{ call: call - begins(call), when: "after" as const, isCommit: fault.calls[call] === "commit" }]),
    ]);
    // The calls and their order are the same on both databases. How a connection takes a failure is not, and shows in
    // a sample with every commit.
    return dialect === "sqlite" ? all : all.filter(({ isCommit }, index) => isCommit || index % 4 === 0);
  }

  for (const [what, prepare] of Object.entries(ACTS)) {
    test(`${what}: is done or not done, grants nothing, and can be done afterwards (LS-09, AU-05)`, async () => {
      for (const { call, when } of await failures(prepare)) {
        const prepared = await prepare();
        const { browser, act } = prepared;
        const own = browser.cookies.get(COOKIE.session)?.split(".")[0];
        Object.assign(fault, { in: call, when, calls: [] });
        const answer = await act();
        const struck = fault.in === undefined;
        fault.in = undefined;
        const context = `${when} call ${call} of ${fault.calls.join("; ")}`;
        assert.ok(struck, context);
        assert.ok(answer.status >= 500, `${answer.status}, ${context}`);
        const session = cookiesSet(answer)[COOKIE.session];
        // A confirmation that was made before the fault has given the session a new secret; it is the same session.
        if (session) assert.equal(session.split(".")[0], own, context);
        if (own === undefined) assert.equal(await whoIs(browser), undefined, context);
        const done = await isDone(prepared, context);
        if (when === "before") assert.equal(done, false, context);
        if (done) continue;
        // The same again, now that all is well. Where the connection broke after a confirmation was written, the
        // browser never got its new cookie: then it is signed out, which is safe, and there is nothing to go on with.
        const alive = own === undefined || (await whoIs(browser)) !== undefined;
        assert.ok(alive || when === "after", context);
        if (!alive) continue;
        const again = await act();
        assert.ok(DONE.includes(again.status), `${context}: ${await again.text()}`);
        assert.ok(await isDone(prepared, `again, ${context}`), context);
      }
    });
  }

  test("confirming the password and a code spends the code or does not, and never counts as confirmed without it (LS-09, SU-02)", async () => {
    for (const when of ["before", "after"] as const) {
      let call = 0;
      for (; ; call++) {
        const root = await member({ role: "administrator", twoFactor: true });
        const browser = await inside(root);
        const fields = { email: `${root.login}@example.org`, ...proof(root) };
        Object.assign(fault, { in: call, when, calls: [] });
        const answer = await submit(browser, "/account/email", fields);
        const struck = fault.in === undefined;
        fault.in = undefined;
        const context = `${when} call ${call} of ${fault.calls.join("; ")}`;
        assert.ok(call < 100);
        if (!struck) break;
        assert.ok(answer.status >= 500, context);
        const row = await table().selectFrom("sessions").selectAll().where("user_id", "=", root.id).executeTakeFirst();
        const { last_step } = await table()
          .selectFrom("authenticators")
          .select("last_step")
          .where("user_id", "=", root.id)
          .executeTakeFirstOrThrow();
        assert.equal(row?.confirmed_at !== null, last_step > 0, context);
        const session = await world.auth.session.find({ token: browser.cookies.get(COOKIE.session) });
        const recent: RecentSession | undefined = session && world.auth.session.recent({ session });
        if (last_step === 0) assert.equal(recent, undefined, context);
      }
      assert.ok(call >= 8, `${when}: only ${call} calls were seen`);
    }
  });

  test("looking at any page fails as a whole: nobody is shown another's, and nothing is written (LS-09)", async () => {
    const root = await member({ role: "administrator", twoFactor: true });
    const browser = await inside(root, { confirmed: true });
    await takeMails(world);
    for (const path of [
      "/",
      "/account",
      "/account/security",
      "/users",
      `/users/${root.id}`,
      "/events",
      "/api/v1/session",
      "/healthz",
    ]) {
      let call = 0;
      for (; ; call++) {
        Object.assign(fault, { in: call, when: "before", calls: [] });
        const answer = await browser.send(path);
        const struck = fault.in === undefined;
        fault.in = undefined;
        if (!struck) {
          assert.equal(answer.status, 200, path);
          break;
        }
        const text = await answer.text();
        assert.ok(answer.status >= 500, `${answer.status} at ${path}, call ${call} of ${fault.calls.join("; ")}`);
        assert.doesNotMatch(text, /the disk is full|select |p\d+@example/);
        assert.deepEqual(answer.headers.getSetCookie(), []);
        // A page may ask two things at once; what it still asked when the other failed is over by then.
        assert.equal((await browser.send(path)).status, 200);
      }
      assert.ok(call >= 1, path);
    }
    assert.equal(await whoIs(browser), root.login, "and the session lives on");
  });
});
