// The attack: somebody guesses. People choose what they can remember, and attackers know what that is: lists of leaked
// passwords, the person's name, the company's name, a row of the keyboard. And programs help them: by cutting a long
// password at its 72nd byte, by taking capital for small letters, by hashing so cheaply that a stolen database is read
// in a night. What a person typed counts, all of it, and only a good one is taken.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hash } from "@node-rs/argon2";
import { takeMails } from "../../support/outbox.ts";
import { openTables } from "../../support/tables.ts";
import { createWorld, OPERATOR, onBothDatabases, PASSWORD, type World } from "../../support/world.ts";

async function add(world: World, login: string, password: string) {
  const { auth } = world;
  const profile = { login, name: "Somebody", email: `${login}@example.org`, role: "person" } as const;
  const added = await auth.people.add({ client: OPERATOR, authority: auth.operatorAuthority(), ...profile, password });
  assert.ok(added.ok, JSON.stringify(added));
  return added.id;
}

/** Whether a password opens an account; each try comes from a new browser, an hour after the last. */
async function opens(world: World, login: string, password: string): Promise<boolean> {
  world.clock.advance(3_600_000);
  const page = await world.browser().post("/sign-in", { login, password });
  assert.ok(page.path === "/" || page.status === 422, `${page.path}: ${page.status}`);
  return page.path === "/";
}

/** Text of so many characters that no list contains; each character is one code point. */
function long(length: number): string {
  const words = "granite plover unfolds nineteen violet maps beyond Kilmarnock until October ".repeat(5);
  return words
    .slice(0, length - 1)
    .trim()
    .padEnd(length, "z");
}

onBothDatabases("a password", (dialect) => {
  test("counts to its last character, however long it is (PW-02)", async () => {
    await using world = await createWorld(dialect);
    for (const length of [71, 72, 73, 256]) {
      const password = long(length);
      assert.equal(password.length, length);
      await add(world, `p${length}`, password);
      assert.equal(await opens(world, `p${length}`, password), true, `${length} characters`);
      assert.equal(await opens(world, `p${length}`, `${password.slice(0, -1)}y`), false, "another last character");
      assert.equal(await opens(world, `p${length}`, password.slice(0, -1)), false, "one less");
      assert.equal(await opens(world, `p${length}`, `${password}z`), false, "one more");
    }
  });

  test("is the same in whichever of two ways a keyboard writes an accent, and different in all else (PW-03)", async () => {
    await using world = await createWorld(dialect);
    const composed = "Un \u00e9t\u00e9 \u00e0 Angstr\u00f6m";
    const apart = composed.normalize("NFD");
    assert.notEqual(composed, apart);
    await add(world, "composed", composed);
    await add(world, "apart", apart);
    for (const login of ["composed", "apart"]) {
      assert.equal(await opens(world, login, composed), true);
      assert.equal(await opens(world, login, apart), true);
      for (const other of [
        composed.toLowerCase(),
        composed.toUpperCase(),
        ` ${composed}`,
        `${composed} `,
        `${composed}\n`,
        composed.replace(" ", "  "),
        composed.replace(" ", "\u00a0"),
        composed.replaceAll("\u00e9", "e"),
        `${composed}\u200b`,
      ]) {
        assert.equal(await opens(world, login, other), false, JSON.stringify(other));
      }
    }
    // NFC alone: what merely looks or sounds alike stays different.
    await add(world, "ligature", "the \ufb01nal o\ufb03ce of 12\u00bd clerks");
    assert.equal(await opens(world, "ligature", "the final office of 121/2 clerks"), false);
    await add(world, "spaces", "  two spaces before and one tab after\t");
    assert.equal(await opens(world, "spaces", "two spaces before and one tab after"), false);
    assert.equal(await opens(world, "spaces", "  two spaces before and one tab after\t"), true);
  });

  test("is stored as argon2id with its own salt, at the cost that is asked for (PW-06)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    await add(world, "one", PASSWORD);
    await add(world, "two", PASSWORD);
    const hashes = (await db.selectFrom("users").select("password_hash").execute()).map(
      (row) => row.password_hash ?? "",
    );
    assert.equal(new Set(hashes).size, 2, "the same password twice is two hashes");
    for (const phc of hashes) {
      const [, memory, time, buckets, salt = "", digest = ""] =
        /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(phc) ?? [];
      assert.ok(Number(memory) >= 19_456 && Number(time) >= 2 && Number(buckets) === 1, phc);
      assert.ok(Buffer.from(salt, "base64").length >= 16);
      assert.ok(Buffer.from(digest, "base64").length >= 32);
    }
  });

  test("of a cheaper time is hashed anew when its owner signs in, and only then (PW-06)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const id = await add(world, "old", PASSWORD);
    const stored = async () =>
      (await db.selectFrom("users").select("password_hash").where("id", "=", id).executeTakeFirstOrThrow())
        .password_hash;
    const old = await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
    await db.updateTable("users").set({ password_hash: old }).where("id", "=", id).execute();
    assert.equal(await opens(world, "old", `${PASSWORD}!`), false);
    assert.equal(await stored(), old, "a wrong password changes nothing");
    assert.equal(await opens(world, "old", PASSWORD), true);
    const renewed = await stored();
    assert.match(renewed ?? "", /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.equal(await opens(world, "old", PASSWORD), true);
    assert.equal(await stored(), renewed, "and not again");
  });

  test("whose stored hash was planted to cost a fortune, or is damaged, opens nothing and breaks nothing (PW-06)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const id = await add(world, "planted", PASSWORD);
    const rest = "c29tZXNhbHRzb21lc2FsdA$AzRR+sjOiLY3SMxNU8BV8KfO1gCzK0zxAcFvCwJ4LhM";
    for (const phc of [
      `$argon2id$v=19$m=4194304,t=2,p=1$${rest}`,
      `$argon2id$v=19$m=19456,t=4294967295,p=1$${rest}`,
      `$argon2id$v=19$m=19456,t=2,p=200$${rest}`,
      `$argon2i$v=19$m=19456,t=2,p=1$${rest}`,
      "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
      PASSWORD,
      "",
    ]) {
      await db.updateTable("users").set({ password_hash: phc }).where("id", "=", id).execute();
      assert.equal(await opens(world, "planted", PASSWORD), false, phc);
      assert.equal(await opens(world, "planted", ""), false, phc);
    }
  });

  test("is never too old, whatever its age (PW-04)", async () => {
    await using world = await createWorld(dialect);
    await add(world, "ada", PASSWORD);
    world.clock.advance(10 * 365 * 86_400_000);
    const page = await world.browser().post("/sign-in", { login: "ada", password: PASSWORD });
    assert.equal(page.path, "/");
    assert.doesNotMatch(page.words, /expired|new password|change your password now/i);
  });
});

