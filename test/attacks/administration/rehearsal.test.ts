// The attack: somebody who wants a rule to pass shows its rehearsal to those who decide. If it says less than saving
// does, people lose their way in, or their trust and keys, without anybody having meant it. Both are compared on people
// and rules as chance has them, by what the program then lets each person do.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as trustedBrowsers from "../../../src/core/factors/trusted-browsers.ts";
import * as apiKeys from "../../../src/core/people/api-keys.ts";
import type { Touched } from "../../../src/core/policy/change.ts";
import * as policyRules from "../../../src/core/policy/rules.ts";
import { accountOf } from "../../../src/core/session/account.ts";
import * as policies from "../../../src/core/session/policies.ts";
import { NOTHING_SAID, POINTS, type Rule } from "../../../src/core/session/policy-points.ts";
import { newId, newToken } from "../../../src/crypto/token.ts";
import type { PolicyTable } from "../../../src/db/schema.ts";
import { addPeople } from "../../support/crowd.ts";
import { openWatched } from "../../support/faulty-database.ts";
import { setRules } from "../../support/policies.ts";
import { createWorld, OPERATOR, onBothDatabases, type World } from "../../support/world.ts";

const DAY = 86_400_000;
const GROUP = "AAAAAAAAAAAAAAAA";
const SCOPES = ["everyone", "role:person", "role:administrator", `group:${GROUP}`];

const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const days = fc.integer({ min: 0, max: 9 });

const aRule = (now: number) =>
  fc
    .record({
      scope: fc.constantFrom(...SCOPES),
      requirement: some(fc.constantFrom(...POINTS.requirement.choices)),
      required_from: some(fc.integer({ min: now - 3 * DAY, max: now + 3 * DAY })),
      grace_days: some(days),
      skips: some(fc.integer({ min: 0, max: 3 })),
      trust_days: some(days),
      endless_keys: some(fc.constantFrom<0 | 1>(0, 1)),
    })
    .map((said): Rule => ({ ...NOTHING_SAID, ...said }));

const aPerson = fc.record({
  role: fc.constantFrom("person", "administrator"),
  twoFactor: fc.boolean(),
  isMember: fc.boolean(),
  hasEmail: fc.boolean(),
  requiredInDays: some(fc.integer({ min: -2, max: 2 })),
  askedDaysAgo: days,
  signIns: fc.integer({ min: 0, max: 4 }),
  trustedDaysAgo: some(days),
  hasEndlessKey: fc.boolean(),
  sessions: fc.integer({ min: 0, max: 2 }),
});

type Given = typeof aPerson extends fc.Arbitrary<infer T> ? T : never;

/** A person as given, with the token of the browser that they trust. */
async function populate(world: World, login: string, given: Given) {
  const { context } = world;
  const { db } = context;
  const now = context.now();
  const { id } = await world.person(login, { role: given.role, twoFactor: given.twoFactor });
  const required_from = given.requiredInDays === null ? null : now + given.requiredInDays * DAY;
  const mail = given.hasEmail ? {} : { email: null };
  await db
    .updateTable("users")
    .set({ required_from, ...mail })
    .where("id", "=", id)
    .execute();
  if (given.isMember) await db.insertInto("group_members").values({ group_id: GROUP, user_id: id }).execute();
  if (given.signIns > 0) {
    // Nobody is asked in the very moment in which a rule is saved.
    const asking = { user_id: id, since: now - given.askedDaysAgo * DAY - 1, sign_ins: given.signIns };
    await db
      .insertInto("askings")
      .values(SCOPES.map((scope) => ({ ...asking, scope })))
      .execute();
  }
  const browser = newToken(context.random);
  if (given.trustedDaysAgo !== null) {
    const created_at = now - given.trustedDaysAgo * DAY;
    const times = { created_at, last_used_at: created_at, expires_at: created_at + 30 * DAY };
    const row = { id: browser.id, secret_hash: browser.secretHash, user_id: id, security_version: 1, user_agent: "" };
    await db
      .insertInto("trusted_browsers")
      .values({ ...row, ...times })
      .execute();
  }
  if (given.hasEndlessKey) {
    const key = { id: newId(context.random), key_hash: newId(context.random), user_id: id, name: "bot", last_four: "" };
    const unused = { last_used_at: null, last_used_address: null, revoked_at: null };
    await db
      .insertInto("api_keys")
      .values({ ...key, ...unused, scopes: "profile:read", created_at: now, expires_at: apiKeys.NEVER })
      .execute();
  }
  for (let made = 0; made < given.sessions; made++) {
    const session = { id: newId(context.random), secret_hash: "", user_id: id, security_version: 1 };
    const from = { method: "password", known_browser_id: null, address: "", user_agent: "", confirmed_at: null };
    await db
      .insertInto("sessions")
      .values({ ...session, ...from, created_at: now, last_seen_at: now, expires_at: now + DAY })
      .execute();
  }
  return { id, given, token: browser.token };
}

