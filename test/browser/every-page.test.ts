// Every page, as everybody may meet it: narrow and wide, light and dark, by ear and by keyboard, over a slow line.

import assert from "node:assert/strict";
import { get } from "node:http";
import { after, before, describe, test } from "node:test";
import type Axe from "axe-core";
import type { Browser, Page, Response } from "playwright-core";
import { launchChromium } from "../support/browser.ts";
import { SCENES, type Scene, show } from "./pages.ts";
import { AXE } from "./site.ts";
import { openStage, type Stage } from "./stage.ts";

const NARROW = { width: 360, height: 740 };
const WIDE = { width: 1440, height: 900 };

/** WCAG 2.2 at level AA, and what axe holds for good practice besides. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const LARGEST_LOAD = 20_000;

describe("every page is accessible, fits, and is small (CH-09)", { concurrency: 2 }, () => {
  let chromium: Browser;
  let stage: Stage & AsyncDisposable;
  let assets: number;

  before(async () => {
    chromium = await launchChromium();
    stage = await openStage(chromium);
    assets = await sizeOfAssets(stage);
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
    await chromium.close();
  });

  for (const [walker, scenes] of Map.groupBy(SCENES, ({ by }) => by)) {
    describe(`as ${walker} sees it`, { concurrency: 1 }, () => {
      for (const scene of scenes) test(scene.name, () => examine(scene, stage, assets));
    });
  }
});

async function examine(scene: Scene, stage: Stage, assets: number): Promise<void> {
  const { page, complaints } = stage.visitors[scene.by];
  await page.setViewportSize(NARROW);
  await page.emulateMedia({ colorScheme: "light" });
  const document = await documentOf(page, () => show(scene, stage));

  assert.deepEqual(await outline(page, document), expected(scene));
  await page.addScriptTag({ url: AXE });
  assert.deepEqual(await problems(page), []);
  // Size and colour do not depend on each other, so the two other combinations would tell nothing new.
  await page.setViewportSize(WIDE);
  await page.emulateMedia({ colorScheme: "dark" });
  assert.equal(await sideways(page), 0);
  assert.deepEqual(await problems(page), []);

  const size = await sizeOf(document);
  assert.ok(size + assets < LARGEST_LOAD, `${size} bytes, and ${assets} of style, script and icon`);
  assert.deepEqual(complaints, []);
}

/** What must be true of a page before axe looks at it. */
function expected({ heading, status = 200 }: Scene) {
  const isForm = status === 422 || status === 429;
  const isError = isForm || heading === FORGED || [404, 405, 500].includes(status);
  return { headings: [heading], status, isError, errorHasFocus: isForm, sideways: 0, smallTargets: [] };
}

const FORGED = "That did not come from this site";

async function outline(page: Page, document: Response | undefined) {
  const targets = page.locator("button, .button, input:not([type=hidden]), select, textarea, summary, nav a");
  return {
    headings: await page.locator("h1").allTextContents(),
    status: document?.status(),
    isError: (await page.title()).startsWith("Error: "),
    errorHasFocus: (await page.locator(":focus:is([role=alert], [aria-invalid=true])").count()) === 1,
    sideways: await sideways(page),
    // Fingers need 44 px; a fraction is lost in rounding. The label around a box to tick is part of its target.
    smallTargets: await targets.evaluateAll((elements) =>
      elements
        .filter((element) => {
          const target = element.closest("label") ?? element;
          return element.checkVisibility() && target.getBoundingClientRect().height < 43.5;
        })
        .map((element) => element.outerHTML),
    ),
  };
}

/** How many pixels of the page are out of sight to the right. */
function sideways(page: Page): Promise<number> {
  return page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
}

/** What axe finds. */
async function problems(page: Page): Promise<string[]> {
  return page.locator("html").evaluate(async (html, runOnly) => {
    const { axe } = html.ownerDocument.defaultView as { axe: typeof Axe };
    const { violations } = await axe.run({ runOnly, resultTypes: ["violations"] });
    return violations.flatMap(({ nodes }) =>
      nodes.map(({ html: part, failureSummary }) => `${part} ${failureSummary}`),
    );
  }, RULES);
}

/** The last document that arrives while `act` runs. */
async function documentOf(page: Page, act: () => Promise<unknown>): Promise<Response | undefined> {
  let last: Response | undefined;
  const listen = (response: Response) => {
    if (response.request().isNavigationRequest() && response.status() !== 303) last = response;
  };
  page.on("response", listen);
  await act();
  page.off("response", listen);
  return last;
}

/** Bytes on the wire, headers included. */
async function sizeOf(document: Response | undefined): Promise<number> {
  const sizes = await document?.request().sizes();
  assert.ok(sizes !== undefined && sizes.responseBodySize > 0);
  return sizes.responseBodySize + sizes.responseHeadersSize;
}

/** What the first page of all brings along, headers included. Chromium without a window fetches no icon, so this is counted here. */
async function sizeOfAssets({ site }: Stage): Promise<number> {
  const { text } = await site.world.browser().get("/sign-in");
  const paths = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? "");
  assert.equal(paths.length, 3);
  const sizes = await Promise.all(paths.map((path) => transferred(`${site.url}${path}`)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function transferred(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, headers: { "accept-encoding": "gzip, deflate, br" } }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.socket.bytesRead));
    });
    request.on("error", reject);
  });
}
