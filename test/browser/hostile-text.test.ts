// The attack: somebody whose name, browser or excuse is a piece of HTML gets it shown to an administrator, who has the
// rights that the attacker wants. So every page that shows what others wrote is opened with names that would run,
// load, or send something, if one place forgot to escape them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { launchChromium } from "../support/browser.ts";
import { PASSWORD } from "../support/world.ts";
import { withMouse } from "./hands.ts";
import { confirmEnrolment, enterPassword, heading, openEnrolment, scan, status } from "./journey.ts";
import { linkIn, readLetters } from "./outbox.ts";
import { openSite, type Visitor } from "./site.ts";

const NAMES = [
  `<script>alert(1)</script>`,
  `</title></textarea><script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `'><svg onload=alert(1)>`,
  `" autofocus onfocus=alert(1) x="`,
  `&lt;script&gt;alert(1)&lt;/script&gt;`,
  `<iframe srcdoc="<script>alert(1)</script>">`,
  `<a href="javascript:alert(1)">Ada</a>`,
  `javascript:alert(1)//`,
  `<style>*{background:url(https://evil.example)}</style>`,
  `<base href=https://evil.example/>`,
  `<form action=https://evil.example><button>Sign in`,
  `<meta http-equiv=refresh content="0;url=https://evil.example">`,
  `<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`,
  `<!--><img src=x onerror=alert(1)>-->`,
  "$" + "{alert(1)} {{alert(1)}} `+alert(1)+`",
];

/** Every parser of user agents takes what stands before the slash for the browser's name. */
const USER_AGENT = `<img src=x onerror=alert(1)>/1.0 (<script>alert(1)</script>)`;

const MALLORY = {
  name: `Mallory "><img src=x onerror=alert(1)>`,
  login: `"><svg/onload=alert(1)>`,
  password: PASSWORD,
};

let chromium: Browser;

before(async () => {
  chromium = await launchChromium();
});
after(() => chromium.close());

test("whatever people call themselves, their browsers and their reasons is shown as text (CH-08)", async () => {
  await using site = await openSite(chromium);
  const { world } = site;
  const administrator = await world.person("ada", { role: "administrator", twoFactor: true });
  const desk = world.browser();
  await world.signIn(desk, administrator);
  await desk.post("/users", {
    current_password: PASSWORD,
    current_code: world.freshCode(administrator),
    ...invitee(0),
  });
  for (const index of NAMES.keys()) if (index > 0) await desk.post("/users", invitee(index));
  await desk.post("/users", { name: MALLORY.name, login: MALLORY.login, email: "mallory@example.org", role: "person" });
  await site.deliverMails();
  const letters = await readLetters(site.outbox);

  const attacker = await site.visit({ userAgent: USER_AGENT });
  const harmless = [vigil(attacker)];
  const mallory = withMouse(attacker.page);
  await mallory.page.goto(linkIn(letters.find(({ to }) => to === "mallory@example.org") ?? assert.fail()));
  await mallory.fill("Password", PASSWORD);
  await mallory.press("Set password");
  await enterPassword(mallory, { ...MALLORY, password: "not the password" });
  await enterPassword(mallory, MALLORY);
  assert.equal(await heading(mallory), `Welcome, ${MALLORY.name}`);
  await openEnrolment(mallory, MALLORY);
  const { phone } = await scan(mallory);
  await mallory.open("Show the code");
  await confirmEnrolment(mallory, phone(world.clock.now()));
  await mallory.follow("Preferences");
  for (const name of NAMES.slice(0, 5)) {
    await mallory.fill("Name", name);
    await mallory.press("Save preferences");
    assert.equal(await mallory.page.getByLabel("Name", { exact: true }).inputValue(), name);
  }

  const owner = await site.visit({ as: administrator });
  harmless.push(vigil(owner));
  const ada = withMouse(owner.page);
  await ada.page.goto("/users");
  for (const name of NAMES) assert.ok((await ada.page.getByRole("link", { name, exact: true }).count()) > 0, name);
  const hrefs = await ada.page
    .getByRole("table")
    .getByRole("link")
    .evaluateAll((links) => links.map(({ href }) => href));
  assert.equal(hrefs.length, NAMES.length + 2);
  for (const href of hrefs) {
    await ada.page.goto(href);
    assert.match(await ada.page.title(), /Countersign$/);
  }
  for (const name of NAMES) {
    await ada.page.goto(`/users?${new URLSearchParams({ search: name })}`);
    await ada.page.goto(`/events?${new URLSearchParams({ person: name, kind: name })}`);
    await ada.page.goto(`/sign-in?${new URLSearchParams({ next: name })}`);
  }

  await ada.page.goto("/users?search=mallory@example.org");
  await ada.follow(NAMES[4] ?? "");
  const excuse = `Lost phone ${NAMES[2]}`;
  await ada.fill("Reason", excuse);
  await ada.press("Reset two-factor authentication");
  await ada.fill("Password", PASSWORD);
  await ada.fill("Verification code", world.freshCode(administrator));
  await ada.press("Confirm password");
  assert.match(await status(ada), /is reset/);
  await ada.page.goto("/events");
  assert.equal(await ada.page.getByText(excuse).isVisible(), true);
  assert.equal(await ada.page.getByText("<img src=x onerror=alert(1)>").first().isVisible(), true);

  await ada.page.goto("about:blank");
  for (const { html } of letters) await ada.page.setContent(html);
  for (const check of harmless) check();
});

function invitee(index: number) {
  return { name: NAMES[index] ?? "", login: `guest-${index}`, email: `guest-${index}@example.org`, role: "person" };
}

/** Watches that nothing runs, loads or leads away; the check comes last. */
function vigil({ page, complaints }: Visitor): () => void {
  const incidents: string[] = [];
  page.on("dialog", async (dialog) => {
    incidents.push(`ran: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on("request", (request) => {
    const { hostname, pathname } = new URL(request.url());
    if (hostname !== "localhost" || pathname === "/x") incidents.push(`loaded: ${request.url()}`);
  });
  return () => assert.deepEqual([...incidents, ...complaints], []);
}
