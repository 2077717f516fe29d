// The attack: a code is seen as it is typed, or caught by a false page that passes it on, and sent a second time while
// the phone still shows it. It may be sent for another purpose (to confirm, to turn two-factor authentication off), in
// another spelling ("123 456"), after the code that followed it, or with a false time beside it. A code works once.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Session } from "../../../src/auth.ts";
import { decodeBase32 } from "../../../src/crypto/base32.ts";
import { newKey, seal, unseal } from "../../../src/crypto/secret-box.ts";
import { DEFAULT_PARAMETERS, matchStep, totp } from "../../../src/crypto/totp.ts";
import { codeFor } from "../../../src/testing/auth.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { clientAt, submit, whoIs } from "../../support/attacker.ts";
import { openTables } from "../../support/tables.ts";
import { createWorld, type Member, onBothKinds, PASSWORD, type World } from "../../support/world.ts";

const PURPOSES = ["sign-in", "confirmation", "disable", "enrolment"] as const;
type Purpose = (typeof PURPOSES)[number];

/** One use of a code: what for, of which step as seen from the server, how many seconds after the one before. */
const uses = fc.array(
  fc.record({
    purpose: fc.constantFrom<Purpose>("sign-in", "sign-in", "confirmation", "confirmation", "disable", "enrolment"),
    drift: fc.constantFrom(-1, 0, 0, 1),
    seconds: fc.constantFrom(0, 0, 0, 30, 60),
  }),
  { minLength: 3, maxLength: 7 },
);

/** Half of a sign-in: a browser whose next step is the code. */
async function half(world: World, { login }: Member, browser = world.browser()): Promise<Browser> {
  const page = await browser.post("/sign-in", { login, password: PASSWORD });
  assert.equal(page.path, "/sign-in/code");
  return browser;
}