type Person = Awaited<ReturnType<typeof populate>>;

/** What the program lets a person do now. */
async function stateOf({ context }: World, { id, given, token }: Person) {
  const account = await accountOf(context, id);
  assert.ok(account !== undefined);
  const demand = given.twoFactor ? undefined : policies.demand(account.policy, context.now());
  return {
    demand: JSON.stringify(demand),
    isStopped: demand === "only-enrol",
    isRequired: demand === "only-enrol" || demand?.requirement === "required",
    trusts: await trustedBrowsers.isTrusted(context, account, [token]),
    keyWorks: given.hasEndlessKey && account.policy.endless_keys === 1,
  };
}

async function clear({ context: { db } }: World): Promise<void> {
  for (const table of ["policies", "askings", "trusted_browsers", "api_keys", "group_members", "sessions"] as const) {
    await db.deleteFrom(table).execute();
  }
  // Whoever is disabled is nobody to a rule.
  await db.updateTable("users").set({ disabled_at: 1 }).execute();
}

onBothDatabases("the rehearsal of a rule", (dialect) => {
  test("says what saving the rule then does, to each person (AD-12)", async () => {
    await using world = await createWorld(dialect);
    const { auth, context } = world;
    const authority = auth.operatorAuthority();
    await context.db
      .insertInto("groups")
      .values({ id: GROUP, name: "Sales", name_key: "sales", created_at: 0 })
      .execute();
    const now = context.now();
    let made = 0;
    const rules = fc.uniqueArray(aRule(now), { selector: ({ scope }) => scope, maxLength: 3 });
    const property = fc.asyncProperty(
      fc.array(aPerson, { minLength: 1, maxLength: 4 }),
      rules,
      aRule(now),
      async (given, existing, rule) => {
        await clear(world);
        await setRules(world, ...existing.map((each) => policyRules.rowOf(each, undefined, now - 5 * DAY)));
        const people: Person[] = [];
        for (const person of given) people.push(await populate(world, `p${made++}`, person));
        const states = () => Promise.all(people.map((person) => stateOf(world, person)));
        const before = await states();
        const rehearsal = await auth.policy.rehearse({ reader: authority, rule });
        assert.ok(rehearsal.ok);
        assert.deepEqual(await states(), before, "a rehearsal changes nothing");
        assert.deepEqual(await auth.policy.save({ client: OPERATOR, authority, rule }), { ok: true });
        const after = await states();
        const changed = people.flatMap((person, at) => {
          const [old, next] = [before[at], after[at]];
          return old && next ? [{ id: person.id, given: person.given, old, next }] : [];
        });
        const asked = changed.filter(({ old, next }) => next.isRequired && old.demand !== next.demand);
        const expected = {
          asked,
          stopped: asked.filter(({ next }) => next.isStopped),
          withoutEmail: asked.filter(({ given: { hasEmail } }) => !hasEmail),
          services: asked.filter(({ given: { hasEndlessKey } }) => hasEndlessKey),
          untrusted: changed.filter(({ old, next }) => old.trusts && !next.trusts),
          endlessKeys: changed.filter(({ old, next }) => old.keyWorks && !next.keyWorks),
        };
        for (const [kind, touched] of Object.entries(expected)) {
          const said: Touched = rehearsal[kind as keyof typeof expected];
          assert.deepEqual(said.first.map(({ id }) => id).sort(), touched.map(({ id }) => id).sort(), kind);
          assert.equal(said.total, touched.length);
        }
      },
    );
    await fc.assert(property, { numRuns: 40 });
    await clear(world);
  });

  test("counts whom it does not look at one by one as if it did (AD-12)", async () => {
    await using world = await createWorld(dialect);
    const { auth, context } = world;
    const authority = auth.operatorAuthority();
    const group = { id: GROUP, name: "Sales", name_key: "sales", created_at: 0 };
    await context.db.insertInto("groups").values(group).execute();
    const now = context.now();
    let made = 0;
    const rules = fc.uniqueArray(aRule(now), { selector: ({ scope }) => scope, maxLength: 3 });
    // Most are like each other, as in a company, so that more are counted than are named.
    const alike = fc.record({ count: fc.integer({ min: 8, max: 16 }), given: aPerson });
    const property = fc.asyncProperty(
      fc.array(aPerson, { maxLength: 6 }),
      alike,
      rules,
      aRule(now),
      async (few, many, existing, rule) => {
        await clear(world);
        await setRules(world, ...existing.map((each) => policyRules.rowOf(each, undefined, now - 5 * DAY)));
        const plain = { ...many.given, twoFactor: false, signIns: 0, requiredInDays: null };
        const people: Person[] = [];
        for (const given of [...few, ...Array.from({ length: many.count }, () => plain)])
          people.push(await populate(world, `q${made++}`, given));
        const rehearsal = await auth.policy.rehearse({ reader: authority, rule });
        assert.ok(rehearsal.ok);
        const { meant, sessions, ...expected } = await visitEach(world, people, rehearsal.rule);
        assert.deepEqual([rehearsal.people, rehearsal.sessions], [meant.length, sessions]);
        for (const [kind, ids] of Object.entries(expected)) {
          const said: Touched = rehearsal[kind as keyof typeof expected];
          assert.equal(said.total, ids.length, kind);
          const named = new Set(said.first.map(({ id }) => id));
          assert.equal(named.size, Math.min(10, ids.length), kind);
          assert.ok(named.isSubsetOf(new Set(ids)), kind);
        }
      },
    );
    await fc.assert(property, { numRuns: 12 });
    await clear(world);
  });
});

