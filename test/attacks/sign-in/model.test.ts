// The attack: any order of anything. Real break-ins are seldom one clever request; they are Back after Cancel, an old
// cookie after a new password, a second browser in between, a clock that was set back, a code typed twice. So several
// browsers send whatever a browser can send, in random order, to the real pages on the real databases, while a model of
// a few lines follows along: it knows what was proved, when and under which security setup. After every step a browser
// is somebody exactly if the model says so (LS-01, T-21, T-22, T-35).

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { codeFor } from "../../../src/testing/auth.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { type Arena, COOKIE, submit, useArena, wrongCode } from "../../support/attacker.ts";
import { OPERATOR, onBothDatabases, PASSWORD, secretOn } from "../../support/world.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEP = 30 * SECOND;

const BROWSERS = 3;
const PASSWORDS = [PASSWORD, "another eleven walnut boats", "quiet harbours keep warm lamps"];
const PATHS = [
  "/",
  "/account",
  "/account/security",
  "/account/security/enrolment",
  "/sign-in",
  "/sign-in/code",
  "/users",
];

// ---- The model -----------------------------------------------------------------------------------------------------

type Session = {
  method: "password" | "password+code" | "enrolment";
  /** The person's security setup that it was earned under. */
  version: number;
  createdAt: number;
  lastSeenAt: number;
  confirmedAt: number | null;
  /** Which of the cookies that it ever had is the good one. */
  cookie: symbol;
  ended: boolean;
  /** Cleaning up may have removed it, because the minute in which it was last seen is not known to the second. */
  unsure: boolean;
};

type HalfSignIn = { version: number; until: number; dead: boolean };

/** What the cookies of a browser stand for. */
type Jar = { session: { of: Session; cookie: symbol } | undefined; half: HalfSignIn | undefined };

type Model = {
  password: number;
  enabled: boolean;
  version: number;
  secret: string | undefined;
  lastStep: number;
  /** What is known of the phone's clock, in steps; test/attacks/factors/drift.test.ts has the rules of it. */
  drift: number;
  enrolment: { of: Session; secret: string; until: number } | undefined;
  jars: Jar[];
  saved: Jar[];
  sessions: Session[];
  halves: HalfSignIn[];
};

/** What happened in all runs, to see that the random steps get somewhere. */
const counts: Record<string, number> = {};
const count = (what: string) => {
  counts[what] = (counts[what] ?? 0) + 1;
};

/** Whether the cookies of a browser make it the person; `undefined` within the minute that is not known. */
function isLive(model: Model, jar: Jar, now: number): boolean | undefined {
  const { session } = jar;
  if (session === undefined || session.of.ended || session.of.cookie !== session.cookie) return false;
  const { version, createdAt, lastSeenAt, unsure } = session.of;
  if (version !== model.version || !model.enabled) return false;
  const idle = now - lastSeenAt;
  if (now - createdAt >= 24 * HOUR || idle >= HOUR) return false;
  return unsure || idle > HOUR - MINUTE ? undefined : true;
}

/** Whether the session was confirmed in the last ten minutes. */
function isRecent({ confirmedAt, lastSeenAt }: Session, now: number): boolean | undefined {
  if (confirmedAt === null || now - confirmedAt >= 10 * MINUTE || now < confirmedAt) return false;
  if (now < lastSeenAt - MINUTE) return false;
  return now < lastSeenAt ? undefined : true;
}

/** Which codes are right follows the phone's clock. */
async function learn(model: Model, { world, id }: Real): Promise<void> {
  const { db } = world.context;
  const row = await db.selectFrom("authenticators").select("drift_steps").where("user_id", "=", id).executeTakeFirst();
  model.drift = row?.drift_steps ?? 0;
}

/** The step that a code is right for now, of those that were not spent. */
function stepOf(secret: string, code: string, now: number, { lastStep, drift }: Pick<Model, "lastStep" | "drift">) {
  const current = Math.floor(now / STEP) + drift;
  return [current, current + 1, current - 1].find((step) => step > lastStep && codeFor(secret, step * STEP) === code);
}

