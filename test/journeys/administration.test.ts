// The administrator's day: find people, help who lost the phone, stop who must be stopped, and see who did what.

import assert from "node:assert/strict";
import { test } from "node:test";
import { codeFor } from "../../src/testing/auth.ts";
import type { Browser } from "../../src/testing/browser.ts";
import { addEvents, addPeople } from "../support/crowd.ts";
import { openTables } from "../support/tables.ts";
import { createWorld, enrol, type Member, onBothDatabases, PASSWORD, type World } from "../support/world.ts";

/** A browser in which an administrator has just confirmed who they are. */
async function administrator(world: World): Promise<Browser> {
  return (await administratorAs(world)).browser;
}

async function administratorAs(world: World): Promise<{ browser: Browser; root: Member }> {
  const root = await world.person("root", { role: "administrator", twoFactor: true });
  const browser = world.browser();
  await world.signIn(browser, root);
  await browser.post("/account/security/enrolment", {
    current_password: PASSWORD,
    current_code: world.freshCode(root),
  });
  return { browser, root };
}

/** The names in the table of a page, in order. */
function names(page: { text: string }): string[] {
  return [...page.text.matchAll(/<th scope="row"><a[^>]*>([^<]*)<\/a>/g)].map(([, name = ""]) => name);
}

const rowsOf = (page: { text: string }) => [...page.text.matchAll(/<th scope="row">/g)].length;

function linkTo(page: { text: string }, rel: "prev" | "next"): string | undefined {
  return new RegExp(`rel="${rel}" href="([^"]*)"`).exec(page.text)?.[1]?.replaceAll("&amp;", "&");
}

