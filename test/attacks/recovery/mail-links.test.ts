// The attack: a link in a mail is a key that travels through other people's hands. A scanner opens it before its owner
// does; an old one lies in a mailbox for years; two people use it at once; somebody tricks the server into writing
// their own host into it; somebody who may look at the database reads it there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { render } from "../../../src/mail/messages.ts";
import { takeMails } from "../../support/outbox.ts";
import { openTables, readTables } from "../../support/tables.ts";
import { createWorld, type Node, OPERATOR, onBothDatabases, PASSWORD, type World } from "../../support/world.ts";

const DAY = 86_400_000;

async function invite(world: World, login = "new", role: "person" | "administrator" = "person") {
  const profile = { login, name: "New", email: `${login}@example.org`, role };
  const { auth } = world;
  const invited = await auth.people.invite({ client: OPERATOR, authority: auth.operatorAuthority(), ...profile });
  assert.ok(invited.ok);
  return { id: invited.id, ticket: invited.ticket, profile: { id: invited.id, ...profile } };
}

const NEW = "eleven copper kettles whistle";

async function works(world: World, ticket: string): Promise<boolean> {
  const page = await world.browser().get(`/invitation?ticket=${ticket}`);
  assert.ok(page.status === 200 || page.status === 410);
  const used = await world.browser().post("/invitation", { ticket, new_password: NEW });
  assert.equal(used.path === "/sign-in", page.status === 200, "the page and the form agree");
  if (used.path !== "/sign-in") assert.equal(used.status, 410);
  return used.path === "/sign-in";
}