onBothKinds("a code", (dialect) => {
  test("works once in any order of purposes, and after it none that is older (RP-01, RP-03)", async () => {
    await using world = await createWorld(dialect);
    let people = 0;
    await fc.assert(
      fc.asyncProperty(uses, async (sequence) => {
        const owner = await startOwner(world, `person${++people}`);
        for (const use of sequence) await owner.use(use);
      }),
      {
        numRuns: 8,
        examples: [
          // Every purpose after every purpose, with one code each time.
          [PURPOSES.map((purpose) => ({ purpose, drift: 0, seconds: 0 }))],
          [PURPOSES.toReversed().map((purpose) => ({ purpose, drift: 1, seconds: 30 }))],
        ],
      },
    );
  });

  test("is spent at all places at once: of five uses at the same moment one succeeds (RP-01, RP-02)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    const [first, second, third] = [world.browser(), world.browser(), world.browser()];
    for (const browser of [first, second, third]) await world.signIn(browser, ada);
    const [fourth, fifth] = [await half(world, ada, world.browser()), await half(world, ada, world.browser())];
    const code = world.freshCode(ada);
    const confirming = { current_password: PASSWORD, current_code: code };
    const answers = await Promise.all([
      submit(first, "/account/email", { ...confirming, email: "first@example.org" }),
      submit(second, "/account/email", { ...confirming, email: "second@example.org" }),
      submit(third, "/account/security/disable", confirming),
      submit(fourth, "/sign-in/code", { code }),
      submit(fifth, "/sign-in/code", { code }),
    ]);
    // Where turning it off came first, what the others came with is over, and they are sent to the start.
    const succeeded = answers.filter(({ status, headers }) => status === 303 && headers.get("location") !== "/sign-in");
    assert.equal(succeeded.length, 1, answers.map(({ status }) => status).join(" "));
  });

  test("is refused after the one that followed it, so two codes cannot take turns (T-03, RP-03)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    const a = world.freshCode(ada);
    const b = codeFor(ada.secret ?? "", world.clock.now() + 30_000);
    assert.equal((await (await half(world, ada)).post("/sign-in/code", { code: a })).path, "/");
    assert.equal((await (await half(world, ada)).post("/sign-in/code", { code: b })).path, "/");
    for (const code of [a, b, a]) {
      assert.match((await (await half(world, ada)).post("/sign-in/code", { code })).words, /already used/);
    }
  });

  test("is refused once a later one was used, though it was never used itself (RP-03)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    world.clock.advance(60_000);
    const [earlier, now, later] = [-1, 0, 1].map((drift) =>
      codeFor(ada.secret ?? "", world.clock.now() + drift * 30_000),
    );
    assert.ok(earlier && now && later);
    const browser = await half(world, ada);
    assert.equal((await browser.post("/sign-in/code", { code: later })).path, "/");
    for (const code of [earlier, now, later]) {
      const other = await half(world, ada);
      assert.match((await other.post("/sign-in/code", { code })).words, /already used. Wait for the next one/);
      assert.equal(await whoIs(other), undefined);
    }
  });

  test("of one person is not spent by another whose phone shows the same (T-44)", async () => {
    const key = newKey();
    const keys = { active: key, all: [key] };
    await using world = await createWorld(dialect, { host: { keys } });
    await using db = await openTables(world);
    const ada = await world.person("ada", { twoFactor: true });
    const bob = await world.person("bob", { twoFactor: true });
    const rows = await db.selectFrom("authenticators").selectAll().execute();
    const [hers, his] = [ada, bob].map(({ id }) => rows.find((row) => row.user_id === id));
    assert.ok(hers && his);
    const placeOf = (row: typeof hers) => ({
      table: "authenticators",
      column: "secret_sealed",
      row: row.id,
      owner: row.user_id,
    });
    const shared = seal(keys, placeOf(his), unseal(keys, placeOf(hers), hers.secret_sealed));
    await db.updateTable("authenticators").set({ secret_sealed: shared }).where("id", "=", his.id).execute();

    const code = world.freshCode(ada);
    for (const member of [ada, bob]) {
      const browser = await half(world, member);
      assert.equal((await browser.post("/sign-in/code", { code })).path, "/");
      assert.equal(await whoIs(browser), member.login);
    }
    for (const member of [ada, bob]) {
      assert.match((await (await half(world, member)).post("/sign-in/code", { code })).words, /already used/);
    }
  });

  test("is the same code in any spelling: none of them is a second one (TC-09)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    const code = world.freshCode(ada);
    const [front, back] = [code.slice(0, 3), code.slice(3)];
    const first = await half(world, ada);
    assert.equal((await first.post("/sign-in/code", { code: `${front} ${back}` })).path, "/");
    const second = await half(world, ada);
    for (const spelling of [code, `${front}-${back}`, ` ${code} `, code.split("").join(" "), `-${code}`]) {
      assert.match((await second.post("/sign-in/code", { code: spelling })).words, /already used/, spelling);
    }
  });

  test("is digits and nothing else: no other form of it signs in, nor counts as a try (TC-09)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    const code = world.freshCode(ada);
    const browser = await half(world, ada);
    const wide = [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join("");
    const arabic = [...code].map((digit) => String.fromCodePoint(0x660 + Number(digit))).join("");
    const texts = [
      wide,
      arabic,
      `${code}\n`,
      `\t${code}`,
      `+${code}`,
      `${code}.0`,
      `${code}e0`,
      `0x${code}`,
      `[${code}]`,
    ];
    for (const text of [
      ...texts,
      `["${code}"]`,
      `{"code":"${code}"}`,
      `0${code}`,
      `\u00a0${code}`,
      `${code},${code}`,
      "",
    ]) {
      const page = await browser.post("/sign-in/code", { code: text });
      assert.equal(page.status, 422, JSON.stringify(text));
      assert.match(page.words, /That code is not right/);
    }
    const bodies: [type: string, body: string, status: number][] = [
      ["application/x-www-form-urlencoded", `code=${code}%00`, 400],
      ["application/x-www-form-urlencoded", `code=${code}&code=${code}`, 400],
      ["application/x-www-form-urlencoded", `code[]=${code}`, 422],
      ["application/x-www-form-urlencoded", `code%5B0%5D=${code}`, 422],
      ["application/x-www-form-urlencoded", `code=%EF%BC%9${code[0]}%`, 400],
      ["application/json", `{"code":"${code}"}`, 415],
      ["application/json", `{"code":["${code}"]}`, 415],
      ["text/plain", `code=${code}`, 415],
    ];
    for (const [type, body, status] of bodies) {
      const headers = { "content-type": type, "sec-fetch-site": "same-origin" };
      assert.equal((await browser.send("/sign-in/code", { method: "POST", body, headers })).status, status, body);
    }
    assert.equal(await whoIs(browser), undefined);
    await using db = await openTables(world);
    const charged = await db.selectFrom("attempts").select("misses").where("subject", "=", ada.id).execute();
    assert.ok(
      charged.every(({ misses }) => misses === 0),
      "what no phone shows is not a try",
    );
    assert.equal((await browser.post("/sign-in/code", { code })).path, "/", "the code itself still works");
  });

  test("that was used is answered with advice, is on record, is no miss, and is limited all the same (RP-04)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const ada = await world.person("ada", { twoFactor: true });
    const used = world.freshCode(ada);
    await (await half(world, ada)).post("/sign-in/code", { code: used });

    const browser = await half(world, ada);
    for (let nth = 1; nth <= 10; nth++) {
      const page = await browser.post("/sign-in/code", { code: used });
      assert.equal(page.status, 422, `try ${nth}`);
      assert.match(page.words, /it was already used. Wait for the next one/);
    }
    const limited = await browser.post("/sign-in/code", { code: used });
    assert.equal(limited.status, 429);
    assert.ok(Number(limited.headers.get("retry-after")) > 0);

    const events = await db.selectFrom("events").select(["kind"]).where("user_id", "=", ada.id).execute();
    assert.equal(events.filter(({ kind }) => kind === "sign_in.code_reused").length, 11);
    assert.equal(events.filter(({ kind }) => kind === "sign_in.code_refused").length, 0);
    const codes = await db.selectFrom("attempts").selectAll().where("kind", "=", "code").execute();
    assert.ok(codes.every(({ misses }) => misses === 0));
    assert.equal((await browser.post("/sign-in/code", { code: world.freshCode(ada) })).path, "/");
  });

  test("is right by the server's clock alone: no time that the browser tells changes that (TC-11)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    const old = world.freshCode(ada);
    const then = world.clock.now();
    world.clock.advance(120_000);
    const told = (time: number) => ({
      fields: {
        time: String(time),
        timestamp: String(Math.floor(time / 1000)),
        counter: String(Math.floor(time / 30_000)),
        step: String(Math.floor(time / 30_000)),
        window: "100",
        period: "3600",
        digits: "6",
      },
      headers: { date: new Date(time).toUTCString(), "x-time": String(time), "x-forwarded-date": String(time) },
    });
    const browser = await half(world, ada);
    const past = told(then);
    const refused = await submit(browser, "/sign-in/code", { code: old, ...past.fields }, past.headers);
    assert.equal(refused.status, 422);
    assert.equal(await whoIs(browser), undefined);
    const fresh = await submit(browser, "/sign-in/code", { code: world.freshCode(ada), ...past.fields }, past.headers);
    assert.equal(fresh.status, 303);
    assert.equal(await whoIs(browser), "ada");
  });

  test("is read by the parameters that its authenticator was added with, whatever is usual today (TC-12)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const ada = await world.person("ada", { twoFactor: true });
    const secret = decodeBase32(ada.secret ?? "") ?? new Uint8Array();
    const sets = [
      { algorithm: "SHA256", digits: 8, period: 60 },
      { algorithm: "SHA512", digits: 6, period: 15 },
      { algorithm: "SHA1", digits: 8, period: 120 },
    ] as const;
    for (const parameters of sets) {
      await db
        .updateTable("authenticators")
        .set({ ...parameters, last_step: 0 })
        .where("user_id", "=", ada.id)
        .execute();
      const browser = await half(world, ada);
      const usual = await browser.post("/sign-in/code", { code: totp(secret, world.clock.now(), DEFAULT_PARAMETERS) });
      assert.match(usual.words, /That code is not right/);
      const own = totp(secret, world.clock.now(), parameters);
      assert.equal((await browser.post("/sign-in/code", { code: own })).path, "/", JSON.stringify(parameters));
      assert.match((await (await half(world, ada)).post("/sign-in/code", { code: own })).words, /already used/);
    }
  });
});