// ---- The real thing ------------------------------------------------------------------------------------------------

type Real = { world: Arena; id: string; login: string; browsers: Browser[]; saved: Map<string, string>[] };

const at = <T>(list: readonly T[], index: number): T => {
  const item = list[index % list.length];
  assert.ok(item !== undefined);
  return item;
};

type Proof = { right: boolean; code: Code };
type Code = "right" | "next" | "used" | "old" | "wrong" | "none";

function typedCode(model: Model, now: number, code: Code): string {
  const secret = model.secret ?? model.enrolment?.secret ?? "";
  const current = Math.floor(now / STEP) + model.drift;
  switch (code) {
    case "right":
      return codeFor(secret, Math.max(current - 1, Math.min(current + 1, model.lastStep + 1)) * STEP);
    case "next":
      return codeFor(secret, (current + 1) * STEP);
    case "used":
      return codeFor(secret, model.lastStep * STEP);
    case "old":
      return codeFor(secret, (current - 5) * STEP);
    case "wrong":
      return wrongCode({ secret }, now);
    case "none":
      return "";
  }
}

/** What may explain that an answer set a new session cookie. */
type Grant = { kind: "signIn"; method: Session["method"] } | { kind: "confirmation" } | undefined;

/**
 * Sends one form or opens one page, and follows in the model what the answer did to the cookies. `grant` is what the
 * model would allow; a new session cookie without it is what must never happen.
 */
async function exchange(
  model: Model,
  { world, browsers }: Real,
  b: number,
  send: (browser: Browser) => Promise<Response>,
  { grant, mayHold = false }: { grant?: Grant; mayHold?: boolean } = {},
): Promise<{ answer: Response; isNew: boolean; isHeld: boolean }> {
  const [browser, jar, now] = [at(browsers, b), at(model.jars, b), world.clock.now()];
  const earlier = { session: browser.cookies.get(COOKIE.session), half: browser.cookies.get(COOKIE.signIn) };
  const wasLive = isLive(model, jar, now);
  const answer = await send(browser);
  assert.ok(answer.status < 500, `status ${answer.status}`);
  const [session, half] = [browser.cookies.get(COOKIE.session), browser.cookies.get(COOKIE.signIn)];

  const isNew = session !== undefined && session !== earlier.session;
  if (isNew) {
    assert.ok(grant !== undefined, "a session came of nothing that was proved");
    const cookie = Symbol("cookie");
    if (grant.kind === "signIn") {
      if (jar.session !== undefined && wasLive !== false) jar.session.of.ended = true;
      const of: Session = {
        method: grant.method,
        version: model.version,
        createdAt: now,
        lastSeenAt: now,
        confirmedAt: null,
        cookie,
        ended: false,
        unsure: false,
      };
      model.sessions.push(of);
      jar.session = { of, cookie };
      count(`signed in: ${grant.method}`);
    } else {
      assert.ok(jar.session !== undefined && wasLive !== false, "a dead session was confirmed");
      Object.assign(jar.session.of, { cookie, confirmedAt: now, lastSeenAt: now });
      jar.session = { of: jar.session.of, cookie };
      count("confirmed");
    }
  } else if (session === undefined) jar.session = undefined;
  else touch(model, jar, now);

  const isHeld = half !== undefined && half !== earlier.half;
  if (isHeld) {
    assert.ok(mayHold, "a second step was offered without the password");
    jar.half = { version: model.version, until: now + 10 * MINUTE, dead: false };
    model.halves.push(jar.half);
    count("held");
  } else if (half === undefined) jar.half = undefined;
  return { answer, isNew, isHeld };
}

function touch(model: Model, jar: Jar, now: number): void {
  const session = jar.session?.of;
  if (session !== undefined && isLive(model, jar, now) === true) session.lastSeenAt = Math.max(session.lastSeenAt, now);
}

/** Whether an answer refuses for a reason that has nothing to do with what was proved. */
async function isLimited(answer: Response): Promise<boolean> {
  const limited = answer.status === 429 || /Too many tries|Codes are blocked/.test(await answer.clone().text());
  if (limited) count("limited");
  return limited;
}

