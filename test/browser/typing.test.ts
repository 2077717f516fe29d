// Password managers, phones and pasting: what saves people from typing.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../support/browser.ts";
import { PASSWORD } from "../support/world.ts";
import { withMouse } from "./hands.ts";
import { enterPassword, heading, openEnrolment, typeSecret } from "./journey.ts";
import { openSite } from "./site.ts";

const ADA = { name: "Ada", login: "ada", password: PASSWORD };

let chromium: Browser;

before(async () => {
  chromium = await launchChromium();
});
after(() => chromium.close());

test("password managers and phones are told what each field is for (CH-09)", async () => {
  await using site = await openSite(chromium);
  const { page } = await site.visit();
  const at = withMouse(page);

  await page.goto(
    `/setup?ticket=${await site.world.auth.people.issueSetupTicket({ client: { address: "-", userAgent: "", requestId: "test" } })}`,
  );
  assert.deepEqual(await purposes(page), {
    Name: { autocomplete: "name" },
    Username: { autocomplete: "username" },
    Email: { autocomplete: "email" },
    Password: { autocomplete: "new-password" },
  });

  await site.world.person("ada", { role: "administrator" });
  await page.goto("/sign-in");
  assert.deepEqual(await purposes(page), {
    "Username or email": { autocomplete: "username" },
    Password: { autocomplete: "current-password" },
  });
  await enterPassword(at, ADA);
  await page.goto("/account");
  const preferences = await purposes(page);
  assert.deepEqual(preferences["Current password"], { autocomplete: "current-password" });
  assert.deepEqual(preferences["New password"], { autocomplete: "new-password" });
  await openEnrolment(at, ADA);
  assert.deepEqual(await purposes(page), {
    "Verification code": { autocomplete: "one-time-code", inputmode: "numeric" },
  });
});

test("a pasted code is sent at once, with spaces and hyphens or without; a typed one waits (CH-09)", async () => {
  await using site = await openSite(chromium);
  const { world } = site;
  const ada = await world.person("ada", { twoFactor: true });
  const codes = [
    (code: string) => code,
    spaced,
    (code: string) => spaced(code).replace(" ", "-"),
    (code: string) => ` ${code}\n`,
  ];
  for (const written of codes) {
    const { page, context } = await site.visit({ permissions: ["clipboard-read", "clipboard-write"] });
    await page.goto("/sign-in?next=%2Faccount");
    await enterPassword(withMouse(page), ADA);
    const field = page.getByLabel("Verification code");
    assert.deepEqual(await purposes(page), {
      "Verification code": { autocomplete: "one-time-code", inputmode: "numeric" },
      "Do not ask again in this browser": {},
    });
    assert.equal(await field.and(page.locator(":focus")).count(), 1, "the field has the focus already");

    const code = world.freshCode(ada);
    await page.keyboard.type(code);
    await paste(page, field, code.slice(0, 5));
    assert.equal(await heading({ page }), "Two-factor authentication", "neither a typed nor half a code is sent");
    await Promise.all([page.waitForEvent("load"), paste(page, field, written(code))]);
    assert.equal(page.url(), `${site.url}/account`);
    await context.close();
  }
});

test("the secret is copied without its spaces", async () => {
  await using site = await openSite(chromium);
  await site.world.person("ada");
  const { page } = await site.visit({ permissions: ["clipboard-read", "clipboard-write"] });
  const at = withMouse(page);
  await page.goto("/sign-in");
  await enterPassword(at, ADA);
  await openEnrolment(at, ADA);
  const { secret } = await typeSecret(at);
  await page.getByRole("button", { name: "Copy" }).click();
  await page.getByText("Copied").waitFor();
  assert.equal(await page.evaluate("navigator.clipboard.readText()"), secret);
});

test("a form is sent once, however often the button is pressed", async () => {
  await using site = await openSite(chromium);
  await site.world.person("ada");
  const { page } = await site.visit();
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") sent.push(request.url());
  });
  await page.goto("/sign-in");
  await page.getByLabel("Username or email").fill(ADA.login);
  await page.getByLabel("Password").fill(ADA.password);
  await Promise.all([
    page.waitForURL("/"),
    page.getByRole("button", { name: "Sign in" }).dblclick({ noWaitAfter: true }),
  ]);
  assert.deepEqual(sent, [`${site.url}/sign-in`]);
});

/** What each visible field of the page, by its label, tells those who fill it in for the person. */
function purposes(page: Page): Promise<Record<string, Record<string, string>>> {
  return page.locator("input:visible:not([type=search])").evaluateAll((inputs) =>
    Object.fromEntries(
      inputs.map((input) => {
        const told = ["autocomplete", "inputmode"].flatMap((name) => {
          const value = input.getAttribute(name);
          return value === null ? [] : [[name, value]];
        });
        return [input.labels[0]?.textContent ?? "", Object.fromEntries(told)];
      }),
    ),
  );
}

async function paste(page: Page, field: ReturnType<Page["locator"]>, text: string): Promise<void> {
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  await field.selectText();
  await page.keyboard.press("Control+V");
}

function spaced(code: string): string {
  return `${code.slice(0, 3)} ${code.slice(3)}`;
}

test("a new password is judged while it is typed, without sending it, and without script by the server (PW-05)", async () => {
  await using site = await openSite(chromium);
  const { world } = site;
  const ada = await world.person("lovelace", {});
  const { page, complaints } = await site.visit({ as: ada });
  const requests: string[] = [];
  await page.goto("/account");
  page.on("request", (request) => void requests.push(request.url()));
  const field = page.getByLabel("New password");
  const meter = page.getByRole("meter");
  assert.equal(await meter.count(), 0, "nothing is said of nothing");
  for (const [typed, said, value] of [
    ["ten quiet", "Too short", "1"],
    ["Lovelace-2026-Lovelace", "Mostly your name or this site's", "2"],
    ["countersign countersign", "Mostly your name or this site's", "2"],
    ["aaaaaaaaaaaaaaaaaaaa", "The same few characters", "2"],
    ["lovelace rides seven quiet lanterns", "Long enough", "3"],
    ["e\u0301e\u0301 eleven co", "Too short", "1"],
  ] as const) {
    await field.fill(typed);
    assert.equal(await meter.getAttribute("aria-valuetext"), said, typed);
    assert.equal(await meter.getAttribute("aria-valuenow"), value, typed);
    assert.equal(await page.getByText(said, { exact: true }).isVisible(), true);
    assert.equal(await page.locator(".meter .full").count(), Number(value));
  }
  await field.fill("");
  assert.equal(await meter.count(), 0);
  assert.deepEqual(requests, [], "what is typed stays in the browser");
  assert.deepEqual(complaints, []);

  const plain = await site.visit({ as: ada, javaScriptEnabled: false });
  await plain.page.goto("/account");
  assert.equal(await plain.page.getByRole("meter").count(), 0);
  await plain.page.getByLabel("Current password").fill(PASSWORD);
  await plain.page.getByLabel("New password").fill("abcdefghijklmnopqrstu");
  await plain.page.getByRole("button", { name: "Change password" }).click();
  assert.equal(await plain.page.getByText("follows a sequence such as abc or 123").first().isVisible(), true);
});