/** A person who uses codes through the engine, and a model that knows which of them must work. */
async function startOwner({ auth, clock, context, person }: World, login: string) {
  const client = clientAt("192.0.2.9");
  const { id } = await person(login);
  const browserTokens: string[] = [];
  let session: Session;
  let secret: Uint8Array | undefined;
  let lastStep = -1;

  const find = async (token: string) => {
    const found = await auth.session.find({ token });
    assert.ok(found !== undefined);
    session = found;
  };

  /** The code that a phone shows which is some steps off from what is known of it, and whether it may work now. */
  const codeOf = async (drift: number) => {
    if (secret === undefined) return { code: "", step: 0, isRight: true };
    const learned = await context.db
      .selectFrom("authenticators")
      .select("drift_steps")
      .where("user_id", "=", id)
      .executeTakeFirst();
    const time = clock.now() + (learned?.drift_steps ?? 0) * 30_000;
    const code = totp(secret, time + drift * 30_000, DEFAULT_PARAMETERS);
    const step = matchStep(secret, code, { ...DEFAULT_PARAMETERS, time, window: 1 }) ?? -1;
    return { code, step, isRight: step > lastStep };
  };

  const signIn = async (drift: number) => {
    const begun = await auth.signIn.begin({ client, name: login, password: PASSWORD, wantedPage: "/", browserTokens });
    assert.ok(begun.ok);
    if (begun.next === "session") {
      assert.equal(secret, undefined, "a session without a code");
      if (begun.browserToken !== null) browserTokens.push(begun.browserToken);
      return find(begun.sessionToken);
    }
    const { code, step, isRight } = await codeOf(drift);
    const done = await auth.signIn.confirmCode({ client, pendingToken: begun.pendingToken, code });
    assert.deepEqual(done.ok ? "ok" : done.reason, isRight ? "ok" : "used_code");
    if (!done.ok) return;
    lastStep = step;
    if (done.browserToken !== null) browserTokens.push(done.browserToken);
    await find(done.sessionToken);
  };

  const confirm = async (drift: number) => {
    const { code, step, isRight } = await codeOf(drift);
    const confirmed = await auth.session.confirm({ client, session, password: PASSWORD, code });
    assert.deepEqual(confirmed.ok ? "ok" : confirmed.reason, isRight ? "ok" : "used_code");
    if (!confirmed.ok) return undefined;
    if (secret !== undefined) lastStep = step;
    await find(confirmed.sessionToken);
    return confirmed.session;
  };

  const enrol = async (drift: number) => {
    const recent = await confirm(drift);
    if (recent === undefined) return;
    const begun = await auth.account.beginEnrolment({ client, session: recent });
    assert.ok(begun.ok);
    // Another app beside the first has tests of its own: test/attacks/factors/authenticators.test.ts.
    if (secret !== undefined) return auth.enrolment.cancel(recent);
    const shown = await auth.account.enrolment({ session: recent });
    secret = decodeBase32(shown?.secret ?? "");
    lastStep = -1;
    const { code, step } = await codeOf(drift);
    assert.ok((await auth.account.confirmEnrolment({ client, session: recent, code, nameOf: String })).ok);
    lastStep = step;
    session = { ...session, user: { ...session.user, twoFactor: true } };
  };

  const disable = async (drift: number) => {
    const recent = await confirm(drift);
    if (recent === undefined) return;
    assert.equal((await auth.account.disable({ client, session: recent })).ok, secret !== undefined);
    secret = undefined;
    lastStep = -1;
    session = { ...session, user: { ...session.user, twoFactor: false } };
  };

  const acts: Record<Purpose, (drift: number) => Promise<unknown>> = {
    "sign-in": signIn,
    confirmation: confirm,
    disable,
    enrolment: enrol,
  };
  await signIn(0);
  await enrol(0);
  return {
    id,
    use: async ({ purpose, drift, seconds }: { purpose: Purpose; drift: number; seconds: number }) => {
      clock.advance(seconds * 1000);
      await acts[purpose](drift);
    },
  };
}
