// The attack: somebody sends what no form of ours would send, to every route, in the hope that one of them breaks in
// a useful way: a failure that tells something, a name that becomes markup, a check that was passed over. The cases are
// generated: every field, query, id and cookie that we read, with everything that has ever broken a server. Each must
// get a clear no, the form again, or a plain page. A failure of the server is a defect even where it is harmless.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Browser } from "../../../src/testing/browser.ts";
import { ROUTES } from "../../../src/web/app.ts";
import { createArena } from "../../support/attacker.ts";
import { openTables, readTables } from "../../support/tables.ts";
import { type Dialect, OPERATOR, onBothDatabases, PASSWORD, type World } from "../../support/world.ts";

const SESSION = "__Host-countersign-session";
const MARK = "<script>alert('mark')</script>";

/** Values that a person could not type, or would not, as text. */
const NASTY: Record<string, string> = {
  nothing: "",
  spaces: " \t ",
  "a NUL": "ada\0",
  "a line end and a header": "ada\r\nBcc: mallory@example.com",
  "full-width digits": "１２３４５６",
  "digits of other scripts": "١٢٣٤٥٦",
  "a number with an exponent": "1e5",
  "a negative number": "-1",
  "a number too large": "9".repeat(400),
  "a quote": "' or 1=1; drop table users; --",
  markup: MARK,
  "an attribute": `" autofocus onfocus="alert('mark')`,
  "a template": "{{7*7}}<%= 7*7 %>#{7*7}",
  "a format": "%s%n%x%p",
  "a path": "../../../etc/passwd",
  "another site": "//evil.example/\\evil.example",
  "a script": "javascript:alert('mark')",
  "ten thousand characters": "a".repeat(10_000),
  "a thousand emoji": "👩‍👩‍👧".repeat(60),
  "a character that grows eighteen times": "ﷺ".repeat(1_000),
  "text that runs backwards": "\u202egnihsihp",
  "what separates lines": "ada\u2028\u2029\u0085lovelace",
  "escapes of a terminal": "\u001b[2J\u001b]0;owned\u0007",
  "no character": "\uffff\u{1fffe}",
  "a private character": "\ue000\u{f0000}",
  "combining marks": `a${"\u0301".repeat(1_000)}`,
  "the name of what every object has": "__proto__",
  "the name of a constructor": "constructor",
  "an object": "[object Object]",
  "null in words": "null",
  "a JSON object": '{"$gt":""}',
};

/** The fields that our forms send, with values that are all right. */
const FORMS: Record<string, Record<string, string>> = {
  "/sign-in": { login: "ada", password: "a wrong but harmless guess" },
  "/sign-in/code": { code: "000000", trust: "on" },
  "/sign-in/recovery-code": { recovery_code: "K7QF-3M9T-XW2C-B8HN" },
  "/sign-in/mailed-code": { mailed_code: "000000" },
  "/setup": { ticket: "x", login: "evil", name: "Evil", email: "evil@example.org", new_password: PASSWORD },
  "/invitation": { ticket: "x", new_password: PASSWORD },
  "/forgotten-password": { login: "ada" },
  "/password-reset": { ticket: "x", new_password: PASSWORD },
  "/email-undo": { ticket: "x" },
  "/enrolment-link": { ticket: "x", login: "ada", password: PASSWORD },
  "/rescue-stop": { ticket: "x" },
  "/account": { name: "Ada", language: "en", time_zone: "UTC" },
  "/account/email": { email: "ada@example.org" },
  "/account/password": { current_password: PASSWORD, current_code: "", new_password: "short" },
  "/account/security/enrolment/confirm": { code: "000000" },
  "/account/security/authenticators/rename": { authenticator: "AAAAAAAAAAAAAAAA", name: "Blue phone" },
  "/account/security/authenticators/remove": { authenticator: "AAAAAAAAAAAAAAAA" },
  "/account/security/recovery-codes/check": { recovery_code: "K7QF-3M9T-XW2C-B8HN" },
  "/account/security/disable": { current_password: "", current_code: "000000" },
  "/account/security/trusted-browsers/end": { id: "AAAAAAAAAAAAAAAA" },
  "/account/security/sessions/end": { id: "AAAAAAAAAAAAAAAA" },
  "/account/api-keys": { name: "report", days: "1", scope_profile_read: "on", form_number: "AAAAAAAAAAAAAAAA" },
  "/account/api-keys/revoke": { key: "AAAAAAAAAAAAAAAA" },
  "/api/v1/introspect": { token: "x" },
  "/users": { login: "taken", name: "Taken", email: "taken@example.org", role: "person" },
  "/users/:id": { login: "other", name: "Other", email: "other@example.org", role: "person" },
  "/users/:id/reset-two-factor": { reason: "lost" },
  "/users/:id/require-two-factor": { days: "7" },
  "/jobs": { act: "sign-out", person_0: "AAAAAAAAAAAAAAAA" },
  "/jobs/:id/begin": { reason: "lost", days: "7" },
  "/policy": { scope: "everyone", requirement: "required", required_from: "2027-01-31", grace_days: "7", skips: "3" },
  "/users/:id/enrolment-link": { way: "mailed-link", link_reason: "lost" },
  "/users/:id/rescue/approve": { rescue: "AAAAAAAAAAAAAAAA" },
  "/users/:id/rescue/carry-out": { rescue: "AAAAAAAAAAAAAAAA" },
  "/users/:id/rescue/withdraw": { rescue: "AAAAAAAAAAAAAAAA" },
};

