// The attack: the front door asks for a code, so somebody looks for another door. A page that sets a password, a link
// from a mail, a second form that also signs in: sooner or later one of them forgets to ask. So there is one gate, which
// writes every session, and a list of the methods that lead to it; this test walks each of them, and looks for others.

import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { waysIn } from "../../../src/auth.ts";
import { AUTHENTICATOR, MAILED_CODE, RECOVERY_CODE } from "../../../src/core/factors/factors.ts";
import { METHODS, type Method, onlyEnrols } from "../../../src/core/ground/methods.ts";
import { codeFor } from "../../../src/testing/auth.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { en } from "../../../src/text/en.ts";
import { ROUTES } from "../../../src/web/app.ts";
import {
  COOKIE,
  cookiesSet,
  createArena,
  otherCode,
  submit,
  useArena,
  whoIs,
  wrongCode,
} from "../../support/attacker.ts";
import { mailedCode } from "../../support/outbox.ts";
import { allowMailedCodes, setRules } from "../../support/policies.ts";
import { OPERATOR, onBothDatabases, PASSWORD, recoveryCodesOn, secretOn } from "../../support/world.ts";

const SOURCE = fileURLToPath(new URL("../../../src/", import.meta.url));

async function sources(): Promise<Map<string, string>> {
  const files = await Array.fromAsync(glob("**/*.{ts,js}", { cwd: SOURCE }));
  const own = files.filter((file) => !file.endsWith(".test.ts"));
  return new Map(
    await Promise.all(own.map(async (file) => [file, await readFile(join(SOURCE, file), "utf8")] as const)),
  );
}

async function filesWith(pattern: RegExp): Promise<Record<string, number>> {
  const found = [...(await sources())].map(([file, text]) => [file, text.match(pattern)?.length ?? 0] as const);
  return Object.fromEntries(found.filter(([, count]) => count > 0));
}