/**
 * Sends a sensitive form with a proof. Tells whether the model lets it pass: `true`, `false`, or `undefined` where a
 * limit, or the unknown minute, may decide either way.
 */
async function sensitive(
  model: Model,
  real: Real,
  b: number,
  {
    path,
    fields,
    proof,
    asks,
  }: { path: string; fields: Record<string, string>; proof: Proof | undefined; asks: "first" | "always" },
): Promise<{ passes: boolean | undefined; answer: Response }> {
  const { world, browsers } = real;
  await learn(model, real);
  const [jar, now] = [at(model.jars, b), world.clock.now()];
  const live = isLive(model, jar, now);
  const session = jar.session?.of;
  const recent = asks === "first" && session !== undefined ? isRecent(session, now) : false;
  const code = proof === undefined ? "" : typedCode(model, now, proof.code);
  const step = model.secret === undefined ? undefined : stepOf(model.secret, code, now, model);
  const proved = proof?.right === true && (model.secret === undefined || step !== undefined);
  const sent = {
    ...fields,
    ...(proof === undefined
      ? {}
      : { current_password: proof.right ? at(PASSWORDS, model.password) : "not this one", current_code: code }),
  };
  const grant: Grant = live !== false && proved && recent !== true ? { kind: "confirmation" } : undefined;
  const { answer, isNew } = await exchange(
    model,
    real,
    b,
    (browser) => submit(browser, path, sent),
    grant ? { grant } : {},
  );
  if (live === false) {
    assert.equal(answer.headers.get("location"), "/sign-in");
    return { passes: false, answer };
  }
  if (isNew && step !== undefined) model.lastStep = step;
  if (isNew) return { passes: true, answer };
  // Too many wrong tries end the session that they were made in; a right one never does.
  if (!at(browsers, b).cookies.has(COOKIE.session) && live === true) {
    assert.ok(!proved && session !== undefined, "the session ended without a wrong try");
    session.ended = true;
    count("ended by misses");
    return { passes: false, answer };
  }
  if (recent !== false || live === undefined)
    return { passes: recent === true && live === true ? true : undefined, answer };
  if (proved) assert.ok(await isLimited(answer), `a right proof was refused with ${answer.status}`);
  return { passes: proved ? undefined : false, answer };
}

/** Ends what was earned before, but the session that changed the setup. */
function setupChanged(model: Model, keep?: Session, method?: Session["method"]): void {
  model.version++;
  model.enrolment = undefined;
  for (const half of model.halves) half.dead = true;
  if (keep !== undefined) Object.assign(keep, { version: model.version, method: method ?? keep.method });
}

/** What the database says about the person's setup, whatever the pages say. */
async function setup({ world: { context }, id }: Real): Promise<{ hash: string; isOn: boolean }> {
  const { db } = context;
  const user = await db.selectFrom("users").select("password_hash").where("id", "=", id).executeTakeFirst();
  const factors = await db.selectFrom("authenticators").select("id").where("user_id", "=", id).execute();
  return { hash: user?.password_hash ?? "", isOn: factors.length > 0 };
}

// ---- The steps -----------------------------------------------------------------------------------------------------

type Step = fc.AsyncCommand<Model, Real>;

function step(name: string, run: (model: Model, real: Real) => Promise<unknown>): Step {
  return {
    check: () => true,
    toString: () => name,
    run: async (model, real) => {
      await run(model, real);
      await agree(model, real);
    },
  };
}

