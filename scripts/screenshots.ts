// Takes pictures of every page, narrow and wide, light and dark, and of the four that the README shows.
//
//     npm run screenshots -- FOLDER        (default: .cache/screenshots)

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { SCENES, show } from "../test/browser/pages.ts";
import { openStage } from "../test/browser/stage.ts";
import { launchChromium } from "../test/support/browser.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const README = join(ROOT, "docs", "screenshots");

const SIZES = [
  { width: 360, height: 740 },
  { width: 1440, height: 900 },
];
const SCHEMES = ["light", "dark"] as const;

/** The README's pictures: the scene, and how it is lit. */
const SHOWN: Record<string, { file: string; colorScheme: (typeof SCHEMES)[number] }> = {
  code: { file: "sign-in.png", colorScheme: "dark" },
  enrolment: { file: "enrolment.png", colorScheme: "light" },
  "security-on": { file: "account-security.png", colorScheme: "dark" },
  users: { file: "users.png", colorScheme: "light" },
};

const folder = process.argv[2] ?? join(ROOT, ".cache", "screenshots");
await Promise.all([mkdir(folder, { recursive: true }), mkdir(README, { recursive: true })]);
await using chromium = await launchChromium();
await using stage = await openStage(chromium);

for (const scene of SCENES) {
  const page = await show(scene, stage);
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      const path = join(folder, `${scene.name}-${size.width}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: true });
    }
  }
  const shown = SHOWN[scene.name];
  if (shown !== undefined) await takeForReadme(page, shown);
}

async function takeForReadme(page: Page, { file, colorScheme }: { file: string; colorScheme: "light" | "dark" }) {
  await page.setViewportSize({ width: 1080, height: 720 });
  await page.emulateMedia({ colorScheme });
  // The font that the browser of the tests brings along, so that the picture is the same on every machine.
  await page.locator("html").evaluate((html) => html.style.setProperty("--font", "Open Sans"));
  await page.screenshot({ path: join(README, file) });
}