onBothDatabases("the rehearsal of a rule beside many others", (dialect) => {
  test("asks the database no more for each person the more groups have rules, and says the same (AD-12)", async () => {
    const sent: string[] = [];
    const openDatabase = (url: string) => openWatched(url, ({ sql, isReport }) => void (isReport && sent.push(sql)));
    await using world = await createWorld(dialect, { host: { openDatabase } });
    const { auth, context } = world;
    const { db } = context;
    const now = context.now();
    const groups = Array.from({ length: 8 }, (_, nth) => `g${nth}`);
    await db
      .insertInto("groups")
      .values(groups.map((id) => ({ id, name: id, name_key: id, created_at: 0 })))
      .execute();
    await setRules(
      world,
      ...groups.map(
        (id, nth) =>
          ({ scope: `group:${id}`, trust_days: nth === 0 ? 7 : 10 + nth, endless_keys: nth === 0 ? 1 : null }) as const,
      ),
    );
    // Nobody is in the same groups as anybody else, and the trust of those in the first has ended already.
    const people = Array.from({ length: 256 }, (_, nth) => nth);
    const login = (nth: number) => `p${String(nth).padStart(3, "0")}`;
    await addPeople(
      db,
      people.map((nth) => ({
        id: login(nth),
        name: "P",
        login: login(nth),
        email: nth % 2 === 0 ? null : `${nth}@example.org`,
      })),
      { password_hash: "x" },
    );
    const isIn = (nth: number, group: number) => ((nth >> group) & 1) === 1;
    const members = people.flatMap((nth) =>
      groups.flatMap((group_id, group) => (isIn(nth, group) ? [{ group_id, user_id: login(nth) }] : [])),
    );
    await db.insertInto("group_members").values(members).execute();
    const living = {
      security_version: 1,
      user_agent: "",
      created_at: now - 9 * DAY,
      last_used_at: now,
      expires_at: now + DAY,
    };
    await db
      .insertInto("trusted_browsers")
      .values(people.map((nth) => ({ id: `b${nth}`, secret_hash: "", user_id: login(nth), ...living })))
      .execute();
    const from = { method: "password", known_browser_id: null, address: "", user_agent: "", confirmed_at: null };
    const times = { created_at: now, last_seen_at: now, expires_at: now + DAY };
    await db
      .insertInto("sessions")
      .values(
        people.map((nth) => ({
          id: `s${nth}`,
          secret_hash: "",
          user_id: login(nth),
          security_version: 1,
          ...from,
          ...times,
        })),
      )
      .execute();
    sent.length = 0;
    const rule = {
      ...NOTHING_SAID,
      scope: "everyone",
      requirement: "required",
      required_from: now,
      trust_days: 5,
    } as const;
    const rehearsal = await auth.policy.rehearse({ reader: auth.operatorAuthority(), rule });
    await db.deleteFrom("sessions").execute();
    assert.ok(rehearsal.ok);
    const { asked, stopped, withoutEmail, untrusted, sessions } = rehearsal;
    const totals = [rehearsal.people, asked.total, stopped.total, withoutEmail.total, untrusted.total, sessions];
    assert.deepEqual(totals, [256, 256, 256, 128, 128, 256]);
    const ten = (all: number[]) => all.slice(0, 10).map(login);
    assert.deepEqual(
      asked.first.map(({ id }) => id),
      ten(people),
    );
    assert.deepEqual(
      untrusted.first.map(({ id }) => id),
      ten(people.filter((nth) => !isIn(nth, 0))),
    );
    // Each that goes through all people again would be one for each of them.
    const walks = sent.filter((sql) => /from "?directory"?/.test(sql) && !/"?user_id"? in \((\?|\$\d)/.test(sql));
    assert.ok(walks.length < 20, `${walks.length} walks through all people`);
  });
});

/** Whom saving a rule touches, asked about each person by themselves. */
async function visitEach({ context }: World, all: Person[], rule: Rule) {
  const { db } = context;
  const now = context.now();
  const old = await db.selectFrom("policies").selectAll().execute();
  const before = old.find(({ scope }) => scope === rule.scope);
  const next = [...old.filter((other) => other !== before), policyRules.rowOf(rule, before, now)];
  const found = {
    ...{ meant: [] as string[], asked: [] as string[], stopped: [] as string[], withoutEmail: [] as string[] },
    ...{ services: [] as string[], untrusted: [] as string[], endlessKeys: [] as string[], sessions: 0 },
  };
  for (const { id, given } of all) {
    const scopes = ["everyone", `role:${given.role}`, ...(given.isMember ? [`group:${GROUP}`] : [])];
    if (!scopes.includes(rule.scope)) continue;
    found.meant.push(id);
    const askings = await db.selectFrom("askings").selectAll().where("user_id", "=", id).execute();
    const required_from = given.requiredInDays === null ? null : now + given.requiredInDays * DAY;
    const under = (rules: PolicyTable[]) => {
      const met = rules.filter(({ scope }) => scopes.includes(scope));
      const asked = met.map((each) => {
        const own = askings.find(({ scope }) => scope === each.scope);
        return { ...each, asked_since: own?.since ?? null, asked_sign_ins: own?.sign_ins ?? null };
      });
      return policies.combine(context, asked, { role: given.role, required_from });
    };
    const [was, will] = [under(old), under(next)];
    const [owed, owes] = [policies.demand(was, now), policies.demand(will, now)];
    const isRequired = owes === "only-enrol" || owes?.requirement === "required";
    if (!given.twoFactor && isRequired && JSON.stringify(owed) !== JSON.stringify(owes)) {
      found.asked.push(id);
      if (owes === "only-enrol") found.stopped.push(id);
      if (owes === "only-enrol") found.sessions += given.sessions;
      if (!given.hasEmail) found.withoutEmail.push(id);
      if (given.hasEndlessKey) found.services.push(id);
    }
    const trustedAt = given.trustedDaysAgo === null ? undefined : now - given.trustedDaysAgo * DAY;
    const lasts = ({ trust_days }: policies.Policy) => trustedAt !== undefined && trustedAt > now - trust_days * DAY;
    if (lasts(was) && !lasts(will)) found.untrusted.push(id);
    if (given.hasEndlessKey && was.endless_keys > will.endless_keys) found.endlessKeys.push(id);
  }
  return found;
}