onBothDatabases("the list of users", (dialect) => {
  test("finds people by name, username or address, by any letters and signs in them", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const browser = await administrator(world);
    const people = [
      ["Ada Lovelace", "ada"],
      ["Ærøskøbing Ångström", "aero"],
      ["100% Sure", "percent"],
      ["Under_Score", "under"],
      ["Back\\Slash", "back"],
      ["O'Brien", "obrien"],
      ['Quote "Unquote"', "quote"],
      ["张伟", "zhang"],
      ["Ελένη Παπαδοπούλου", "eleni"],
      ["ﬁne Ligature", "fine"],
      ["Zoë", "zoe"],
      ["<b>Bold</b>", "bold"],
      ["a & b", "amp"],
    ].map(([name = "", login = ""]) => ({ id: login, name, login, email: `${login}@mail.example` }));
    await addPeople(db, people);
    const found = async (search: string) =>
      names(await browser.get(`/users?${new URLSearchParams({ search })}`)).map((name) =>
        name
          .replaceAll("&lt;", "<")
          .replaceAll("&gt;", ">")
          .replaceAll("&amp;", "&")
          .replaceAll("&quot;", '"')
          .replaceAll("&#39;", "'"),
      );
    for (const { name } of people) assert.deepEqual(await found(name), [name], name);
    for (const { name, login } of people) assert.ok((await found(`${login}@mail`)).includes(name), login);
    assert.deepEqual(await found("LOVELACE"), ["Ada Lovelace"]);
    assert.deepEqual(await found("  ada lov "), ["Ada Lovelace"]);
    assert.deepEqual(await found("zoe\u0308"), ["Zoë"], "an accent may be written in two ways");
    assert.deepEqual(await found("ｌｏｖｅｌａｃｅ"), ["Ada Lovelace"], "and letters be full-width");
    assert.deepEqual(await found("FINE LIGATURE"), ["ﬁne Ligature"]);
    assert.deepEqual(await found("%"), ["100% Sure"], "a sign means itself");
    assert.deepEqual(await found("_"), ["Under_Score"]);
    assert.deepEqual(await found("\\"), ["Back\\Slash"]);
    assert.deepEqual(await found("'"), ["O'Brien"]);
    assert.deepEqual(await found('"'), ['Quote "Unquote"']);
    assert.deepEqual(await found("%%"), []);
    assert.deepEqual(await found("a%a"), []);
    assert.equal((await found("@mail.example")).length, people.length);
    const nobody = await browser.get("/users?search=nobody-at-all");
    assert.match(nobody.words, /Nobody matches this search. Show everyone/);
    assert.equal(linkTo(nobody, "next"), undefined);
    assert.match(nobody.text, /name="search"[^>]*value="nobody-at-all"|value="nobody-at-all"[^>]*name="search"/);
    assert.equal(rowsOf(await browser.get("/users?search=")), people.length + 1);
  });

  test("shows who has two factors on, who is invited or disabled, and filters by it", async () => {
    await using world = await createWorld(dialect);
    const browser = await administrator(world);
    await world.person("ada", { twoFactor: true });
    const bob = await world.person("bob");
    await world.person("eve");
    await browser.post("/users", { login: "new", name: "New", email: "new@example.org", role: "person" });
    await browser.post(`/users/${bob.id}/disable`);
    const all = await browser.get("/users");
    assert.deepEqual(names(all), ["Ada", "Bob", "Eve", "New", "Root"]);
    assert.match(
      all.words,
      /Ada ada Person On .* Bob bob Person Disabled Off Never Choose Eve Eve eve Person Off Never Choose New New new Person Invited Off Never/,
    );
    assert.deepEqual(names(await browser.get("/users?state=two-factor")), ["Ada", "Root"]);
    assert.deepEqual(names(await browser.get("/users?state=no-second-factor")), ["Eve"]);
    assert.deepEqual(names(await browser.get("/users?state=no-second-factor&search=b")), []);
    for (const odd of ["", "maybe", "constructor", "toString", "__proto__"]) {
      assert.deepEqual(names(await browser.get(`/users?state=${odd}`)), names(all), `${odd} is no filter`);
    }
  });

  test("has fifty on a page, however many there are, each once (5,000 people)", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const browser = await administrator(world);
    const one = await browser.get("/users");
    assert.match(one.words, /1–1 of 1 person/);
    assert.deepEqual([linkTo(one, "prev"), linkTo(one, "next")], [undefined, undefined]);

    const people = Array.from({ length: 5_000 }, (_, n) => {
      const login = `person${String(n).padStart(4, "0")}`;
      // Few names for many people: those of one name must not change places between pages.
      return { id: `id-${login}`, name: `Person ${n % 7}`, login, email: `${login}@mail.example` };
    });
    await addPeople(db, people);
    const seen: string[] = [];
    let page = await browser.get("/users?search=mail.example");
    assert.match(page.words, /1–50 of 5,000 people/);
    assert.equal(linkTo(page, "prev"), undefined);
    // The first and the last pages, by the links; one name goes on over many of them.
    for (let number = 1; number <= 16; number++) {
      if (number === 9) page = await browser.get("/users?search=mail.example&page=93");
      seen.push(...[...page.text.matchAll(/href="\/users\/(id-[^"]*)"/g)].map(([, id = ""]) => id));
      const next = linkTo(page, "next");
      if (next !== undefined) page = await browser.get(next);
      else assert.equal(number, 16);
    }
    assert.match(page.words, /4,951–5,000 of 5,000 people/);
    assert.equal(seen.length, 800);
    assert.equal(new Set(seen).size, 800, "each person once");
    const back = await browser.get(linkTo(page, "prev") ?? "");
    assert.match(back.words, /4,901–4,950 of 5,000 people/);
    for (const odd of ["0", "-1", "1.5", "x", "", "１", "999999999999999999999"]) {
      const first = await browser.get(`/users?search=mail.example&page=${odd}`);
      assert.equal(first.status, 200, odd);
      assert.match(first.words, /1–50 of 5,000 people/, odd);
    }
    const beyond = await browser.get("/users?page=102");
    assert.equal(beyond.status, 200);
    assert.equal(rowsOf(beyond), 0);
    assert.equal(rowsOf(await browser.get("/users?search=person4999")), 1);
    const unicode = await browser.get(`/users?search=${encodeURIComponent("ß%_\\'\"")}`);
    assert.match(unicode.words, /Nobody matches this search/);
  });
});