type Body = NonNullable<RequestInit["body"]>;

/** Bodies that are no form of ours, each with the answer that it must get. */
const BODIES: { what: string; body: Body; type?: string | null; length?: number; status: number }[] = [
  { what: "the same field twice", body: "login=a&login=b", status: 400 },
  { what: "the same field three ways", body: "code=1&c%6fde=2", status: 400 },
  { what: "too many fields", body: Array.from({ length: 61 }, (_, n) => `f${n}=1`).join("&"), status: 400 },
  { what: "a lone percent sign", body: "login=%", status: 400 },
  { what: "half an escape", body: "login=%4", status: 400 },
  { what: "an escape of nothing", body: "login=%zz", status: 400 },
  { what: "an escaped NUL", body: "login=%00", status: 400 },
  { what: "a NUL in a name", body: "lo%00gin=a", status: 400 },
  { what: "UTF-8 that ends early", body: "login=%C3", status: 400 },
  { what: "UTF-8 that is too long for what it says", body: "login=%C0%AE", status: 400 },
  { what: "half a surrogate pair", body: "login=%ED%A0%80", status: 400 },
  { what: "bytes that are no UTF-8", body: new Uint8Array([0x61, 0x3d, 0xff, 0xfe]), status: 400 },
  { what: "raw UTF-8", body: "login=é", status: 400 },
  { what: "UTF-16", body: new Uint8Array(Buffer.from("login=a", "utf16le")), status: 400 },
  { what: "one byte too many", body: `login=${"a".repeat(16_379)}`, status: 413 },
  { what: "twenty megabytes", body: "login=a", length: 20 * 1_048_576, status: 413 },
  { what: "a length that is none", body: "login=a", length: 1e99, status: 413 },
  { what: "a stream without end", body: endless(), status: 413 },
  { what: "JSON", body: '{"login":["ada"],"code":123456}', type: "application/json", status: 415 },
  { what: "deep JSON", body: "[".repeat(10_000), type: "application/json", status: 415 },
  { what: "text", body: "login=ada", type: "text/plain", status: 415 },
  { what: "XML", body: "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>", type: "text/xml", status: 415 },
  { what: "parts", body: "--x\r\n", type: "multipart/form-data; boundary=x", status: 415 },
  { what: "no type", body: new Uint8Array([0x61]), type: null, status: 415 },
  { what: "two types", body: "a=b", type: "application/x-www-form-urlencoded, text/plain", status: 415 },
  { what: "another alphabet", body: "a=b", type: "application/x-www-form-urlencoded; charset=utf-7", status: 415 },
];

