// The attack: somebody has the password and guesses the code. Three of a million codes are right at any moment, so
// without a limit an hour of guessing is enough, and every limit that counts less than everything has been walked
// around: a new sign-in for each guess, another browser, another address, five hundred guesses in the same instant, a
// right password in between, a restart in between, patience. The budget belongs to the person: five codes, then waits
// of 30 seconds that double to an hour, and after twenty it is over until the owner or an administrator acts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { codeFor } from "../../../src/testing/auth.ts";
import { type Browser, createBrowser } from "../../../src/testing/browser.ts";
import { COOKIE, cookiesSet, SENSITIVE, submit, useArena, whoIs, wrongCode } from "../../support/attacker.ts";
import { changePassword } from "../../support/keeper.ts";
import { takeMails } from "../../support/outbox.ts";
import { type Member, OPERATOR, onBothKinds, PASSWORD } from "../../support/world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NEW_PASSWORD = "another eleven walnut boats";

/** The wait in seconds after each wrong code of one person's stranger. */
const WAITS = [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, ...Array<number>(8).fill(3600)];

onBothKinds("guessing a code", (dialect) => {
  const world = useArena(dialect);
  let people = 0;

  const enrolled = () => world.person(`ada${++people}`, { twoFactor: true });
  const begin = async ({ login }: Member, browser = world.browser(), password = PASSWORD) => {
    const answer = await submit(browser, "/sign-in", { login, password });
    assert.equal(answer.headers.get("location"), "/sign-in/code");
    return browser;
  };
  const right = ({ secret }: Member) => codeFor(secret ?? "", world.clock.now());
  const guess = (browser: Browser, member: Member, nth = 0) =>
    submit(browser, "/sign-in/code", { code: wrongCode(member, world.clock.now(), nth) });
  const attemptsOf = ({ id }: Member, kind = "code") =>
    world.context.db.selectFrom("attempts").selectAll().where("subject", "=", id).where("kind", "=", kind).execute();
  /** Misses of a stranger, written as so many guesses would have left them once the wait is over. */
  const hasMissed = async ({ id }: Member, misses: number) => {
    const row = { misses, blocked_until: 0, first_at: 0, last_at: world.clock.now() };
    await world.context.db
      .insertInto("attempts")
      .values({ subject: id, bucket: "strangers", kind: "code", ...row })
      .onConflict((conflict) => conflict.columns(["subject", "bucket", "kind"]).doUpdateSet(row))
      .execute();
  };

  test("five are free, then the waits double to an hour, and a right code in between is not even looked at (RL-02, T-07, T-37)", async () => {
    const ada = await enrolled();
    let browser = await begin(ada);
    for (const [miss, seconds] of WAITS.entries()) {
      assert.equal((await guess(browser, ada)).status, 422, `guess ${miss + 1}`);
      if (seconds === 0) continue;
      world.clock.advance(seconds * 1000 - 1);
      // By now the half sign-in may be too old, and a new one changes nothing.
      browser = await begin(ada);
      const early = await submit(browser, "/sign-in/code", { code: right(ada) });
      assert.equal(early.status, 429);
      assert.equal(early.headers.get("retry-after"), "1");
      assert.equal(await whoIs(browser), undefined);
      world.clock.advance(1);
    }
    // The twentieth may still be right.
    await submit(browser, "/sign-in/code", { code: right(ada) });
    assert.equal(await whoIs(browser), ada.login);
    assert.deepEqual(await attemptsOf(ada), [], "success forgives its bucket");
  });

  test("twenty wrong codes are the end: the right one is refused, today and in ten years (RL-01)", async () => {
    const ada = await enrolled();
    await hasMissed(ada, 19);
    assert.equal((await guess(await begin(ada), ada)).status, 422);
    for (const later of [0, HOUR, DAY, 10 * 365 * DAY]) {
      world.clock.advance(later);
      await world.auth.upkeep.run();
      const browser = await begin(ada);
      const answer = await submit(browser, "/sign-in/code", { code: right(ada) });
      assert.equal(answer.status, 429);
      assert.equal(answer.headers.get("retry-after"), null, "no time is named, because none helps");
      assert.match(await answer.text(), /Ask an administrator to unlock/);
      assert.equal(await whoIs(browser), undefined);
    }
  });

  test("the owner opens a shut bucket by changing the password, an administrator by unlocking (RL-01)", async () => {
    // A host does not say how the password came about, and a mailed link must not buy guesses at codes.
    for (const how of dialect === "host" ? ["administrator"] : ["password", "administrator"]) {
      const ada = await enrolled();
      const owner = world.browser();
      await world.signIn(owner, ada);
      await hasMissed(ada, 20);
      assert.equal((await guess(await begin(ada), ada)).status, 429);
      if (how === "password") {
        const proof = { current_password: PASSWORD, current_code: world.freshCode(ada) };
        await changePassword(world, ada, { owner, proof, password: NEW_PASSWORD });
      } else {
        assert.ok(
          (
            await world.auth.people.act({
              client: OPERATOR,
              authority: world.auth.operatorAuthority(),
              act: "unlock",
              id: ada.id,
            })
          ).ok,
        );
      }
      const browser = await begin(ada, world.browser(), how === "password" ? NEW_PASSWORD : PASSWORD);
      await submit(browser, "/sign-in/code", { code: world.freshCode(ada) });
      assert.equal(await whoIs(browser), ada.login, how);
    }
  });

  test("a shut bucket of strangers leaves the owner's known browser and living session alone (RL-07)", async () => {
    const ada = await enrolled();
    const owner = world.browser();
    await world.signIn(owner, ada);
    await hasMissed(ada, 20);
    assert.equal(await whoIs(owner), ada.login);
    const fields = { current_password: PASSWORD, current_code: world.freshCode(ada) };
    assert.equal((await submit(owner, SENSITIVE, fields)).status, 303);
    await submit(owner, "/sign-out");
    await world.signIn(owner, ada);
    assert.equal(await whoIs(owner), ada.login);
    assert.equal((await guess(await begin(ada), ada)).status, 429, "and the strangers stay out");
  });

  test("many sign-ins with one guess each are five guesses (RL-03, T-08)", async () => {
    const ada = await enrolled();
    const statuses: number[] = [];
    const challenges = dialect === "sqlite" ? 40 : 12;
    for (let challenge = 0; challenge < challenges; challenge++) {
      world.clock.advance(1);
      // Each from another address, so that only the person's budget can stop them.
      const browser = world.browser({ address: `203.0.113.${challenge}`, userAgent: `agent ${challenge}` });
      await begin(ada, browser);
      statuses.push((await guess(browser, ada, challenge)).status);
    }
    assert.deepEqual(statuses, [...Array(5).fill(422), ...Array(challenges - 5).fill(429)]);
    assert.equal((await attemptsOf(ada))[0]?.misses, 5);
  });

  test("signing in by name or by address, with capitals or without, is one budget (RL-03, RL-06)", async () => {
    const ada = await enrolled();
    const names = [ada.login, `${ada.login}@example.org`, ada.login.toUpperCase(), ` ${ada.login} `];
    for (const login of [...names, names[0] ?? ""]) {
      assert.equal((await guess(await begin({ ...ada, login }), ada)).status, 422);
    }
    for (const login of names) assert.equal((await guess(await begin({ ...ada, login }), ada)).status, 429, login);
  });

  test("hundreds of guesses in one instant are five guesses (RL-04, T-05)", async () => {
    const ada = await enrolled();
    const { clock } = world;
    const nodes = [
      world,
      ...(dialect === "postgres" ? [await world.node({ clock }), await world.node({ clock })] : []),
    ];
    // On PostgreSQL each waits for a connection, and gives up after five seconds.
    const many = dialect === "sqlite" ? 500 : 150;
    const jar = (await begin(ada)).cookies.get(COOKIE.signIn) ?? "";
    const answers = await Promise.all(
      Array.from({ length: many }, async (_, nth) => {
        const { fetch } = nodes[nth % nodes.length] ?? world;
        const browser = createBrowser(fetch, { address: `203.0.113.${nth % 250}` });
        browser.cookies.set(COOKIE.signIn, jar);
        return guess(browser, ada, nth);
      }),
    );
    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    const looked = count(422);
    // A machine that is busy with other things may turn some away with 503; that is no look at a code either.
    assert.equal(looked + count(429) + count(503), many);
    assert.ok(looked > 0 && looked <= 5, `${looked} guesses were looked at`);
    assert.ok(!answers.some((answer) => cookiesSet(answer)[COOKIE.session]));
    const [{ misses } = { misses: 0 }] = await attemptsOf(ada);
    assert.ok(misses >= looked && misses <= 5, `${misses} guesses were charged`);
  });

  test("with the right code among five hundred, it counts only if it is one of the first five (RL-04)", async () => {
    const ada = await enrolled();
    await hasMissed(ada, 5);
    await world.context.db
      .updateTable("attempts")
      .set({ blocked_until: world.clock.now() + 30_000 })
      .where("subject", "=", ada.id)
      .execute();
    const browser = await begin(ada);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, nth) =>
        nth === 25 ? submit(browser, "/sign-in/code", { code: right(ada) }) : guess(browser, ada, nth),
      ),
    );
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [429]);
    assert.equal(await whoIs(browser), undefined);
  });

  test("the right password gives back no guesses (RL-05, T-25, WILD-11)", async () => {
    const ada = await enrolled();
    for (let miss = 0; miss < 5; miss++) {
      assert.equal((await guess(await begin(ada), ada)).status, 422);
      assert.equal((await attemptsOf(ada))[0]?.misses, miss + 1);
    }
    const browser = await begin(ada);
    assert.equal((await guess(browser, ada)).status, 429);
  });

  test("somebody else's sign-in from the same browser and address gives back no guesses (T-25)", async () => {
    const [ada, eve] = [await enrolled(), await enrolled()];
    const thief = world.browser({ address: "203.0.113.251" });
    for (let miss = 0; miss < 5; miss++) {
      assert.equal((await guess(await begin(ada, thief), ada)).status, 422);
      await world.signIn(thief, eve);
      assert.equal(await whoIs(thief), eve.login);
      assert.equal((await attemptsOf(ada))[0]?.misses, miss + 1);
    }
  });

  test("the owner's own sign-in with a known browser gives strangers back no guesses (T-25)", async () => {
    const ada = await enrolled();
    const owner = world.browser();
    await world.signIn(owner, ada);
    const thief = await begin(ada);
    for (let miss = 0; miss < 5; miss++) assert.equal((await guess(thief, ada)).status, 422);
    await world.signIn(owner, ada);
    assert.equal(await whoIs(owner), ada.login);
    world.clock.advance(-30_000);
    assert.equal((await guess(thief, ada)).status, 429);
  });

  test("the mail that warns the owner gives back no guesses (RL-13)", async () => {
    const ada = await enrolled();
    await takeMails(world);
    const thief = await begin(ada);
    for (let miss = 0; miss < 5; miss++) assert.equal((await guess(thief, ada)).status, 422);
    assert.equal((await takeMails(world)).filter(({ kind }) => kind === "sign_in_abandoned").length, 1);
    assert.equal((await guess(thief, ada)).status, 429);
  });

  test("a restart in between gives back no guesses (T-06, RL-12)", async () => {
    const ada = await enrolled();
    const thief = await begin(ada);
    for (let miss = 0; miss < 5; miss++) assert.equal((await guess(thief, ada)).status, 422);
    const { fetch } = await world.node({ clock: world.clock });
    const again = createBrowser(fetch);
    again.cookies.set(COOKIE.signIn, thief.cookies.get(COOKIE.signIn) ?? "");
    assert.equal((await guess(again, ada)).status, 429);
  });

  test("a code that was right but used is no guess, yet nobody may try it for ever (RP-04)", async () => {
    const ada = await enrolled();
    const used = world.freshCode(ada);
    await submit(await begin(ada), "/sign-in/code", { code: used });
    const thief = await begin(ada);
    for (let time = 0; time < 10; time++) {
      const answer = await submit(thief, "/sign-in/code", { code: used });
      assert.equal(answer.status, 422);
      assert.match(await answer.text(), /already used/);
    }
    assert.equal((await submit(thief, "/sign-in/code", { code: used })).status, 429);
    assert.equal((await attemptsOf(ada))[0]?.misses, 0);
    // It opens no way around the budget of guesses either.
    for (let miss = 0; miss < 5; miss++) {
      assert.equal((await guess(thief, ada)).status, 422);
      await submit(thief, "/sign-in/code", { code: used });
    }
    assert.equal((await guess(thief, ada)).status, 429);
    assert.equal((await attemptsOf(ada))[0]?.misses, 5);
  });

  test("used codes between the guesses, all at once, make no guess free (RL-04, RP-04)", async () => {
    const ada = await enrolled();
    const used = world.freshCode(ada);
    await submit(await begin(ada), "/sign-in/code", { code: used });
    const browser = await begin(ada);
    const answers = await Promise.all(
      Array.from({ length: 120 }, (_, nth) =>
        nth % 2 === 0 ? submit(browser, "/sign-in/code", { code: used }) : guess(browser, ada, nth),
      ),
    );
    assert.equal(answers.filter(({ status }) => status === 303).length, 0);
    // A refused guess and a spent code look the same; the record tells them apart.
    const refusals = await world.context.db
      .selectFrom("events")
      .select("id")
      .where("kind", "=", "sign_in.code_refused")
      .where("user_id", "=", ada.id)
      .execute();
    const evaluated = refusals.length;
    assert.ok(evaluated <= 5, `${evaluated} guesses were looked at`);
    assert.equal((await attemptsOf(ada))[0]?.misses, evaluated);
  });

  test("what no app could show is no guess and costs the owner nothing (TC-09, T-47)", async () => {
    const ada = await enrolled();
    const thief = await begin(ada);
    const code = right(ada);
    const fullWidth = [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join("");
    for (const typed of ["", "abc", "12345", "1234567", "-", fullWidth, `${code}\n`, `+${code.slice(1)}`, "1e5000"]) {
      const answer = await submit(thief, "/sign-in/code", { code: typed });
      assert.equal(answer.status, 422, JSON.stringify(typed));
    }
    assert.deepEqual(await attemptsOf(ada), []);
    await submit(thief, "/sign-in/code", { code: ` ${code.slice(0, 3)}-${code.slice(3)} ` });
    assert.equal(await whoIs(thief), ada.login);
  });
});