onBothDatabases("a person's page", (dialect) => {
  test("gets somebody back in who lost the phone, from the desk to their next sign-in by two steps (AD-03)", async () => {
    await using world = await createWorld(dialect);
    const { browser, root } = await administratorAs(world);
    const ada = await world.person("ada", { twoFactor: true });
    const listed = await browser.get("/users?search=ada");
    const [, path = ""] = /href="(\/users\/[\w-]{16})"/.exec(listed.text) ?? [];
    const page = await browser.get(path);
    assert.match(page.words, /Reset two-factor authentication/);
    assert.match(page.words, /Make sure that it is really them who asks/);
    world.clock.advance(600_000);
    const asked = await browser.post(`${path}/reset-two-factor`, { reason: "lost phone, came with badge" });
    assert.equal(asked.status, 403);
    assert.match(asked.text, /name="reason" value="lost phone, came with badge"/, "the reason need not be typed again");
    const proof = { current_password: PASSWORD, current_code: world.freshCode(root) };
    const done = await browser.post(`${path}/reset-two-factor`, { reason: "lost phone, came with badge", ...proof });
    assert.match(done.words, /Two-factor authentication is reset. The person is told by email./);
    assert.match(done.words, /Two-factor authentication Off/);
    assert.doesNotMatch(done.words, /For somebody who lost their phone/, "there is nothing left to reset");

    const again = world.browser();
    const home = await again.post("/sign-in", { login: "ada", password: PASSWORD });
    assert.match(home.words, /protected by a password alone/);
    const old = ada.secret;
    await again.post("/sign-out");
    await enrol(world, ada, again);
    assert.notEqual(ada.secret, old);
    const fresh = world.browser();
    assert.match((await world.signIn(fresh, ada)).words, /well protected/);
  });

  test("changes name, username, address and role, and says what cannot be", async () => {
    await using world = await createWorld(dialect);
    const browser = await administrator(world);
    const ada = await world.person("ada");
    await world.person("bob");
    const path = `/users/${ada.id}`;
    const right = { name: "Ada King", login: "Countess", email: "king@example.org", role: "administrator" };
    const saved = await browser.post(path, right);
    assert.match(saved.words, /The changes are saved/);
    assert.match(saved.text, /value="countess"/);
    assert.match((await browser.get("/users?search=countess")).words, /Ada King countess Administrator/);
    assert.equal((await world.browser().post("/sign-in", { login: "ada", password: PASSWORD })).status, 422);
    assert.match(
      (await world.browser().post("/sign-in", { login: "KING@example.org", password: PASSWORD })).words,
      /Welcome, Ada King/,
    );
    const mistakes: [Record<string, string>, RegExp][] = [
      [{ login: "bob" }, /Somebody already has this username/],
      [{ login: "bob@example.org" }, /Somebody already has this username/],
      [{ email: "bob@example.org" }, /Somebody has this email address/],
      [{ name: "" }, /Enter a name/],
      [{ role: "root" }, /Choose a role/],
    ];
    for (const [mistake, sentence] of mistakes) {
      const page = await browser.post(path, { ...right, ...mistake });
      assert.equal(page.status, 422);
      assert.match(page.words, sentence);
    }
    assert.match(
      (await browser.get("/users?search=countess")).words,
      /Ada King countess Administrator/,
      "nothing of it was saved",
    );
    assert.match(
      (await browser.post(path, { ...right, email: "" })).words,
      /The changes are saved/,
      "one may have no address",
    );
  });

  test("stops somebody at once, and lets them in again with the password they had (SE-05)", async () => {
    await using world = await createWorld(dialect);
    const browser = await administrator(world);
    const ada = await world.person("ada");
    const inside = world.browser();
    await world.signIn(inside, ada);
    assert.match((await browser.post(`/users/${ada.id}/disable`)).words, /The account is disabled. .*State Disabled/);
    assert.equal((await inside.get("/account")).path, "/sign-in?next=%2Faccount");
    const refused = await world.browser().post("/sign-in", { login: "ada", password: PASSWORD });
    assert.match(refused.words, /That username and password do not match/);
    assert.match((await browser.post(`/users/${ada.id}/enable`)).words, /The account is enabled. .*State Active/);
    assert.equal((await inside.get("/account")).path, "/sign-in?next=%2Faccount", "the old session does not come back");
    assert.match((await world.signIn(world.browser(), ada)).words, /Welcome, Ada/);
  });

  test("logs somebody out everywhere, and them alone", async () => {
    await using world = await createWorld(dialect);
    const browser = await administrator(world);
    const [ada, bob] = [await world.person("ada"), await world.person("bob")];
    const [phone, desk, other] = [world.browser(), world.browser(), world.browser()];
    await world.signIn(phone, ada);
    await world.signIn(desk, ada);
    await world.signIn(other, bob);
    assert.match(
      (await browser.post(`/users/${ada.id}/sign-out-everywhere`)).words,
      /The person is signed out everywhere/,
    );
    for (const each of [phone, desk]) assert.equal((await each.get("/account")).path, "/sign-in?next=%2Faccount");
    assert.equal((await other.get("/account")).status, 200);
  });

  test("shows what is locked, in which browser, since when and from where (RL-07)", async () => {
    await using world = await createWorld(dialect);
    const browser = await administrator(world);
    const ada = await world.person("ada", { twoFactor: true });
    const own = world.browser({
      userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
      address: "203.0.113.7",
    });
    await world.signIn(own, ada);
    await own.post("/sign-out");
    const wrong = { login: "ada", password: "not the password at all" };
    for (let n = 0; n < 10; n++) await world.browser({ address: "198.51.100.1" }).post("/sign-in", wrong);
    for (let n = 0; n < 3; n++) await world.browser({ address: "198.51.100.2" }).post("/sign-in", wrong);
    await own.post("/sign-in", { login: "ada", password: PASSWORD });
    const early = codeFor(ada.secret ?? "", world.clock.now() - 900_000);
    for (let n = 0; n < 6; n++) await own.post("/sign-in/code", { code: early });
    const { words } = await browser.get(`/users/${ada.id}`);
    assert.match(words, /Wrong password Browsers not used before 10 /);
    assert.match(words, /Wrong code Used before: Firefox on Linux 5 /);
    assert.match(words, /198\.51\.100\.1 \(10 tries\) and 203\.0\.113\.7 \(5 tries\)/);
    world.clock.advance(60_000);
    assert.doesNotMatch((await browser.get(`/users/${ada.id}`)).words, /Wrong password Browsers/, "it ended by itself");
  });

  test("chooses people, shows whom it touches, and does it to each (AD-10)", async () => {
    await using world = await createWorld(dialect);
    const browser = await administrator(world);
    const [ada, bob] = [await world.person("ada"), await world.person("bob", { twoFactor: true })];
    for (let n = 100; n < 160; n++) await world.person(`crowd${n}`);
    const none = await browser.post("/jobs", { act: "sign-out", search: "crowd" });
    assert.match(none.words, /Choose people first/);
    assert.equal(none.path, "/users?search=crowd&state=&group=");
    const chosen = { act: "invite-to-two-factor", person_0: ada.id, person_1: bob.id };
    const preview = await browser.post("/jobs", chosen);
    assert.match(preview.words, /Touched 1 person Skipped 1 person .*Begin for 1 person/);
    assert.match(preview.words, /Ada Waiting Bob Skipped They use two-factor authentication already/);
    const running = await browser.post(`${preview.path}/begin`);
    assert.match(running.words, /It has begun.*Running Progress 0 of 1/);
    assert.equal(running.headers.get("refresh"), `3; url=${preview.path}`);
    const still = await browser.get(`${preview.path}?still=yes`);
    assert.equal(still.headers.get("refresh"), null);
    while (await world.auth.jobs.workNext());
    const done = await browser.get(preview.path);
    assert.match(done.words, /Progress 1 of 1 Done It was done to 1 person.* Ada Done Bob Skipped/);
    assert.equal(done.headers.get("refresh"), null);
    assert.match((await browser.get("/jobs")).words, /Invite to use two-factor authentication Root now 2 people Done/);

    const all = await browser.post("/jobs", { act: "sign-out", all: "on", search: "crowd" });
    assert.match(all.words, /Touched 60 people Skipped 0 people.*1–50 of 60/);
    await browser.post(`${all.path}/begin`);
    const stopped = await browser.post(`${all.path}/stop`);
    assert.match(stopped.words, /Stopped People who were not reached yet stay as they are/);
    await browser.post(`${all.path}/resume`);
    while (await world.auth.jobs.workNext());
    const rest = await browser.get(`${all.path}?show=done&page=2&still=yes`);
    assert.match(rest.words, /Progress 60 of 60.*51–60 of 60/);
  });

  test("carries fifty chosen people through the confirmation", async () => {
    await using world = await createWorld(dialect);
    const root = await world.person("root", { role: "administrator", twoFactor: true });
    const browser = world.browser();
    await world.signIn(browser, root);
    const boxes: Record<string, string> = {};
    for (let n = 0; n < 50; n++) boxes[`person_${n}`] = (await world.person(`crowd${n}`)).id;
    const fields = { ...boxes, act: "sign-out", search: "", state: "", group: "", all: "" };
    const asked = await browser.post("/jobs", fields);
    assert.match(asked.words, /Confirm that it is you/);
    const carried = Object.fromEntries(
      [...asked.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map((found) => [
        found[1] ?? "",
        found[2] ?? "",
      ]),
    );
    const proof = { current_password: PASSWORD, current_code: world.freshCode(root) };
    assert.match((await browser.post("/jobs", { ...carried, ...proof })).words, /Touched 50 people/);
  });

  test("offers to unlock only whom wrong codes have blocked, and then codes work again (RL-01)", async () => {
    await using world = await createWorld(dialect);
    const browser = await administrator(world);
    const ada = await world.person("ada", { twoFactor: true });
    assert.doesNotMatch((await browser.get(`/users/${ada.id}`)).words, /Locked after wrong tries/);
    const thief = world.browser();
    await thief.post("/sign-in", { login: "ada", password: PASSWORD });
    const wrong = codeFor(ada.secret ?? "", world.clock.now() - 900_000);
    for (let n = 0; n < 6; n++) await thief.post("/sign-in/code", { code: wrong });
    const page = await browser.get(`/users/${ada.id}`);
    assert.match(page.words, /Locked after wrong tries/);
    assert.match(page.words, /their password is known to somebody: have them change it/);
    assert.match((await browser.post(`/users/${ada.id}/unlock`)).words, /The account is unlocked/);
    assert.doesNotMatch((await browser.get(`/users/${ada.id}`)).words, /Locked after/);
    assert.match((await world.signIn(world.browser(), ada)).words, /Welcome, Ada/);
  });

  test("invites to two-factor authentication whoever has none, and requires it", async () => {
    await using world = await createWorld(dialect);
    const browser = await administrator(world);
    const ada = await world.person("ada");
    const path = `/users/${ada.id}`;
    assert.match((await browser.get(path)).words, /Invite to use two-factor authentication/);
    assert.match((await browser.post(`${path}/two-factor-invitation`)).words, /is on its way/);
    assert.match((await browser.post(`${path}/two-factor-invitation`)).words, /They were invited within the last day/);
    const required = await browser.post(`${path}/require-two-factor`, { days: "7" });
    assert.match(required.words, /Two-factor authentication is required of this person.* Required from /);
    assert.match((await browser.post(`${path}/stop-requiring`)).words, /Only the policy says now/);
    const bob = await world.person("bob", { twoFactor: true });
    assert.doesNotMatch((await browser.get(`/users/${bob.id}`)).words, /Invite to use/);
  });

  test("of one's own offers no act that another administrator has to do", async () => {
    await using world = await createWorld(dialect);
    const browser = await administrator(world);
    const root = await world.auth.people.findByName({ reader: world.auth.operatorAuthority(), name: "root" });
    const page = await browser.get(`/users/${root?.id}`);
    assert.match(page.words, /This is your own account/);
    assert.doesNotMatch(page.text, /action="\/users\/[^"]*\/(reset-two-factor|disable|sign-out-everywhere|unlock)"/);
  });

  test("leads to the events of that person", async () => {
    await using world = await createWorld(dialect);
    const browser = await administrator(world);
    const ada = await world.person("ada");
    await world.person("bob");
    const page = await browser.get(`/users/${ada.id}`);
    const [, href = ""] = /href="(\/events\?[^"]*)"/.exec(page.text) ?? [];
    const events = await browser.get(href.replaceAll("&amp;", "&"));
    assert.equal(rowsOf(events), 1);
    assert.match(events.words, /Created the user: Person Operator Ada Command line/);
  });
});