/** The invariant: each browser is the person exactly if the model says so, and by the method that the model knows. */
async function agree(model: Model, { world, id, browsers }: Real): Promise<void> {
  const now = world.clock.now();
  for (const [b, browser] of browsers.entries()) {
    const jar = at(model.jars, b);
    const live = isLive(model, jar, now);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const me = await world.fetch(new Request("http://localhost:4180/api/v1/session", { headers: { cookie } }));
    const home = await world.fetch(new Request("http://localhost:4180/", { headers: { cookie } }));
    assert.equal(home.status === 200, me.status === 200);
    const isSomebody = me.status === 200;
    if (live === undefined) {
      if (isSomebody && jar.session !== undefined) jar.session.of.lastSeenAt = now;
      continue;
    }
    assert.equal(isSomebody, live, isSomebody ? `browser ${b} is in without the proof` : `browser ${b} was thrown out`);
    touch(model, jar, now);
    if (!isSomebody) continue;
    const { user, method } = (await me.json()) as { user: { id: string; twoFactor: boolean }; method: string };
    assert.deepEqual(
      { id: user.id, twoFactor: user.twoFactor, method },
      { id, twoFactor: model.secret !== undefined, method: jar.session?.of.method },
    );
    assert.ok(!user.twoFactor || method !== "password", "the password alone stands where a code is owed");
  }
}

const openPage = (b: number, path: string) =>
  step(`open ${path} in ${b}`, (model, real) => exchange(model, real, b, (browser) => browser.send(path)));

const typePassword = (b: number, right: boolean, byEmail: boolean) =>
  step(`type the ${right ? "right" : "wrong"} password in ${b}`, (model, real) =>
    signInByPassword(model, real, b, { right, byEmail }),
  );

async function signInByPassword(
  model: Model,
  real: Real,
  b: number,
  { right, byEmail }: { right: boolean; byEmail: boolean },
): Promise<void> {
  const isRight = right && model.enabled;
  const login = byEmail ? `${real.login.toUpperCase()}@example.org` : real.login;
  const password = right ? at(PASSWORDS, model.password) : "not this one";
  const owesCode = model.secret !== undefined;
  const { answer, isNew, isHeld } = await exchange(
    model,
    real,
    b,
    (browser) => submit(browser, "/sign-in", { login, password }),
    isRight ? (owesCode ? { mayHold: true } : { grant: { kind: "signIn", method: "password" } }) : {},
  );
  if (isRight && !isNew && !isHeld)
    assert.ok(await isLimited(answer), `the right password was refused with ${answer.status}`);
}

const typeCode = (b: number, code: Code) =>
  step(`type a ${code} code in ${b}`, (model, real) => signInByCode(model, real, b, code));

async function signInByCode(model: Model, real: Real, b: number, code: Code): Promise<void> {
  await learn(model, real);
  const [jar, now] = [at(model.jars, b), real.world.clock.now()];
  const { half } = jar;
  const typed = typedCode(model, now, code);
  const matched = model.secret === undefined ? undefined : stepOf(model.secret, typed, now, model);
  const stands =
    half !== undefined && !half.dead && now < half.until && half.version === model.version && model.enabled;
  const mayEnter = stands && matched !== undefined;
  const { answer, isNew } = await exchange(
    model,
    real,
    b,
    (browser) => submit(browser, "/sign-in/code", { code: typed }),
    mayEnter ? { grant: { kind: "signIn", method: "password+code" } } : {},
  );
  if (isNew && matched !== undefined && half !== undefined) {
    model.lastStep = matched;
    half.dead = true;
    return;
  }
  if (!mayEnter || half === undefined) return;
  // The person's own success from the same place may have made it void; else only a limit may be in the way.
  if (answer.headers.get("location") === "/sign-in" || answer.headers.get("location") === "/") half.dead = true;
  else assert.ok(await isLimited(answer), `the right code was refused with ${answer.status}`);
}

const signIn = (b: number) =>
  step(`sign in in ${b}`, async (model, real) => {
    await signInByPassword(model, real, b, { right: true, byEmail: false });
    real.world.clock.advance(STEP);
    await signInByCode(model, real, b, "right");
  });

const cancel = (b: number) =>
  step(`cancel in ${b}`, async (model, real) => {
    const { half } = at(model.jars, b);
    await exchange(model, real, b, (browser) => submit(browser, "/sign-in/cancel"));
    if (half !== undefined) half.dead = true;
  });

const signOut = (b: number) =>
  step(`sign out in ${b}`, async (model, real) => {
    const jar = at(model.jars, b);
    const live = isLive(model, jar, real.world.clock.now());
    const session = jar.session?.of;
    const { half } = jar;
    const { answer } = await exchange(model, real, b, (browser) => submit(browser, "/sign-out"));
    assert.equal(answer.headers.get("location"), "/sign-in");
    if (session !== undefined && live !== false) session.ended = true;
    if (half !== undefined && live === true) half.dead = true;
  });

