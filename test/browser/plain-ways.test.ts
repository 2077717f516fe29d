// Nobody needs script, and nobody needs a mouse: everything works without, script only adds.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launchChromium } from "../support/browser.ts";
import { PASSWORD } from "../support/world.ts";
import { type Hands, withKeyboard, withMouse } from "./hands.ts";
import {
  confirmEnrolment,
  enterCode,
  enterPassword,
  heading,
  openEnrolment,
  signOut,
  status,
  typeSecret,
} from "./journey.ts";
import { openSite } from "./site.ts";

const STEP = 30_000;

describe("signing in by two steps, from turning it on to turning it off", () => {
  let chromium: Browser;

  before(async () => {
    chromium = await launchChromium();
  });
  after(() => chromium.close());

  test("works without script (CH-09)", () => walk(withMouse, { javaScriptEnabled: false }));

  test("works with the keyboard alone (CH-09)", () => walk(withKeyboard));

  async function walk(hands: (page: Page) => Hands, options: BrowserContextOptions = {}): Promise<void> {
    await using site = await openSite(chromium);
    const { world } = site;
    await world.person("ada");
    const ada = { name: "Ada", login: "ada", password: PASSWORD };
    const { page, complaints } = await site.visit(options);
    const at = hands(page);

    await page.goto("/");
    await enterPassword(at, { ...ada, password: "not the password" });
    assert.match(await page.getByRole("alert").innerText(), /do not match/);
    assert.equal(await page.getByLabel("Username or email").inputValue(), "ada", "the name that was typed is kept");
    await at.fill("Password", PASSWORD);
    await at.press("Sign in");
    assert.equal(await heading(at), "Welcome, Ada");

    await openEnrolment(at, ada);
    await at.fill("Verification code", "000000");
    await at.press("Enable two-factor authentication");
    const { phone } = await typeSecret(at);
    await confirmEnrolment(at, phone(world.clock.now()));
    await signOut(at, ada);

    await page.goto("/account");
    await enterPassword(at, ada);
    world.clock.advance(STEP);
    await enterCode(at, phone(world.clock.now()));
    assert.equal(await heading(at), "My profile");

    await at.follow("Account security");
    await at.follow("Disable two-factor authentication");
    world.clock.advance(STEP);
    await at.fill("Password", PASSWORD);
    await at.fill("Verification code", phone(world.clock.now()));
    await at.press("Disable two-factor authentication");
    assert.match(await status(at), /Two-factor authentication is off/);
    assert.deepEqual(complaints, []);
  }
});