onBothDatabases("a new password", (dialect) => {
  test("is refused with the reason where it is short, long, common, easy or about the person (PW-01, PW-05)", async () => {
    await using world = await createWorld(dialect);
    const profile = {
      login: "lovelace",
      name: "Augusta Byron",
      email: "augusta.king@ockham-park.example",
      role: "person",
    } as const;
    const { auth } = world;
    const invited = await auth.people.invite({ client: OPERATOR, authority: auth.operatorAuthority(), ...profile });
    assert.ok(invited.ok);
    const { ticket } = invited;
    const refused: [string, RegExp][] = [
      ["", /needs at least 15 characters/],
      ["k9#mQ2$vX7!pL4", /needs at least 15 characters/],
      ["🦊".repeat(14), /needs at least 15 characters/],
      ["e\u0301".repeat(14), /needs at least 15 characters/],
      [long(257), /too long; 256 characters are the most/],
      ["🦊".repeat(257), /too long; 256 characters are the most/],
      [
        "passwordpassword",
        /list of common and leaked|easy to guess|repeats the same|a sequence such as|beside each other/,
      ],
      [
        "qwertyuiopasdfghjkl",
        /list of common and leaked|easy to guess|repeats the same|a sequence such as|beside each other/,
      ],
      [
        "1234567890123456",
        /list of common and leaked|easy to guess|repeats the same|a sequence such as|beside each other/,
      ],
      ["aaaaaaaaaaaaaaaaaaaa", /repeats the same/],
      ["abcabcabcabcabcabc", /repeats the same/],
      [
        "iloveyouiloveyou",
        /list of common and leaked|easy to guess|repeats the same|a sequence such as|beside each other/,
      ],
      ["lovelacelovelace", /made of your name or the name of this site/],
      ["Augusta-Byron-2026!", /made of your name or the name of this site/],
      ["augusta.king@ockham-park.example", /made of your name or the name of this site/],
      ["countersign-countersign", /made of your name or the name of this site/],
      ["Countersign12345!", /made of your name or the name of this site/],
    ];
    for (const [password, reason] of refused) {
      const page = await world.browser().post("/invitation", { ticket, new_password: password });
      assert.equal(page.status, 422, password);
      assert.match(page.words, reason, password);
      if (password !== "") assert.ok(!page.text.includes(password), "and it is not shown again");
    }
    // No rules of composition: words alone, digits alone, one kind of letter, spaces, any script.
    const good = [
      "seven quiet lanterns drift",
      "dreizehn müde kellerasseln",
      "тринадцать усталых ёжиков",
      "🦊🌋🧶🎷🛶🧊🪁🥝🧲🪴🦉🛵🎈🌵🪕",
    ];
    for (const [n, password] of good.entries()) {
      const guest = { login: `guest${n}`, name: "Guest", email: `guest${n}@example.org`, role: "person" } as const;
      const other = await auth.people.invite({ client: OPERATOR, authority: auth.operatorAuthority(), ...guest });
      assert.ok(other.ok);
      const page = await world.browser().post("/invitation", { ticket: other.ticket, new_password: password });
      assert.equal(page.path, "/sign-in", `${password}: ${page.words}`);
      assert.equal(await opens(world, `guest${n}`, password), true);
    }
  });

  test("is judged alike in setting up, accepting an invitation, changing it, and by the operator (PW-05)", async () => {
    await using world = await createWorld(dialect);
    const bad = "passwordpassword";
    const { auth } = world;
    const setup = await auth.people.issueSetupTicket({ client: OPERATOR });
    const first = { ticket: setup, login: "root", name: "Root", email: "root@example.org", new_password: bad };
    assert.match(
      (await world.browser().post("/setup", first)).words,
      /list of common and leaked|easy to guess|repeats the same|a sequence such as|beside each other/,
    );
    const profile = { login: "x", name: "X", email: "x@example.org", role: "person", password: bad } as const;
    const added = await auth.people.add({ client: OPERATOR, authority: auth.operatorAuthority(), ...profile });
    assert.ok(!added.ok && added.reason.startsWith("password_"));
    const ada = await world.person("ada");
    const browser = world.browser();
    await world.signIn(browser, ada);
    const changed = await browser.post("/account/password", { current_password: PASSWORD, new_password: bad });
    assert.equal(changed.status, 422);
    assert.match(
      changed.words,
      /list of common and leaked|easy to guess|repeats the same|a sequence such as|beside each other/,
    );
    assert.equal(await opens(world, "ada", PASSWORD), true, "the old one stays");
  });
});