const beginEnrolment = (b: number, proof: Proof | undefined) =>
  step(`begin to enrol in ${b} with ${told(proof)}`, (model, real) => enrol(model, real, b, proof));

async function enrol(model: Model, real: Real, b: number, proof: Proof | undefined): Promise<void> {
  const path = "/account/security/enrolment";
  const { passes, answer } = await sensitive(model, real, b, { path, fields: {}, proof, asks: "first" });
  const begun = answer.headers.get("location") === path;
  if (begun) assert.ok(passes !== false, "an enrolment began without a proof");
  else assert.ok(passes !== true, "an enrolment did not begin");
  if (!begun) return;
  // The model knows one secret; those of more apps have tests of their own.
  if (model.secret !== undefined) {
    await submit(at(real.browsers, b), `${path}/cancel`);
    return;
  }
  const session = at(model.jars, b).session?.of;
  assert.ok(session !== undefined);
  const secret = secretOn(await at(real.browsers, b).get(path));
  model.enrolment = { of: session, secret, until: real.world.clock.now() + 10 * MINUTE };
  model.lastStep = 0;
}

const confirmEnrolment = (b: number, code: Code) =>
  step(`confirm the enrolment in ${b} with a ${code} code`, (model, real) => confirmSecret(model, real, b, code));

async function confirmSecret(model: Model, real: Real, b: number, code: Code): Promise<void> {
  const [session, now, { enrolment }] = [at(model.jars, b).session?.of, real.world.clock.now(), model];
  const typed = typedCode(model, now, code);
  const matched = enrolment === undefined ? undefined : stepOf(enrolment.secret, typed, now, { lastStep: 0, drift: 0 });
  const path = "/account/security/enrolment/confirm";
  const { passes, answer } = await sensitive(model, real, b, {
    path,
    fields: { code: typed },
    proof: undefined,
    asks: "first",
  });
  const isOurs = enrolment !== undefined && enrolment.of === session && now < enrolment.until;
  const isRight = isOurs && matched !== undefined && model.secret === undefined;
  const turnedOn = model.secret === undefined && (await setup(real)).isOn;
  if (!turnedOn) {
    if (passes === true && isRight) assert.ok(await isLimited(answer), "a right code did not prove the secret");
    return;
  }
  assert.ok(passes !== false && isRight, "two-factor authentication was turned on without a proof");
  model.secret = enrolment.secret;
  model.lastStep = matched;
  setupChanged(model, session, "enrolment");
  count("turned on");
}

const turnOn = (b: number) =>
  step(`turn two-factor authentication on in ${b}`, async (model, real) => {
    await enrol(model, real, b, { right: true, code: "right" });
    await confirmSecret(model, real, b, "right");
  });

const cancelEnrolment = (b: number) =>
  step(`cancel the enrolment in ${b}`, async (model, real) => {
    const jar = at(model.jars, b);
    const live = isLive(model, jar, real.world.clock.now());
    await exchange(model, real, b, (browser) => submit(browser, "/account/security/enrolment/cancel"));
    if (live !== false && model.enrolment?.of === jar.session?.of) model.enrolment = undefined;
  });

const turnOff = (b: number, proof: Proof) =>
  step(`turn it off in ${b} with ${told(proof)}`, async (model, real) => {
    const session = at(model.jars, b).session?.of;
    const was = await setup(real);
    assert.equal(was.isOn, model.secret !== undefined);
    const { passes } = await sensitive(model, real, b, {
      path: "/account/security/disable",
      fields: {},
      proof,
      asks: "always",
    });
    const turnedOff = was.isOn && !(await setup(real)).isOn;
    if (turnedOff) {
      assert.ok(passes !== false, "two-factor authentication was turned off without a proof");
      model.secret = undefined;
      setupChanged(model, session, "password");
      count("turned off");
    } else assert.ok(passes !== true || !was.isOn, "two-factor authentication was not turned off");
  });

