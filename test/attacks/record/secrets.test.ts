// The attack: somebody has the database. From a stolen copy they try to read the two-factor secrets and show the codes
// themselves. With a hand on the tables they put their own sealed secret where their victim's was, and sign in as the
// victim with their own phone. And an operator, in a hurry after a loss, starts the server with the wrong keys. What is
// sealed opens at its own place, with its own key, and otherwise nobody gets in.

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { WrongKeysError } from "../../../src/auth.ts";
import { decodeBase32 } from "../../../src/crypto/base32.ts";
import { newKey, seal, unseal } from "../../../src/crypto/secret-box.ts";
import { KeysFileError, readKeys } from "../../../src/server/keys.ts";
import { codeFor } from "../../../src/testing/auth.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { COOKIE, submit, whoIs } from "../../support/attacker.ts";
import { openTables, readTables } from "../../support/tables.ts";
import {
  createWorld,
  enrol,
  type Member,
  OPERATOR,
  onBothDatabases,
  PASSWORD,
  secretOn,
  type World,
} from "../../support/world.ts";

/** Every spelling of a two-factor secret that somebody might store by mistake. */
function formsOf(secret: string): Buffer[] {
  const bytes = Buffer.from(decodeBase32(secret) ?? assert.fail("no base32"));
  const texts = [
    secret,
    secret.toLowerCase(),
    secret.replace(/.{4}(?=.)/g, "$& "),
    bytes.toString("base64"),
    bytes.toString("base64url"),
  ];
  const hex = bytes.toString("hex");
  return [bytes, ...[...texts, hex, hex.toUpperCase()].map((text) => Buffer.from(text))];
}

function assertAbsent(haystack: Buffer, needles: Buffer[], where: string): void {
  for (const needle of needles) assert.ok(!haystack.includes(needle), `${where} has ${needle.toString("latin1")}`);
}

async function half(world: World, { login }: Pick<Member, "login">): Promise<Browser> {
  const browser = world.browser();
  assert.equal((await browser.post("/sign-in", { login, password: PASSWORD })).path, "/sign-in/code");
  return browser;
}