onBothDatabases("the link of an invitation", (dialect) => {
  test("works once, and not a second time (ML-01, RP-05)", async () => {
    await using world = await createWorld(dialect);
    const { ticket } = await invite(world);
    assert.equal(await works(world, ticket), true);
    assert.equal(await works(world, ticket), false);
    const page = await world.browser().post("/sign-in", { login: "new", password: NEW });
    assert.match(page.words, /Welcome, New/);
  });

  test("works for a day and not a moment longer (ML-01)", async () => {
    await using world = await createWorld(dialect);
    const first = await invite(world, "first");
    const second = await invite(world, "second");
    world.clock.advance(DAY - 1);
    assert.equal(await works(world, first.ticket), true);
    world.clock.advance(1);
    assert.equal(await works(world, second.ticket), false);
  });

  test("is used up by one of many who use it at once, on several servers (ML-01, RP-05)", async () => {
    await using world = await createWorld(dialect);
    const nodes: Node[] = dialect === "postgres" ? [world, await world.node(), await world.node()] : [world];
    const { ticket } = await invite(world);
    const passwords = Array.from({ length: 6 }, (_, n) => `${NEW} number ${n}`);
    const uses = passwords.map((password, n) =>
      nodes[n % nodes.length]?.auth.invitations.accept(OPERATOR, { ticket, password }),
    );
    const outcomes = await Promise.all(uses);
    assert.equal(outcomes.filter((outcome) => outcome?.ok).length, 1);
    const winner = passwords[outcomes.findIndex((outcome) => outcome?.ok)];
    const page = await world.browser().post("/sign-in", { login: "new", password: String(winner) });
    assert.match(page.words, /Welcome, New/, "and the winner's password counts");
  });

  test("is spent by the form alone: a scanner may open it as often as it likes (ML-02)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const { ticket } = await invite(world);
    const before = await readTables(db);
    for (let n = 0; n < 10; n++) {
      for (const method of ["GET", "HEAD", "OPTIONS"]) {
        const answer = await world.browser().send(`/invitation?ticket=${ticket}&new_password=${NEW}`, { method });
        assert.equal(answer.status, method === "OPTIONS" ? 405 : 200);
      }
    }
    assert.deepEqual(await readTables(db), before);
    assert.equal(await works(world, ticket), true);
  });

  test("survives a password that is refused, and shows why (ML-02)", async () => {
    await using world = await createWorld(dialect);
    const { ticket } = await invite(world);
    const page = await world.browser().post("/invitation", { ticket, new_password: "too short" });
    assert.equal(page.status, 422);
    assert.match(page.words, /at least 15 characters/);
    assert.match(page.text, new RegExp(`name="ticket" value="${ticket}"`));
    assert.equal(await works(world, ticket), true);
  });

  test("is void once there is a newer one, or another address, or the account is disabled (ML-01)", async () => {
    await using world = await createWorld(dialect);
    const { people } = world.auth;
    const operator = world.auth.operatorAuthority();

    const renewed = await invite(world, "renewed");
    const newer = await people.act({ client: OPERATOR, authority: operator, act: "invite", id: renewed.id });
    assert.ok(newer.ok);
    assert.equal(await works(world, renewed.ticket), false, "the older link");
    assert.equal(await works(world, newer.ticket ?? ""), true, "the newer link");
    const late = await people.act({ client: OPERATOR, authority: operator, act: "invite", id: renewed.id });
    assert.deepEqual(late, { ok: false, reason: "already_accepted" });

    const moved = await invite(world, "moved");
    await people.change({ client: OPERATOR, authority: operator, ...moved.profile, email: "elsewhere@example.org" });
    assert.equal(await works(world, moved.ticket), false, "the link that went to the old address");

    const disabled = await invite(world, "disabled");
    await people.act({ client: OPERATOR, authority: operator, act: "disable", id: disabled.id });
    assert.equal(await works(world, disabled.ticket), false, "the link of a disabled account");
    await people.act({ client: OPERATOR, authority: operator, act: "enable", id: disabled.id });
    assert.equal(await works(world, disabled.ticket), false, "and it does not come back to life");

    const kept = await invite(world, "kept");
    await people.change({ client: OPERATOR, authority: operator, ...kept.profile, name: "Kept" });
    assert.equal(await works(world, kept.ticket), true, "a new name changes nothing");
  });

  test("logs nobody in, and does not get around two factors (LS-05, LS-06)", async () => {
    await using world = await createWorld(dialect);
    const { ticket } = await invite(world, "boss", "administrator");
    const browser = world.browser();
    const page = await browser.post("/invitation", { ticket, new_password: NEW });
    assert.equal(page.path, "/sign-in");
    assert.match(page.words, /Your password is set. Sign in to go on./);
    assert.deepEqual([...browser.cookies.keys()], []);
    await browser.post("/sign-in", { login: "boss", password: NEW });
    assert.equal((await browser.get("/users")).path, "/account/security");
  });

  test("of one kind opens nothing of another kind (ML-01)", async () => {
    await using world = await createWorld(dialect);
    const setup = await world.auth.people.issueSetupTicket({ client: OPERATOR });
    const { ticket } = await invite(world);
    assert.equal(await works(world, setup), false);
    assert.equal((await world.browser().get(`/setup?ticket=${ticket}`)).status, 410);
    const fields = { login: "evil", name: "Evil", email: "e@example.org", new_password: NEW };
    assert.equal((await world.browser().post("/setup", { ...fields, ticket })).status, 410);
    const cookie = `__Host-countersign-session=${ticket}; __Host-countersign-sign-in=${ticket}`;
    assert.equal((await world.browser().send("/api/v1/me", { headers: { cookie } })).status, 401);
    assert.equal(await works(world, ticket), true);
  });

  test("with one character changed, or a part of another, opens nothing (ML-01)", async () => {
    await using world = await createWorld(dialect);
    const [mine, other] = [await invite(world, "mine"), await invite(world, "other")];
    const [id = "", secret = ""] = mine.ticket.split(".");
    const [otherId = "", otherSecret = ""] = other.ticket.split(".");
    const turned = secret.startsWith("A") ? `B${secret.slice(1)}` : `A${secret.slice(1)}`;
    const forged = [
      `${id}.${turned}`,
      `${id}.${otherSecret}`,
      `${otherId}.${secret}`,
      `${id}.`,
      id,
      `.${secret}`,
      `${mine.ticket}.`,
      ` ${mine.ticket}`,
    ];
    for (const ticket of forged) assert.equal(await works(world, ticket), false, ticket);
    assert.equal(await works(world, mine.ticket), true);
    assert.equal(await works(world, other.ticket), true);
  });

  test("is in the database as a hash alone, and in the mail until it is sent (ML-01)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const { ticket } = await invite(world);
    const [id = "", secret = ""] = ticket.split(".");
    const text = JSON.stringify(await readTables(db));
    assert.ok(text.includes(id) && !text.includes(secret));
    const [mail] = await takeMails(world);
    assert.equal(mail?.facts.ticket, ticket);
    const sent = await db.selectFrom("mails").select(["content_sealed", "sent_at"]).executeTakeFirstOrThrow();
    assert.equal(sent.content_sealed, null);
    assert.notEqual(sent.sent_at, null);
  });

  test("starts with the configured address, whatever host a request names (ML-03, T-30)", async () => {
    const publicUrl = "https://accounts.example.org";
    await using world = await createWorld(dialect, { options: { publicUrl } });
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, root);
    const forged = {
      host: "evil.example",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "http",
      "x-original-host": "evil.example",
      forwarded: "host=evil.example;proto=http",
      "x-forwarded-server": "evil.example",
    };
    await takeMails(world);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const fields = { login: "new", name: "New", email: "new@example.org", role: "person" };
    const proof = { current_password: PASSWORD, current_code: world.freshCode(root) };
    // The request's own address is the forged one, too.
    const request = new Request("https://evil.example/users", {
      method: "POST",
      body: new URLSearchParams({ ...fields, ...proof }).toString(),
      headers: {
        ...forged,
        cookie,
        "content-type": "application/x-www-form-urlencoded",
        "sec-fetch-site": "same-origin",
      },
    });
    const answer = await world.fetch(request, { incoming: { socket: { remoteAddress: "192.0.2.7" } } });
    assert.equal(answer.status, 303);
    assert.match(answer.headers.get("location") ?? "", /^\/users\/[\w-]{16}$/);
    const mails = (await takeMails(world)).map((mail) => render(mail, world.auth.options));
    assert.equal(mails.length, 1);
    for (const { text, html } of mails) {
      assert.doesNotMatch(text + html, /evil/);
      const links = [...(text + html).matchAll(/https?:\/\/[^\s"<]+/g)].map(([link]) => new URL(link).origin);
      assert.ok(links.length >= 3);
      assert.deepEqual([...new Set(links)], [publicUrl]);
    }
  });

  test("leaves the page without telling where it came from, and script takes it out of the address (ML-04)", async () => {
    await using world = await createWorld(dialect);
    const { ticket } = await invite(world);
    const setup = await (async () => {
      await using empty = await createWorld(dialect);
      const first = await empty.auth.people.issueSetupTicket({ client: OPERATOR });
      return await empty.browser().get(`/setup?ticket=${first}`);
    })();
    for (const page of [await world.browser().get(`/invitation?ticket=${ticket}`), setup]) {
      assert.equal(page.status, 200);
      assert.equal(page.headers.get("referrer-policy"), "no-referrer");
      assert.match(page.text, /<script [^>]*data-hide-query="ticket"/);
      assert.doesNotMatch(page.text, /(?:src|href)="https?:/);
    }
  });
});