const changePassword = (b: number, proof: Proof) =>
  step(`change the password in ${b} with ${told(proof)}`, async (model, real) => {
    const session = at(model.jars, b).session?.of;
    const { hash } = await setup(real);
    const fields = { new_password: at(PASSWORDS, model.password + 1) };
    const { passes } = await sensitive(model, real, b, { path: "/account/password", fields, proof, asks: "always" });
    const changed = (await setup(real)).hash !== hash;
    if (changed) {
      assert.ok(passes !== false, "the password was changed without a proof");
      model.password++;
      setupChanged(model, session);
      count("password changed");
    } else assert.ok(passes !== true, "the password was not changed");
  });

/** Puts the cookies of an earlier moment, of any browser, into a browser: a thief's copy, or a restored profile. */
const replay = (b: number, nth: number) =>
  step(`put the cookies of moment ${nth} into ${b}`, async (model, real) => {
    if (real.saved.length === 0) return;
    const { cookies } = at(real.browsers, b);
    cookies.clear();
    for (const [name, value] of at(real.saved, nth)) cookies.set(name, value);
    model.jars[b] = { ...at(model.saved, nth) };
    count("replayed");
  });

const save = (b: number) =>
  step(`copy the cookies of ${b}`, async (model, real) => {
    real.saved.push(new Map(at(real.browsers, b).cookies));
    model.saved.push({ ...at(model.jars, b) });
  });

type Administrative = "disable" | "enable" | "reset" | "sign out everywhere" | "unlock";

const administer = (what: Administrative) =>
  step(`${what}, by an administrator`, async (model, { world, id }) => {
    const { people } = world.auth;
    const authority = world.auth.operatorAuthority();
    switch (what) {
      case "disable":
        await people.act({ client: OPERATOR, authority, act: "disable", id });
        if (model.enabled) setupChanged(model);
        model.enabled = false;
        return;
      case "enable":
        await people.act({ client: OPERATOR, authority, act: "enable", id });
        model.enabled = true;
        return;
      case "reset":
        await people.act({ client: OPERATOR, authority, id, act: "reset-two-factor", reason: "lost phone" });
        if (model.secret !== undefined) setupChanged(model);
        model.secret = undefined;
        return;
      case "sign out everywhere":
        await people.act({ client: OPERATOR, authority, act: "sign-out", id });
        for (const session of model.sessions) session.ended = true;
        for (const half of model.halves) half.dead = true;
        return;
      case "unlock":
        await people.act({ client: OPERATOR, authority, act: "unlock", id });
    }
  });

const wait = (milliseconds: number) =>
  step(`${milliseconds / 1000} seconds pass`, async (_, { world }) => world.clock.advance(milliseconds));

const cleanUp = step("clean up", async (model, { world }) => {
  const now = world.clock.now();
  await world.auth.upkeep.run();
  for (const session of model.sessions) {
    if (now - session.createdAt >= 24 * HOUR || now - session.lastSeenAt >= HOUR) session.ended = true;
    else if (now - session.lastSeenAt > HOUR - MINUTE) session.unsure = true;
  }
  for (const half of model.halves) if (now >= half.until) half.dead = true;
  if (model.enrolment !== undefined && now >= model.enrolment.until) model.enrolment = undefined;
});

function told(proof: Proof | undefined): string {
  return proof === undefined ? "no proof" : `the ${proof.right ? "right" : "wrong"} password and a ${proof.code} code`;
}

const browser = fc.nat({ max: BROWSERS - 1 });
const mostlyTrue = fc.integer({ min: 0, max: 4 }).map((number) => number > 0);
const anyCode = fc.constantFrom<Code>("right", "right", "right", "next", "used", "old", "wrong", "none");
const anyProof = fc.record({ right: mostlyTrue, code: anyCode });
const goodProof = fc.constant<Proof>({ right: true, code: "right" });

