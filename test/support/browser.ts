// A real Chromium for the tests, out of a package; nothing has to be installed by hand.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";

// Not the package's own arguments: they are for one page on a function host. `--single-process` crashes with the second
// context, and `--disable-web-security` would hide what a browser refuses.
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
  "--no-first-run",
];

const CACHE = fileURLToPath(new URL("../../.cache/", import.meta.url));

/** Starts a headless Chromium; the caller closes it. A launch takes about 0.2 seconds once it is unpacked. */
export async function launchChromium(): Promise<Browser> {
  const folder = await unpackChromium();
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    args: ARGUMENTS,
    env: {
      ...process.env,
      FONTCONFIG_FILE: join(folder, "with-own-fonts.conf"),
      LD_LIBRARY_PATH: join(folder, "al2023", "lib"),
    },
  });
}

/** Unpacks the browser once and returns its folder. Processes that do so at the same time do not disturb each other. */
export async function unpackChromium(): Promise<string> {
  const folder = join(CACHE, `chromium-${await version()}`);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const own = await mkdtemp(join(CACHE, "unpacking-"));
  try {
    // The package unpacks into the temporary folder, of which each process has but one.
    const environment = { ...process.env, TMPDIR: own, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" };
    const script = fileURLToPath(new URL("unpack-chromium.ts", import.meta.url));
    await promisify(execFile)(process.execPath, [script], { env: environment });
    await writeFile(join(own, "with-own-fonts.conf"), fontconfig(folder));
    await rename(own, folder);
  } catch (error) {
    // Somebody else was quicker.
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(own, { recursive: true, force: true });
  }
  return folder;
}

async function version(): Promise<string> {
  const manifest = findPackageJSON("@sparticuz/chromium", import.meta.url);
  if (manifest === undefined) throw new Error("@sparticuz/chromium is not installed");
  return JSON.parse(await readFile(manifest, "utf8")).version;
}

/** The system's fonts, and one that is always there: without any, text has no size and nothing counts as visible. */
function fontconfig(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${folder}/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`;
}
