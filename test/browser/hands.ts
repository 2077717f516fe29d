// How a person works a page: with mouse and keyboard, or with the keyboard alone. Everything is found by the words
// that the person reads or hears.

import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";

export type Hands = {
  page: Page;
  /** Types into the field of this label. */
  fill(label: string, text: string): Promise<void>;
  /** Presses the button of this name; resolves when the next page is there. */
  press(name: string): Promise<void>;
  /** Follows the link of this name; resolves when the next page is there. */
  follow(name: string): Promise<void>;
  /** Opens the menu of the person, or what hides behind a line of text. */
  open(name: string): Promise<void>;
};

/** Clicks and types. */
export function withMouse(page: Page): Hands {
  return {
    page,
    fill: (label, text) => page.getByLabel(label, { exact: true }).fill(text),
    press: (name) => andWait(page, () => page.getByRole("button", { name, exact: true }).click()),
    follow: (name) => andWait(page, () => page.getByRole("link", { name, exact: true }).click()),
    open: (name) => opener(page, name).click(),
  };
}

/** Tab, Enter and letters; a mouse is not there. */
export function withKeyboard(page: Page): Hands {
  const enter = async (target: Locator) => {
    await tabTo(page, target);
    await page.keyboard.press("Enter");
  };
  return {
    page,
    fill: async (label, text) => {
      await tabTo(page, page.getByLabel(label, { exact: true }));
      await page.keyboard.type(text);
    },
    press: (name) => andWait(page, () => enter(page.getByRole("button", { name, exact: true }))),
    follow: (name) => andWait(page, () => enter(page.getByRole("link", { name, exact: true }))),
    open: (name) => enter(opener(page, name)),
  };
}

async function andWait(page: Page, act: () => Promise<void>): Promise<void> {
  await Promise.all([page.waitForEvent("load"), act()]);
}

function opener(page: Page, name: string): Locator {
  // Chromium tells assistive technology nothing of a summary's role that playwright would look for.
  return page.getByRole("button", { name }).or(page.locator("summary", { hasText: name }));
}

async function tabTo(page: Page, target: Locator): Promise<void> {
  const focused = target.and(page.locator(":focus"));
  for (let presses = 0; presses < 60; presses++) {
    if ((await focused.count()) === 1) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`The Tab key does not lead to ${target}`);
}
