// The story that the product is for, walked in a real browser from the first start on. Nothing but the words of the
// pages leads the way, and the codes come from apps that we did not write.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { launchChromium } from "../support/browser.ts";
import { createInstallation, freePort } from "../support/server-process.ts";
import { OPERATOR } from "../support/world.ts";
import { withMouse } from "./hands.ts";
import {
  confirmEnrolment,
  enterCode,
  enterPassword,
  heading,
  openEnrolment,
  scan,
  signOut,
  status,
  typeSecret,
} from "./journey.ts";
import { linkIn, readLetters, waitForLetter } from "./outbox.ts";
import { openSite, watch } from "./site.ts";

const ADA = { name: "Ada Lovelace", login: "ada", email: "ada@example.org", password: "seven quiet lanterns drift" };
const GRACE = {
  name: "Grace Hopper",
  login: "grace",
  email: "grace@example.org",
  password: "four calm rivers bend south",
};

const STEP = 30_000;

let chromium: Browser;

before(async () => {
  chromium = await launchChromium();
});
after(() => chromium.close());

test("an administrator sets up, protects the account, invites somebody and helps with a lost phone", async () => {
  await using site = await openSite(chromium);
  const { clock, auth } = site.world;
  const visitor = await site.visit();
  const ada = withMouse(visitor.page);

  await ada.page.goto(`/setup?ticket=${await auth.people.issueSetupTicket({ client: OPERATOR })}`);
  assert.equal(new URL(ada.page.url()).search, "", "the ticket does not stay in the address bar");
  await ada.fill("Name", ADA.name);
  await ada.fill("Username", ADA.login);
  await ada.fill("Email", ADA.email);
  await ada.fill("Password", ADA.password);
  await ada.press("Create administrator");
  await enterPassword(ada, ADA);
  assert.equal(await heading(ada), "Welcome, Ada Lovelace");
  await ada.follow("Users");
  assert.match(await status(ada), /You need two-factor authentication to see other people's accounts/);

  await openEnrolment(ada, ADA);
  const { phone, uri } = await scan(ada);
  assert.match(uri, /^otpauth:\/\/totp\/Countersign:ada(%40|@)localhost\?/);
  await confirmEnrolment(ada, phone(clock.now()));
  await signOut(ada, ADA);

  await ada.page.goto("/users?state=two-factor");
  await enterPassword(ada, ADA);
  clock.advance(STEP);
  const code = phone(clock.now());
  await enterCode(ada, `${code.slice(0, 3)} ${code.slice(3)}`);
  assert.equal(ada.page.url(), `${site.url}/users?state=two-factor`, "the page that was wanted is opened");
  assert.equal(await ada.page.getByRole("link", { name: ADA.name }).isVisible(), true);

  await ada.follow("New user");
  await ada.fill("Name", GRACE.name);
  await ada.fill("Username", GRACE.login);
  await ada.fill("Email", GRACE.email);
  await ada.press("Send invitation");
  clock.advance(STEP);
  await ada.fill("Password", ADA.password);
  await ada.fill("Verification code", phone(clock.now()));
  await ada.press("Confirm password");
  assert.equal(await heading(ada), GRACE.name);
  await site.deliverMails();

  const other = await site.visit();
  const grace = withMouse(other.page);
  await grace.page.goto(linkIn(await waitForLetter(site.outbox, GRACE.email)));
  await grace.fill("Password", GRACE.password);
  await grace.press("Set password");
  await enterPassword(grace, GRACE);
  await openEnrolment(grace, GRACE);
  const lost = await typeSecret(grace);
  await confirmEnrolment(grace, lost.phone(clock.now()));

  await ada.follow("Users");
  await ada.fill("Search by name, username or email", "hopper");
  await ada.press("Search");
  await ada.follow(GRACE.name);
  await ada.fill("Reason", "Lost phone, came to my desk");
  await ada.press("Reset two-factor authentication");
  assert.match(await status(ada), /is reset/);

  await grace.follow("Account security");
  assert.equal(await heading(grace), "Sign in", "the reset logged Grace out");
  await enterPassword(grace, GRACE);
  assert.equal(await heading(grace), "My profile", "a password is enough again");
  await openEnrolment(grace, GRACE);
  const found = await typeSecret(grace);
  assert.notEqual(found.secret, lost.secret);
  await confirmEnrolment(grace, found.phone(clock.now()));
  clock.advance(STEP);
  await grace.follow("Disable two-factor authentication");
  await grace.fill("Password", GRACE.password);
  await grace.fill("Verification code", found.phone(clock.now()));
  await grace.press("Disable two-factor authentication");
  assert.match(await status(grace), /Two-factor authentication is off/);

  await ada.page.goto("/events?person=grace");
  assert.equal(
    await ada.page.getByText("Reset two-factor authentication: Lost phone, came to my desk").isVisible(),
    true,
  );

  await site.deliverMails();
  const letters = await readLetters(site.outbox);
  const told = (email: string) =>
    letters.filter(({ to }) => to === email).map(({ subject }) => subject.split(" – ")[0]);
  assert.deepEqual(told(ADA.email), ["Two-factor authentication is on"]);
  assert.deepEqual(told(GRACE.email).toSorted(), [
    "A sign-in from a new browser",
    "Two-factor authentication is off",
    "Two-factor authentication is on",
    "Two-factor authentication is on",
    "Two-factor authentication was reset",
    "Your account at Countersign",
  ]);
  assert.deepEqual([...visitor.complaints, ...other.complaints], []);
});

test("the program, freshly started, does so on a real clock", async () => {
  await using installation = await createInstallation("sqlite");
  // Links in mails need a port that is known before the start.
  const server = await installation.start({ PORT: String(await freePort()) });
  const outbox = join(installation.folder, "outbox");
  const context = await chromium.newContext({ baseURL: server.url, colorScheme: "dark" });
  const { page, complaints } = watch(context, await context.newPage());
  const ada = withMouse(page);

  await page.goto(server.setupPath() ?? "");
  await ada.fill("Name", ADA.name);
  await ada.fill("Username", ADA.login);
  await ada.fill("Email", ADA.email);
  await ada.fill("Password", ADA.password);
  await ada.press("Create administrator");
  await enterPassword(ada, ADA);
  await openEnrolment(ada, ADA);
  const { phone } = await scan(ada);
  // Three codes are right at any moment, and each works once: take the oldest now, so that the next one is right too.
  // Shortly before a new step the oldest may be over when it arrives.
  const oldest = Date.now() + 10_000 - STEP;
  await confirmEnrolment(ada, phone(oldest));

  await ada.follow("Users");
  await ada.follow("New user");
  await ada.fill("Name", GRACE.name);
  await ada.fill("Username", GRACE.login);
  await ada.fill("Email", GRACE.email);
  await ada.press("Send invitation");
  const invitation = linkIn(await waitForLetter(outbox, GRACE.email));

  await signOut(ada, ADA);
  await page.goto("/events");
  await enterPassword(ada, ADA);
  await enterCode(ada, phone(oldest + STEP));
  assert.equal(page.url(), `${server.url}/events`);

  const grace = withMouse(await (await chromium.newContext()).newPage());
  await grace.page.goto(invitation);
  await grace.fill("Password", GRACE.password);
  await grace.press("Set password");
  await enterPassword(grace, GRACE);
  assert.equal(await heading(grace), "Welcome, Grace Hopper");
  assert.deepEqual(complaints, []);
});
