// The attack: somebody looks over a shoulder, or sits between the phone and the page, and sends the same code at the
// same moment as its owner, many times, to every server of the installation. Where a program first looks whether the
// code was used and then writes that it is, both get in. The same race is run for a half-done sign-in, a set-up link
// and an invitation: each works once. The servers are real processes; only their clocks stand still.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newKey } from "../../../src/crypto/secret-box.ts";
import { codeFor } from "../../../src/testing/auth.ts";
import { type Browser, createBrowser } from "../../../src/testing/browser.ts";
import { COOKIE, cookiesSet, submit, whoIs } from "../../support/attacker.ts";
import { type NodeProcess, startNode } from "../../support/node-process.ts";
import { openTables } from "../../support/tables.ts";
import { createWorld, OPERATOR, onBothDatabases, PASSWORD, secretOn, type World } from "../../support/world.ts";

const PROCESSES = 3;
/** Buckets that submit at once, and how often each does: as often as it may before it has to wait. */
const LANES = { sqlite: 10, postgres: 12 };
const EACH = 5;

onBothDatabases("at the same moment, in three processes,", (dialect) => {
  const key = newKey();
  const keys = { active: key, all: [key] };
  const opened = new AsyncDisposableStack();
  const nodes: NodeProcess[] = [];
  let world: World;

  before(async () => {
    world = opened.use(await createWorld(dialect, { host: { keys } }));
    const { databaseUrl, clock } = world;
    const start = { databaseUrl, keys, time: clock.now() };
    const started = await Promise.all(Array.from({ length: PROCESSES }, () => startNode(start)));
    nodes.push(...started.map((node) => opened.use(node)));
  });

  after(() => opened.disposeAsync());

  function setClocks(): void {
    for (const node of nodes) node.setClock(world.clock.now());
  }

  /** The same browser, cookies and all, in front of one of the processes. */
  function at(browser: Browser, nth: number): Browser {
    const copy = createBrowser((nodes[nth % PROCESSES] as NodeProcess).fetch, { address: "192.0.2.77" });
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
    return copy;
  }

  /** Submits the same form many times at once, each time to the next process. */
  function race(copies: Browser[], path: string, fields: (nth: number) => Record<string, string>): Promise<Response[]> {
    return Promise.all(copies.map((browser, nth) => submit(browser, path, fields(nth))));
  }

  function winnersOf(answers: Response[]): string[] {
    return answers.flatMap((answer) => cookiesSet(answer)[COOKIE.session] || []);
  }

  /** How many sessions of a person began at this moment. */
  async function newSessions(userId: string): Promise<number> {
    await using db = await openTables(world);
    const ofPerson = db.selectFrom("sessions").select("id").where("user_id", "=", userId);
    return (await ofPerson.where("created_at", "=", world.clock.now()).execute()).length;
  }

  test(`one code in ${LANES[dialect] * EACH} submissions makes one session (RP-02)`, async () => {
    const ada = await world.person("ada", { twoFactor: true });
    // Browsers that are known have budgets of their own: so no limit decides this race before the code does.
    const browsers = Array.from({ length: LANES[dialect] }, () => world.browser());
    for (const browser of browsers) await world.signIn(browser, ada);
    await Promise.all(browsers.map((browser) => browser.post("/sign-in", { login: "ada", password: PASSWORD })));
    const code = world.freshCode(ada);
    setClocks();

    const copies = Array.from({ length: LANES[dialect] * EACH }, (_, nth) =>
      at(browsers[nth % LANES[dialect]] as Browser, nth),
    );
    const answers = await race(copies, "/sign-in/code", () => ({ code }));

    assert.equal(winnersOf(answers).length, 1);
    assert.equal(await newSessions(ada.id), 1);
    const words = await Promise.all(answers.map((answer) => answer.text()));
    const used = words.filter((text) => text.includes("already used")).length;
    assert.ok(used >= LANES[dialect], `only ${used} submissions came as far as the code`);
    assert.ok(answers.every(({ status }) => [303, 422, 429].includes(status)));
  });

  test("one half-done sign-in makes one session, though three codes for it are right (RP-05, LS-04)", async () => {
    const bob = await world.person("bob", { twoFactor: true });
    const { secret = "" } = bob;
    const browser = world.browser();
    world.clock.advance(120_000);
    await browser.post("/sign-in", { login: "bob", password: PASSWORD });
    setClocks();
    const codes = [-30_000, 0, 30_000].map((drift) => codeFor(secret, world.clock.now() + drift));
    assert.equal(new Set(codes).size, 3);

    const copies = Array.from({ length: 51 }, (_, nth) => at(browser, nth));
    const answers = await race(copies, "/sign-in/code", (nth) => ({
      code: codes[(nth + Math.floor(nth / 3)) % 3] ?? "",
    }));

    assert.equal(winnersOf(answers).length, 1);
    assert.equal(await newSessions(bob.id), 1);
  });

  test("one new secret is proved once, and makes one authenticator (RP-05, EN-03)", async () => {
    const cleo = await world.person("cleo");
    const browser = world.browser();
    await world.signIn(browser, cleo);
    const page = await browser.post("/account/security/enrolment", { current_password: PASSWORD });
    const secret = secretOn(page);
    world.clock.advance(30_000);
    setClocks();
    const codes = [-30_000, 0, 30_000].map((drift) => codeFor(secret, world.clock.now() + drift));

    // As many at once as an enrolment has free tries.
    const copies = Array.from({ length: 9 }, (_, nth) => at(browser, nth));
    const answers = await race(copies, "/account/security/enrolment/confirm", (nth) => ({
      code: codes[(nth + Math.floor(nth / 3)) % 3] ?? "",
    }));

    assert.ok(answers.every(({ status }) => status < 500));
    await using db = await openTables(world);
    const ofPerson = db.selectFrom("authenticators").select("id").where("user_id", "=", cleo.id);
    assert.equal((await ofPerson.execute()).length, 1);
    const enabled = db.selectFrom("events").select("id").where("kind", "=", "two_factor.enabled");
    assert.equal((await enabled.where("user_id", "=", cleo.id).execute()).length, 1);
    assert.equal(await whoIs(browser), "cleo");
  });

  test("one invitation sets one password, of the many that are tried (RP-05)", async () => {
    const { auth } = world;
    const profile = { login: "grace", name: "Grace", email: "grace@example.org", role: "person" } as const;
    const invited = await auth.people.invite({ client: OPERATOR, authority: auth.operatorAuthority(), ...profile });
    assert.ok(invited.ok);
    const stranger = world.browser();
    const passwordOf = (nth: number) => `${PASSWORD} number ${nth}`;

    const copies = Array.from({ length: 12 }, (_, nth) => at(stranger, nth));
    const answers = await race(copies, "/invitation", (nth) => ({
      ticket: invited.ticket,
      new_password: passwordOf(nth),
    }));

    const accepted = answers.flatMap(({ status }, nth) => (status === 303 ? nth : []));
    assert.equal(accepted.length, 1);
    const [winner = -1] = accepted;
    for (const nth of [winner, (winner + 1) % 12, (winner + PROCESSES) % 12]) {
      const browser = world.browser();
      await browser.post("/sign-in", { login: "grace", password: passwordOf(nth) });
      assert.equal(await whoIs(browser), nth === winner ? "grace" : undefined, `password ${nth}`);
    }
  });

  test("two set-up links make one administrator (RP-05, AD-06)", async () => {
    const { auth } = world;
    const tickets = await Promise.all([
      auth.people.issueSetupTicket({ client: OPERATOR }),
      auth.people.issueSetupTicket({ client: OPERATOR }),
    ]);
    const stranger = world.browser();

    const copies = Array.from({ length: 12 }, (_, nth) => at(stranger, nth));
    const answers = await race(copies, "/setup", (nth) => ({
      ticket: tickets[nth % 2] ?? "",
      login: `root${nth}`,
      name: "Root",
      email: `root${nth}@example.org`,
      new_password: PASSWORD,
    }));

    assert.equal(answers.filter(({ status }) => status === 303).length, 1);
    await using db = await openTables(world);
    const administrators = await db.selectFrom("users").select("login").where("role", "=", "administrator").execute();
    assert.equal(administrators.length, 1);
    assert.equal(await auth.setup.isOpen(), false);
  });

  test("a session that ended in one process is refused by the next request to another (RP-09, SE-04)", async () => {
    const eve = await world.person("eve");
    const browser = world.browser();
    await world.signIn(browser, eve);
    setClocks();
    const [first, second, third] = [0, 1, 2].map((nth) => at(browser, nth)) as [Browser, Browser, Browser];
    for (const copy of [first, second, third]) assert.equal(await whoIs(copy), "eve");
    assert.equal((await submit(first, "/sign-out")).status, 303);
    for (const copy of [second, third, browser]) assert.equal(await whoIs(copy), undefined);
  });
});