/** What may stand behind `?name=`, as it is sent. */
const QUERIES = [
  "",
  "%00",
  "a%00b",
  "%",
  "%zz",
  "%C3%28",
  "%ED%A0%80",
  "%FF%FE",
  "+",
  "%25",
  "_",
  "%5C",
  "'",
  '"',
  encodeURIComponent(MARK),
  "-1",
  "0",
  "1.5",
  "1e9",
  "0x10",
  "%EF%BC%91",
  "999999999999999",
  "9007199254740993",
  "9".repeat(400),
  "NaN",
  "constructor",
  "__proto__",
  "toString",
  "[]",
  "{}",
  "a".repeat(7_000),
  "%25".repeat(2_000),
  "%EF%B7%BA".repeat(1_700),
  "%0D%0ASet-Cookie:%20a=b",
  "//evil.example",
];

const IDS = [
  "%00",
  "%FF",
  "%E0%A4%A",
  "%",
  "%2e%2e",
  "..%2f..%2fusers",
  "%5c",
  "'",
  "%22",
  encodeURIComponent(MARK),
  "null",
  "undefined",
  "-1",
  "0",
  "1%20or%201=1",
  "%F0%9F%94%91",
  "%ED%A0%80",
  "%0D%0ASet-Cookie:%20a=b",
  "a".repeat(5_000),
  "AAAAAAAAAAAAAAAA",
];

const COOKIES = [
  "",
  ";",
  "=",
  ";;;=;=;",
  SESSION,
  `${SESSION}=`,
  `${SESSION}=.`,
  `${SESSION}=null`,
  `${SESSION}=${"A".repeat(16)}.${"A".repeat(43)}`,
  `${SESSION}=${"A".repeat(16)}.${"A".repeat(44)}`,
  `${SESSION}="${"A".repeat(16)}.${"A".repeat(43)}"`,
  `${SESSION}=' or '1'='1`,
  `${SESSION}=${"A".repeat(100_000)}`,
  `${SESSION}=%00%0d%0a`,
  `${SESSION}=\u00e9\u00ff\u0080`,
  `${SESSION}=a, ${SESSION}=b`,
  `${SESSION.toUpperCase()}=a`,
  "__Host-countersign-sign-in=garbage",
  `__Host-countersign-sign-in=${"A".repeat(16)}.${"A".repeat(43)}`,
  "__Host-countersign-browsers=~~~~~~~",
  `__Host-countersign-browsers=${Array(200)
    .fill(`${"A".repeat(16)}.${"A".repeat(43)}`)
    .join("~")}`,
  `__Host-countersign-browsers=${MARK}`,
  "__Host-countersign-notice=constructor",
  "__Host-countersign-notice=__proto__",
  "__Host-countersign-notice=toString",
  "__Host-countersign-notice=hasOwnProperty",
  `__Host-countersign-notice=${MARK}`,
  "__Host-countersign-__proto__=1",
  "__Host-countersign-constructor=1",
  Array(500).fill("a=b").join("; "),
];

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(0x61)) });
}

const FORM_TYPE = "application/x-www-form-urlencoded";

/** What an answer to nonsense may be; a redirect leads to a page of ours. */
const PLAIN = [200, 303, 400, 401, 403, 404, 405, 410, 413, 415, 422, 429];

type Case = { what: string; path: string; init?: RequestInit; status?: number };