/** Each kind of step, as often as it stands here. */
const steps = [
  fc.tuple(browser, fc.constantFrom(...PATHS)).map(([b, path]) => openPage(b, path)),
  fc.tuple(browser, mostlyTrue, fc.boolean()).map(([b, right, byEmail]) => typePassword(b, right, byEmail)),
  fc.tuple(browser, mostlyTrue, fc.boolean()).map(([b, right, byEmail]) => typePassword(b, right, byEmail)),
  fc.tuple(browser, anyCode).map(([b, code]) => typeCode(b, code)),
  fc.tuple(browser, anyCode).map(([b, code]) => typeCode(b, code)),
  browser.map(signIn),
  browser.map(signIn),
  browser.map(signIn),
  browser.map(cancel),
  browser.map(signOut),
  fc.tuple(browser, fc.option(anyProof, { nil: undefined })).map(([b, proof]) => beginEnrolment(b, proof)),
  fc.tuple(browser, anyCode).map(([b, code]) => confirmEnrolment(b, code)),
  browser.map(cancelEnrolment),
  browser.map(turnOn),
  fc.tuple(browser, fc.oneof(anyProof, goodProof)).map(([b, proof]) => turnOff(b, proof)),
  fc.tuple(browser, fc.oneof(anyProof, goodProof)).map(([b, proof]) => changePassword(b, proof)),
  browser.map(save),
  browser.map(save),
  fc.tuple(browser, fc.nat({ max: 9 })).map(([b, nth]) => replay(b, nth)),
  fc.tuple(browser, fc.nat({ max: 9 })).map(([b, nth]) => replay(b, nth)),
  fc
    .constantFrom<Administrative>("disable", "enable", "enable", "enable", "reset", "sign out everywhere", "unlock")
    .map(administer),
  fc.constantFrom(SECOND, STEP, STEP, MINUTE, 10 * MINUTE - SECOND, 10 * MINUTE).map(wait),
  fc.constantFrom(-SECOND, -STEP, -2 * MINUTE, -20 * MINUTE, 59 * MINUTE, HOUR, 24 * HOUR).map(wait),
  fc.constant(cleanUp),
];

onBothDatabases("any order of anything", (dialect) => {
  const world = useArena(dialect);
  let runs = 0;

  const start = async (twoFactor: boolean): Promise<{ model: Model; real: Real }> => {
    runs++;
    // A new day for new people: no budget is used, and no clock that was set back reaches into it.
    world.clock.advance(48 * HOUR);
    const { id, login, secret } = await world.person(`ada${runs}`, { twoFactor });
    const browsers = Array.from({ length: BROWSERS }, (_, b) =>
      world.browser({ address: `10.${runs >> 8}.${runs & 255}.${b + 1}` }),
    );
    const jars = browsers.map((): Jar => ({ session: undefined, half: undefined }));
    const person = { password: 0, enabled: true, version: 1, secret, lastStep: 0, drift: 0, enrolment: undefined };
    return {
      model: { ...person, jars, saved: [], sessions: [], halves: [] },
      real: { world, id, login, browsers, saved: [] },
    };
  };

  const explore = async (seed: number, numRuns: number) => {
    const commands = fc.commands(steps, { maxCommands: 60, size: "max" });
    const property = fc.asyncProperty(fc.boolean(), commands, async (twoFactor, chosen) => {
      await fc.asyncModelRun(() => start(twoFactor), chosen);
    });
    await fc.assert(property, { seed, numRuns });
  };

  const numRuns = dialect === "sqlite" ? 45 : 30;

  test("a browser is somebody exactly if every factor was proved under the present setup (LS-01)", async (t) => {
    for (const key of Object.keys(counts)) delete counts[key];
    await explore(4180, numRuns);
    t.diagnostic(JSON.stringify(counts));
    for (const what of [
      "signed in: password",
      "signed in: password+code",
      "turned on",
      "turned off",
      "password changed",
    ]) {
      assert.ok((counts[what] ?? 0) >= 3, `${what}: ${counts[what] ?? 0} times`);
    }
  });

  test("the same with other steps each time (LS-01)", async (t) => {
    const seed = randomInt(2 ** 31);
    t.diagnostic(`seed ${seed}`);
    await explore(seed, Math.ceil(numRuns / 5));
  });
});