onBothDatabases("changing the password", (dialect) => {
  const next = "eleven copper kettles whistle";

  test("needs the current one, even minutes after confirming, and a code where there is an app (PW-08, SU-02)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, ada);
    await browser.post("/account/email", {
      email: "ada@example.org",
      current_password: PASSWORD,
      current_code: world.freshCode(ada),
    });
    const tries: Record<string, string>[] = [
      {},
      { current_password: "" },
      { current_password: next },
      { current_password: PASSWORD },
      { current_password: PASSWORD, current_code: "000000" },
      { current_code: world.freshCode(ada) },
      { current_password: next, current_code: world.freshCode(ada) },
    ];
    for (const fields of tries) {
      const page = await browser.post("/account/password", { ...fields, new_password: next });
      assert.equal(page.status, 422, JSON.stringify(fields));
    }
    const other = world.browser();
    assert.equal((await other.post("/sign-in", { login: "ada", password: PASSWORD })).path, "/sign-in/code");
  });

  test("ends every other session and half-done sign-in, renews this one, and mails a notice (PW-08, SE-06)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    const [browser, other, waiting] = [world.browser(), world.browser(), world.browser()];
    await world.signIn(browser, ada);
    await world.signIn(other, ada);
    await waiting.post("/sign-in", { login: "ada", password: PASSWORD });
    await takeMails(world);
    const session = "__Host-countersign-session";
    const before = browser.cookies.get(session);
    const proof = { current_password: PASSWORD, current_code: world.freshCode(ada) };
    const page = await browser.post("/account/password", { ...proof, new_password: next });
    assert.match(page.words, /Your password is changed. You are signed out everywhere else./);

    assert.equal((await browser.get("/account")).status, 200);
    assert.notEqual(browser.cookies.get(session), before);
    const stale = await world.browser().send("/api/v1/session", { headers: { cookie: `${session}=${before}` } });
    assert.equal(stale.status, 401, "the cookie from before is worthless");
    assert.equal((await other.get("/account")).path, "/sign-in?next=%2Faccount");
    assert.equal((await waiting.post("/sign-in/code", { code: world.freshCode(ada) })).path, "/sign-in");
    const mails = (await takeMails(world)).map(({ kind, to }) => [kind, to]);
    assert.deepEqual(mails, [["password_changed", "ada@example.org"]]);

    const old = await world.browser().post("/sign-in", { login: "ada", password: PASSWORD });
    assert.equal(old.status, 422);
    const fresh = await world.browser().post("/sign-in", { login: "ada", password: next });
    assert.equal(fresh.path, "/sign-in/code", "and two factors stay on");
  });
});