test("one statement in one file makes sessions, and one file changes them (LS-05)", async () => {
  assert.deepEqual(await filesWith(/(insertInto|mergeInto|replaceInto)\(\s*["'`]sessions/g), {
    "core/session/sessions.ts": 1,
  });
  assert.deepEqual(await filesWith(/\b(insert|replace|merge)\s+into\s+["'`]?sessions\b/gi), {});
  assert.deepEqual(Object.keys(await filesWith(/updateTable\(\s*["'`]sessions/g)), ["core/session/sessions.ts"]);
  assert.deepEqual(await filesWith(/\bupdate\s+["'`]?sessions\b/gi), {});
});

test("only the sign-in machine and the enrolment link ask the gate for a session, and only for methods of the list (LS-05)", async () => {
  const calls = await filesWith(/\bsessions\.issue\(/g);
  assert.deepEqual(Object.keys(calls).sort(), ["core/people/enrolment-links.ts", "core/sign-in/sign-in.ts"]);
  assert.deepEqual(await filesWith(/import\s*\{[^}]*\bissue\b[^}]*\}\s*from\s*"[^"]*sessions\.ts"/g), {});
  const text = [...(await sources())].flatMap(([file, code]) => (Object.hasOwn(calls, file) ? code : [])).join("\n");
  const asked = [...text.matchAll(/sessions\.issue\(\s*tx\s*,\s*\{\s*method:\s*("[^"]+"|factor\.method)/g)].map(
    ([, method]) => method,
  );
  const count = Object.values(calls).reduce((sum, number) => sum + number);
  assert.equal(asked.length, count, "a call names its method in place, or takes that of its factor");
  const named = asked.filter((method) => method !== "factor.method").map((method) => JSON.parse(method ?? ""));
  for (const method of [...named, AUTHENTICATOR.method, RECOVERY_CODE.method, MAILED_CODE.method])
    assert.ok(Object.hasOwn(METHODS, method), method);
});

test("whatever names a method names one of the list, and the list has none that nothing walks (LS-05)", async () => {
  const named = [...(await sources()).values()].flatMap((text) =>
    [...text.matchAll(/(?:\bmethod: |session\.method : )"(?!GET"|POST"|get"|post")([^"]+)"/g)].map(
      ([, method]) => method,
    ),
  );
  assert.deepEqual([...new Set(named)].toSorted(), Object.keys(METHODS).toSorted());
});

test("keys and one-time links are made in one place each, and the list of ways in tells of them (AK-05)", async () => {
  const inserting = (table: string) =>
    filesWith(new RegExp(`(insertInto|mergeInto|replaceInto)\\(\\s*["'\`]${table}\\b`, "g"));
  assert.deepEqual(await inserting("api_keys"), { "core/people/api-keys.ts": 1 });
  assert.deepEqual(await inserting("tickets"), { "core/ground/tickets.ts": 1 });
  assert.deepEqual(await filesWith(/\b(insert|replace|merge)\s+into\s+["'`]?(api_keys|tickets)\b/gi), {});
  // A new purpose of links does not compile before SIDE_METHODS has it.
  const told = waysIn().map(({ method }): string => method);
  assert.ok(["api-key", "program", "setup", "invitation", "password-reset"].every((method) => told.includes(method)));
});

test("each way in is told with the page on which its last step is taken (LS-05)", async () => {
  const pages = ROUTES.map(({ path }) => path);
  for (const { method, at } of waysIn()) assert.ok(pages.includes(at) || at.startsWith("countersign "), method);
  await using world = await createArena("sqlite");
  const root = await world.person("root", { role: "administrator", twoFactor: true });
  const browser = world.browser();
  await world.signIn(browser, root);
  const { words } = await browser.get("/methods");
  for (const { method } of waysIn()) assert.ok(words.includes(en.methods.names[method]), method);
});

onBothDatabases("methods to a session", (dialect) => {
  const world = useArena(dialect);
  let people = 0;

  const methodOf = async (browser: Browser): Promise<Method | undefined> => {
    const session = await world.auth.sessions.findLiving(browser.cookies.get(COOKIE.session));
    if (session === undefined) return undefined;
    const response = await browser.send("/api/v1/session");
    assert.equal(session.mayOnlyEnrol, onlyEnrols(session.method));
    assert.equal(response.status, session.mayOnlyEnrol ? 401 : 200);
    if (!session.mayOnlyEnrol) assert.equal(((await response.json()) as { method: string }).method, session.method);
    return session.method;
  };

  /** Walks a method with every factor that it claims, or without one of them; without, it must lead nowhere. */
  const walks: Record<Method, { factors: 1 | 2; walk(missing?: "password" | "code"): Promise<Browser> }> = {
    password: {
      factors: 1,
      walk: async (missing) => {
        const { login } = await world.person(`ada${++people}`);
        const browser = world.browser();
        await submit(browser, "/sign-in", { login, password: missing === "password" ? "not this one" : PASSWORD });
        return browser;
      },
    },
    "password+trusted-browser": {
      factors: 1,
      walk: async (missing) => {
        const ada = await world.person(`ada${++people}`, { twoFactor: true });
        const browser = world.browser();
        await submit(browser, "/sign-in", { login: ada.login, password: PASSWORD });
        await submit(browser, "/sign-in/code", { code: world.freshCode(ada), trust: "on" });
        await submit(browser, "/sign-out");
        const password = missing === "password" ? "not this one" : PASSWORD;
        await submit(browser, "/sign-in", { login: ada.login, password });
        return browser;
      },
    },
    "password+code": {
      factors: 2,
      walk: async (missing) => {
        const ada = await world.person(`ada${++people}`, { twoFactor: true });
        const browser = world.browser();
        const password = missing === "password" ? "not this one" : PASSWORD;
        await submit(browser, "/sign-in", { login: ada.login, password });
        const fresh = world.freshCode(ada);
        await submit(browser, "/sign-in/code", {
          code: missing === "code" ? wrongCode(ada, world.clock.now()) : fresh,
        });
        return browser;
      },
    },
    "password+recovery-code": {
      factors: 2,
      walk: async (missing) => {
        const ada = await world.person(`ada${++people}`, { twoFactor: true });
        const owner = world.browser();
        await world.signIn(owner, ada);
        const sure = { current_password: PASSWORD, current_code: world.freshCode(ada) };
        const [code = ""] = recoveryCodesOn(await owner.post("/account/security/recovery-codes", sure));
        const browser = world.browser();
        const password = missing === "password" ? "not this one" : PASSWORD;
        await submit(browser, "/sign-in", { login: ada.login, password });
        const recovery_code = missing === "code" ? "0000-0000-0000-0000" : code;
        await submit(browser, "/sign-in/recovery-code", { recovery_code });
        return browser;
      },
    },
    "password+mailed-code": {
      factors: 2,
      walk: async (missing) => {
        await allowMailedCodes(world);
        const ada = await world.person(`ada${++people}`, { twoFactor: true });
        const browser = world.browser();
        const password = missing === "password" ? "not this one" : PASSWORD;
        await submit(browser, "/sign-in", { login: ada.login, password });
        const sent = await submit(browser, "/sign-in/mailed-code/send");
        assert.equal(sent.headers.get("location"), missing === "password" ? "/sign-in" : "/sign-in/mailed-code");
        const right = missing === "password" ? "123456" : await mailedCode(world, ada);
        await submit(browser, "/sign-in/mailed-code", { mailed_code: missing === "code" ? otherCode(right) : right });
        return browser;
      },
    },
    "enrolment-link": {
      factors: 1,
      walk: async (missing) => {
        const { id, login } = await world.person(`ada${++people}`, { twoFactor: true });
        const request = { id, act: "show-enrolment-link", reason: "lost phone" } as const;
        const made = await world.auth.people.act({
          client: OPERATOR,
          authority: world.auth.operatorAuthority(),
          ...request,
        });
        assert.ok(made.ok && made.next === "link-shown");
        const browser = world.browser();
        const password = missing === "password" ? "not this one" : PASSWORD;
        await submit(browser, "/enrolment-link", { ticket: made.ticket ?? "", login, password });
        return browser;
      },
    },
    "self-rescue": {
      factors: 1,
      walk: async (missing) => {
        await setRules(world, { self_rescue: 1 });
        const { login } = await world.person(`ada${++people}`, { twoFactor: true });
        const browser = world.browser();
        await submit(browser, "/sign-in", { login, password: PASSWORD });
        await submit(browser, "/sign-in/lost");
        world.clock.advance(86_400_000);
        await submit(browser, "/sign-in", { login, password: missing === "password" ? "not this one" : PASSWORD });
        await submit(browser, "/sign-in/lost/enrolment");
        return browser;
      },
    },
    enrolment: {
      factors: 2,
      walk: async (missing) => {
        const ada = await world.person(`ada${++people}`);
        const browser = world.browser();
        await world.signIn(browser, ada);
        const current_password = missing === "password" ? "not this one" : PASSWORD;
        const page = await browser.post("/account/security/enrolment", { current_password });
        if (missing === "password") return browser;
        const secret = secretOn(page);
        const code = missing === "code" ? wrongCode({ secret }, world.clock.now()) : codeFor(secret, world.clock.now());
        await browser.post("/account/security/enrolment/confirm", { code });
        return browser;
      },
    },
  };

  for (const method of Object.keys(METHODS) as Method[]) {
    test(`the method "${method}" gives what it claims to those who prove it, and nothing to others (LS-05)`, async () => {
      const { factors, walk } = walks[method];
      assert.equal(METHODS[method].factors, factors);
      assert.equal(await methodOf(await walk()), method);
      for (const missing of factors === 2 ? (["password", "code"] as const) : (["password"] as const)) {
        // Who sets up two-factor authentication was signed in by the password before, and stays at that.
        const expected = method === "enrolment" ? "password" : undefined;
        assert.equal(await methodOf(await walk(missing)), expected, `without the ${missing}`);
      }
    });
  }

  test("where a code is owed, the method of the password alone is closed (LS-05, LS-01)", async () => {
    const { login } = await world.person(`ada${++people}`, { twoFactor: true });
    const browser = world.browser();
    const answer = await submit(browser, "/sign-in", { login, password: PASSWORD });
    assert.ok(!cookiesSet(answer)[COOKIE.session]);
    assert.equal(await methodOf(browser), undefined);
  });

  test("no other form signs anybody in, whatever is sent to it (LS-05, T-19)", async () => {
    const ada = await world.person(`ada${++people}`, { twoFactor: true });
    for (const { path } of ROUTES.filter(({ method, path: at }) => method === "POST" && at !== "/sign-in/code")) {
      const browser = world.browser();
      const answer = await submit(browser, path.replace(":id", ada.id), {
        login: ada.login,
        email: `${ada.login}@example.org`,
        name: ada.login,
        password: PASSWORD,
        current_password: PASSWORD,
        new_password: "another eleven walnut boats",
        code: world.freshCode(ada),
        current_code: codeFor(ada.secret ?? "", world.clock.now()),
        reason: "because",
        role: "administrator",
      });
      assert.ok(!cookiesSet(answer)[COOKIE.session], path);
      assert.equal(await whoIs(browser), undefined, path);
    }
  });

  test("a link from a mail sets a password and logs nobody in (LS-05, LS-06)", async () => {
    const login = `eve${++people}`;
    const profile = { login, name: "Eve", email: `${login}@example.org`, role: "person" as const };
    const invited = await world.auth.people.invite({
      client: OPERATOR,
      authority: world.auth.operatorAuthority(),
      ...profile,
    });
    assert.ok(invited.ok && "ticket" in invited);
    const links = {
      "/invitation": { ticket: invited.ticket },
      "/setup": {
        ticket: await world.auth.people.issueSetupTicket({ client: OPERATOR }),
        login: "root",
        name: "Root",
        email: "root@example.org",
      },
    };
    for (const [path, fields] of Object.entries(links)) {
      const browser = world.browser();
      const answer = await submit(browser, path, { ...fields, new_password: "another eleven walnut boats" });
      assert.equal(answer.headers.get("location"), "/sign-in", path);
      assert.deepEqual(Object.keys(cookiesSet(answer)), [COOKIE.notice]);
      assert.equal(await whoIs(browser), undefined);
      const again = await submit(browser, path, { ...fields, new_password: "yet another dozen orange doors" });
      assert.ok(!cookiesSet(again)[COOKIE.session]);
      assert.equal(await whoIs(browser), undefined);
      // They were real links: the password that they set opens the front door.
      const named = path === "/setup" ? "root" : login;
      await submit(browser, "/sign-in", { login: named, password: "another eleven walnut boats" });
      assert.equal(await whoIs(browser), named);
    }
  });
});
