// The attack: the owner has just turned two-factor authentication on, and somebody was there before. They saw the code
// that was typed, they hold a session from before, or half a sign-in, or a browser that the account knows; later they
// look through every page for the secret. All that was earned by the password alone ends at that moment, the owner is
// told, and the secret is not shown again. Turning it off takes a code, and not an unlimited number of tries.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Mail } from "../../../src/auth.ts";
import { decodeBase32 } from "../../../src/crypto/base32.ts";
import { render } from "../../../src/mail/messages.ts";
import { codeFor } from "../../../src/testing/auth.ts";
import type { Browser } from "../../../src/testing/browser.ts";
import { ROUTES } from "../../../src/web/app.ts";
import { submit, whoIs, wrongCode } from "../../support/attacker.ts";
import { takeMails } from "../../support/outbox.ts";
import { openTables } from "../../support/tables.ts";
import { createWorld, enrol, type Member, onBothKinds, PASSWORD, secretOn, type World } from "../../support/world.ts";

const DISABLE = "/account/security/disable";

/** Every spelling of a secret that a page, a mail or an address might have. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(decodeBase32(secret) ?? assert.fail("no base32"));
  const spaced = secret.replace(/.{4}(?=.)/g, "$& ");
  const hex = bytes.toString("hex");
  const coded = [bytes.toString("base64"), bytes.toString("base64url"), encodeURIComponent(bytes.toString("base64"))];
  return [secret, secret.toLowerCase(), spaced, hex, hex.toUpperCase(), ...coded];
}

function assertAbsent(text: string, secret: string, where: string): void {
  // Markup may stand between the groups.
  const bare = text.replace(/<[^>]*>/g, "");
  for (const form of formsOf(secret)) assert.ok(!text.includes(form) && !bare.includes(form), `${where} has ${form}`);
}

async function half(world: World, { login }: Member, browser = world.browser()): Promise<Browser> {
  assert.equal((await browser.post("/sign-in", { login, password: PASSWORD })).path, "/sign-in/code");
  return browser;
}

async function isOn(world: World, { id }: Member): Promise<boolean> {
  await using db = await openTables(world);
  return (await db.selectFrom("authenticators").select("id").where("user_id", "=", id).execute()).length > 0;
}

onBothKinds("after two-factor authentication was turned on", (dialect) => {
  test("the code that did so works nowhere else, nor does the one before it (EN-04, T-02)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const browser = world.browser();
    await enrol(world, ada, browser);
    const codes = [0, -30_000].map((drift) => codeFor(ada.secret ?? "", world.clock.now() + drift));
    for (const code of codes) {
      assert.match((await (await half(world, ada)).post("/sign-in/code", { code })).words, /already used/);
      const confirming = { current_password: PASSWORD, current_code: code };
      const off = await browser.post(DISABLE, confirming);
      assert.equal(off.path, DISABLE);
      assert.match(off.words, /already used. Wait for the next one/);
      if (dialect === "host") continue;
      const password = await browser.post("/account/password", { ...confirming, new_password: `${PASSWORD} on` });
      assert.match(password.words, /already used. Wait for the next one/);
    }
    assert.ok(await isOn(world, ada));
    assert.equal((await (await half(world, ada)).post("/sign-in/code", { code: world.freshCode(ada) })).path, "/");
  });

  test("no page shows the secret again, to its owner or to an administrator (EN-05)", async () => {
    const lines: string[] = [];
    const log = (line: string, details?: object) => void lines.push(line + JSON.stringify(details));
    await using world = await createWorld(dialect, { host: { log } });
    const root = await world.person("root", { role: "administrator" });
    const browser = world.browser();
    await world.signIn(browser, root);
    const shown = await browser.post("/account/security/enrolment", { current_password: PASSWORD });
    const secret = secretOn(shown);
    root.secret = secret;
    assert.equal(shown.headers.get("cache-control"), "no-store");
    assert.ok(shown.text.includes(secret.slice(0, 4)), "the one page that shows it");
    const addresses = [...shown.text.matchAll(/\b(?:href|src|action)="([^"]*)"/g)].map(([, address = ""]) => address);
    for (const address of addresses.filter((each) => !each.startsWith("otpauth:"))) {
      assertAbsent(address, secret, "an address of ours");
    }
    const done = await submit(browser, "/account/security/enrolment/confirm", {
      code: codeFor(secret, world.clock.now()),
    });
    assertAbsent([...done.headers].flat().join("\n"), secret, "the answer to the code");
    const fields = { current_password: PASSWORD, current_code: world.freshCode(root) };
    await browser.post("/account/security/recovery-codes", fields);
    const other = world.browser();
    await world.signIn(other, root);

    const paths = ROUTES.filter(({ method }) => method === "GET").map(({ path }) => path.replace(":id", root.id));
    assert.ok(paths.includes("/account/security/enrolment"));
    const asked = ["", "?secret=1&show=1&digits=8&format=json"].flatMap((query) => paths.map((path) => path + query));
    let read = 0;
    for (const visitor of [browser, other]) {
      for (const path of asked) {
        const page = await visitor.get(path);
        if (page.status === 200 && !page.path.startsWith("/sign-in")) read++;
        assertAbsent(page.text, secret, path);
        assertAbsent(page.path + [...page.headers].flat().join("\n"), secret, `the headers of ${path}`);
        assert.doesNotMatch(page.text, /otpauth:|Your two-factor secret/, path);
      }
    }
    assert.ok(read > paths.length, "most pages were there to be read");
    assertAbsent(lines.join("\n"), secret, "the log");
  });

  test("and off again, a mail tells the owner, what to do too, and not the secret or a code (EN-06)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const browser = world.browser();
    await world.signIn(browser, ada);
    const secret = secretOn(await browser.post("/account/security/enrolment", { current_password: PASSWORD }));
    ada.secret = secret;
    const wrong = wrongCode(ada, world.clock.now());
    await browser.post("/account/security/enrolment/confirm", { code: wrong });
    assert.deepEqual(await takeMails(world), [], "nothing has happened yet");
    const code = codeFor(secret, world.clock.now());
    await browser.post("/account/security/enrolment/confirm", { code });
    const on = await takeMails(world);
    const offCode = world.freshCode(ada);
    await browser.post(DISABLE, { current_password: PASSWORD, current_code: offCode });
    const off = await takeMails(world);

    const told = (mails: Mail[]) => mails.map(({ kind, to }) => [kind, to]);
    assert.deepEqual(told(on), [["two_factor_enabled", "ada@example.org"]]);
    assert.deepEqual(told(off), [["two_factor_disabled", "ada@example.org"]]);
    for (const mail of [...on, ...off]) {
      const { subject, text, html } = render(mail, world.auth.options);
      assert.match(subject, /^Two-factor authentication is (on|off) – Countersign$/);
      assert.match(text, /Hello Ada,/);
      assert.match(text, /If this was not you, change your password now and tell your administrator/);
      for (const part of [subject, text, html, JSON.stringify(mail)]) {
        assertAbsent(part, secret, "the mail");
        assert.ok(!part.includes(code) && !part.includes(offCode) && !part.includes(PASSWORD));
      }
    }
  });

  test("all other sessions and half sign-ins of the person are over, and those of nobody else (EN-09)", async () => {
    await using world = await createWorld(dialect);
    const [ada, bob] = [await world.person("ada"), await world.person("bob")];
    const [owner, thief, neighbour] = [world.browser(), world.browser(), world.browser()];
    await world.signIn(thief, ada);
    await world.signIn(neighbour, bob);
    await enrol(world, ada, owner);
    assert.equal(await whoIs(owner), "ada", "the session that proved both factors goes on");
    assert.equal(await whoIs(thief), undefined);
    assert.equal(await whoIs(neighbour), "bob");

    const second = world.browser();
    await world.signIn(second, ada);
    const waiting = await half(world, ada);
    const fields = { current_password: PASSWORD, current_code: world.freshCode(ada) };
    assert.match((await owner.post(DISABLE, fields)).words, /Two-factor authentication is off/);
    assert.equal(await whoIs(owner), "ada");
    assert.equal(await whoIs(second), undefined);
    assert.equal((await waiting.post("/sign-in/code", { code: world.freshCode(ada) })).path, "/sign-in");
    assert.equal(await whoIs(waiting), undefined);
  });

  test("browsers that were known by the password alone are strangers: they get no tries of their own (EN-09)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const squatters = [world.browser(), world.browser(), world.browser()];
    for (const squatter of squatters) await world.signIn(squatter, ada);
    const owner = world.browser();
    await enrol(world, ada, owner);

    const outcomes: number[] = [];
    let nth = 0;
    for (const squatter of [...squatters, world.browser()]) {
      await half(world, ada, squatter);
      for (let round = 0; round < 3; round++) {
        const code = wrongCode(ada, world.clock.now(), nth++);
        outcomes.push((await submit(squatter, "/sign-in/code", { code })).status);
      }
    }
    // Five free tries for all of them together, as for any stranger.
    assert.deepEqual(outcomes, [...Array(5).fill(422), ...Array(7).fill(429)]);
    await owner.post("/sign-out");
    await half(world, ada, owner);
    const code = codeFor(ada.secret ?? "", world.clock.now() + 30_000);
    assert.equal((await owner.post("/sign-in/code", { code })).path, "/", "the owner's browser is known still");
  });

  test("turning it off takes the password and a code of now, each time (EN-01, EN-10)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const browser = world.browser();
    await enrol(world, ada, browser);
    const code = world.freshCode(ada);
    const short: Record<string, string>[] = [
      {},
      { current_password: PASSWORD },
      { current_password: PASSWORD, current_code: "" },
      { current_password: PASSWORD, code },
      { current_code: code },
      { current_password: "", current_code: code },
      { current_password: `${PASSWORD}!`, current_code: code },
    ];
    for (const fields of short) {
      assert.equal((await submit(browser, DISABLE, fields)).status, 422, Object.keys(fields).join(" "));
      assert.ok(await isOn(world, ada));
    }
    assert.match((await browser.post(DISABLE, { current_password: PASSWORD, current_code: code })).words, /is off/);
    assert.equal(await isOn(world, ada), false);
  });

  test("turning it off by guessing ends after as many tries as signing in does, with one budget (EN-10, WILD-4)", async () => {
    await using world = await createWorld(dialect);
    const ada = await world.person("ada");
    const browser = world.browser();
    await enrol(world, ada, browser);
    let tries = 0;
    for (let nth = 0; nth < 20 && (await whoIs(browser)) === "ada"; nth++) {
      const guess = wrongCode(ada, world.clock.now(), nth);
      await browser.post(DISABLE, { current_password: PASSWORD, current_code: guess });
      tries++;
    }
    assert.equal(tries, 5, "the session ended");
    assert.ok(await isOn(world, ada));
    await half(world, ada, browser);
    const right = codeFor(ada.secret ?? "", world.clock.now() + 30_000);
    assert.equal(
      (await browser.post("/sign-in/code", { code: right })).status,
      429,
      "the same browser has used its tries up",
    );
  });
});