onBothDatabases("a secret in the database", (dialect) => {
  test("is nowhere to be read, in no table and no file, enrolled or about to be (SK-01)", async () => {
    await using world = await createWorld(dialect);
    const { auth } = world;
    const ada = await world.person("ada");
    await enrol(world, ada);
    await world.signIn(world.browser(), ada);
    const bob = await world.person("bob");
    const browser = world.browser();
    await world.signIn(browser, bob);
    const page = await browser.post("/account/security/enrolment", { current_password: PASSWORD });
    const profile = { login: "grace", name: "Grace", email: "grace@example.org", role: "person" } as const;
    const invited = await auth.people.invite({ client: OPERATOR, authority: auth.operatorAuthority(), ...profile });
    assert.ok(invited.ok);

    const tokens = [invited.ticket, ...browser.cookies.values()].map((token) =>
      Buffer.from(token.split(".")[1] ?? assert.fail(token)),
    );
    const needles = [...formsOf(ada.secret ?? ""), ...formsOf(secretOn(page)), ...tokens, Buffer.from(PASSWORD)];
    await using db = await openTables(world);
    const tables = await readTables(db);
    assert.equal(tables.authenticators?.length, 1);
    assert.equal(tables.enrolments?.length, 1);
    assert.ok((tables.mails?.length ?? 0) >= 2, "the invitation waits in the outbox, link and all");
    for (const [name, rows] of Object.entries(tables)) assertAbsent(Buffer.from(JSON.stringify(rows)), needles, name);
    if (dialect === "postgres") return;
    const folder = dirname(world.databaseUrl.slice("file:".length));
    const files = await readdir(folder);
    assert.ok(
      files.some((name) => name.endsWith("-wal")),
      files.join(" "),
    );
    for (const name of files) assertAbsent(await readFile(join(folder, name)), needles, name);
  });

  test("put in the place of another person's lets neither in, until it is put back (SK-02)", async () => {
    const lines: string[] = [];
    const log = (line: string, details?: object) => void lines.push(line + JSON.stringify(details));
    await using world = await createWorld(dialect, { host: { log } });
    await using db = await openTables(world);
    const [ada, mallory] = [
      await world.person("ada", { twoFactor: true }),
      await world.person("mallory", { twoFactor: true }),
    ];
    const rows = await db.selectFrom("authenticators").selectAll().execute();
    const [hers, his] = [ada, mallory].map(({ id }) => rows.find((row) => row.user_id === id) ?? assert.fail());
    assert.ok(hers && his);
    const store = (row: typeof hers, sealed: string) =>
      db.updateTable("authenticators").set({ secret_sealed: sealed }).where("id", "=", row.id).execute();

    await store(hers, his.secret_sealed);
    await store(his, hers.secret_sealed);
    const before = await readTables(db);
    for (const victim of [ada, mallory]) {
      for (const phone of [mallory, ada]) {
        const browser = await half(world, victim);
        const code = world.freshCode(phone);
        const answer = await submit(browser, "/sign-in/code", { code });
        assert.equal(answer.status, 500, "nothing is guessed about such a state");
        assert.equal(await whoIs(browser), undefined);
        assert.ok(!browser.cookies.has(COOKIE.session));
        assert.doesNotMatch(await answer.text(), /secret_sealed|UnsealError|at .*\.ts/);
      }
    }
    const after = await readTables(db);
    assert.deepEqual(after.sessions, before.sessions);
    assert.deepEqual(after.authenticators, before.authenticators);
    assert.ok(
      lines.some((line) => /authenticators\.secret_sealed does not open/.test(line)),
      "the operator is told",
    );
    for (const { secret = "" } of [ada, mallory]) {
      assertAbsent(Buffer.from(lines.join("\n")), formsOf(secret), "the log");
    }

    await store(hers, hers.secret_sealed);
    await store(his, his.secret_sealed);
    for (const member of [ada, mallory]) assert.equal((await world.signIn(world.browser(), member)).path, "/");
  });

  test("opens at no other place that a hand on the tables can move it to (SK-02)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const [ada, mallory] = [await world.person("ada", { twoFactor: true }), await world.person("mallory")];
    const own = world.browser();
    await world.signIn(own, mallory);
    const secret = secretOn(await own.post("/account/security/enrolment", { current_password: PASSWORD }));
    const pending = await db.selectFrom("enrolments").selectAll().executeTakeFirstOrThrow();
    await own.post("/account/security/enrolment/confirm", { code: codeFor(secret, world.clock.now()) });
    mallory.secret = secret;
    const rows = await db.selectFrom("authenticators").selectAll().execute();
    const hers = rows.find(({ user_id }) => user_id === ada.id) ?? assert.fail();
    const his = rows.find(({ user_id }) => user_id === mallory.id) ?? assert.fail();
    const refused = async (what: string, member: Member) => {
      const browser = await half(world, member);
      const answer = await submit(browser, "/sign-in/code", { code: world.freshCode(mallory) });
      assert.equal(answer.status, 500, what);
      assert.equal(await whoIs(browser), undefined, what);
    };
    const change = (id: string, values: Partial<typeof hers>) =>
      db.updateTable("authenticators").set(values).where("id", "=", id).execute();

    await change(hers.id, { secret_sealed: his.secret_sealed });
    await refused("another row", ada);
    await change(hers.id, { secret_sealed: pending.secret_sealed });
    await refused("another table, from before the first code", ada);
    await change(hers.id, { secret_sealed: hers.secret_sealed });
    await change(his.id, { user_id: ada.id });
    await refused("the whole row, given to another owner", ada);
    await change(his.id, { user_id: mallory.id });
    await change(his.id, { id: "another-row" });
    await refused("the same owner's, under another name", mallory);
    await change("another-row", { id: his.id });
    await change(his.id, { secret_sealed: `${his.secret_sealed.slice(0, -6)}AAAAAA` });
    await refused("a changed one", mallory);
    await change(his.id, { secret_sealed: mallory.secret });
    await refused("a plain one", mallory);
    await change(his.id, { secret_sealed: his.secret_sealed });
    assert.equal((await world.signIn(world.browser(), mallory)).path, "/");
  });

  test("that was exchanged confirms nothing either: two-factor authentication cannot be turned off by it (SK-02)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const [ada, mallory] = [
      await world.person("ada", { twoFactor: true }),
      await world.person("mallory", { twoFactor: true }),
    ];
    const browser = world.browser();
    await world.signIn(browser, ada);
    const of = ({ id }: Member) =>
      db.selectFrom("authenticators").selectAll().where("user_id", "=", id).executeTakeFirstOrThrow();
    const { secret_sealed } = await of(mallory);
    await db.updateTable("authenticators").set({ secret_sealed }).where("user_id", "=", ada.id).execute();
    const fields = { current_password: PASSWORD, current_code: world.freshCode(mallory) };
    assert.equal((await submit(browser, "/account/security/disable", fields)).status, 500);
    assert.equal((await of(ada)).secret_sealed, secret_sealed);
    await db.updateTable("authenticators").set({ secret_sealed: "" }).where("user_id", "=", ada.id).execute();
    assert.equal((await submit(browser, "/account/security/disable", fields)).status, 500);
    assert.ok(await of(ada), "still on");
  });
});