/** Sends a case and says what is wrong with the answer, if anything is. */
async function judge(browser: Browser, { what, path, init, status }: Case): Promise<string[]> {
  const own = browser.cookies.get(SESSION);
  const response = await browser.send(path, init);
  const body = await response.text();
  const name = `${init?.method ?? "GET"} ${path.slice(0, 60)} with ${what}: ${response.status}`;
  if (!PLAIN.includes(response.status)) return [name];
  const faults: string[] = [];
  if (status !== undefined && response.status !== status) faults.push(`${name}, not ${status}`);
  if (response.status === 303 && !/^\/(?![/\\])/.test(response.headers.get("location") ?? ""))
    faults.push(`${name}, away`);
  if (/<script>alert|onfocus="|href="javascript:/.test(body)) faults.push(`${name}, with live markup`);
  if (/\[object |function |native code|undefined|NaN/.test(words(body))) faults.push(`${name}, with debris`);
  for (const line of response.headers.getSetCookie()) {
    if (/[\r\n]/.test(line)) faults.push(`${name}, with a broken cookie`);
    // A confirmation gives the session that asked a new secret; the session is still the same one.
    const session = /^__Host-countersign-session=([^;.]+)\./.exec(line)?.[1];
    if (session !== undefined && session !== own?.split(".")[0]) faults.push(`${name}, with a session`);
  }
  return faults;
}

function words(html: string): string {
  return html.replace(/value="[^"]*"|<textarea[^>]*>[^<]*|<title>.*?<\/title>/g, "").replace(/<[^>]*>/g, " ");
}

async function judgeAll(browser: Browser, cases: Case[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const each of cases) wrong.push(...(await judge(browser, each)));
  return wrong;
}

const POSTS = ROUTES.filter(({ method }) => method === "POST");
const OPEN = POSTS.filter(({ who }) => who === "anybody").map(({ path }) => path);

function post(body: Body, type: string | null = FORM_TYPE, length?: number): RequestInit {
  const headers = new Headers({ "sec-fetch-site": "same-origin" });
  if (type !== null) headers.set("content-type", type);
  if (length !== undefined) headers.set("content-length", String(length));
  return { method: "POST", headers, body, ...(body instanceof ReadableStream ? { duplex: "half" } : {}) };
}

const form = (fields: Record<string, string>) => post(new URLSearchParams(fields).toString());

/** Each field of a form with each nasty value, the other fields being all right. */
function fieldCases(paths: string[], id: string): Case[] {
  return paths.flatMap((path) =>
    Object.keys(FORMS[path] ?? {}).flatMap((field) =>
      Object.entries(NASTY).map(([what, value]) => ({
        what: `${what} as ${field}`,
        path: path.replace(":id", id),
        init: form({ ...FORMS[path], [field]: value }),
      })),
    ),
  );
}

function bodyCases(paths: string[], id: string): Case[] {
  return paths.flatMap((path) =>
    BODIES.map(({ what, body, type, length, status }) => ({
      what,
      path: path.replace(":id", id),
      init: post(body instanceof ReadableStream ? endless() : body, type, length),
      status,
    })),
  );
}

function queryCases(names: Record<string, string[]>): Case[] {
  const cases = Object.entries(names).flatMap(([path, parameters]) =>
    parameters.flatMap((name) =>
      QUERIES.map((value) => ({ what: value.slice(0, 40), path: `${path}?${name}=${value}` })),
    ),
  );
  const deep = [`a${"[b]".repeat(500)}=c`, Array(500).fill("search=a").join("&"), "&&&===", "?", "%"];
  return [
    ...cases,
    ...Object.keys(names).flatMap((path) =>
      deep.map((query) => ({ what: query.slice(0, 40), path: `${path}?${query}` })),
    ),
  ];
}

async function people(world: World) {
  const root = await world.person("root", { role: "administrator", twoFactor: true });
  const other = await world.person("other", { twoFactor: true });
  const administrator = world.browser();
  await world.signIn(administrator, root);
  const confirm = async () => {
    const proof = { current_password: PASSWORD, current_code: world.freshCode(root) };
    const page = await administrator.post(`/users/${other.id}/enable`, proof);
    assert.equal(page.status, 200, page.words);
  };
  await confirm();
  return { root, other, administrator };
}

const SIGNED_IN = POSTS.filter(({ who, path }) => who !== "anybody" && path !== "/sign-out").map(({ path }) => path);
const OF_OTHERS = SIGNED_IN.filter((path) => path.startsWith("/users"));
const OWN = SIGNED_IN.filter((path) => !OF_OTHERS.includes(path));

const counted = new Map<string, number>();

function count(dialect: Dialect, cases: readonly unknown[]): void {
  counted.set(dialect, (counted.get(dialect) ?? 0) + cases.length);
}

test("a body that is no form of ours is refused on every route, before anything looks at it (CH-10)", async () => {
  await using world = await createArena("sqlite");
  await using db = await openTables(world);
  const { administrator, other } = await people(world);
  await administrator.send("/sign-in/code");
  const before = await readTables(db);
  const cases = bodyCases([...SIGNED_IN, "/sign-out", ...OPEN], other.id);
  assert.ok(cases.length > 500, `${cases.length} cases`);
  assert.deepEqual(await judgeAll(administrator, cases), []);
  assert.deepEqual(await readTables(db), before);
});

onBothDatabases("nonsense", (dialect) => {
  test("in the forms that are open to everybody gets a plain no and never a session (TC-09, LS-09)", async () => {
    await using world = await createArena(dialect);
    await world.person("ada");
    const { auth, clock } = world;
    const operator = auth.operatorAuthority();
    const profile = { login: "guest", name: "Guest", email: "guest@example.org", role: "person" } as const;
    const guest = await auth.people.invite({ client: OPERATOR, authority: operator, ...profile });
    assert.ok(guest.ok);
    let ticket = guest.ticket;
    const cases = fieldCases(OPEN, "");
    count(dialect, cases);
    const wrong: string[] = [];
    for (const { path, ...each } of cases) {
      // Each from another address and an hour later, so that the limits do not answer instead of the form.
      clock.advance(3_600_000);
      if (path === "/invitation" && !each.what.endsWith("as ticket")) {
        const again = await auth.people.act({ client: OPERATOR, authority: operator, act: "invite", id: guest.id });
        ticket = (again.ok ? again.ticket : undefined) ?? ticket;
        const fields = new URLSearchParams(String(each.init?.body));
        each.init = form({ ...Object.fromEntries(fields), ticket });
      }
      wrong.push(...(await judge(world.browser(), { path, ...each })));
    }
    assert.deepEqual(wrong, []);
  });

  test("as a code, in a sign-in that waits for one, is not right and costs no more than a wrong code (TC-09, T-47)", async () => {
    await using world = await createArena(dialect);
    const ada = await world.person("ada", { twoFactor: true });
    const browser = world.browser();
    await browser.post("/sign-in", { login: "ada", password: PASSWORD });
    const code = world.freshCode(ada);
    const typed = [
      ...Object.values(NASTY),
      ...[`${code}0`, `0${code}`, `+${code}`, `${code}.0`, code.slice(0, 5), `${code}\n`, `\u200b${code}`],
      ...[[...code].map((digit) => String.fromCharCode(0xff10 + Number(digit))).join("")],
    ];
    const cases = typed.map((value) => ({
      what: value.slice(0, 20),
      path: "/sign-in/code",
      init: form({ code: value }),
    }));
    count(dialect, cases);
    assert.deepEqual(await judgeAll(browser, cases), []);
    assert.ok(!browser.cookies.has(SESSION));
    const done = await browser.post("/sign-in/code", { code: `${code.slice(0, 3)}-${code.slice(3)}` });
    assert.equal(done.path, "/", "and none of it was taken for a guess");
  });

  test("in the forms of a person and an administrator gets a clear no or the form again (TC-09, CH-08)", async () => {
    await using world = await createArena(dialect);
    const { administrator, other } = await people(world);
    const ada = await world.person("ada");
    const person = world.browser();
    await world.signIn(person, ada);
    await person.post("/account/security/enrolment", { current_password: PASSWORD });

    const cases = fieldCases(OWN, "");
    const more = fieldCases(OF_OTHERS, other.id);
    count(dialect, [...cases, ...more]);
    const wrong: string[] = [];
    for (const each of cases) {
      // So many wrong passwords end the session, and that is right.
      if (each.what.endsWith("password") && (await person.send("/account")).status !== 200) {
        await world.signIn(person, ada);
      }
      wrong.push(...(await judge(person, each)));
      world.clock.advance(1_000);
    }
    wrong.push(...(await judgeAll(administrator, more)));
    assert.deepEqual(wrong, []);
  });

  test("in a query or an id gets a plain page (CH-10)", async () => {
    await using world = await createArena(dialect);
    const { administrator } = await people(world);
    const cases = queryCases({
      "/users": ["search", "state", "page", "unknown"],
      "/events": ["person", "kind", "before"],
      "/mails": ["state", "before"],
      "/account": ["page"],
      "/": ["next"],
    });
    const strangers = queryCases({
      "/sign-in": ["next"],
      "/setup": ["ticket"],
      "/invitation": ["ticket"],
      "/password-reset": ["ticket"],
      "/email-undo": ["ticket"],
      "/enrolment-link": ["ticket"],
      "/rescue-stop": ["ticket"],
      "/nothing": ["a"],
    });
    const ids = ROUTES.filter(({ path }) => path.includes(":id")).flatMap(({ path, method }) =>
      IDS.map((id) => ({
        what: "that id",
        path: path.replace(":id", id),
        init: method === "POST" ? form(FORMS["/users/:id"] ?? {}) : {},
        ...(id === "%2e%2e" ? {} : { status: id === "%00" ? 400 : 404 }),
      })),
    );
    count(dialect, [...cases, ...strangers, ...ids]);
    const wrong = [
      ...(await judgeAll(administrator, [...cases, ...ids])),
      ...(await judgeAll(world.browser(), strangers)),
    ];
    assert.deepEqual(wrong, []);
  });

  test("in cookies makes a stranger of whoever sends it (SE-09)", async () => {
    await using world = await createArena(dialect);
    const { administrator } = await people(world);
    const session = administrator.cookies.get(SESSION);
    const wrong: string[] = [];
    count(dialect, COOKIES);
    for (const cookie of COOKIES) {
      for (const path of [
        "/",
        "/users",
        "/sign-in",
        "/sign-in/code",
        "/account/security/enrolment",
        "/api/v1/session",
      ]) {
        const headers = { cookie };
        const answer = await judge(world.browser(), {
          what: `the cookie ${cookie.slice(0, 50)}`,
          path,
          init: { headers },
        });
        const me = await world.browser().send("/api/v1/session", { headers });
        if (me.status !== 401) wrong.push(`signed in by ${cookie.slice(0, 50)}`);
        wrong.push(...answer);
        if (!cookie.startsWith("__Host-countersign-notice")) continue;
        // The same beside a living session.
        const both = { cookie: `${SESSION}=${session}; ${cookie}` };
        const beside = { what: `a session and ${cookie.slice(0, 50)}`, path, init: { headers: both } };
        wrong.push(...(await judge(world.browser(), beside)));
      }
    }
    assert.deepEqual(wrong, []);
  });

  test("beside a living session's cookie, under the same name, ends the matter for both (SE-09)", async () => {
    await using world = await createArena(dialect);
    const { administrator } = await people(world);
    const good = `${SESSION}=${administrator.cookies.get(SESSION)}`;
    const me = async (cookie: string) =>
      (await world.browser().send("/api/v1/session", { headers: { cookie } })).status;
    assert.equal(await me(good), 200);
    const other = `${SESSION}=${"A".repeat(16)}.${"A".repeat(43)}`;
    for (const second of [good, other, `${SESSION}=`, `${SESSION.toLowerCase()}=a`, `__HOST-countersign-Session=b`]) {
      assert.equal(await me(`${good}; ${second}`), 401, second);
      assert.equal(await me(`${second}; ${good}`), 401, second);
    }
    assert.equal(await me(`unrelated=1; ${good}; session=2`), 200, "cookies of others do not disturb");
  });

  test("leaves the installation as it was, and everybody can still work (LS-09)", async () => {
    await using world = await createArena(dialect);
    await using db = await openTables(world);
    const { administrator, other } = await people(world);
    const { users: before, user_names: names } = await readTables(db);
    const others = Object.values(NASTY).map((what) => ({
      what,
      path: `/users/${encodeURIComponent(what)}/disable`,
      init: form({}),
    }));
    assert.deepEqual(
      await judgeAll(
        administrator,
        others.filter(({ what }) => what !== ""),
      ),
      [],
    );
    const { users: after, user_names: namesAfter } = await readTables(db);
    assert.deepEqual([after, namesAfter], [before, names]);
    assert.equal((await administrator.get("/users")).status, 200);
    assert.match((await world.signIn(world.browser(), other)).words, /Welcome, Other/);
  });

  test("was tried in well over five hundred ways", () => {
    assert.ok((counted.get(dialect) ?? 0) >= 1_300, `${counted.get(dialect)} cases`);
  });
});
