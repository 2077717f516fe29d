// The attack: before guessing passwords, somebody wants to know which names are worth it. They compare answers: the
// sentence, the status, a header, a cookie, the length, the time. They ask for people who exist, who do not, who were
// disabled, who never set a password, who have two-factor authentication. All must look and cost the same.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as attempts from "../../../src/core/ground/attempts.ts";
import { rememberPasswords } from "../../support/argon2.ts";
import { type Arena, createArena, submit, whoIs, wrongCode } from "../../support/attacker.ts";
import { openWatched } from "../../support/faulty-database.ts";
import { disable } from "../../support/keeper.ts";
import { OPERATOR, onBothKinds, ownTest, PASSWORD } from "../../support/world.ts";

const HOUR = 3_600_000;
const WRONG = "not the right password";

/** What a stranger can see of an answer, without the name that they typed themselves. */
async function seen(response: Response, typed: string) {
  const body = (await response.text()).replaceAll(typed, "NAME");
  const headers = [...response.headers].filter(([name]) => name !== "set-cookie");
  return { status: response.status, headers, cookies: response.headers.getSetCookie(), body };
}

onBothKinds("who exists", (dialect) => {
  const testOwn = ownTest(dialect);
  let world: Arena & AsyncDisposable;
  let people = 0;
  /** Every statement that the database was given. */
  const statements: string[] = [];
  before(async () => {
    world = await createArena(dialect, {
      host: {
        openDatabase: (url) => openWatched(url, ({ sql }) => void statements.push(sql)),
      },
    });
  });
  after(() => world[Symbol.asyncDispose]());

  const authority = () => world.auth.operatorAuthority();
  const disabled = async (twoFactor: boolean) => {
    const member = await world.person(`disabled${++people}`, { twoFactor });
    await disable(world, member);
    return member.login;
  };
  /** Every kind of name, with a password that does not open it. */
  const kinds: Record<string, () => Promise<{ login: string; password?: string }>> = {
    "a name that nobody has": async () => ({ login: `nobody${++people}` }),
    "an e-mail address that nobody has": async () => ({ login: `nobody${++people}@example.org` }),
    "a wrong password": async () => world.person(`ada${++people}`),
    "a wrong password, with the e-mail address": async () => {
      const { login } = await world.person(`ada${++people}`);
      return { login: `${login}@example.org` };
    },
    "a wrong password where a code is owed": async () => world.person(`ada${++people}`, { twoFactor: true }),
    "a wrong password of an administrator": async () =>
      world.person(`ada${++people}`, { role: "administrator", twoFactor: true }),
    "a wrong password of a disabled account": async () => ({ login: await disabled(false) }),
    "the right password of a disabled account": async () => ({ login: await disabled(false), password: PASSWORD }),
    "the right password of a disabled account where a code is owed": async () => ({
      login: await disabled(true),
      password: PASSWORD,
    }),
    "somebody invited who has no password yet": async () => {
      const login = `guest${++people}`;
      // A host's people have their passwords there.
      if (dialect === "host") return { login };
      const profile = { login, name: "Guest", email: `${login}@example.org`, role: "person" as const };
      assert.ok((await world.auth.people.invite({ client: OPERATOR, authority: authority(), ...profile })).ok);
      return { login };
    },
    "somebody whose codes are shut": async () => {
      const member = await world.person(`ada${++people}`, { twoFactor: true });
      const { login } = member;
      const thief = world.browser();
      await submit(thief, "/sign-in", { login, password: PASSWORD });
      for (let miss = 0; miss < 20; miss++) {
        // The waits would outlast the half sign-in, so they are taken away.
        await world.context.db
          .updateTable("attempts")
          .set({ blocked_until: 0 })
          .where("subject", "=", member.id)
          .execute();
        await submit(thief, "/sign-in/code", { code: wrongCode(member, world.clock.now()) });
      }
      const lockout = await world.auth.lockout.find(authority(), { ...member, role: "person" });
      assert.equal(lockout?.locks[0]?.until, null);
      return { login };
    },
  };

  test("a refusal has one face: status, headers, cookies and page (LS-07, T-40)", async () => {
    const expected = await seen(
      await submit(world.browser(), "/sign-in", { login: "nobody", password: WRONG }),
      "nobody",
    );
    assert.equal(expected.status, 422);
    assert.deepEqual(expected.cookies, []);
    assert.match(expected.body, /do not match/);
    for (const [kind, make] of Object.entries(kinds)) {
      const { login, password = WRONG } = await make();
      const browser = world.browser();
      assert.deepEqual(await seen(await submit(browser, "/sign-in", { login, password }), login), expected, kind);
      assert.equal(await whoIs(browser), undefined);
      // What the browser wanted to see afterwards makes no difference between them.
      const next = await submit(browser, "/sign-in", { login, password, next: "/users" });
      assert.equal(next.status, expected.status);
      assert.deepEqual(next.headers.getSetCookie(), []);
    }
  });

  test("slowing down has one face too, with the same waits (RL-14, LS-07)", async () => {
    const faces = new Map<string, unknown>();
    for (const [kind, make] of Object.entries(kinds)) {
      const { login, password = WRONG } = await make();
      // The misses themselves would cost ten hashes for each; they are written as the engine would have left them.
      const now = world.clock.now();
      const misses = { misses: 14, blocked_until: now + 16_000, first_at: 0, last_at: now };
      await world.context.db
        .insertInto("attempts")
        .values({ subject: await subjectOf(login), bucket: attempts.STRANGERS, kind: "password", ...misses })
        .onConflict((conflict) => conflict.columns(["subject", "bucket", "kind"]).doUpdateSet(misses))
        .execute();
      const answer = await submit(world.browser(), "/sign-in", { login, password });
      assert.equal(answer.status, 429, kind);
      assert.equal(answer.headers.get("retry-after"), "16", kind);
      faces.set(kind, await seen(answer, login));
    }
    const [expected] = faces.values();
    for (const [kind, face] of faces) assert.deepEqual(face, expected, kind);
  });

  test("ten misses are free and the eleventh waits, for names that exist and names that do not (RL-14)", async () => {
    for (const login of [(await world.person(`ada${++people}`)).login, `nobody${++people}`]) {
      const statuses: number[] = [];
      for (let miss = 0; miss < 11; miss++) {
        const answer = await submit(world.browser(), "/sign-in", { login, password: WRONG });
        statuses.push(answer.status);
        if (miss === 10) assert.equal(answer.headers.get("retry-after"), "1");
      }
      assert.deepEqual(statuses, [...Array(10).fill(422), 429], login);
    }
  });

  test("every refusal takes the same statements of the database (LS-07, T-40)", async () => {
    const taken = new Map<string, string[]>();
    for (const [kind, make] of Object.entries(kinds)) {
      const { login, password = WRONG } = await make();
      statements.length = 0;
      await submit(world.browser(), "/sign-in", { login, password });
      taken.set(kind, [...statements]);
    }
    const [expected] = taken.values();
    assert.ok((expected?.length ?? 0) > 5);
    for (const [kind, list] of taken) assert.deepEqual(list, expected, kind);
  });

  testOwn("a refusal takes the same time, whoever is asked for (LS-07, T-40)", async (t) => {
    const ada = await world.person(`ada${++people}`);
    const gone = await disabled(true);
    const asked = {
      nobody: { login: `nobody${++people}`, password: WRONG },
      wrong: { login: ada.login, password: WRONG },
      disabled: { login: gone, password: PASSWORD },
      // A form that is refused without hashing, to see that the measure sees what it should.
      control: { login: ada.login, password: "" },
    };
    type Asked = keyof typeof asked;
    const names = Object.keys(asked) as Asked[];
    const times: Record<Asked, { clock: number; work: number }[]> = {
      nobody: [],
      wrong: [],
      disabled: [],
      control: [],
    };

    // What a check costs is a part of the answer here.
    rememberPasswords(false);
    t.after(() => rememberPasswords(true));
    const measure = async (rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        // A quiet day: nobody is slowed down. Each round starts with another kind.
        world.clock.advance(25 * HOUR);
        const shift = round % names.length;
        for (const name of [...names.slice(shift), ...names.slice(0, shift)]) {
          const [started, used] = [performance.now(), process.cpuUsage()];
          const answer = await submit(world.browser(), "/sign-in", asked[name]);
          const { user, system } = process.cpuUsage(used);
          times[name].push({ clock: performance.now() - started, work: (user + system) / 1_000 });
          assert.equal(answer.status, 422);
        }
      }
    };
    // By the clock, and by the work that this process did, which other processes disturb less. What a machine does
    // besides moves one of these numbers or another; a step that is left out moves them all.
    const difference = (one: Asked, two: Asked) => {
      const apart = (["clock", "work"] as const).flatMap((by) =>
        [0.1, 0.25, 0.5].map((share) => {
          const [a, b] = [one, two].map((name) =>
            quantile(
              times[name].map((time) => time[by]),
              share,
            ),
          );
          return Math.abs((a ?? 0) - (b ?? 0));
        }),
      );
      return Math.min(...apart);
    };
    const differences = () => [difference("nobody", "wrong"), difference("disabled", "wrong")];

    await measure(3);
    for (const name of names) times[name].length = 0;
    for (let batch = 0; batch < 4; batch++) {
      await measure(20);
      if (Math.max(...differences()) < 4) break;
    }
    for (const name of names) {
      const median = quantile(
        times[name].map(({ clock }) => clock),
        0.5,
      );
      t.diagnostic(`${name}: median ${median.toFixed(2)} ms`);
    }
    assert.ok(difference("control", "wrong") > 5, "the measure would not notice a missing hash");
    for (const found of differences()) assert.ok(found < 5, `the answers are ${found.toFixed(2)} ms apart`);
  });

  async function subjectOf(name: string): Promise<string> {
    const { db } = world.context;
    const row = await db.selectFrom("user_names").select("user_id").where("name", "=", name).executeTakeFirst();
    return row?.user_id ?? attempts.unknownSubject(world.context, name);
  }
});

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}