onBothDatabases("the keys of an installation", (dialect) => {
  test("may be several: what an older one sealed opens, and the new one seals from then on (SK-03)", async () => {
    const [older, newer] = [newKey(), newKey()];
    await using world = await createWorld(dialect, { host: { keys: { active: older, all: [older] } } });
    await using db = await openTables(world);
    const ada = await world.person("ada", { twoFactor: true });
    const rotated = await world.node({ clock: world.clock, host: { keys: { active: newer, all: [newer, older] } } });
    const bob = await world.person("bob");
    const { signIn, account, session } = rotated.auth;
    const client = { address: "192.0.2.8", userAgent: "", requestId: "test" };
    const begin = (name: string) =>
      signIn.begin({ client, name, password: PASSWORD, wantedPage: "/", browserTokens: [] });

    const half = await begin("ada");
    assert.ok(half.ok && half.next === "code");
    const done = await signIn.confirmCode({ client, pendingToken: half.pendingToken, code: world.freshCode(ada) });
    assert.ok(done.ok, "sealed by the older key");

    const whole = await begin("bob");
    assert.ok(whole.ok && whole.next === "session");
    const current = (await session.find({ token: whole.sessionToken })) ?? assert.fail();
    const confirmed = await session.confirm({ client, session: current, password: PASSWORD, code: "" });
    assert.ok(confirmed.ok && (await account.beginEnrolment({ client, session: confirmed.session })).ok);
    const { secret = "" } = (await account.enrolment({ session: current })) ?? {};
    const code = codeFor(secret, world.clock.now());
    assert.ok((await account.confirmEnrolment({ client, session: confirmed.session, code, nameOf: String })).ok);
    const sealed = await db.selectFrom("authenticators").select(["user_id", "secret_sealed"]).execute();
    const keyOf = ({ id }: Member) => sealed.find(({ user_id }) => user_id === id)?.secret_sealed.split(".")[1];
    assert.deepEqual([keyOf(ada), keyOf(bob)], [older.id, newer.id]);
  });

  test("that do not belong to the database stop the start, and change nothing in it (SK-05)", async () => {
    const key = newKey();
    const other = newKey();
    await using world = await createWorld(dialect, { host: { keys: { active: key, all: [key] } } });
    await using db = await openTables(world);
    const ada = await world.person("ada", { twoFactor: true });
    const before = await readTables(db);
    const impostor = { id: key.id, bytes: other.bytes };
    for (const keys of [
      { active: other, all: [other] },
      { active: impostor, all: [impostor] },
      { active: other, all: [other, impostor] },
    ]) {
      await assert.rejects(world.node({ host: { keys } }), WrongKeysError);
    }
    assert.deepEqual(await readTables(db), before);
    assert.equal((await world.signIn(world.browser(), ada)).path, "/");
  });

  test("of which one is missing that a secret still needs stop the start, not its owner's sign-in (SK-03, SK-05)", async () => {
    const [older, newer] = [newKey(), newKey()];
    await using world = await createWorld(dialect, { host: { keys: { active: older, all: [older] } } });
    await using db = await openTables(world);
    const ada = await world.person("ada", { twoFactor: true });
    const row = await db.selectFrom("authenticators").selectAll().executeTakeFirstOrThrow();
    const place = { table: "authenticators", column: "secret_sealed", row: row.id, owner: ada.id };
    const both = { active: newer, all: [newer, older] };
    const sealed = seal(both, place, unseal(both, place, row.secret_sealed));
    await db.updateTable("authenticators").set({ secret_sealed: sealed }).execute();
    await assert.doesNotReject(world.node({ host: { keys: both } }));
    // The key file of before the new key, restored from a backup.
    await assert.rejects(world.node({ host: { keys: { active: older, all: [older] } } }), WrongKeysError);
  });
});

test("whatever a key is called in the key file, what it seals opens again, or the name is refused (SK-03)", async () => {
  const folder = await mkdtemp(join(tmpdir(), "countersign-keys-"));
  try {
    const place = { table: "authenticators", column: "secret_sealed", row: "row", owner: "owner" };
    for (const id of ["2026", "new-key", "2026.2", "a.b.c", "", " ", "kéy", "v1", "__proto__"]) {
      const path = join(folder, `${Buffer.from(id).toString("hex")}.json`);
      const bytes = Buffer.from(newKey().bytes).toString("base64");
      await writeFile(path, `{ "active": ${JSON.stringify(id)}, "keys": { ${JSON.stringify(id)}: "${bytes}" } }`, {
        mode: 0o600,
      });
      let keys: ReturnType<typeof readKeys>;
      try {
        keys = readKeys(path, true);
      } catch (error) {
        assert.ok(error instanceof KeysFileError, String(error));
        continue;
      }
      assert.equal(Buffer.from(unseal(keys, place, seal(keys, place, Buffer.from("plain")))).toString(), "plain", id);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
