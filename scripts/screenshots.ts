// Takes pictures of every page, narrow and wide, light and dark, and of the four that the README shows.
//
//     npm run screenshots -- FOLDER        (default: .cache/screenshots)

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SCENES, show } from "../test/browser/pages.ts";
import { openStage } from "../test/browser/stage.ts";
import { launchChromium } from "../test/support/browser.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

await using chromium = await launchChromium();
await using stage = await openStage(chromium);
const folder = process.argv[2] ?? join(ROOT, ".cache", "screenshots");
await mkdir(folder, { recursive: true });

for (const scene of SCENES) {
  const page = await show(scene, stage);
  for (const width of [360, 1440]) {
    await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(folder, `${scene.name}-${width}-${colorScheme}.png`), fullPage: true });
    }
  }
}