onBothDatabases("the list of events", (dialect) => {
  test("says who did what to whom, when and from where, the newest first", async () => {
    await using world = await createWorld(dialect);
    const browser = await administrator(world);
    const ada = await world.person("ada");
    await browser.post(`/users/${ada.id}/disable`);
    const { words } = await browser.get("/events");
    assert.match(words, /When What Who To whom From where/);
    const [disabled, created] = [
      words.indexOf("Disabled the user Root Ada"),
      words.indexOf("Created the user: Person Operator Ada"),
    ];
    assert.ok(disabled > 0 && created > disabled, "the newest first");
    assert.match(words, /Disabled the user Root Ada 192\.0\.2\.\d+, Firefox on Linux/);
  });

  test("is filtered by person and kind, and tells an unknown name from an empty answer", async () => {
    await using world = await createWorld(dialect);
    const browser = await administrator(world);
    const [ada, bob] = [await world.person("ada"), await world.person("bob")];
    await browser.post(`/users/${ada.id}/disable`);
    await browser.post(`/users/${bob.id}/sign-out-everywhere`);
    await world.browser().post("/sign-in", { login: "bob", password: "a guess that is wrong" });
    const rows = async (query: string) => rowsOf(await browser.get(`/events?${query}`));
    assert.equal(await rows("person=ada"), 2, "what was done to her");
    assert.equal(await rows("person=ADA@example.org"), 2, "by address, too");
    assert.equal(await rows("person=bob"), 3);
    assert.equal(await rows("person=bob&kind=sessions.ended"), 1);
    assert.equal(await rows("person=ada&kind=sessions.ended"), 0);
    assert.equal(await rows("kind=user.created"), 3);
    const all = await rows("");
    assert.equal(await rows("kind=unknown"), all, "an unknown kind is no filter");
    assert.equal(await rows("person=%20%20"), all);
    const nobody = await browser.get("/events?person=nobody");
    assert.match(nobody.words, /Nobody has this username or email. Show everything/);
    const none = await browser.get("/events?person=ada&kind=sessions.ended");
    assert.match(none.words, /Nothing happened that matches this filter/);
    const chosen = await browser.get("/events?person=bob&kind=sessions.ended");
    assert.match(chosen.text, /<option value="sessions.ended" selected/);
    assert.match(chosen.text, /name="person"[^>]*value="bob"|value="bob"[^>]*name="person"/);
    const own = await browser.get("/events?person=root&kind=user.disabled");
    assert.equal(rowsOf(own), 1, "what one did counts as well as what was done to one");
  });

  test("has fifty on a page: none, 50, 51 and 10,000 of them, each once", async () => {
    await using world = await createWorld(dialect);
    await using db = await openTables(world);
    const browser = await administrator(world);
    const kind = "sign_in.abandoned";
    const first = `/events?kind=${kind}`;
    const empty = await browser.get(first);
    assert.equal(rowsOf(empty), 0);
    assert.deepEqual([linkTo(empty, "prev"), linkTo(empty, "next")], [undefined, undefined]);

    await addEvents(db, 50, { kind });
    const full = await browser.get(first);
    assert.equal(rowsOf(full), 50);
    assert.equal(linkTo(full, "next"), undefined, "fifty are one page");

    await addEvents(db, 1, { kind });
    const page = await browser.get(first);
    assert.equal(rowsOf(page), 50);
    const next = linkTo(page, "next");
    assert.match(next ?? "", /kind=sign_in\.abandoned&before=\d+$/);
    const last = await browser.get(next ?? "");
    assert.equal(rowsOf(last), 1);
    assert.equal(linkTo(last, "next"), undefined);
    assert.equal(linkTo(last, "prev"), first, "and back to the newest");

    await addEvents(db, 9_949, { kind });
    const seen: string[] = [];
    let at: string | undefined = first;
    for (let pages = 0; pages < 10; pages++) {
      const each = await browser.get(at ?? "");
      assert.equal(rowsOf(each), 50);
      seen.push(...[...each.text.matchAll(/>(10\.0\.\d+\.\d+)</g)].map(([, address = ""]) => address));
      at = linkTo(each, "next");
    }
    assert.equal(new Set(seen).size, 500, "each once");
    const newest = Number(new URLSearchParams(next).get("before")) + 9_949;
    const oldest = await browser.get(`${first}&before=${newest - 9_900}`);
    assert.equal(rowsOf(oldest), 50);
    assert.equal(linkTo(oldest, "next"), undefined, "ten thousand are two hundred pages");
    for (const odd of ["-1", "x", "", "1e3", "99999999999999999999", "１０"]) {
      assert.equal(rowsOf(await browser.get(`${first}&before=${odd}`)), 50, `${odd} is no place in the list`);
    }
    assert.equal(rowsOf(await browser.get(`${first}&before=0`)), 0);
    assert.equal(rowsOf(await browser.get(`${first}&before=999999999999999`)), 50);
  });
});
